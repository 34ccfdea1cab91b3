// All checks, in the order of docs/protocol.md. The ids are its sections.

namespace ActorChat.Conformance;

/// <summary>The list of checks.</summary>
public static class Catalogue
{
    private const Profiles Both = Profiles.Both;
    private const Profiles Modern = Profiles.Modern;
    private const Profiles Classic = Profiles.Classic;
    private const Roles Any = Roles.Both;
    private const Roles Called = Roles.Responder;
    private const Roles Calling = Roles.Initiator;

    /// <summary>All checks, in the page's order.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        Must("1.connection.1", Both, Any, "A conversation is one connection, from dh_1 to the receipt."),
        Must("1.pdu.1", Both, Any, "A PDU is one JSON object in UTF-8, without a byte order mark, and there is nothing else on the line."),
        Should("1.pdu.2", Both, Any, "A sender ends each PDU with one line feed."),
        Must("1.pieces.1", Both, Any, "A receiver takes PDUs in whatever pieces TCP delivers them."),
        Must("1.pieces.2", Modern, Called, "A receiver takes several PDUs that come in one piece, such as steps 5 and 7."),
        Must("1.space.1", Both, Called, "A receiver skips white space between PDUs and does not rely on the line feed."),
        Must("1.size.1", Both, Called, "A PDU that grows past 16,384 bytes before the peer is authenticated ends the connection."),
        Must("2.names.1", Both, Any, "Members and the words of msg_type, hmac_type and enc_type are spelled exactly as the page does, in lower case."),
        Should("2.names.2", Both, Any, "A sender writes what json.dumps writes: members in the page's order, \", \" and \": \" between them, non-ASCII as \\uXXXX."),
        Must("2.names.3", Both, Called, "A receiver accepts any member order and white space: it checks the bytes as they came, and serialises nothing again."),
        Must("2.unknown.1", Both, Called, "A receiver ignores members that it does not know."),
        Must("2.duplicate.1", Both, Called, "A receiver refuses a PDU in which a member stands twice."),
        Must("2.timestamp.1", Both, Any, "The timestamp is a JSON number: seconds since the Unix epoch."),
        Must("2.timestamp.2", Both, Any, "The timestamp is UTC, within 25 s of the receiver's clock."),
        Must("2.crc.1", Both, Any, "The CRC is computed over the PDU as sent with its value replaced by 0 (classic: or while the member is absent), after hmac_val is in place."),
        Must("2.crc.2", Both, Any, "The CRC is an unsigned JSON number."),
        Must("2.crc.3", Both, Any, "A PDU with a wrong CRC is refused."),
        Must("2.sealed.1", Both, Any, "Every PDU but dh_1 and dh_2 has a security member and an HMAC."),
        Must("2.hmac.1", Both, Any, "hmac_val is HMAC-SHA256 under hmac_key over the PDU's number (classic: nothing) and the PDU with crc and hmac_val replaced by 0."),
        Must("2.hmac.2", Both, Any, "hmac_val is written in base64."),
        Must("2.hmac.3", Both, Any, "A PDU whose HMAC does not verify is refused."),
        Must("2.body.1", Both, Any, "The body is base64 of AES-256-CBC ciphertext with PKCS#7 padding, or null where there is nothing to say."),
        Must("2.window.1", Both, Called, "A PDU whose timestamp is more than 25 s away is ignored: it gets no answer."),
        Must("2.window.2", Both, Called, "A PDU whose timestamp is within 25 s is taken."),
        Should("2.nack.1", Both, Called, "Where there are keys, a PDU is refused with a nack, and then the connection closes."),
        Must("3.order.1", Both, Any, "The steps come in the page's order, each from the side whose turn it is, up to the receipt."),
        Must("3.challenge.1", Both, Any, "A challenge is 32 random bytes, new each time."),
        Must("3.answer.1", Both, Any, "The answer to a challenge is HMAC-SHA256 under chap_secret over its bytes."),
        Should("3.close.1", Both, Any, "The connection closes after the last receipt."),
        Must("3.password.1", Both, Called, "An initiator that does not know the password is not authenticated."),
        Must("3.proof.1", Both, Any, "A peer that answers a challenge wrongly is not authenticated: it gets no ack, and no text."),
        Must("3.early.1", Both, Called, "A text before both sides are authenticated is refused."),
        Must("3.replay.1", Both, Called, "A recorded conversation, played again, is not taken."),
        Must("3.second.1", Both, Called, "A text beyond those that a conversation has room for gets no ack."),
        Must("3.unknown.1", Both, Called, "A user name that is not known gets the same conversation, so that names cannot be probed."),
        Must("4.key.1", Modern, Any, "dh_1 and dh_2 hold username, and key: 32 bytes in base64; dh_1 also \"profile\": \"modern\"."),
        Must("4.key.2", Modern, Any, "A public value of low order is refused."),
        Must("4.name.1", Modern, Calling, "The initiator closes when dh_2 names somebody other than the contact that it called."),
        Must("5.chain.1", Both, Any, "The keys come from the page's key chain: enc_key by an HMAC, the others by one running SHA-256."),
        Must("5.number.1", Modern, Any, "The number of a PDU within its direction, 8 bytes big endian from 0, stands under the HMAC."),
        Must("5.iv.1", Both, Any, "The IV is the page's: in modern a new one for each PDU, in classic the chain's."),
        Must("5.secret.1", Both, Any, "Neither the password nor a key nor the shared value goes over the line in clear."),
        Must("5.text.1", Both, Calling, "The plaintext of a text is the page's: in modern a JSON object with id and text, in classic the message itself."),
        Must("5.id.1", Modern, Called, "A text with an id that is stored already gets an ack."),
        Must("6.key.1", Classic, Any, "The public value is base64 of its decimal digits, in RFC 3526 group 14 with generator 2."),
        Must("6.key.2", Classic, Any, "A public value outside 2 to p - 2 is refused."),
        Must("6.dhsk.1", Classic, Any, "DHSK is SHA-256 of the shared value as the fewest bytes that hold it, little endian."),
        Must("6.ack.1", Classic, Called, "The responder sends an ack after step 9."),
        Must("7.kem.1", Modern, Called, "A kem in dh_2 answers one in dh_1, has 1,088 bytes, and its secret goes into the keys."),
        Must("7.kem.2", Modern, Called, "A kem that is not 1,184 bytes or fails the modulus check is refused."),
        Must("7.texts.1", Modern, Called, "A responder that announces several texts answers each in turn."),
    ];

    /// <summary>The check with this id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static Check Find(string id) => All.FirstOrDefault(check => check.Id == id) ?? throw new KeyNotFoundException(id);

    private static Check Must(string id, Profiles profiles, Roles roles, string sentence) => new(id, Level.Must, profiles, roles, sentence);

    private static Check Should(string id, Profiles profiles, Roles roles, string sentence) => new(id, Level.Should, profiles, roles, sentence);
}
