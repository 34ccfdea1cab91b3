// How a message ends: its outcome goes into the log and to the user or program that sent it. Failed messages are remembered, so that the user can send them again.

using ActorChat.Node.Consoles;
using ActorChat.Node.Sessions;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Outgoing;

/// <summary>Gives messages their outcome.</summary>
/// <param name="services">The settings, the clock and the secure log.</param>
/// <param name="console">Where outcomes are shown.</param>
/// <param name="outbox">The messages without one.</param>
internal sealed class Endings(NodeServices services, IConsole console, Outbox outbox)
{
    private const int MaxFailed = 20;

    private readonly LinkedList<Outbox.Item> _failed = new();
    private readonly Dictionary<Guid, (NodeEvent.MessageSent Sent, IActorRef? ToldTo)> _untold = []; // by the id of the append that has to come first

    /// <summary>Whether every outcome has been told.</summary>
    public bool IsEmpty => _untold.Count == 0;

    /// <summary>Ends a message. Only a message that was never sent is certainly not delivered; one that was sent and not acknowledged may have been.</summary>
    /// <returns>Its line; null when it had an outcome already.</returns>
    public Outbox.Line? Finish(Guid id, Outcome outcome, Failure? failure = null, string? peerName = null, bool isPostQuantum = false)
    {
        if (outbox.Finish(id) is not { } finished)
        {
            return null;
        }

        var item = finished.Item;
        if (finished.MayBeThere)
        {
            outcome = outcome == Outcome.NotDelivered ? Outcome.Unknown : outcome;
            failure = outcome is Outcome.Expired or Outcome.Cancelled ? new Failure(FailureKind.MayBeThere) : failure;
        }

        if (outcome is not (Outcome.Delivered or Outcome.Cancelled) && item.ToldTo is null)
        {
            KeepFailed(item with { MayBeThere = outcome == Outcome.Unknown || finished.MayBeThere });
        }

        var record = RecordOf(item, outcome.InTheLog(), failure?.InWords() ?? "") with { IsPostQuantum = isPostQuantum };
        var sent = new NodeEvent.MessageSent(
            item.Recipient.Label,
            item.Reference,
            item.Id,
            outcome,
            failure,
            item.Recipient.ExpectedName is null ? peerName : null,
            services.Clock.GetElapsedTime(item.Since),
            finished.HasWaited);
        if (outcome == Outcome.Delivered || item.Number is null || services.Settings.KeepMessages == TimeSpan.Zero)
        {
            services.SecureLog.Tell(new SecureLogActor.AppendLater(record));
            Show(sent, item.ToldTo);
        }
        else
        {
            // If the node were killed between telling the user of a failure and logging it, the message would wait again at the next start, and might be delivered.
            var append = Guid.NewGuid();
            _untold.Add(append, (sent, item.ToldTo));
            services.SecureLog.Tell(new SecureLogActor.Append(append, [record]));
        }

        return finished.Line;
    }

    /// <summary>A conversation reports an outcome. A message that was sent and not acknowledged goes on waiting where it may; the end of its conversation says why it failed.
    /// Sending it again is safe: the receiver shows each number once.</summary>
    /// <returns>Its line; null where it has no outcome yet, or had one already.</returns>
    public Outbox.Line? Finish(InitiatorSession.Finished finished)
    {
        if (finished is { Outcome: Outcome.Unknown } && outbox.Find(finished.Id) is { Expires: not null })
        {
            outbox.MarkSent(finished.Id);
            return null;
        }

        var line = Finish(finished.Id, finished.Outcome, finished.Failure, finished.PeerName, finished.IsPostQuantum);
        if (line is not null && finished.Outcome == Outcome.Delivered)
        {
            Outbox.Reached(line);
        }
        else if (line is not null && finished.Outcome == Outcome.Rejected)
        {
            line.WasRejected = true;
        }

        return line;
    }

    /// <summary>The node is stopping, so a command is not carried out.</summary>
    public void Refuse(JsonCommand command, IActorRef? toldTo)
    {
        foreach (var label in command.Address is { } address ? [address.ToString()] : command.Names)
        {
            Refuse(label, command.Reference, new Failure(FailureKind.Stopping), toldTo);
        }
    }

    /// <summary>A message is not sent, and not logged.</summary>
    public void Refuse(string label, string? reference, Failure why, IActorRef? toldTo) =>
        Show(new NodeEvent.MessageSent(label, reference, Guid.NewGuid(), Outcome.NotDelivered, why, PeerName: null), toldTo);

    /// <summary>Tells an outcome whose append is over, even if it failed: the log reports its own failures to the user.</summary>
    /// <returns>Whether the append was that of an outcome.</returns>
    public bool Tell(Guid append)
    {
        if (!_untold.Remove(append, out var end))
        {
            return false;
        }

        Show(end.Sent, end.ToldTo);
        return true;
    }

    /// <summary>The oldest message that failed and was not sent again; null for none. It is forgotten here.</summary>
    public Outbox.Item? TakeFailed()
    {
        var first = _failed.First?.Value;
        if (first is not null)
        {
            _failed.RemoveFirst();
        }

        return first;
    }

    /// <summary>Remembers a message that failed, as the newest.</summary>
    public void KeepFailed(Outbox.Item item)
    {
        _failed.AddLast(item);
        if (_failed.Count > MaxFailed)
        {
            _failed.RemoveFirst();
        }
    }

    /// <summary>The record of a message before it is sent.</summary>
    public LogRecord RecordOf(Outbox.Item item) => RecordOf(item, outcome: null, item.Text) with
    {
        Stream = item.Number?.Stream,
        Sequence = item.Number?.Sequence,
        WrittenAt = item.WrittenAt,
        Expires = item.Expires,
    };

    private LogRecord RecordOf(Outbox.Item item, LogOutcome? outcome, string text) => new(
        services.Clock.GetUtcNow(), LogDirection.Sent, item.Recipient.Label, item.Recipient.Address, item.Id, outcome, text);

    private void Show(NodeEvent.MessageSent sent, IActorRef? toldTo)
    {
        if (toldTo is null)
        {
            console.Show(sent);
        }
        else
        {
            toldTo.Tell(new OutboxActor.Sent(sent));
        }
    }
}
