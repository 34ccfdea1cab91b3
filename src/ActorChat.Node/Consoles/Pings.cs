// The handshakes that a user begins only to see whether somebody is there. It lives inside the ConsoleInputActor, as OutgoingMessages does; the
// sessions are that actor's children. Nothing waits for a ping: a node that ends leaves it behind.

using ActorChat.Node.Sessions;
using Akka.Actor;

namespace ActorChat.Node.Consoles;

/// <summary>Pings contacts and shows what became of it.</summary>
/// <param name="services">The node's actors and seams.</param>
/// <param name="console">Where it is shown.</param>
/// <param name="context">The actor that it lives in.</param>
internal sealed class Pings(NodeServices services, IConsole console, IActorContext context)
{
    private readonly Dictionary<IActorRef, Ping> _underWay = [];

    /// <summary>Begins one.</summary>
    public void Begin(Recipient recipient)
    {
        var ping = new Ping(Guid.NewGuid(), recipient, []);
        console.Show(new NodeEvent.MessageStarted(ping.Id, recipient.Label, "ping"));
        _underWay.Add(context.ActorOf(InitiatorSession.Props(recipient, message: null, services)), ping);
    }

    /// <summary>Both sides have proved who they are.</summary>
    public void OnReached(IActorRef session, InitiatorSession.Reached reached)
    {
        if (_underWay.TryGetValue(session, out var ping))
        {
            _underWay[session] = ping with { Steps = reached.Steps };
        }
    }

    /// <summary>A session has ended.</summary>
    /// <returns>False when it was none of a ping.</returns>
    public bool OnFinished(IActorRef session, InitiatorSession.Finished finished)
    {
        if (!_underWay.Remove(session, out var ping))
        {
            return false;
        }

        var words = finished.Failure is { } failure
            ? $"{Printable.Line(ping.Recipient.Label)} was not reached: {failure.InWords()}"
            : PingReport.Of(ping.Recipient, finished.PeerName, ping.Steps);
        console.Show(new NodeEvent.PingEnded(ping.Id, finished.Failure is null, words));
        return true;
    }

    private sealed record Ping(Guid Id, Recipient Recipient, IReadOnlyList<Step> Steps);
}
