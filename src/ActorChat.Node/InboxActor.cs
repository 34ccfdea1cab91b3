// Takes what arrives: into the secure log first, then before the user's eyes, each message once. A sender that lost the receipt sends the
// same id again: it gets its receipt, the user sees nothing new.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Takes messages from responder sessions, has them logged and prints them.</summary>
public sealed class InboxActor : ReceiveActor
{
    private readonly IConsole _console;
    private readonly TimeProvider _clock;
    private readonly IActorRef _secureLog;
    private readonly BoundedCache<(string From, Guid Id), bool> _seen;
    private readonly Dictionary<Guid, Arrival> _beingLogged = [];
    private readonly Dictionary<(string From, Guid Id), Guid> _appends = [];

    /// <summary>Made by <see cref="Props"/>.</summary>
    public InboxActor(int rememberedIds, IConsole console, TimeProvider clock, IActorRef secureLog)
    {
        _console = console;
        _clock = clock;
        _secureLog = secureLog;
        _seen = new BoundedCache<(string From, Guid Id), bool>(rememberedIds);
        Receive<Remember>(request =>
        {
            foreach (var message in request.Received)
            {
                See((message.From, message.Id));
            }
        });
        Receive<Deliver>(OnDeliver);
        Receive<SecureLogActor.Stored>(OnStored);
        Receive<SecureLogActor.NotStored>(OnNotStored);
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="rememberedIds">How many message ids are remembered.</param>
    /// <param name="console">Where messages are shown.</param>
    /// <param name="clock">For the time logged and shown with a message.</param>
    /// <param name="secureLog">The <see cref="SecureLogActor"/>.</param>
    public static Props Props(int rememberedIds, IConsole console, TimeProvider clock, IActorRef secureLog) =>
        Akka.Actor.Props.Create(() => new InboxActor(rememberedIds, console, clock, secureLog)).WithDispatcher("console-dispatcher");

    private void OnDeliver(Deliver message)
    {
        var key = (message.From, message.Id);
        if (_seen.TryGet(key, out _))
        {
            Sender.Tell(new Accepted(message.Id));
            return;
        }

        if (_appends.TryGetValue(key, out var append))
        {
            _beingLogged[append].Sessions.Add(Sender); // the same message twice at once: one record, two receipts
            return;
        }

        append = Guid.NewGuid();
        _appends.Add(key, append);
        _beingLogged.Add(append, new Arrival(message, _clock.GetLocalNow(), [Sender]));
        _secureLog.Tell(new SecureLogActor.Append(append, new LogRecord(
            _clock.GetUtcNow(), LogDirection.Received, message.From, message.Address, message.Id, Outcome: null, message.Text)));
    }

    private void OnStored(SecureLogActor.Stored stored)
    {
        if (Take(stored.Id) is not { } arrival)
        {
            return;
        }

        var message = arrival.Message;
        See((message.From, message.Id));
        _console.Show(new NodeEvent.MessageArrived(message.From, message.Text, message.Id, arrival.At));
        arrival.Sessions.ForEach(session => session.Tell(new Accepted(message.Id)));
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (Take(failed.Id) is { } arrival)
        {
            arrival.Sessions.ForEach(session => session.Tell(new NotAccepted(arrival.Message.Id)));
        }
    }

    private Arrival? Take(Guid append)
    {
        if (!_beingLogged.Remove(append, out var arrival))
        {
            return null;
        }

        _appends.Remove((arrival.Message.From, arrival.Message.Id));
        return arrival;
    }

    private void See((string From, Guid Id) key)
    {
        if (!_seen.TryGet(key, out _))
        {
            _seen.Add(key, true);
        }
    }

    /// <summary>A message from an authenticated contact. Answered by <see cref="Accepted"/> or <see cref="NotAccepted"/>.</summary>
    /// <param name="From">The contact's name.</param>
    /// <param name="Address">Where it came from.</param>
    /// <param name="Id">The sender's id for the message.</param>
    /// <param name="Text">The message.</param>
    public sealed record Deliver(string From, string Address, Guid Id, string Text) : IRemotable
    {
        /// <summary>Shows everything but the text.</summary>
        public override string ToString() => $"{nameof(Deliver)} {Id} from {From}";
    }

    /// <summary>The message is on disk and in the inbox, and may be acknowledged.</summary>
    public sealed record Accepted(Guid Id) : IRemotable;

    /// <summary>The message could not be logged, so it must not be acknowledged.</summary>
    public sealed record NotAccepted(Guid Id) : IRemotable;

    /// <summary>These were received before the node was started.</summary>
    public sealed record Remember(IReadOnlyList<SecureLogActor.ReceivedMessage> Received) : ILocalOnly;

    // A message on its way into the log, and the sessions that wait for its receipt.
    private sealed record Arrival(Deliver Message, DateTimeOffset At, List<IActorRef> Sessions);
}
