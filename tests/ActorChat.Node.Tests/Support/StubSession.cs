// In the place of an InitiatorSession: what it was made for and what it is told goes to a probe, and it tells its parent what the test wants told.

using ActorChat.Node.Serialization;
using Akka.Actor;

namespace ActorChat.Node.Tests.Support;

internal sealed class StubSession(Recipient recipient, bool isPing, IActorRef probe) : UntypedActor
{
    public static Props Props(Recipient recipient, bool isPing, IActorRef probe) => Akka.Actor.Props.Create(() => new StubSession(recipient, isPing, probe));

    protected override void PreStart() => probe.Tell(new Begun(recipient, isPing), Self);

    protected override void OnReceive(object message)
    {
        if (message is TellParent { Message: var told })
        {
            Context.Parent.Tell(told);
        }
        else
        {
            probe.Tell(message, Self);
        }
    }

    public sealed record Begun(Recipient Recipient, bool IsPing) : ILocalOnly;

    public sealed record TellParent(object Message) : ILocalOnly;
}
