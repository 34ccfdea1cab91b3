// A small implementation of the protocol, both profiles and both roles, with a switch for each mistake: what a student might have handed in. It is written
// independently of the probe, with text and regular expressions, so that the probe is not tested against itself. Without a switch it makes no mistake.

using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Conformance.Tests;

/// <summary>A peer with a mistake.</summary>
/// <param name="profile">The profile that it speaks.</param>
/// <param name="wrong">The mistake, by the id that the probe gives it; several with plus signs; empty for none.</param>
internal sealed partial class WrongPeer(Profiles profile, string wrong = "") : IDisposable
{
    public const string Password = "a password of both";
    public const string Caller = "alice";
    public const string Called = "bob";

    private static readonly BigInteger P = BigInteger.Parse(
        "0" + "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
        + "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08"
        + "CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static readonly Dictionary<string, byte[]> UserSecrets = [];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _random = RandomNumberGenerator.GetBytes(32);
    private readonly HashSet<string> _ids = [];
    private readonly HashSet<string> _challenges = [];
    private readonly Dictionary<string, string> _dh2s = [];
    private Conversation? _open;

    private bool IsModern => profile == Profiles.Modern;

    /// <summary>Listens.</summary>
    /// <returns>The port.</returns>
    public int Listen()
    {
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                await ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)); // one conversation at a time, as small implementations do
            }
        });
        return ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>Calls and sends a text.</summary>
    public async Task CallAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await new Conversation(this, client, isInitiator: true) { Reconnect = port }.CallAsync();
        }
        catch (Exception e) when (e is Refusal or IOException or SocketException or InvalidOperationException or OperationCanceledException)
        {
            // The probe sees it.
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    /// <summary>Whether it makes the mistake only in what it sends.</summary>
    public bool ReadsRightly { get; init; }

    private bool Is(string mistake) => _wrong.Contains(mistake);

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (Is("line.new-connection"))
                {
                    // One PDU a connection: the conversation goes on where it was.
                    var next = new Conversation(this, client, isInitiator: false);
                    var pdu = await next.ObjectAsync();
                    _open = pdu.Contains("dh_1", StringComparison.Ordinal) ? next : _open!;
                    (_open.Client, _open.Came) = (client, pdu);
                    await _open.ServeOneAsync();
                    return;
                }

                await new Conversation(this, client, isInitiator: false).ServeAsync();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The probe sees it.
            }
        }
    }

    private sealed class Refusal(string why) : Exception(why);

    private sealed record Pdu(string Text, string Type, JsonElement Header, JsonElement Body, byte[]? Plaintext);

    private sealed partial class Conversation(WrongPeer peer, TcpClient client, bool isInitiator)
    {
        private readonly BigInteger _x = new(peer.Is("replay.taken") ? peer._random : RandomNumberGenerator.GetBytes(32), isUnsigned: true);
        private readonly byte[] _scalar = RandomNumberGenerator.GetBytes(32);
        private readonly List<byte> _buffer = [];
        private byte[] _public = [];
        private byte[] _shared = [];
        private byte[] _ya = [], _yb = [], _ada = [], _adb = [];
        private BigInteger _z;
        private string _initiator = Caller;
        private bool _hasKeys;
        private bool _isKnown = true;
        private int _sent, _received;
        private int _step;
        private byte[] _challenge = [];
        private string _password = Password;
        private bool _isReading;

        public TcpClient Client { get; set; } = client;

        public int? Reconnect { get; init; }

        /// <summary>An object that is read already.</summary>
        public string? Came { get; set; }

        private bool IsModern => peer.IsModern;

        // ---- the responder ----

        public async Task ServeAsync()
        {
            if (Is("line.greeting"))
            {
                var line = await LineAsync();
                if (!line.StartsWith("hello ", StringComparison.Ordinal))
                {
                    throw new Refusal("no greeting");
                }
            }

            while (_step < 6)
            {
                await ServeOneAsync();
            }
        }

        public async Task ServeOneAsync()
        {
            var pdu = await NextAsync();
            switch (_step, pdu.Type)
            {
                case (0, "dh_1"):
                    await AnswerDh1Async(pdu);
                    _step = 1;
                    break;
                case (1, "hello"):
                    _challenge = Is("challenge.same") ? peer._random : RandomNumberGenerator.GetBytes(32);
                    peer._challenges.Add(Convert.ToHexString(_challenge));
                    await SendAsync("chall", _challenge);
                    _step = 2;
                    break;
                case (2, "resp"):
                    var isRight = pdu.Plaintext!.SequenceEqual(Answer(_challenge, fromInitiator: true))
                        || (Is("replay.taken") && peer._challenges.Any(old => pdu.Plaintext.SequenceEqual(Answer(Convert.FromHexString(old), fromInitiator: true))));
                    await RequireAsync(isRight || Is("answer.unchecked"));
                    await SendAsync("ack", null);
                    _step = 3;
                    break;
                case (3, "chall"):
                    await SendAsync("resp", Answer(pdu.Plaintext!, fromInitiator: false));
                    _step = 4;
                    break;
                case (4, "ack"):
                    if (!IsModern)
                    {
                        await SendAsync("ack", null);
                    }

                    _step = 5;
                    break;
                case (5, "text"):
                case (2, "text") when Is("text.early"):
                    if (IsModern && Is("id.refused"))
                    {
                        using var text = JsonDocument.Parse(pdu.Plaintext);
                        await RequireAsync(peer._ids.Add(text.RootElement.GetProperty("id").GetString()!));
                    }

                    await SendAsync("ack", null);
                    _step = Is("text.second") ? 5 : 6;
                    break;
                default:
                    await RequireAsync(false);
                    break;
            }
        }

        private async Task AnswerDh1Async(Pdu dh1)
        {
            _initiator = dh1.Body.GetProperty(Name(IsModern ? "username" : "user")).GetString()!;
            _isKnown = _initiator == Caller;
            if (!_isKnown && Is("names.told"))
            {
                throw new Refusal("who?");
            }

            if (IsModern && dh1.Body.GetProperty("profile").GetString() != "modern")
            {
                throw new Refusal("no modern");
            }

            var (own, token) = OwnKey();
            var text = Build("dh_2", IsModern ? $"{{\"{Name("username")}\": \"{Called}\", \"{Name("key")}\": {token}}}" : $"{{\"{Name("key")}\": {token}}}", null);
            if (Is("replay.taken"))
            {
                text = peer._dh2s.TryGetValue(dh1.Text, out var old) ? old : peer._dh2s[dh1.Text] = text; // the same again
            }

            Agree(dh1.Body.GetProperty(Name("key")), own, dh1.Text, text);
            await WriteAsync(text);
        }

        // ---- the initiator ----

        public async Task CallAsync()
        {
            if (Is("line.greeting"))
            {
                await Client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"hello {Caller}\n"));
            }

            var (own, token) = OwnKey();
            var dh1 = Build("dh_1", IsModern
                ? $"{{\"{Name("username")}\": \"{Caller}\", \"{Name("key")}\": {token}, \"profile\": \"modern\"}}"
                : $"{{\"{Name("key")}\": {token}, \"{Name("user")}\": \"{Caller}\"}}", null);
            await WriteAsync(dh1);
            var dh2 = await NextAsync("dh_2");
            if (IsModern && dh2.Body.GetProperty(Name("username")).GetString() != Called && !Is("name.unchecked"))
            {
                throw new Refusal("somebody else");
            }

            Agree(dh2.Body.GetProperty(Name("key")), own, dh1, dh2.Text);
            await SendAsync("hello", null);
            await SendAsync("resp", Answer((await NextAsync("chall")).Plaintext!, fromInitiator: true));
            await NextAsync("ack");
            var challenge = RandomNumberGenerator.GetBytes(32);
            await SendAsync("chall", challenge);
            await RequireAsync((await NextAsync("resp")).Plaintext!.SequenceEqual(Answer(challenge, fromInitiator: false)) || Is("answer.unchecked"));
            await SendAsync("ack", null);
            if (!IsModern)
            {
                await NextAsync("ack");
            }

            var text = "a text of mine";
            await SendAsync("text", Encoding.UTF8.GetBytes(IsModern && !Is("text.plain") ? $"{{\"id\": \"{Guid.NewGuid()}\", \"text\": \"{text}\"}}" : text));
            await NextAsync("ack");
        }

        // ---- keys ----

        private (byte[] Own, string Token) OwnKey()
        {
            if (IsModern)
            {
                var g = new byte[32];
                _public = new byte[32];
                CPace.CalculateGenerator(UserSecret(), CPace.Label, [], g);
                CPace.ScalarMultiply(_scalar, g, _public);
                return (_public, $"\"{Convert.ToBase64String(_public)}\"");
            }

            var y = BigInteger.ModPow(2, _x, P);
            var digits = y.ToString(CultureInfo.InvariantCulture);
            var hex = Convert.ToHexStringLower(y.ToByteArray(true, true));
            return ([], Is("key.decimal") ? $"\"{digits}\""
                : Is("key.number") ? digits
                : Is("key.hex") ? $"\"{hex}\""
                : Is("key.base64-of-hex") ? $"\"{Convert.ToBase64String(Encoding.ASCII.GetBytes(hex))}\""
                : Is("key.base64-of-bytes") ? $"\"{Convert.ToBase64String(y.ToByteArray(true, true))}\""
                : Is("key.pem") ? JsonSerializer.Serialize(Pem(y))
                : $"\"{Convert.ToBase64String(Encoding.ASCII.GetBytes(digits))}\"");
        }

        private void Agree(JsonElement theirs, byte[] own, string dh1, string dh2)
        {
            if (!IsModern)
            {
                var y = Read(theirs);
                if ((y < 2 || y > P - 2) && !Is("key.unchecked"))
                {
                    throw new Refusal("out of range");
                }

                _z = BigInteger.ModPow(y, _x, P);
                _shared = SHA256.HashData(Is("dhsk.big-endian") ? _z.ToByteArray(true, true)
                    : Is("dhsk.decimal") ? Encoding.ASCII.GetBytes(_z.ToString(CultureInfo.InvariantCulture))
                    : Is("dhsk.hex") ? Encoding.ASCII.GetBytes(Convert.ToHexStringLower(_z.ToByteArray(true, true)).TrimStart('0'))
                    : _z.ToByteArray(true));
                _hasKeys = true;
                return;
            }

            var key = Convert.FromBase64String(theirs.GetString()!);
            var k = new byte[32];
            if (!CPace.ScalarMultiply(_scalar, key, k) && !Is("key.unchecked"))
            {
                throw new Refusal("low order");
            }

            (_ya, _yb) = isInitiator ? (own, key) : (key, own);
            var end = Is("ad.line-feed") ? "\n" : "";
            (_ada, _adb) = Is("ad.nothing") ? ([], []) : (Encoding.UTF8.GetBytes(dh1 + end), Encoding.UTF8.GetBytes(dh2 + end));
            var isk = new byte[64];
            CPace.DeriveIsk([], k, _ya, _ada, _yb, _adb, isk);
            _shared = Is("dhsk.half") ? isk[..32] : isk;
            _hasKeys = true;
        }

        private BigInteger Read(JsonElement key)
        {
            if (Is("key.number"))
            {
                return BigInteger.Parse(key.GetRawText(), CultureInfo.InvariantCulture);
            }

            var text = key.GetString()!;
            try
            {
                return Is("key.decimal") ? BigInteger.Parse(text, CultureInfo.InvariantCulture)
                    : Is("key.hex") ? BigInteger.Parse("0" + text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                    : Is("key.base64-of-hex") ? BigInteger.Parse("0" + Encoding.ASCII.GetString(Convert.FromBase64String(text)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                    : Is("key.base64-of-bytes") ? new BigInteger(Convert.FromBase64String(text), true, true)
                    : Is("key.pem") ? FromPem(text)
                    : BigInteger.Parse(Encoding.ASCII.GetString(Convert.FromBase64String(text)), CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is FormatException or CryptographicException)
            {
                throw new Refusal(e.Message);
            }
        }

        private byte[] UserSecret()
        {
            lock (UserSecrets)
            {
                var password = _isKnown ? Password : "nobody knows";
                if (!UserSecrets.TryGetValue(password + _initiator, out var secret))
                {
                    secret = new byte[32];
                    using var derived = Protocol.Cryptography.UserSecret.Derive(password, _initiator);
                    derived.CopyTo(secret);
                    UserSecrets[password + _initiator] = secret;
                }

                return secret;
            }
        }

        private (byte[] Enc, byte[] Iv, byte[] Hmac, byte[] Chap) Keys(bool fromInitiator)
        {
            var secret = IsModern ? UserSecret() : Encoding.UTF8.GetBytes(_isKnown ? _password : "nobody knows");
            secret = Is("chain.hashed-password") ? SHA256.HashData(Encoding.UTF8.GetBytes(Password)) : secret;
            byte[] dhsk = [.. _shared, .. Encoding.ASCII.GetBytes(!IsModern || Is("chain.one") ? "" : fromInitiator ? "initiator" : "responder")];
            var enc = Is("chain.swapped") ? HMACSHA256.HashData(dhsk, secret) : Is("chain.plain-hash") ? SHA256.HashData([.. secret, .. dhsk]) : HMACSHA256.HashData(secret, dhsk);
            enc = Is("chain.hex-enc-key") ? Hex(enc)[..32] : enc;
            if (Is("chain.separate"))
            {
                var h = SHA256.HashData(SHA256.HashData(enc)[..16]);
                return (enc, SHA256.HashData(enc)[..16], h, SHA256.HashData(h));
            }

            using var running = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            running.AppendData(enc);
            var digest = running.GetCurrentHash();
            byte[] iv = Is("chain.hex-iv") ? Hex(digest)[..16] : digest[..16];
            running.AppendData(Is("chain.whole-iv") ? digest : iv);
            byte[] hmac = Is("chain.hex-keys") ? Hex(running.GetCurrentHash()) : running.GetCurrentHash();
            running.AppendData(hmac);
            byte[] chap = Is("chain.hex-keys") ? Hex(running.GetCurrentHash()) : running.GetCurrentHash();
            return (enc, iv, hmac, chap);
        }

        private byte[] Answer(byte[] challenge, bool fromInitiator)
        {
            var keys = Keys(Is("answer.other-direction") ? !fromInitiator : fromInitiator);
            return Is("answer.hex") ? Hex(HMACSHA256.HashData(keys.Chap, challenge))
                : Is("answer.plain-hash") ? SHA256.HashData([.. keys.Chap, .. challenge])
                : Is("answer.swapped") ? HMACSHA256.HashData(challenge, keys.Chap)
                : Is("answer.by-hmac-key") ? HMACSHA256.HashData(keys.Hmac, challenge)
                : HMACSHA256.HashData(keys.Chap, challenge);
        }

        // ---- PDUs ----

        private Task SendAsync(string type, byte[]? plaintext) => WriteAsync(Seal(type, plaintext));

        private string Seal(string type, byte[]? plaintext)
        {
            var keys = Keys(isInitiator);
            var n = _sent++;
            var ciphertext = plaintext is null ? null : Encrypt(keys.Enc, IvOf(keys.Iv, n), plaintext);
            var body = ciphertext is null ? "null" : $"\"{ToText(ciphertext, "body")}\"";
            if (Is("unsealed") && type == "ack")
            {
                _sent--; // it is no sealed PDU, and has no number
                return Build(type, body, null);
            }

            string Security(string? mac) => $"{{\"hmac\": {{\"{Name(IsModern ? "hmac_type" : "type")}\": \"{Name("SHA256")}\"{(mac is null ? "" : $", \"{Name(IsModern ? "hmac_val" : "val")}\": {mac}")}}}, "
                + $"\"{Name("enc_type")}\": \"{Name(IsModern ? "AES256CBC" : "AES256-CBC")}\"}}";
            var mac = Mac(keys, n, Build(type, body, Security(HmacBlank()), HmacBlank(), secret: keys.Enc), ciphertext, plaintext);
            return Build(type, body, Security($"\"{ToText(mac, "hmac")}\""), early: Security("0"), secret: keys.Enc);
        }

        private string? HmacBlank() => Is("hmac.null") ? "null" : Is("hmac.empty") ? "\"\"" : Is("hmac.absent") ? null : "0";

        private byte[] Mac((byte[] Enc, byte[] Iv, byte[] Hmac, byte[] Chap) keys, int n, string blank, byte[]? ciphertext, byte[]? plaintext)
        {
            if (Is("hmac.key-itself"))
            {
                return keys.Hmac;
            }

            var over = Is("hmac.ciphertext") ? ciphertext ?? [] : Is("hmac.ciphertext-text") ? Encoding.ASCII.GetBytes(ciphertext is null ? "" : Convert.ToBase64String(ciphertext))
                : Is("hmac.plaintext") ? plaintext ?? [] : Encoding.UTF8.GetBytes(blank);
            var key = Is("hmac.by-password") ? Encoding.UTF8.GetBytes(Password) : Is("hmac.by-enc-key") ? keys.Enc : Is("hmac.by-chap-secret") ? keys.Chap : keys.Hmac;
            return HMACSHA256.HashData(key, (byte[])[.. N(n), .. over]);
        }

        private byte[] N(int n)
        {
            if (!IsModern || Is("number.absent"))
            {
                return [];
            }

            return Is("number.little-endian") ? BitConverter.GetBytes((ulong)n) : BigEndian(Is("number.from-one") ? n + 1 : n);
        }

        private byte[] IvOf(byte[] iv, int n) => !IsModern || Is("iv.fixed") ? iv
            : HMACSHA256.HashData(iv, Is("number.absent") ? BigEndian(n) : N(n))[..16];

        private static byte[] BigEndian(int n)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, n);
            return bytes;
        }

        private byte[] Encrypt(byte[] key, byte[] iv, byte[] plaintext)
        {
            using var aes = Aes.Create();
            aes.Key = key;
            byte[] front = Is("body.iv-in-front") ? RandomNumberGenerator.GetBytes(16) : [];
            return Is("body.ecb") ? aes.EncryptEcb(plaintext, PaddingMode.PKCS7) : [.. front, .. aes.EncryptCbc(plaintext, front.Length > 0 ? front : iv)];
        }

        private byte[] Decrypt(byte[] key, byte[] iv, byte[] body)
        {
            using var aes = Aes.Create();
            aes.Key = key;
            return Is("body.ecb") ? aes.DecryptEcb(body, PaddingMode.PKCS7) : Is("body.iv-in-front") ? aes.DecryptCbc(body.AsSpan(16), body.AsSpan(0, 16)) : aes.DecryptCbc(body, iv);
        }

        private string ToText(byte[] bytes, string what) => Is($"{what}.hex") ? Convert.ToHexStringLower(bytes)
            : Is($"{what}.base64-of-hex") ? Convert.ToBase64String(Hex(bytes)) : Convert.ToBase64String(bytes);

        private byte[] FromText(string text, string what) => Is($"{what}.hex") ? Convert.FromHexString(text)
            : Is($"{what}.base64-of-hex") ? Convert.FromHexString(Encoding.ASCII.GetString(Convert.FromBase64String(text))) : Convert.FromBase64String(text);

        // A PDU as text; with another word for crc it is what a check is computed over.
        private string Build(string type, string body, string? security, string? crc = "", string? early = null, byte[]? secret = null)
        {
            var seconds = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds + (Is("timestamp.local") ? 7200 : 0);
            var time = _time ??= Is("timestamp.milliseconds") ? ((long)(seconds * 1000)).ToString(CultureInfo.InvariantCulture)
                : Is("timestamp.string") ? $"\"{seconds.ToString("R", CultureInfo.InvariantCulture)}\"" : seconds.ToString("R", CultureInfo.InvariantCulture);
            var debug = Is("key.clear") && secret is not null ? $", \"debug\": \"{Convert.ToHexStringLower(secret)}\"" : "";
            string With(string? crc, string? security)
            {
                var member = crc is null ? "" : $", \"{Name("crc")}\": {crc}";
                return $"{{\"header\": {{\"{Name("msg_type")}\": \"{Name(type)}\", \"{Name("timestamp")}\": {time}{(debug.Length == 0 ? member : "")}{(debug.Length > 0 ? member + debug : "")}}}, \"{Name("body")}\": {body}{(security is null ? "" : $", \"security\": {security}")}}}";
            }

            if (crc is not "")
            {
                return With(crc, security);
            }

            var text = With("0", security);
            _time = null;
            return With(CrcToken(Crc(text, body, security is null, early is null ? null : text.Replace(security!, early, StringComparison.Ordinal))), security);
        }

        private string? _time;

        private uint Crc(string text, string body, bool isBare, string? early) => Crc32.HashToUInt32(Encoding.UTF8.GetBytes(
            Is("crc.absent") || (!IsModern && isBare && !Is("crc.null") && !Is("crc.empty") && !Is("crc.body")) ? Set(CrcMember(), text, null)
            : Is("crc.null") ? Set(CrcMember(), text, "null")
            : Is("crc.empty") ? Set(CrcMember(), text, "\"\"")
            : Is("crc.body") ? body.Trim('"')
            : Is("crc.early") && early is not null ? early
            : Set(CrcMember(), text, "0")));

        private string CrcToken(uint crc) => Is("crc.hex") ? $"\"{crc:x8}\"" : Is("crc.string") ? $"\"{crc}\"" : Is("crc.signed") ? ((int)crc).ToString(CultureInfo.InvariantCulture) : crc.ToString(CultureInfo.InvariantCulture);

        [GeneratedRegex("(, ?\"(?:crc|checksum)\": ?)(?:\"[^\"]*\"|-?[0-9]+|null)")]
        private static partial Regex CrcMember();

        [GeneratedRegex("(, ?\"(?:hmac_val|val|hash)\": ?)(?:\"[^\"]*\"|[0-9]+)")]
        private static partial Regex HmacMember();

        private async Task WriteAsync(string text)
        {
            if (Reconnect is { } port && Is("line.new-connection") && _step++ > 0)
            {
                Client.Dispose();
                Client = new TcpClient();
                await Client.ConnectAsync(IPAddress.Loopback, port);
            }

            await Client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Is("line-feed.missing") ? text : text + "\n"), peer._stop.Token);
        }

        private async Task RequireAsync(bool isTrue)
        {
            if (isTrue)
            {
                return;
            }

            if (_hasKeys && !Is("nack.missing"))
            {
                await SendAsync("nack", null);
            }

            throw new Refusal("refused");
        }

        private async Task<Pdu> NextAsync(string type)
        {
            var pdu = await NextAsync();
            await RequireAsync(pdu.Type == type);
            return pdu;
        }

        // The next PDU that is not too old, checked.
        private async Task<Pdu> NextAsync()
        {
            while (true)
            {
                var text = await ObjectAsync();
                Pdu pdu;
                try
                {
                    pdu = Check(text, out var isStale);
                    if (isStale)
                    {
                        await RequireAsync(!Is("window.refused"));
                        continue;
                    }
                }
                catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException or CryptographicException or NullReferenceException)
                {
                    await RequireAsync(false);
                    throw;
                }

                return pdu;
            }
        }

        private Pdu Check(string text, out bool isStale)
        {
            _isReading = true;
            try
            {
                return CheckIt(text, out isStale);
            }
            finally
            {
                _isReading = false;
            }
        }

        private Pdu CheckIt(string text, out bool isStale)
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = Is("duplicate.taken") });
            var header = json.RootElement.GetProperty("header").Clone();
            var body = json.RootElement.GetProperty(Name("body")).Clone();
            var type = Page(header.GetProperty(Name("msg_type")).GetString()!);
            if (Is("unknown.refused") && header.EnumerateObject().Count() > 3)
            {
                throw new FormatException("what is that?");
            }

            var isBare = !json.RootElement.TryGetProperty("security", out var security);
            var given = header.GetProperty(Name("crc"));
            if (Is("crc.reparsed") && text != Reserialised(json.RootElement))
            {
                throw new FormatException("CRC"); // this peer computes it over what it would have written itself
            }

            var crcs = new List<uint> { Crc(text, body.GetRawText(), isBare, isBare ? null : Blank(text)) };
            if (!IsModern && !wrongCrc)
            {
                crcs.Add(Crc32.HashToUInt32(Encoding.UTF8.GetBytes(Set(CrcMember(), text, null))));
                crcs.Add(Crc32.HashToUInt32(Encoding.UTF8.GetBytes(Set(CrcMember(), text, "0"))));
            }

            if (!Is("crc.unchecked") && !crcs.Select(CrcToken).Contains(given.GetRawText()))
            {
                throw new FormatException("CRC");
            }

            var n = 0;
            byte[]? plaintext = null;
            if (_hasKeys)
            {
                n = _received;
                var keys = Keys(!isInitiator);
                byte[]? ciphertext = body.ValueKind == JsonValueKind.String ? FromText(body.GetString()!, "body") : null;
                plaintext = ciphertext is null ? null : Decrypt(keys.Enc, IvOf(keys.Iv, n), ciphertext);
                var given2 = security.GetProperty("hmac").GetProperty(Name(IsModern ? "hmac_val" : "val")).GetString()!;
                var blank = HmacBlank();
                var over = Set(HmacMember(), Set(CrcMember(), text, blank), blank);
                if (Is("password.any") && !FromText(given2, "hmac").SequenceEqual(Mac(keys, n, over, ciphertext, plaintext)))
                {
                    _password = Password + "?"; // as if it were another contact's password
                    keys = Keys(!isInitiator);
                }

                _received++;
                if (!Is("hmac.unchecked") && !FromText(given2, "hmac").SequenceEqual(Mac(keys, n, over, ciphertext, plaintext)))
                {
                    throw new FormatException("HMAC");
                }
            }
            else if (type is not ("dh_1" or "dh_2"))
            {
                throw new FormatException("too early");
            }

            var seconds = double.Parse(header.GetProperty(Name("timestamp")) is { ValueKind: JsonValueKind.String } s ? s.GetString()! : header.GetProperty(Name("timestamp")).GetRawText(), CultureInfo.InvariantCulture);
            seconds = Is("timestamp.milliseconds") ? seconds / 1000 : Is("timestamp.local") ? seconds - 7200 : seconds;
            if (header.GetProperty(Name("timestamp")).ValueKind == JsonValueKind.String != Is("timestamp.string"))
            {
                throw new FormatException("timestamp");
            }

            isStale = Math.Abs((DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds - seconds) > (Is("window.narrow") ? 12 : Is("window.wide") ? 90 : 25);
            if (isStale && Is("number.uncounted"))
            {
                _received--;
            }

            return new Pdu(text, type, header, body, plaintext);
        }

        private static string Reserialised(JsonElement json) => json.ValueKind == JsonValueKind.Object
            ? $"{{{string.Join(", ", json.EnumerateObject().Select(member => $"\"{member.Name}\": {Reserialised(member.Value)}"))}}}" : json.GetRawText();

        private static string Blank(string text) => Set(HmacMember(), Set(CrcMember(), text, "0"), "0");

        // A member with another value; with null the PDU without it.
        private static string Set(Regex member, string text, string? value) => member.Replace(text, match => value is null ? "" : match.Groups[1].Value + value, 1);

        private bool wrongCrc => Is("crc.null") || Is("crc.empty") || Is("crc.body") || Is("crc.early");

        // ---- the line ----

        private async Task<string> LineAsync()
        {
            while (true)
            {
                var end = _buffer.IndexOf((byte)'\n');
                if (end >= 0)
                {
                    byte[] line = [.. _buffer.Take(end)];
                    _buffer.RemoveRange(0, end + 1);
                    return Encoding.UTF8.GetString(line);
                }

                await FillAsync();
            }
        }

        private async Task FillAsync()
        {
            var piece = new byte[Is("line.one-read") ? 1024 : 4096];
            var size = await Client.GetStream().ReadAsync(piece, peer._stop.Token);
            if (size == 0)
            {
                throw new Refusal("closed");
            }

            _buffer.AddRange(piece.AsSpan(0, size));
            if (_buffer.Count > 16_384 && !Is("size.unlimited"))
            {
                throw new Refusal("too long");
            }
        }

        // With some mistakes a peer takes what one read returns for a whole PDU, with others a line.
        public async Task<string> ObjectAsync()
        {
            if (Came is { } came)
            {
                Came = null;
                return came;
            }

            if (Is("line.one-read"))
            {
                await FillAsync();
                var all = Encoding.UTF8.GetString([.. _buffer]).Trim();
                _buffer.Clear();
                return all;
            }

            if (Is("line.needs-line-feed"))
            {
                return await LineAsync();
            }

            var framer = new PduFramer(int.MaxValue);
            framer.Append([.. _buffer]);
            while (true)
            {
                switch (framer.Read(out var pdu))
                {
                    case Framing.Complete:
                        var text = Encoding.UTF8.GetString(pdu.Span);
                        var all = Encoding.UTF8.GetString([.. _buffer]);
                        var end = Encoding.UTF8.GetByteCount(all[..(all.IndexOf(text, StringComparison.Ordinal) + text.Length)]);
                        _buffer.RemoveRange(0, Is("line.one-pdu") ? _buffer.Count : end);
                        return text;
                    case Framing.NotAnObject:
                        throw new Refusal("no object");
                }

                var before = _buffer.Count;
                await FillAsync();
                framer.Append([.. _buffer.Skip(before)]);
            }
        }

        private bool Is(string mistake) => peer.Is(mistake) && !(_isReading && peer.ReadsRightly);

        // Another name for one member or word.
        private string Name(string page) => (peer._name ?? "", page) switch
        {
            ("hash", "hmac_val" or "val") => "hash",
            ("val", "hmac_val") => "val",
            ("hmac_val", "val") => "hmac_val",
            ("type", "hmac_type") => "type",
            ("hmac_type", "type") => "hmac_type",
            ("hamc_type", "hmac_type" or "type") => "hamc_type",
            ("message", "body") => "message",
            ("user", "username") => "user",
            ("username", "user") => "username",
            ("encryption", "enc_type") => "encryption",
            ("checksum", "crc") => "checksum",
            ("dh1", "dh_1") => "dh1",
            ("challenge", "chall") => "challenge",
            ("response", "resp") => "response",
            ("HELLO", "hello") => "HELLO",
            ("AES256CBC", "AES256-CBC") => "AES256CBC",
            ("AES256-CBC", "AES256CBC") => "AES256-CBC",
            _ => page,
        };

        private string Page(string word) => (peer._name ?? "", word) switch
        {
            ("dh1", "dh1") => "dh_1",
            ("challenge", "challenge") => "chall",
            ("response", "response") => "resp",
            ("HELLO", "HELLO") => "hello",
            _ => Name(word) == word ? word : "", // only the exact spelling
        };

        private static byte[] Hex(byte[] bytes) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));

        // SubjectPublicKeyInfo by hand: p and g stand in it as the page has them.
        private static string Pem(BigInteger y)
        {
            static byte[] Tlv(byte tag, params byte[][] parts)
            {
                byte[] value = [.. parts.SelectMany(part => part)];
                return value.Length < 128 ? [tag, (byte)value.Length, .. value] : [tag, 0x82, (byte)(value.Length >> 8), (byte)value.Length, .. value];
            }

            byte[] Integer(BigInteger i) => Tlv(0x02, i.ToByteArray(false, true));
            var der = Tlv(0x30, Tlv(0x30, [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01], Tlv(0x30, Integer(P), Integer(2))), Tlv(0x03, [0], Integer(y)));
            return $"-----BEGIN PUBLIC KEY-----\n{Convert.ToBase64String(der, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n")}\n-----END PUBLIC KEY-----\n";
        }

        private static BigInteger FromPem(string pem)
        {
            var der = Convert.FromBase64String(pem.Split("-----")[2]);
            var length = (der[^(256 + 3)], der[^257]) is (0x82, 0) ? 257 : 256; // the value is the last INTEGER, with or without a zero in front
            return new BigInteger(der.AsSpan(der.Length - length), isUnsigned: true, isBigEndian: true);
        }
    }

    private readonly string[] _wrong = wrong.Split('+');
    private readonly string? _name = wrong.Split('+').FirstOrDefault(one => one.StartsWith("name.", StringComparison.Ordinal) || one.StartsWith("word.", StringComparison.Ordinal))?[5..];
}
