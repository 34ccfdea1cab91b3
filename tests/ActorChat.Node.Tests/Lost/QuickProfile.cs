// The profile modern, byte for byte, with a user secret that costs nothing: Argon2id would take a thread of its own and an eighth of a second.

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

    public string? ReadInitiatorName(Pdu dh1) => Modern.ReadInitiatorName(dh1);

    public bool OffersPostQuantum(Pdu dh1) => Modern.OffersPostQuantum(dh1);

    public string KeysInWords(bool isPostQuantum) => Modern.KeysInWords(isPostQuantum);

    public IInitiation Initiate(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random, AgreementOptions? options = null) =>
        Modern.Initiate(userSecret, initiatorName, timestamp, random, options);

    public Agreement? Respond(UserSecret userSecret, Pdu dh1, string responderName, double timestamp, IRandomSource random, AgreementOptions? options = null) =>
        Modern.Respond(userSecret, dh1, responderName, timestamp, random, options);

    public byte[]? WriteText(TextMessage message, int maxSize, bool pads = false) => Modern.WriteText(message, maxSize, pads);

    public TextMessage? ReadText(ReadOnlySpan<byte> plaintext, IRandomSource random) => Modern.ReadText(plaintext, random);
}
