// Who a line of the log is about. The logger knows by it that a line is about somebody outside, who must not be able to fill the log.

namespace ActorChat.Node.Logging;

/// <summary>Somebody at the other end of a connection. Warnings that begin with one are limited: see <see cref="PeerLines"/>.</summary>
/// <param name="Key">By what the peer is counted: its address without the port.</param>
/// <param name="Label">How it is written.</param>
public sealed record Peer(string Key, string Label)
{
    /// <summary>The label.</summary>
    public override string ToString() => Label;
}
