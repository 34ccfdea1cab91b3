// The messages on their way out, from the user's word to their outcome: logged, given a session of their own, logged again, shown.
// It is the ConsoleInputActor's other half and lives inside that actor; the sessions are that actor's children.

using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Consoles;

/// <summary>Sends messages and shows what became of them.</summary>
/// <param name="services">The node's actors and seams.</param>
/// <param name="console">Where outcomes are shown.</param>
/// <param name="context">The actor that it lives in.</param>
internal sealed class OutgoingMessages(NodeServices services, IConsole console, IActorContext context)
{
    private readonly Outbox _outbox = new(services.Settings.MaxOutgoingConversations);

    /// <summary>Messages without an outcome.</summary>
    public int Count => _outbox.Count;

    /// <summary>Sends a message as soon as its recipient is free.</summary>
    /// <param name="recipient">To whom.</param>
    /// <param name="text">The text.</param>
    /// <param name="reference">What comes back with the outcome.</param>
    /// <param name="toldTo">Who is told the outcome; null for the console.</param>
    public void Send(Recipient recipient, string text, string? reference, IActorRef? toldTo = null)
    {
        _outbox.Add(new Outbox.Item(Guid.NewGuid(), recipient, text, reference, toldTo));
        StartNext();
    }

    /// <summary>Says that nobody has this name.</summary>
    public void ShowUnknown(string name, string? reference, IActorRef? toldTo = null) =>
        Show(NotSent(name, reference, new Failure(FailureKind.NotInDirectory, Printable.Line(name))), toldTo);

    /// <summary>Says that nothing is sent any more.</summary>
    public void Refuse(JsonCommand command, IActorRef toldTo)
    {
        foreach (var label in command.Address is { } address ? [address.ToString()] : command.Names)
        {
            Show(NotSent(label, command.Reference, new Failure(FailureKind.Stopping)), toldTo);
        }
    }

    /// <summary>A message is on disk: now it may go out. The record of an outcome needs nothing more.</summary>
    public void OnStored(SecureLogActor.Stored stored)
    {
        if (_outbox.UnderWay(stored.Id) is { } item)
        {
            context.ActorOf(InitiatorSession.Props(item.Recipient, new TextMessage(item.Id, item.Text), services), SessionName(item.Id));
        }
    }

    /// <summary>A message could not be logged, so it does not go out.</summary>
    public void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (_outbox.UnderWay(failed.Id) is not null)
        {
            context.Self.Tell(new InitiatorSession.Finished(failed.Id, Outcome.NotDelivered, new Failure(FailureKind.NotLogged, failed.Reason), PeerName: null));
        }
    }

    /// <summary>A message has its outcome, and its recipient is free for the next.</summary>
    public void OnFinished(InitiatorSession.Finished finished)
    {
        if (_outbox.Finish(finished.Id) is { } item)
        {
            Log(item, finished.Failure?.InWords() ?? "", OutcomeOf(finished.Outcome));
            Show(item, finished.Outcome, finished.Failure, finished.PeerName);
        }

        StartNext();
    }

    /// <summary>What has not begun is not sent: the node is stopping.</summary>
    public void CancelWaiting()
    {
        foreach (var item in _outbox.Cancel())
        {
            Show(item, Outcome.NotDelivered, new Failure(FailureKind.Stopping), peerName: null);
        }
    }

    /// <summary>The time to finish is over. A session knows whether its text was sent; what has no session yet was surely not.</summary>
    public void GiveUp()
    {
        foreach (var id in _outbox.AllUnderWay)
        {
            var session = context.Child(SessionName(id));
            if (session.IsNobody())
            {
                context.Self.Tell(new InitiatorSession.Finished(id, Outcome.NotDelivered, new Failure(FailureKind.Stopping), PeerName: null));
            }
            else
            {
                session.Tell(new Session.GiveUp());
            }
        }
    }

    private static string SessionName(Guid id) => $"to-{id:N}";

    private static LogOutcome OutcomeOf(Outcome outcome) => outcome switch
    {
        Outcome.Delivered => LogOutcome.Delivered,
        Outcome.NotDelivered => LogOutcome.NotDelivered,
        Outcome.Rejected => LogOutcome.Rejected,
        _ => LogOutcome.Unknown,
    };

    private void StartNext()
    {
        while (_outbox.Next() is { } item)
        {
            Log(item, item.Text, outcome: null);
        }
    }

    // A message is logged before it goes out, so that there is none out there that the log does not know, and its outcome when it is known.
    private void Log(Outbox.Item item, string text, LogOutcome? outcome) => services.SecureLog.Tell(new SecureLogActor.Append(
        outcome is null ? item.Id : Guid.NewGuid(),
        new LogRecord(services.Clock.GetUtcNow(), LogDirection.Sent, item.Recipient.Label, item.Recipient.Address, item.Id, outcome, text)));

    private void Show(Outbox.Item item, Outcome outcome, Failure? failure, string? peerName)
    {
        var name = item.Recipient.ExpectedName is null ? peerName : null;
        Show(new NodeEvent.MessageSent(item.Recipient.Label, item.Reference, item.Id, outcome, failure, name), item.ToldTo);
    }

    private void Show(NodeEvent.MessageSent sent, IActorRef? toldTo)
    {
        if (toldTo is null)
        {
            console.Show(sent);
        }
        else
        {
            toldTo.Tell(new ConsoleInputActor.Sent(sent));
        }
    }

    private static NodeEvent.MessageSent NotSent(string label, string? reference, Failure why) =>
        new(label, reference, Guid.NewGuid(), Outcome.NotDelivered, why, PeerName: null);
}
