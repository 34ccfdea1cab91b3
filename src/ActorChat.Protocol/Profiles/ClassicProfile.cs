// The classic profile (protocol page, section 6): what the published coursework does, bit for bit, so that the node can talk to other people's
// implementations of it. The page lists what it gives away; a contact speaks it only where its directory entry says so.

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Secrets;

namespace ActorChat.Protocol.Profiles;

/// <summary>The coursework's profile: plain Diffie-Hellman, one key chain for both directions, PDUs that are not numbered, one text.</summary>
public sealed class ClassicProfile : IProfile
{
    private ClassicProfile()
    {
    }

    /// <summary>The profile; it has no state.</summary>
    public static ClassicProfile Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "classic";

    /// <inheritdoc/>
    public PduFormat Format => PduFormat.Classic;

    /// <inheritdoc/>
    public bool MaySendStepsTogether => false;

    /// <inheritdoc/>
    public bool AcknowledgesStep9 => true;

    /// <inheritdoc/>
    public bool DerivesSlowly => false;

    /// <inheritdoc/>
    public string? GivesAway =>
        "whoever has once impersonated the other side can guess passwords offline, equal beginnings of texts show, and somebody in the middle can make " +
        "a dropped text look delivered";

    /// <summary>The password's UTF-8 bytes, as they are: neither stretched nor bound to a name.</summary>
    public UserSecret DeriveUserSecret(string password, string initiatorName)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        try
        {
            return new UserSecret(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <inheritdoc/>
    public Offer? ReadOffer(Pdu dh1)
    {
        ArgumentNullException.ThrowIfNull(dh1);
        return dh1.Type == MsgType.Dh1 && Body.TryRead(dh1, out var body) ? new Offer(dh1, Name, body.User!, body.Key!) : null;
    }

    /// <inheritdoc/>
    public string KeysInWords(bool isPostQuantum) => "not post-quantum (Diffie-Hellman with 2,048 bits, profile classic)";

    /// <summary>Step 1. Classic has no members for the options, so they are not announced.</summary>
    /// <inheritdoc/>
    public IInitiation Initiate(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random, AgreementOptions? options = null) =>
        new Initiation(userSecret, initiatorName, timestamp, random);

    /// <inheritdoc/>
    public Agreement? Respond(
        UserSecret userSecret, Offer offer, string responderName, double timestamp, IRandomSource random, AgreementOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> xb = stackalloc byte[ModpGroup14.PrivateValueSize];
        random.Fill(xb);
        var keys = Agree(userSecret, xb, offer.PublicValue);
        var dh2 = keys is null ? [] : PduWriter.WriteKeyAgreement(Format, MsgType.Dh2, timestamp, ("key", ModpGroup14.PublicValue(xb)));
        CryptographicOperations.ZeroMemory(xb);
        return keys is null ? null : new Agreement(dh2, keys, offer.InitiatorName);
    }

    /// <summary>The message itself, in UTF-8. There is no room in it for an id or a number.</summary>
    /// <inheritdoc/>
    public byte[]? WriteText(TextMessage message, int maxSize, bool pads = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        var plaintext = Encoding.UTF8.GetBytes(message.Text);
        return plaintext.Length <= maxSize ? plaintext : null;
    }

    /// <summary>The message. A text that arrives twice cannot be told from two texts with the same words, so each gets an id of its own.</summary>
    /// <inheritdoc/>
    public TextMessage? ReadText(ReadOnlySpan<byte> plaintext, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (!Utf8.IsValid(plaintext))
        {
            return null;
        }

        Span<byte> id = stackalloc byte[16];
        random.Fill(id);
        return new TextMessage(new Guid(id), Encoding.UTF8.GetString(plaintext));
    }

    // One chain for both directions, so a PDU reflected to its sender verifies there.
    private static SessionKeys? Agree(UserSecret userSecret, ReadOnlySpan<byte> privateValue, byte[] peerValue)
    {
        Span<byte> dhsk = stackalloc byte[SHA256.HashSizeInBytes];
        if (!ModpGroup14.Agree(privateValue, peerValue, dhsk))
        {
            return null;
        }

        var chain = KeyChain.Derive(userSecret, dhsk, direction: []);
        CryptographicOperations.ZeroMemory(dhsk);
        return new SessionKeys(chain, chain);
    }

    // The initiator between dh_1 and dh_2. It keeps a copy of user_secret, since the cached one may be disposed while it waits.
    private sealed class Initiation : IInitiation
    {
        private readonly UserSecret _userSecret;
        private readonly LockedBytes _xa = new(ModpGroup14.PrivateValueSize);

        public Initiation(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random)
        {
            _userSecret = userSecret.Copy();
            random.Fill(_xa.Span);
            Dh1 = PduWriter.WriteKeyAgreement(PduFormat.Classic, MsgType.Dh1, timestamp, ("key", ModpGroup14.PublicValue(_xa.Span)), ("user", initiatorName));
        }

        public byte[] Dh1 { get; }

        public Agreement? Complete(Pdu dh2)
        {
            ArgumentNullException.ThrowIfNull(dh2);
            return Body.TryRead(dh2, out var body) && Agree(_userSecret, _xa.Span, body.Key!) is { } keys ? new Agreement(Dh2: [], keys, PeerName: null) : null;
        }

        public void Dispose()
        {
            _userSecret.Dispose();
            _xa.Dispose();
        }
    }

    // The object in a dh_1 or dh_2. The name is read in dh_1 only; in dh_2 it is an unknown member.
    private struct Body
    {
        private static readonly MemberNames Dh1Names = new("key", "user");
        private static readonly MemberNames Dh2Names = new("key");

        public byte[]? Key;
        public string? User;

        // False when the body is not one of this profile.
        public static bool TryRead(Pdu pdu, out Body body)
        {
            body = default;
            return pdu.Body is { } bytes
                && StrictJson.Read(bytes.Span, pdu.Type == MsgType.Dh1 ? Dh1Names : Dh2Names, ref body, ReadMember)
                && body.Key is not null
                && (body.User is not null || pdu.Type == MsgType.Dh2);
        }

        private static bool ReadMember(ref Utf8JsonReader json, ref Body body, string name) => name == "key"
            ? json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out body.Key)
            : StrictJson.ReadString(ref json, out body.User);
    }
}
