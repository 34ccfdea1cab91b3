// The modern profile (protocol page, section 4): user_secret by Argon2id, key agreement by CPace, a key chain for each direction.
// ADa and ADb are the dh PDUs as sent, so both names, both times and the profile's word are bound into the keys.

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Secrets;

namespace ActorChat.Protocol.Profiles;

/// <summary>The default profile: password-authenticated key agreement, numbered PDUs, a key chain per direction.</summary>
public sealed class ModernProfile : IProfile
{
    private const string Word = "modern";

    private ModernProfile()
    {
    }

    /// <summary>The profile; it has no state.</summary>
    public static ModernProfile Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => Word;

    /// <inheritdoc/>
    public PduFormat Format => PduFormat.Modern;

    /// <inheritdoc/>
    public bool MaySendStepsTogether => true;

    /// <inheritdoc/>
    public bool AcknowledgesStep9 => false;

    /// <inheritdoc/>
    public bool DerivesSlowly => true;

    /// <inheritdoc/>
    public string? GivesAway => null;

    /// <inheritdoc/>
    public UserSecret DeriveUserSecret(string password, string initiatorName) => UserSecret.Derive(password, initiatorName);

    /// <inheritdoc/>
    public Offer? ReadOffer(Pdu dh1)
    {
        ArgumentNullException.ThrowIfNull(dh1);
        return dh1.Type == MsgType.Dh1 && Body.TryRead(dh1, out var body) ? new Offer(dh1, Word, body.Username!, body.Key!, body.Kem) : null;
    }

    /// <inheritdoc/>
    public string KeysInWords(bool isPostQuantum) => isPostQuantum ? "post-quantum (X25519 and ML-KEM-768)" : "not post-quantum (X25519)";

    /// <inheritdoc/>
    public IInitiation Initiate(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random, AgreementOptions? options = null) =>
        new Initiation(userSecret, initiatorName, timestamp, random, options ?? AgreementOptions.None);

    /// <inheritdoc/>
    public Agreement? Respond(
        UserSecret userSecret, Offer offer, string responderName, double timestamp, IRandomSource random, AgreementOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(offer);
        options ??= AgreementOptions.None;
        using var yb = new PrivateValue(userSecret, random);
        var members = new List<BodyMember>(4) { ("username", responderName), ("key", yb.PublicValue) };
        Span<byte> ss = stackalloc byte[MlKem.SharedSecretSize];
        var isPostQuantum = options.PostQuantum != PostQuantum.Off && offer.IsPostQuantum;
        if (isPostQuantum)
        {
            var ct = new byte[MlKem.CiphertextSize];
            if (!MlKem.Encapsulate(offer.Kem, random, ct, ss))
            {
                return null;
            }

            members.Add(("kem", ct));
        }

        if (options.Texts > 1)
        {
            members.Add(("texts", options.Texts));
        }

        var dh2 = PduWriter.WriteKeyAgreement(Format, MsgType.Dh2, timestamp, CollectionsMarshal.AsSpan(members));
        var keys = yb.Agree(
            userSecret, offer.PublicValue, isPostQuantum ? ss : default, initiator: (offer.PublicValue, offer.Dh1.Bytes), responder: (yb.PublicValue, WithoutLineFeed(dh2)));
        CryptographicOperations.ZeroMemory(ss);
        return keys is null ? null : new Agreement(dh2, keys, offer.InitiatorName, options.Texts, isPostQuantum);
    }

    /// <inheritdoc/>
    public byte[]? WriteText(TextMessage message, int maxSize, bool pads = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.ToPlaintext(maxSize, pads);
    }

    /// <inheritdoc/>
    public TextMessage? ReadText(ReadOnlySpan<byte> plaintext, IRandomSource random) => TextMessage.FromPlaintext(plaintext);

    // The initiator between dh_1 and dh_2. It keeps a copy of user_secret, since the cached one may be disposed while it waits.
    private sealed class Initiation : IInitiation
    {
        private readonly UserSecret _userSecret;
        private readonly PrivateValue _ya;
        private readonly LockedBytes? _dk;

        public Initiation(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random, AgreementOptions options)
        {
            _userSecret = userSecret.Copy();
            _ya = new PrivateValue(userSecret, random);
            if (options.PostQuantum == PostQuantum.Off)
            {
                Dh1 = PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, timestamp, ("username", initiatorName), ("key", _ya.PublicValue), ("profile", Word));
                return;
            }

            var ek = new byte[MlKem.EncapsulationKeySize];
            _dk = new LockedBytes(MlKem.DecapsulationKeySize);
            MlKem.GenerateKeyPair(random, ek, _dk.Span);
            Dh1 = PduWriter.WriteKeyAgreement(
                PduFormat.Modern, MsgType.Dh1, timestamp, ("username", initiatorName), ("key", _ya.PublicValue), ("profile", Word), ("kem", ek));
        }

        public byte[] Dh1 { get; }

        public Agreement? Complete(Pdu dh2)
        {
            ArgumentNullException.ThrowIfNull(dh2);
            if (!Body.TryRead(dh2, out var body))
            {
                return null;
            }

            Span<byte> ss = stackalloc byte[MlKem.SharedSecretSize];
            var isPostQuantum = body.Kem is not null;
            if (isPostQuantum && (_dk is null || !MlKem.Decapsulate(body.Kem, _dk.Span, ss)))
            {
                return null; // a kem that we did not ask for, or no valid one
            }

            var keys = _ya.Agree(
                _userSecret, body.Key!, isPostQuantum ? ss : default, initiator: (_ya.PublicValue, WithoutLineFeed(Dh1)), responder: (body.Key!, dh2.Bytes));
            CryptographicOperations.ZeroMemory(ss);
            return keys is null ? null : new Agreement(Dh2: [], keys, body.Username, body.Texts, isPostQuantum);
        }

        public void Dispose()
        {
            _userSecret.Dispose();
            _ya.Dispose();
            _dk?.Dispose();
        }
    }

    // One side's half of CPace: a fresh scalar y, and Y = X25519(y, g) on the generator g that the password makes.
    private sealed class PrivateValue : IDisposable
    {
        private readonly LockedBytes _scalar = new(CPace.ElementSize);

        public PrivateValue(UserSecret userSecret, IRandomSource random)
        {
            random.Fill(_scalar.Span);
            Span<byte> generator = stackalloc byte[CPace.ElementSize];
            CPace.CalculateGenerator(userSecret.Bytes, CPace.Label, sessionId: [], generator);
            CPace.ScalarMultiply(_scalar.Span, generator, PublicValue);
            CryptographicOperations.ZeroMemory(generator);
        }

        public byte[] PublicValue { get; } = new byte[CPace.ElementSize];

        // K, then DHSK = ISK over K and both sides' PDUs, followed by ss where there is one, then a key chain for each direction.
        // Null when K is all zeros.
        public SessionKeys? Agree(
            UserSecret userSecret, byte[] peerValue, ReadOnlySpan<byte> ss, (byte[] Value, ReadOnlyMemory<byte> Pdu) initiator, (byte[] Value, ReadOnlyMemory<byte> Pdu) responder)
        {
            Span<byte> k = stackalloc byte[CPace.ElementSize];
            Span<byte> dhsk = stackalloc byte[CPace.IskSize + ss.Length];
            try
            {
                if (!CPace.ScalarMultiply(_scalar.Span, peerValue, k))
                {
                    return null;
                }

                CPace.DeriveIsk(sessionId: [], k, initiator.Value, initiator.Pdu.Span, responder.Value, responder.Pdu.Span, dhsk[..CPace.IskSize]);
                ss.CopyTo(dhsk[CPace.IskSize..]);
                return new SessionKeys(KeyChain.Derive(userSecret, dhsk, "initiator"u8), KeyChain.Derive(userSecret, dhsk, "responder"u8));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(k);
                CryptographicOperations.ZeroMemory(dhsk);
            }
        }

        public void Dispose() => _scalar.Dispose();
    }

    // ADa and ADb are the PDUs alone.
    private static ReadOnlyMemory<byte> WithoutLineFeed(byte[] pdu) => pdu.AsMemory()[..^1];

    // The object in a dh_1 or dh_2. The profile's word is read in dh_1 only, the number of texts in dh_2 only; elsewhere they are unknown members.
    private struct Body
    {
        private static readonly MemberNames Dh1Names = new("username", "key", "profile", "kem");
        private static readonly MemberNames Dh2Names = new("username", "key", "kem", "texts");

        public string? Username;
        public byte[]? Key;
        public bool HasWord;
        public byte[]? Kem;
        public int Texts;

        // False when the body is not one of this profile.
        public static bool TryRead(Pdu pdu, out Body body)
        {
            body = new Body { HasWord = pdu.Type == MsgType.Dh2, Texts = 1 };
            var kemSize = pdu.Type == MsgType.Dh1 ? MlKem.EncapsulationKeySize : MlKem.CiphertextSize;
            return pdu.Body is { } bytes
                && StrictJson.Read(bytes.Span, pdu.Type == MsgType.Dh1 ? Dh1Names : Dh2Names, ref body, ReadMember)
                && body is { Username: not null, Key.Length: CPace.ElementSize, HasWord: true }
                && (body.Kem is null || body.Kem.Length == kemSize);
        }

        private static bool ReadMember(ref Utf8JsonReader json, ref Body body, string name) => name switch
        {
            "username" => StrictJson.ReadString(ref json, out body.Username),
            "profile" => body.HasWord = json.TokenType == JsonTokenType.String && json.ValueTextEquals(Word),
            "key" => json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out body.Key),
            "kem" => json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out body.Kem),
            _ => json.TokenType == JsonTokenType.Number && json.TryGetInt32(out body.Texts) && body.Texts is >= 1 and <= AgreementOptions.MaxTexts,
        };
    }
}
