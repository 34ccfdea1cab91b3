// The pings: those that the user asked for, and those that tell contacts that this node runs again.

using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using ActorChat.Node.Sessions;
using ActorChat.Storage.Contacts;
using Akka.Actor;

namespace ActorChat.Node.Outgoing;

/// <summary>The pings that are under way.</summary>
/// <param name="console">Where the user is told.</param>
/// <param name="retries">Limits how many contacts per second are told that this node runs.</param>
internal sealed class Pings(IConsole console, Retries retries)
{
    private readonly Dictionary<IActorRef, Ping> _pings = [];
    private readonly Queue<string> _toAnnounceTo = new();

    /// <summary>The sessions that ping.</summary>
    public IReadOnlyCollection<IActorRef> Sessions => _pings.Keys;

    /// <summary>Whether the user waits for one.</summary>
    public bool IsAwaited => _pings.Values.Any(ping => ping.IsShown);

    /// <summary>A ping begins.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="request">Who is called, and what is shown of it.</param>
    /// <param name="isShown">Whether the user asked for it.</param>
    public void Begin(IActorRef session, OutboxActor.SendPing request, bool isShown)
    {
        var ping = new Ping(Guid.NewGuid(), request, isShown, Reached: null);
        if (isShown)
        {
            console.Show(new NodeEvent.MessageStarted(ping.Id, request.Recipient.Label, "ping"));
        }

        _pings.Add(session, ping);
    }

    /// <summary>A session has reached the node that it called.</summary>
    /// <returns>Who was called.</returns>
    public Recipient Reach(IActorRef session, InitiatorSession.Reached reached)
    {
        var ping = _pings[session] with { Reached = reached };
        _pings[session] = ping;
        return ping.Request.Recipient;
    }

    /// <summary>A session is over.</summary>
    /// <returns>Whether it was one that pinged.</returns>
    public bool End(IActorRef session, Failure? failure)
    {
        if (!_pings.Remove(session, out var ping))
        {
            return false;
        }

        if (ping.IsShown)
        {
            var why = ping.Reached is null ? failure ?? new Failure(FailureKind.InternalError) : null;
            var words = ping.Reached is { } reached
                ? PingReport.Of(ping.Request.Recipient, reached.PeerName, reached.Steps, reached.IsPostQuantum, ping.Request.ShowsSteps)
                : $"{Printable.Line(ping.Request.Recipient.Label)} was not reached: {why!.InWords()}";
            console.Show(new NodeEvent.PingEnded(ping.Id, why, words));
        }

        return true;
    }

    /// <summary>Queues contacts to be told that this node runs, so that they send what waits for us.</summary>
    public void AnnounceTo(IEnumerable<string> contacts)
    {
        foreach (var contact in contacts)
        {
            _toAnnounceTo.Enqueue(contact);
        }
    }

    /// <summary>Drops the contacts that have not been told yet.</summary>
    public void AnnounceNoMore() => _toAnnounceTo.Clear();

    /// <summary>The next contacts to be told that this node runs.</summary>
    public IEnumerable<Contact> NextToAnnounceTo(ContactDirectory directory, TimeSpan now)
    {
        while (_toAnnounceTo.Count > 0 && retries.TryTake(now))
        {
            if (directory.Find(_toAnnounceTo.Dequeue()) is { } contact)
            {
                yield return contact;
            }
        }
    }

    /// <summary>When <see cref="NextToAnnounceTo"/> has somebody to give; null when there is nobody left.</summary>
    public TimeSpan? UntilNext(TimeSpan now) => _toAnnounceTo.Count > 0 ? retries.UntilNext(now) : null;

    private sealed record Ping(Guid Id, OutboxActor.SendPing Request, bool IsShown, InitiatorSession.Reached? Reached);
}
