// Keys that arrive when their session has already ended.

using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;

namespace ActorChat.Node.Tests;

public sealed class DeadKeysTests : NodeTestKit
{
    private readonly IActorRef _keys;

    public DeadKeysTests()
    {
        _keys = Sys.ActorOf(KeyActor.Props(Services.Settings, Clock, SystemRandomSource.Instance, new KnownProfiles(new FakeProfile())));
        WaitUntilQuiet(_keys); // it has subscribed to dead letters
    }

    [Fact]
    public void A_key_agreement_that_was_begun_for_nobody_is_cleared()
    {
        var initiation = new Initiation();
        Ended().Tell(new KeyActor.Initiated(initiation));
        MustHappen(() => initiation.IsDisposed);
    }

    [Fact]
    public void Keys_that_were_agreed_for_nobody_are_cleared()
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        var (initiator, responder) = (KeyChain.Derive(secret, [], "initiator"u8), KeyChain.Derive(secret, [], "responder"u8));
        using var channel = new SealedChannel(PduFormat.Modern, initiator, responder);
        Ended().Tell(new KeyActor.Agreed(new Agreement(new byte[1], new SessionKeys(initiator, responder), PeerName: null), "bob"));
        MustHappen(() => Record.Exception(() => channel.Respond(new byte[SealedChannel.ChallengeSize])) is ObjectDisposedException);
    }

    private IActorRef Ended()
    {
        var session = Sys.ActorOf(BlackHoleActor.Props());
        Watch(session);
        session.Tell(PoisonPill.Instance);
        ExpectTerminated(session);
        return session;
    }

    private sealed class BlackHoleActor : UntypedActor
    {
        public static Props Props() => Akka.Actor.Props.Create(() => new BlackHoleActor());

        protected override void OnReceive(object message)
        {
        }
    }

    private sealed class Initiation : IInitiation
    {
        private volatile bool _isDisposed;

        public bool IsDisposed => _isDisposed;

        public byte[] Dh1 => [];

        public Agreement? Complete(Pdu dh2) => throw new NotSupportedException();

        public void Dispose() => _isDisposed = true;
    }
}
