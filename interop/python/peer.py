#!/usr/bin/python3
"""The smallest correct peer of the ActorChat protocol: both profiles, both roles, one file.

It is written from docs/protocol.md alone; a number in brackets is a section of that page. It is a teaching piece and a test partner, not a node: it keeps
no log, remembers no text, and holds one conversation at a time. Python's numbers take times that depend on secrets.

  peer.py listen --port 5002 --name bob --contact alice --password-file FILE [--profile classic]
  peer.py send 192.0.2.7:5002 --name alice --contact bob --password-file FILE [--profile classic] TEXT...
  peer.py --self-test [FOLDER]        every figure of interop/vectors

It needs Debian's python3-pycryptodome (AES) and python3-nacl (Argon2id, X25519).
"""

import argparse
import base64
import collections
import hashlib
import hmac
import json
import os
import re
import socket
import sys
import time
import unicodedata
import uuid
import zlib

from Cryptodome.Cipher import AES
from nacl.bindings import crypto_scalarmult
from nacl.pwhash import argon2id

KEY_AGREEMENT = ("dh_1", "dh_2")
NOTHING_TO_SAY = ("hello", "ack", "nack")
MSG_TYPES = KEY_AGREEMENT + NOTHING_TO_SAY + ("chall", "resp", "text")
WINDOW = 25  # seconds, either way [2]
MAX_UNANSWERED = 16  # texts under way [7]

# What a profile spells differently [2, 6]. In modern PDUs are numbered [5].
Profile = collections.namedtuple("Profile", "name hmac_type hmac_val enc_type is_numbered")
MODERN = Profile("modern", "hmac_type", "hmac_val", "AES256CBC", True)
CLASSIC = Profile("classic", "type", "val", "AES256-CBC", False)
PROFILES = {"modern": MODERN, "classic": CLASSIC}


class Refused(Exception):
    """What came cannot be accepted: the verdict, in the words of the vectors."""


class Ended(Exception):
    """The conversation is over, with a reason for the user."""


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise Refused("malformed")


# --- Framing [1]: one JSON object after another, in whatever pieces TCP delivers them ---


class Framer:
    """Cuts a stream into objects by their braces, minding strings."""

    def __init__(self):
        self.buffer = b""
        self.limit = 16_384  # 131,072 once the peer is authenticated

    def next(self):
        """The next object's bytes; None when it is not whole yet."""
        self.buffer = self.buffer.lstrip(b" \t\r\n")
        if self.buffer and self.buffer[:1] != b"{":
            raise Refused("malformed")
        depth, in_string, escaped = 0, False, False
        for i, byte in enumerate(self.buffer):
            if escaped:
                escaped = False
            elif in_string:
                in_string, escaped = byte != ord('"'), byte == ord("\\")
            elif byte == ord('"'):
                in_string = True
            elif byte == ord("{"):
                depth += 1
            elif byte == ord("}"):
                depth -= 1
                if depth == 0:
                    frame, self.buffer = self.buffer[: i + 1], self.buffer[i + 1 :]
                    if len(frame) > self.limit:
                        raise Refused("malformed")
                    return frame
        if len(self.buffer) > self.limit:
            raise Refused("malformed")
        return None


# --- JSON as it was received, with the place of every value, since checks are computed over bytes and nothing is written anew [2] ---

# start and end of the value; absent is the slice that goes when the member goes, with the comma that parts it from its neighbour.
Member = collections.namedtuple("Member", "value start end absent")

_DECODER = json.JSONDecoder(parse_constant=lambda word: float(word + " is not JSON"))
_SPACE = re.compile(r"[ \t\r\n]*")


def parse_object(text, at):
    """The object whose brace stands at a place: a dict of name -> Member, and where it ends. Duplicate members are refused."""
    found = []
    at = _SPACE.match(text, at + 1).end()
    while text[at] != "}":
        before = at
        if found:
            before = found[-1][3]
            if text[at] != ",":
                raise ValueError("no comma")
            at = _SPACE.match(text, at + 1).end()
        if text[at] != '"':
            raise ValueError("no name")
        name_at = at
        name, at = _DECODER.raw_decode(text, at)
        at = _SPACE.match(text, at).end()
        if text[at] != ":":
            raise ValueError("no colon")
        at = _SPACE.match(text, at + 1).end()
        value, end = parse_object(text, at) if text[at] == "{" else _DECODER.raw_decode(text, at)
        found.append((name, value, at, end, before, name_at))
        at = _SPACE.match(text, end).end()
    members = {}
    for i, (name, value, start, end, before, name_at) in enumerate(found):
        absent = (before, end) if i > 0 else (name_at, found[1][5] if len(found) > 1 else end)
        if members.setdefault(name, Member(value, start, end, absent)).start != start:
            raise ValueError("a member stands twice")
    return members, at + 1


def plain(value):
    """Without the places."""
    return {name: plain(member.value) for name, member in value.items()} if isinstance(value, dict) else value


class Pdu:
    """A well-formed PDU. The profile says how its security member is spelled; None takes a dh_1 of either."""

    def __init__(self, frame, profile):
        try:
            self.text = frame.decode("utf-8").strip(" \t\r\n")
            top, end = parse_object(self.text, 0)
            if end != len(self.text):
                raise ValueError("more than an object")
            header = top["header"].value
            self.msg_type = header["msg_type"].value
            self.timestamp = header["timestamp"].value
            self.crc = header["crc"]
            self.body = top["body"].value
            self.is_secured = "security" in top
            is_number = type(self.timestamp) in (int, float) and abs(self.timestamp) < 1e300
            is_crc = type(self.crc.value) is int and 0 <= self.crc.value < 1 << 32
            if not (self.text[0] == "{" and self.msg_type in MSG_TYPES and is_number and is_crc):
                raise ValueError("header")
            if self.msg_type in KEY_AGREEMENT:
                self.body = plain(self.body)
                if self.is_secured or not isinstance(self.body, dict):
                    raise ValueError("body")
            else:
                profile = profile or MODERN
                security = top["security"].value
                seal = security["hmac"].value
                self.hmac = seal[profile.hmac_val]
                self.hmac_value = unb64(self.hmac.value)
                words = (seal[profile.hmac_type].value, security["enc_type"].value)
                if words != ("SHA256", profile.enc_type) or len(self.hmac_value) != 32 or not (self.body is None or isinstance(self.body, str)):
                    raise ValueError("security")
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            raise Refused("malformed")

    def without(self, *replaced):
        """The PDU's bytes with slices ((start, end), text) replaced."""
        text = self.text
        for (start, end), new in sorted(replaced, reverse=True):
            text = text[:start] + new + text[end:]
        return text.encode()

    def has_good_crc(self, profile):
        """crc32(blank(crc)); in classic the member may also have been absent [6]."""
        ways = [((self.crc.start, self.crc.end), "0")]
        if profile is CLASSIC:
            ways.append((self.crc.absent, ""))
        return any(zlib.crc32(self.without(way)) == self.crc.value for way in ways)

    def sealed_bytes(self):
        """blank(crc, hmac_val)"""
        return self.without(((self.crc.start, self.crc.end), "0"), ((self.hmac.start, self.hmac.end), "0"))


def check(frame, profile, channel, now):
    """Section 2's checks in its order, but for the last two: the state, and the plaintext."""
    pdu = Pdu(frame, profile)
    if profile is None:
        profile = MODERN if pdu.msg_type != "dh_1" or pdu.body.get("profile") == "modern" else CLASSIC
    if not pdu.has_good_crc(profile):
        raise Refused("bad_crc")
    if channel and not pdu.is_secured:
        raise Refused("unexpected")
    if channel and not channel.verify(pdu):
        raise Refused("bad_hmac")
    if abs(now - pdu.timestamp) > WINDOW:
        raise Refused("ignore")
    if not channel and pdu.is_secured:
        raise Refused("unexpected")
    if pdu.msg_type in NOTHING_TO_SAY and pdu.body is not None:
        raise Refused("malformed")
    return pdu


# --- Writing [2]: exactly what json.dumps writes ---


def write_key_agreement(profile, msg_type, timestamp, body):
    pdu = {"header": {"msg_type": msg_type, "timestamp": timestamp, "crc": 0}, "body": body}
    if profile is CLASSIC:
        del pdu["header"]["crc"]  # it is absent while it is computed [6]
    pdu["header"]["crc"] = zlib.crc32(json.dumps(pdu).encode())
    return json.dumps(pdu).encode()


# --- Keys [4, 5, 6] ---


class KeyChain:
    """enc_key, iv, hmac_key and chap_secret of one direction [5]."""

    def __init__(self, user_secret, dhsk, direction):
        self.enc_key = hmac_sha256(user_secret, dhsk + direction)
        self.iv = sha256(self.enc_key)[:16]
        self.hmac_key = sha256(self.enc_key + self.iv)
        self.chap_secret = sha256(self.enc_key + self.iv + self.hmac_key)


class Channel:
    """Seals what this side sends and opens what it receives [5]."""

    def __init__(self, profile, sending, receiving):
        self.profile, self.sending, self.receiving = profile, sending, receiving
        self.sent = self.received = 0

    def number(self, n):
        return n.to_bytes(8, "big") if self.profile.is_numbered else b""

    def iv(self, chain, number):
        return hmac_sha256(chain.iv, number)[:16] if self.profile.is_numbered else chain.iv

    def seal(self, msg_type, plaintext, timestamp):
        """plaintext None is JSON null."""
        number = self.number(self.sent)
        self.sent += 1
        body = None
        if plaintext is not None:
            padding = 16 - len(plaintext) % 16
            cipher = AES.new(self.sending.enc_key, AES.MODE_CBC, self.iv(self.sending, number))
            body = b64(cipher.encrypt(plaintext + bytes([padding]) * padding))
        seal = {self.profile.hmac_type: "SHA256", self.profile.hmac_val: 0}
        pdu = {"header": {"msg_type": msg_type, "timestamp": timestamp, "crc": 0}, "body": body, "security": {"hmac": seal, "enc_type": self.profile.enc_type}}
        seal[self.profile.hmac_val] = b64(hmac_sha256(self.sending.hmac_key, number + json.dumps(pdu).encode()))
        pdu["header"]["crc"] = zlib.crc32(json.dumps(pdu).encode())
        return json.dumps(pdu).encode()

    def verify(self, pdu):
        """Before anything in the PDU is believed; every secured PDU counts."""
        number = self.number(self.received)
        self.received += 1
        return hmac.compare_digest(hmac_sha256(self.receiving.hmac_key, number + pdu.sealed_bytes()), pdu.hmac_value)

    def open(self, pdu):
        """The plaintext of the PDU that was verified last."""
        ciphertext = unb64(pdu.body)
        if not ciphertext or len(ciphertext) % 16:
            raise Refused("malformed")
        cipher = AES.new(self.receiving.enc_key, AES.MODE_CBC, self.iv(self.receiving, self.number(self.received - 1)))
        padded = cipher.decrypt(ciphertext)
        padding = padded[-1]
        if not 1 <= padding <= 16 or padded[-padding:] != bytes([padding]) * padding:
            raise Refused("malformed")
        return padded[:-padding]


def user_secret(password, initiator_name):
    """Modern: Argon2id, salted with the direction [4]."""
    salt = sha256(b"ActorChat/1 user_secret\0" + initiator_name.encode())[:16]
    return argon2id.kdf(32, unicodedata.normalize("NFC", password).encode(), salt, opslimit=3, memlimit=64 << 20)


# CPace, suite CPACE-X25519-SHA512 [4]


def lv_cat(*parts):
    """Each part with its length before it, in LEB128."""
    out = b""
    for part in parts:
        length = len(part)
        while length >= 128:
            out += bytes([length & 127 | 128])
            length >>= 7
        out += bytes([length]) + part
    return out


P25519 = 2**255 - 19


def elligator2(u):
    """RFC 9380, map_to_curve_elligator2_curve25519, x only: u is a number, the result 32 bytes."""
    j, p = 486662, P25519
    x1 = -j * pow(1 + 2 * u * u, -1, p) % p
    gx1 = (x1**3 + j * x1 * x1 + x1) % p
    is_square = pow(gx1, (p - 1) // 2, p) in (0, 1)
    return (x1 if is_square else (-x1 - j) % p).to_bytes(32, "little")


def cpace_generator(prs, ci, sid):
    dsi = b"CPace255"
    zeros = bytes(max(0, 127 - len(lv_cat(prs)) - len(lv_cat(dsi))))
    digest = hashlib.sha512(lv_cat(dsi, prs, zeros, ci, sid)).digest()[:32]
    return elligator2(int.from_bytes(digest, "little") & ~(1 << 255))  # the top bit is not part of a u coordinate (RFC 7748)


def x25519(scalar, element):
    """None when the result is all zeros."""
    try:
        return crypto_scalarmult(scalar, element)
    except RuntimeError:
        return None


def cpace_isk(sid, k, ya, ada, yb, adb):
    return hashlib.sha512(lv_cat(b"CPace255_ISK", sid, k) + lv_cat(ya, ada) + lv_cat(yb, adb)).digest()


class ModernAgreement:
    """One side's half: what it says, and the keys [4, 7]."""

    def __init__(self, secret, random):
        self.secret = secret
        self.scalar = random(32)
        self.value = x25519(self.scalar, cpace_generator(secret, b"ActorChat/1", b""))

    def keys(self, peer_value, ss, ya, dh_1, yb, dh_2):
        """Both directions' chains; ADa and ADb are the dh PDUs as sent."""
        k = x25519(self.scalar, peer_value) if len(peer_value) == 32 else None
        if k is None:
            raise Refused("malformed")
        dhsk = cpace_isk(b"", k, ya, dh_1, yb, dh_2) + ss
        return KeyChain(self.secret, dhsk, b"initiator"), KeyChain(self.secret, dhsk, b"responder")


# Diffie-Hellman in RFC 3526 group 14 [6]

P14 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)


class ClassicAgreement:
    """One side's half: x is 32 random bytes, y = 2^x mod p."""

    def __init__(self, secret, random):
        self.secret = secret
        self.x = int.from_bytes(random(32), "big")
        self.value = str(pow(2, self.x, P14)).encode()

    def keys(self, peer_value):
        if not re.fullmatch(rb"[0-9]{1,617}", peer_value) or not 2 <= int(peer_value) <= P14 - 2:
            raise Refused("malformed")
        shared = pow(int(peer_value), self.x, P14)
        dhsk = sha256(shared.to_bytes((shared.bit_length() + 7) // 8, "little"))
        chain = KeyChain(self.secret, dhsk, b"")
        return chain, chain


# --- The conversation [3] ---


class Conversation:
    """One side of one connection. wire has send(bytes), receive() -> one object's bytes, and authenticated(), for its limits."""

    def __init__(self, wire, random=os.urandom, clock=time.time, offers_kem=True):
        self.wire, self.random, self.clock, self.offers_kem = wire, random, clock, offers_kem
        self.profile = self.channel = None
        self.texts = 1  # how many the responder takes

    def send(self, msg_type, plaintext=None):
        self.wire.send(self.channel.seal(msg_type, plaintext, self.clock()))

    def receive(self, *expected):
        """The next PDU that is not stale, of one of these types. What must be refused gets a nack if there are keys."""
        while True:
            frame = self.wire.receive()
            try:
                pdu = check(frame, self.profile, self.channel, self.clock())
                if pdu.msg_type not in expected:
                    raise Refused("unexpected")
                return pdu
            except Refused as refused:
                if str(refused) != "ignore":
                    self.refuse(str(refused))

    def refuse(self, reason):
        if self.channel:
            self.send("nack")
        raise Ended(reason)

    def open(self, pdu):
        try:
            return self.channel.open(pdu)
        except Refused as refused:
            self.refuse(str(refused))

    def challenge(self):
        """Steps 4 and 7."""
        challenge = self.random(32)
        self.send("chall", challenge)
        return challenge

    def answer(self, pdu):
        """Steps 5 and 8, with the chap_secret of our own direction."""
        challenge = self.open(pdu)
        if len(challenge) != 32:
            self.refuse("malformed")
        self.send("resp", hmac_sha256(self.channel.sending.chap_secret, challenge))

    def check_answer(self, challenge, pdu):
        if not hmac.compare_digest(hmac_sha256(self.channel.receiving.chap_secret, challenge), self.open(pdu)):
            self.refuse("wrong password")


def agree_as_initiator(it, own_name, contact, password):
    """Steps 1 and 2."""
    if it.profile is CLASSIC:
        half = ClassicAgreement(password.encode(), it.random)
        it.wire.send(write_key_agreement(CLASSIC, "dh_1", it.clock(), {"key": b64(half.value), "user": own_name}))
        pdu = it.receive("dh_2")
        return half.keys(unb64(pdu.body.get("key")))

    half = ModernAgreement(user_secret(password, own_name), it.random)
    body = {"username": own_name, "key": b64(half.value), "profile": "modern"}
    if it.offers_kem:
        seed = it.random(64)
        ek, dk = mlkem_keygen(seed[:32], seed[32:])
        body["kem"] = b64(ek)
    dh_1 = write_key_agreement(MODERN, "dh_1", it.clock(), body)
    it.wire.send(dh_1)
    pdu = it.receive("dh_2")
    ss = b""
    if "kem" in pdu.body:
        if not it.offers_kem:
            raise Refused("malformed")  # it was not asked for
        ss = mlkem_decaps(dk, unb64(pdu.body["kem"]))
    if contact is not None and pdu.body.get("username") != contact:
        raise Ended(f"somebody else answered: {pdu.body.get('username')}")
    it.texts = pdu.body.get("texts", 1)
    if type(it.texts) is not int or not 1 <= it.texts <= 1000:
        raise Refused("malformed")
    yb = unb64(pdu.body.get("key"))
    return half.keys(yb, ss, half.value, dh_1, yb, pdu.text.encode())


def initiate(it, profile, own_name, contact, password, plaintexts, window=MAX_UNANSWERED):
    """A whole conversation. The outcome of each text, in order: delivered, rejected, unknown or not delivered [3]."""
    outcomes, sent = [], 0
    it.profile = profile
    try:
        try:
            initiator, responder = agree_as_initiator(it, own_name, contact, password)
        except Refused as refused:
            it.refuse(str(refused))
        it.channel = Channel(profile, sending=initiator, receiving=responder)
        it.send("hello")
        it.answer(it.receive("chall"))
        if it.receive("ack", "nack").msg_type == "nack":
            raise Ended("wrong password")
        challenge = it.challenge()
        it.check_answer(challenge, it.receive("resp"))
        it.wire.authenticated()
        it.send("ack")
        if profile is CLASSIC and it.receive("ack", "nack").msg_type == "nack":
            raise Ended("refused")
        can_send = min(len(plaintexts), it.texts)
        while len(outcomes) < can_send:
            while sent < can_send and sent - len(outcomes) < window:
                it.send("text", plaintexts[sent])
                sent += 1
            if it.receive("ack", "nack").msg_type == "nack":
                outcomes.append("rejected")
                sent = len(outcomes)  # what stands behind it was certainly not taken
                break
            outcomes.append("delivered")
    except (Ended, OSError) as reason:
        print(f"the conversation ended: {reason}", file=sys.stderr)
    outcomes += ["unknown"] * (sent - len(outcomes))
    return outcomes + ["not delivered"] * (len(plaintexts) - len(outcomes))


def agree_as_responder(it, own_name, contacts, texts):
    """Steps 1 and 2. Returns the name in dh_1, which nobody has proved yet, and both chains."""
    pdu = it.receive("dh_1")
    it.profile = MODERN if pdu.body.get("profile") == "modern" else CLASSIC
    name = pdu.body.get("username" if it.profile is MODERN else "user")
    if not isinstance(name, str):
        raise Refused("malformed")

    # A name that is unknown, or known in the other profile, gets the same conversation with a secret that nobody knows.
    password, profile = contacts.get(name, (None, None))
    if profile is not it.profile:
        password = contacts.setdefault(("nobody", name), os.urandom(32).hex())
    if it.profile is CLASSIC:
        peer_value = unb64(pdu.body.get("key"))
        half = ClassicAgreement(password.encode(), it.random)
        chains = half.keys(peer_value)
        it.wire.send(write_key_agreement(CLASSIC, "dh_2", it.clock(), {"key": b64(half.value)}))
        return name, *chains

    ya = unb64(pdu.body.get("key"))
    half = ModernAgreement(user_secret(password, name), it.random)
    body, ss = {"username": own_name, "key": b64(half.value)}, b""
    if it.offers_kem and "kem" in pdu.body:
        ct, ss = mlkem_encaps(unb64(pdu.body["kem"]), it.random(32))
        body["kem"] = b64(ct)
    if texts > 1:
        body["texts"] = texts
    it.texts = texts
    dh_2 = write_key_agreement(MODERN, "dh_2", it.clock(), body)
    chains = half.keys(ya, ss, ya, pdu.text.encode(), half.value, dh_2)
    it.wire.send(dh_2)
    return name, *chains


def respond(it, own_name, contacts, take, texts=64):
    """A whole conversation. contacts: name -> (password, profile). take(name, text) keeps a text; an ack says that it has."""
    try:
        name, initiator, responder = agree_as_responder(it, own_name, contacts, texts)
    except Refused as refused:
        it.refuse(str(refused))
    it.channel = Channel(it.profile, sending=responder, receiving=initiator)
    it.receive("hello")
    challenge = it.challenge()
    it.check_answer(challenge, it.receive("resp"))
    it.send("ack")
    it.answer(it.receive("chall"))
    if it.receive("ack", "nack").msg_type == "nack":
        raise Ended("it does not accept us")
    it.wire.authenticated()
    if it.profile is CLASSIC:
        it.send("ack")
    for _ in range(it.texts):
        plaintext = it.open(it.receive("text"))
        try:
            text = plaintext.decode()
            take(name, text if it.profile is CLASSIC else modern_text(text))
        except (ValueError, KeyError, TypeError):
            it.refuse("malformed")
        it.send("ack")


def modern_text(plaintext):
    """The message in a text's plaintext [5]. A node also remembers the id, and shows a text once."""
    members = plain(parse_object(plaintext, 0)[0])
    uuid.UUID(members["id"])
    if not isinstance(members["text"], str):
        raise ValueError("text")
    return members["text"]


def plaintext_of(profile, text):
    """What is sealed in a text [5, 6]."""
    return text.encode() if profile is CLASSIC else json.dumps({"id": str(uuid.uuid4()), "text": text}).encode()


# --- ML-KEM-768 [7], FIPS 203. Optional: without it nobody sends a kem member ---

Q, N, K, ETA, DU, DV = 3329, 256, 3, 2, 10, 4


def _bit_reversed(i):
    return int(f"{i:07b}"[::-1], 2)


ZETAS = [pow(17, _bit_reversed(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _bit_reversed(i) + 1, Q) for i in range(128)]


def ntt(f):
    f, i, length = f[:], 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = ZETAS[i] * f[j + length] % Q
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
            i += 1
        length //= 2
    return f


def inverse_ntt(f):
    f, i, length = f[:], 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = f[j]
                f[j], f[j + length] = (t + f[j + length]) % Q, ZETAS[i] * (f[j + length] - t) % Q
            i -= 1
        length *= 2
    return [x * 3303 % Q for x in f]


def multiply(f, g):
    h = [0] * N
    for i in range(128):
        a0, a1, b0, b1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        h[2 * i], h[2 * i + 1] = (a0 * b0 + a1 * b1 * GAMMAS[i]) % Q, (a0 * b1 + a1 * b0) % Q
    return h


def add(*polynomials):
    return [sum(xs) % Q for xs in zip(*polynomials)]


def dot(fs, gs):
    return add(*(multiply(f, g) for f, g in zip(fs, gs)))


def sample_ntt(seed):
    stream, out = hashlib.shake_128(seed).digest(3 * 600), []
    for i in range(0, len(stream), 3):
        a, b, c = stream[i : i + 3]
        out += [d for d in (a + 256 * (b % 16), b // 16 + 16 * c) if d < Q]
    return out[:N]


def sample_cbd(seed, n):
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([n])).digest(64 * ETA), "little")
    nibbles = [bits >> 4 * i & 15 for i in range(N)]
    return [((x & 1) + (x >> 1 & 1) - (x >> 2 & 1) - (x >> 3 & 1)) % Q for x in nibbles]


def encode(f, d):
    return sum(x << d * i for i, x in enumerate(f)).to_bytes(32 * d, "little")


def decode(data, d):
    bits = int.from_bytes(data, "little")
    return [bits >> d * i & (1 << d) - 1 for i in range(N)]


def compress(f, d):
    return [((x << d) + Q // 2) // Q & (1 << d) - 1 for x in f]


def decompress(f, d):
    return [(x * Q + (1 << d - 1)) >> d for x in f]


def _matrix(rho):
    return [[sample_ntt(rho + bytes([j, i])) for j in range(K)] for i in range(K)]


def mlkem_keygen(d, z):
    """ek, 1,184 bytes, and dk, 2,400 bytes."""
    digest = hashlib.sha3_512(d + bytes([K])).digest()
    rho, sigma = digest[:32], digest[32:]
    s = [ntt(sample_cbd(sigma, i)) for i in range(K)]
    e = [ntt(sample_cbd(sigma, K + i)) for i in range(K)]
    t = [add(dot(row, s), e[i]) for i, row in enumerate(_matrix(rho))]
    ek = b"".join(encode(f, 12) for f in t) + rho
    return ek, b"".join(encode(f, 12) for f in s) + ek + hashlib.sha3_256(ek).digest() + z


def _encrypt(ek, m, r):
    t = [decode(ek[384 * i : 384 * (i + 1)], 12) for i in range(K)]
    a = _matrix(ek[384 * K :])
    y = [ntt(sample_cbd(r, i)) for i in range(K)]
    u = [add(inverse_ntt(dot([a[j][i] for j in range(K)], y)), sample_cbd(r, K + i)) for i in range(K)]
    v = add(inverse_ntt(dot(t, y)), sample_cbd(r, 2 * K), decompress(decode(m, 1), 1))
    return b"".join(encode(compress(f, DU), DU) for f in u) + encode(compress(v, DV), DV)


def mlkem_encaps(ek, m):
    """ct, 1,088 bytes, and the shared secret."""
    if len(ek) != 1184 or any(x >= Q for i in range(K) for x in decode(ek[384 * i : 384 * (i + 1)], 12)):
        raise Refused("malformed")  # the modulus check
    digest = hashlib.sha3_512(m + hashlib.sha3_256(ek).digest()).digest()
    return _encrypt(ek, m, digest[32:]), digest[:32]


def mlkem_decaps(dk, ct):
    if len(ct) != 1088:
        raise Refused("malformed")
    s = [decode(dk[384 * i : 384 * (i + 1)], 12) for i in range(K)]
    ek, h, z = dk[384 * K : 768 * K + 32], dk[768 * K + 32 : 768 * K + 64], dk[768 * K + 64 :]
    u = [decompress(decode(ct[320 * i : 320 * (i + 1)], DU), DU) for i in range(K)]
    v = decompress(decode(ct[320 * K :], DV), DV)
    w = add(v, [-x for x in inverse_ntt(dot(s, [ntt(f) for f in u]))])
    m = encode(compress(w, 1), 1)
    digest = hashlib.sha3_512(m + h).digest()
    rejected = hashlib.shake_256(z + ct).digest(32)
    return digest[:32] if _encrypt(ek, m, digest[32:]) == ct else rejected


# --- A real connection ---


class TcpWire:
    def __init__(self, connection, patience):
        self.connection, self.framer, self.patience = connection, Framer(), patience
        self.deadline = time.monotonic() + 10 * patience  # to step 9 [3]

    def authenticated(self):
        self.deadline = time.monotonic() + 25 * self.patience
        self.framer.limit = 131_072

    def send(self, pdu):
        self.connection.sendall(pdu + b"\n")

    def receive(self):
        while True:
            try:
                frame = self.framer.next()
            except Refused as refused:
                raise Ended(str(refused))
            if frame is not None:
                return frame
            self.connection.settimeout(max(0.001, self.deadline - time.monotonic()))
            received = self.connection.recv(65_536)
            if not received:
                raise Ended("the connection was closed")
            self.framer.buffer += received


def listen(arguments):
    contacts = {arguments.contact: (arguments.password, PROFILES[arguments.profile])}
    with socket.create_server((arguments.address, arguments.port)) as server:
        print(json.dumps({"event": "listening", "port": server.getsockname()[1]}), flush=True)
        while True:
            connection, _ = server.accept()
            with connection:
                try:
                    respond(Conversation(TcpWire(connection, arguments.patience)), arguments.name, contacts, lambda name, text: print(json.dumps({"from": name, "text": text}), flush=True))
                except (Ended, OSError) as reason:
                    print(f"the conversation ended: {reason}", file=sys.stderr, flush=True)


def send(arguments):
    host, _, port = arguments.target.rpartition(":")
    profile = PROFILES[arguments.profile]
    with socket.create_connection((host.strip("[]"), int(port)), timeout=10) as connection:
        texts = [plaintext_of(profile, text) for text in arguments.text]
        outcomes = initiate(Conversation(TcpWire(connection, arguments.patience)), profile, arguments.name, arguments.contact, arguments.password, texts)
    for outcome in outcomes:
        print(outcome)
    return 0 if all(outcome == "delivered" for outcome in outcomes) else 1


# --- The vectors [8] ---


class ScriptedWire:
    """Hands out what the other side says, and wants what this side says to be what the vector says, byte for byte."""

    def __init__(self, steps, side):
        self.mine = collections.deque(step["pdu"] for step in steps if step["from"] == side)
        self.theirs = collections.deque(step["pdu"] for step in steps if step["from"] != side)
        self.last = steps[-1]["pdu"]

    def send(self, pdu):
        expected = self.mine.popleft()
        assert pdu.decode() == expected, f"\n{pdu.decode()}\nshould be\n{expected}"

    def receive(self):
        if not self.theirs:
            raise Ended("the connection was closed")
        return self.theirs.popleft().encode()

    def authenticated(self):
        pass

    def clock(self):
        """The time of what is said next, on either side."""
        return json.loads((self.mine or self.theirs or [self.last])[0])["header"]["timestamp"]


def replay(vector, side, profile, initiator_name, scripted, texts=1):
    """One side of a conversation of the vectors."""
    steps = vector["pdus"]
    wire = ScriptedWire(steps, side)
    challenge = next(step["plaintext"] for step in steps if step["from"] == side and step.get("msg_type") == "chall")
    random = collections.deque(scripted + [bytes.fromhex(challenge)])
    it = Conversation(wire, random=lambda n: random.popleft(), clock=wire.clock, offers_kem="kem" in vector)
    plaintexts = [bytes.fromhex(step["plaintext"]) for step in steps if step.get("msg_type") == "text"]
    if side == "initiator":
        outcomes = initiate(it, profile, initiator_name, vector.get("responder"), vector["password"], plaintexts, window=2)
        assert outcomes == ["delivered"] * len(plaintexts), outcomes
    else:
        taken = []
        try:
            respond(it, vector.get("responder"), {initiator_name: (vector["password"], profile)}, lambda name, text: taken.append((name, text)), texts)
        except Ended:
            assert not wire.theirs
        expected = [(initiator_name, plaintext.decode() if profile is CLASSIC else json.loads(plaintext)["text"]) for plaintext in plaintexts]
        assert taken == expected, taken
    assert not wire.mine and not wire.theirs and not random
    keys = vector["keys"].get(side, vector["keys"])
    assert {name: getattr(it.channel.sending, name).hex() for name in keys} == keys


def self_test(folder):
    def load(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)

    def unhex(vector, *names):
        return [bytes.fromhex(vector[name]) for name in names]

    def chain(vector, direction):
        made = KeyChain(*unhex(vector, "user_secret", "dhsk"), direction)
        return {name: getattr(made, name).hex() for name in ("enc_key", "iv", "hmac_key", "chap_secret")}

    schedule = load("key-schedule.json")
    for case in schedule["user_secret"]:
        assert user_secret(case["password"], case["initiator"]).hex() == case["user_secret"]
    for direction in ("initiator", "responder"):
        assert chain(schedule["modern"], direction.encode()) == schedule["modern"][direction]
    assert chain(schedule["classic"], b"").items() <= schedule["classic"].items()
    print("key-schedule.json: good")

    cpace = load("cpace-x25519-sha512.json")
    case = cpace["generator_and_isk"]
    prs, ci, sid, g, ya, yb, k = unhex(case, "PRS", "CI", "sid", "g", "ya", "yb", "K")
    assert cpace_generator(prs, ci, sid) == g
    assert x25519(ya, g).hex() == case["Ya"] and x25519(yb, g).hex() == case["Yb"] and x25519(ya, x25519(yb, g)) == k
    assert cpace_isk(sid, k, *unhex(case, "Ya", "ADa", "Yb", "ADb")).hex() == case["ISK_IR"]
    for case in cpace["scalar_mult_vfy"]:
        made = x25519(*unhex(case, "s", "u"))
        assert made is None if case["must_abort"] else made.hex() == case["q"]
    print("cpace-x25519-sha512.json: good")

    modern = load("modern-conversation.json")
    replay(modern, "initiator", MODERN, "alice", unhex(modern, "ya"))
    replay(modern, "responder", MODERN, "alice", unhex(modern, "yb"))
    print("modern-conversation.json: good, both sides")

    hybrid = load("modern-conversation-hybrid.json")
    kem = hybrid["kem"]
    ek, dk = mlkem_keygen(*unhex(kem, "d", "z"))
    assert ek.hex() == kem["ek"] and [part.hex() for part in mlkem_encaps(ek, *unhex(kem, "m"))] == [kem["ct"], kem["ss"]]
    texts = json.loads(hybrid["pdus"][1]["pdu"])["body"]["texts"]
    replay(hybrid, "initiator", MODERN, "alice", unhex(hybrid, "ya") + [b"".join(unhex(kem, "d", "z"))])
    replay(hybrid, "responder", MODERN, "alice", unhex(hybrid, "yb") + unhex(kem, "m"), texts)
    print("modern-conversation-hybrid.json: good, both sides")

    classic = load("classic-conversation.json")
    classic.setdefault("responder", None)
    replay(classic, "initiator", CLASSIC, classic["user"], [int(classic["xa"]).to_bytes(32, "big")])
    replay(classic, "responder", CLASSIC, classic["user"], [int(classic["xb"]).to_bytes(32, "big")])
    print("classic-conversation.json: good, both sides")

    control = load("control-information.json")
    keys = type("Keys", (), {name: bytes.fromhex(value) for name, value in control["keys"].items()})
    cases = [(case["what"], case["pdu"], control["now"], case["verdict"]) for case in control["cases"]]
    cases += [(f"at {case['now']}", control["cases"][0]["pdu"], case["now"], case["verdict"]) for case in control["clock_cases"]]
    for what, pdu, now, verdict in cases:
        channel = Channel(MODERN, keys, keys)
        channel.received = control["n"]
        framer = Framer()
        framer.buffer = pdu.encode()
        try:
            frame = framer.next()
            found = "incomplete" if frame is None else check(frame, MODERN, channel, now) and "accept"
        except Refused as refused:
            found = str(refused)
        assert found == verdict, (what, found, verdict)
    print("control-information.json: good")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", nargs="?", metavar="FOLDER", const=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors"))
    commands = parser.add_subparsers()
    for name, run in (("listen", listen), ("send", send)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("--name", required=True, help="our own name")
        command.add_argument("--contact", required=True, help="the other side's name")
        command.add_argument("--password-file", required=True, help="its first line is the secret shared with the contact")
        command.add_argument("--profile", choices=PROFILES, default="modern")
        command.add_argument("--patience", type=float, default=1, help="so many times the usual deadlines, for a machine that is busy")
        if run is listen:
            command.add_argument("--port", type=int, required=True, help="0 takes a free one")
            command.add_argument("--address", default="127.0.0.1")
        else:
            command.add_argument("target", metavar="HOST:PORT")
            command.add_argument("text", nargs="+")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test(arguments.self_test)
    if "run" not in arguments:
        parser.error("say listen, send or --self-test")
    with open(arguments.password_file, encoding="utf-8") as file:
        arguments.password = file.readline().rstrip("\n")
    return arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
