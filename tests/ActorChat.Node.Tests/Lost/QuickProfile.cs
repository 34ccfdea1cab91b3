// The modern profile, byte for byte, with a user secret that costs nothing. Argon2id would need a thread of its own and an eighth of a second.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;

namespace ActorChat.Node.Tests.Lost;

internal sealed class QuickProfile : IProfile
{
    private static readonly ModernProfile Modern = ModernProfile.Instance;

    public string Name => Modern.Name;

    public PduFormat Format => Modern.Format;

    public bool MaySendStepsTogether => Modern.MaySendStepsTogether;

    public bool AcknowledgesStep9 => Modern.AcknowledgesStep9;

    public bool DerivesSlowly => false;

    public string? GivesAway => Modern.GivesAway;

    public UserSecret DeriveUserSecret(string password, string initiatorName) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{password} {initiatorName}")));

    public Offer? ReadOffer(Pdu dh1) => Modern.ReadOffer(dh1);

    public string KeysInWords(bool isPostQuantum) => Modern.KeysInWords(isPostQuantum);

    public IInitiation Initiate(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random, AgreementOptions? options = null) =>
        Modern.Initiate(userSecret, initiatorName, timestamp, random, options);

    public Agreement? Respond(UserSecret userSecret, Offer offer, string responderName, double timestamp, IRandomSource random, AgreementOptions? options = null) =>
        Modern.Respond(userSecret, offer, responderName, timestamp, random, options);

    public byte[]? WriteText(TextMessage message, int maxSize, bool pads = false) => Modern.WriteText(message, maxSize, pads);

    public TextMessage? ReadText(ReadOnlySpan<byte> plaintext, IRandomSource random) => Modern.ReadText(plaintext, random);
}
