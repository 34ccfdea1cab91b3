// The PDU reader, and the code behind it that a stranger's PDUs reach: the name in a dh_1, the key agreement of either side, the check of the seal and what it covers.
// Bytes are read as they are, and again with the CRC and the HMAC that their sender would have computed, which random bytes never have.

using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;

namespace ActorChat.Fuzzing.Targets;

internal static class PduTarget
{
    private const double Now = 1700000001.25;

    // The number that the text has in the vector.
    private const byte N = 4;

    // Room for a reader's own objects and for strings, which take two bytes a character, in sets that double as they grow.
    private const int FixedAllocation = 64 * 1024;
    private const int AllocationPerByte = 64;

    private static readonly FixedRandom Random = new();
    private static readonly UserSecret UserSecret = new(Vectors.ModernConversation.Hex("user_secret"));
    private static readonly IInitiation Initiation;

    // An explicit static constructor, so that it runs with the first input, whose trace SharpFuzz drops, and not in the middle of a later one.
    static PduTarget() => Initiation = ModernProfile.Instance.Initiate(UserSecret, "alice", Now, Random);

    public static void Run(byte[] input)
    {
        AnswerFirst(input);
        if (Read(input) is not { } read)
        {
            return;
        }

        AgreeWithFramer(input);
        AnswerFirst(PduByDom.WithCrc(input));
        if (read.Type.IsKeyAgreement())
        {
            AgreeKeys(PduByDom.WithCrc(input), read);
        }
        else
        {
            Open(input, read);
        }
    }

    private static PduByDom? Read(byte[] bytes)
    {
        Pdu? pdu = null;
        var verdict = Require.Within(FixedAllocation, AllocationPerByte, bytes.Length, () => PduReader.Read(bytes, PduFormat.Modern, out pdu));
        var expected = PduByDom.Read(bytes);
        Require.That((verdict == Verdict.Malformed) == (expected is null) && (pdu is null) == (expected is null), $"{verdict}, though a second reading finds otherwise");
        if (expected is null)
        {
            return null;
        }

        Require.That(
            (pdu!.Type, pdu.Timestamp, pdu.Crc, pdu.IsSecured) == (expected.Type, expected.Timestamp, expected.Crc, expected.Hmac is not null),
            "the header is read as it stands");
        Require.Same(expected.Hmac, pdu.HmacValue, "hmac_val is read as it stands");
        Require.That(expected.Type.IsKeyAgreement() || pdu.Body.HasValue == expected.Body is not null, "a body is there or null");
        Require.That(
            verdict == (PduByDom.CrcOf(bytes) != expected.Crc ? Verdict.BadCrc : Verdict.Accept),
            $"{verdict} follows from the CRC");
        var isFresh = Math.Abs(Now - expected.Timestamp) <= 25;
        Require.That(
            PduChecks.Check(bytes, PduFormat.Modern, channel: null, Now, out _)
                == (verdict != Verdict.Accept ? verdict : !isFresh ? Verdict.Ignore : expected.Hmac is null ? Verdict.Accept : Verdict.Unexpected),
            "without keys the time decides, then the seal");
        return expected;
    }

    private static Pdu MustRead(byte[] bytes)
    {
        Require.That(PduReader.Read(bytes, PduFormat.Modern, out var pdu) == Verdict.Accept, "a PDU with its right CRC is accepted");
        return pdu!;
    }

    // The framer must find the same PDU as the reader. Otherwise two receivers could cut one stream differently.
    private static void AgreeWithFramer(byte[] bytes)
    {
        var framer = new PduFramer(bytes.Length);
        framer.Append(bytes);
        Require.That(framer.Read(out var frame) == Framing.Complete, "the framer finds the PDU that the reader reads");
        Require.Same(PduByDom.Trim(bytes), frame.Span, "the framer finds all of the PDU that the reader reads");
    }

    // What a responder does with the first bytes of a connection, in either profile.
    private static void AnswerFirst(byte[] bytes)
    {
        Pdu? pdu = null;
        Offer? offer = null;
        var verdict = Require.Within(3 * FixedAllocation, 3 * AllocationPerByte, bytes.Length, () => KnownProfiles.All.CheckFirst(bytes, Now, out pdu, out offer));
        if (verdict == Verdict.Accept && offer is not null)
        {
            var answer = KnownProfiles.All.Named(offer.Profile).Respond(UserSecret, offer, "bob", Now, Random);
            answer?.Keys.Dispose();
            Require.That(answer is null || answer.PeerName == offer.InitiatorName, "the responder agrees keys with the one who was named, in either profile");
        }
    }

    private static void AgreeKeys(byte[] bytes, PduByDom read)
    {
        var pdu = MustRead(bytes);
        var offer = Require.Within(FixedAllocation, AllocationPerByte, bytes.Length, () => ModernProfile.Instance.ReadOffer(pdu));
        var name = offer?.InitiatorName;
        var body = read.KeyAgreement;
        Require.That(name == (body?.Profile == "modern" ? body.Username : null), "the name is that of the body, if the body is one of modern");

        var answer = offer is null ? null : ModernProfile.Instance.Respond(UserSecret, offer, "bob", Now, Random);
        using var answerKeys = answer?.Keys;
        Require.That(answer is null || answer.PeerName == name, "the responder agrees keys with the one who was named");
        Require.That(name is null || (answer is null) == HasLowOrder(body!.Key), "a responder refuses just the public values of low order");

        if (read.Type == MsgType.Dh1)
        {
            return;
        }

        var completed = Initiation.Complete(pdu);
        using var completedKeys = completed?.Keys;
        Require.That(completed is null || (completed.PeerName, completed.Texts) == (body!.Username, body.Texts), "the initiator agrees keys with the one who was named");
        Require.That(
            body is null || (completed is null) == (body.HasKem || HasLowOrder(body.Key)), "an initiator refuses just the public values of low order, and a kem that it did not ask for");
    }

    // Multiplies by a scalar that this target uses nowhere else.
    private static bool HasLowOrder(byte[] element) => !CPace.ScalarMultiply(Vectors.ModernConversation.Hex("yb"), element, stackalloc byte[CPace.ElementSize]);

    private static void Open(byte[] input, PduByDom read)
    {
        using var keys = new ConversationKeys();
        var bytes = PduByDom.WithHmac(input, keys.Initiator.HmacKey, N);
        var pdu = MustRead(bytes);
        Require.That((pdu.Type, pdu.Timestamp) == (read.Type, read.Timestamp), "the seal does not change what it seals");

        Require.That(!keys.Receiver(after: N + 1).Verify(pdu), "a PDU does not verify in another's place");
        Require.That(!keys.Reflected(after: N).Verify(pdu), "a PDU does not verify in the other direction");
        var receiver = keys.Receiver(after: N);
        Require.That(PduChecks.Check(bytes, PduFormat.Modern, receiver, Now, out _) == VerdictOn(read), "a PDU that was sealed is judged by its time and its body");
        if (Require.Within(FixedAllocation, AllocationPerByte, bytes.Length, () => receiver.Open(pdu)) is { } plaintext)
        {
            Require.That(read.Body is not null && plaintext.Length < read.Body.Length, "a plaintext is shorter than its body");
            ModernProfile.Instance.ReadText(plaintext, Random);
        }
    }

    private static Verdict VerdictOn(PduByDom read) =>
        Math.Abs(Now - read.Timestamp) > 25 ? Verdict.Ignore
        : read is { Type: MsgType.Hello or MsgType.Ack or MsgType.Nack, Body: not null } ? Verdict.Malformed
        : Verdict.Accept;

    private sealed class FixedRandom : IRandomSource
    {
        public void Fill(Span<byte> destination) => Vectors.ModernConversation.Hex("ya").CopyTo(destination);
    }
}
