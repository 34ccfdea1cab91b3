// A whole conversation of the pure half, both sides on one thread, through framer, checks and seal, as two sessions would hold it.

using System.Security.Cryptography;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;

namespace ActorChat.Protocol.Benchmarks;

internal sealed class Conversation(IProfile profile, UserSecret secret, string text, AgreementOptions? options = null)
{
    private const double Now = 1700000000.25;
    private static readonly SystemRandom Random = new();
    private readonly TextMessage _message = new(Guid.NewGuid(), text);

    /// <summary>Connect to close, without the network.</summary>
    public void Hold()
    {
        var (atInitiator, atResponder) = (new PduFramer(16_384), new PduFramer(16_384));
        using var initiation = profile.Initiate(secret, "alice", Now, Random, options);
        var dh1 = Receive(atResponder, null, initiation.Dh1);
        var answer = profile.Respond(secret, profile.ReadOffer(dh1)!, "bob", Now, Random, options)!;
        using var responder = new SealedChannel(profile.Format, answer.Keys.Responder, answer.Keys.Initiator);
        var agreement = initiation.Complete(Receive(atInitiator, null, answer.Dh2))!;
        using var initiator = new SealedChannel(profile.Format, agreement.Keys.Initiator, agreement.Keys.Responder);

        Receive(atResponder, responder, initiator.Seal(MsgType.Hello, [], Now));
        Authenticate(responder, atInitiator, initiator, atResponder);
        Receive(atInitiator, initiator, responder.Seal(MsgType.Ack, [], Now));
        Authenticate(initiator, atResponder, responder, atInitiator);
        Receive(atResponder, responder, initiator.Seal(MsgType.Ack, [], Now));
        var arrived = profile.ReadText(responder.Open(Receive(atResponder, responder, initiator.Seal(MsgType.Text, profile.WriteText(_message, 1 << 16)!, Now))), Random);
        Require(arrived!.Text == _message.Text);
        Receive(atInitiator, initiator, responder.Seal(MsgType.Ack, [], Now));
    }

    private void Authenticate(SealedChannel asker, PduFramer atOther, SealedChannel other, PduFramer atAsker)
    {
        Span<byte> challenge = stackalloc byte[SealedChannel.ChallengeSize];
        Random.Fill(challenge);
        var asked = other.Open(Receive(atOther, other, asker.Seal(MsgType.Chall, challenge, Now)));
        var response = asker.Open(Receive(atAsker, asker, other.Seal(MsgType.Resp, other.Respond(asked), Now)));
        Require(asker.VerifyResponse(challenge, response));
    }

    private Pdu Receive(PduFramer framer, SealedChannel? channel, ReadOnlySpan<byte> pdu)
    {
        framer.Append(pdu);
        Require(framer.Read(out var frame) == Framing.Complete);
        Require(PduChecks.Check(frame, profile.Format, channel, Now, out var received) == Verdict.Accept);
        return received!;
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The conversation went wrong.");
        }
    }

    private sealed class SystemRandom : IRandomSource
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
