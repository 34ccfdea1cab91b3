// Shows what arrives, each message once. A sender that lost the receipt sends the same id again: it gets its receipt, the user sees nothing new.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Takes messages from responder sessions and prints them.</summary>
public sealed class InboxActor : ReceiveActor
{
    /// <summary>Made by <see cref="Props"/>.</summary>
    public InboxActor(int rememberedIds, IConsole console, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(clock);
        var seen = new BoundedCache<(string From, Guid Id), bool>(rememberedIds);
        Receive<Deliver>(message =>
        {
            if (!seen.TryGet((message.From, message.Id), out _))
            {
                console.Show(new NodeEvent.MessageArrived(message.From, message.Text, message.Id, clock.GetLocalNow()));
                seen.Add((message.From, message.Id), true);
            }

            Sender.Tell(new Accepted(message.Id));
        });
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="rememberedIds">How many message ids are remembered.</param>
    /// <param name="console">Where messages are shown.</param>
    /// <param name="clock">For the time shown with a message.</param>
    public static Props Props(int rememberedIds, IConsole console, TimeProvider clock) =>
        Akka.Actor.Props.Create(() => new InboxActor(rememberedIds, console, clock)).WithDispatcher("console-dispatcher");

    /// <summary>A message from an authenticated contact. Answered by <see cref="Accepted"/>.</summary>
    /// <param name="From">The contact's name.</param>
    /// <param name="Id">The sender's id for the message.</param>
    /// <param name="Text">The message.</param>
    public sealed record Deliver(string From, Guid Id, string Text) : IRemotable
    {
        /// <summary>Shows everything but the text.</summary>
        public override string ToString() => $"{nameof(Deliver)} {Id} from {From}";
    }

    /// <summary>The message is in the inbox and may be acknowledged.</summary>
    public sealed record Accepted(Guid Id) : IRemotable;
}
