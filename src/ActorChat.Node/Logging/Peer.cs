// Whom a line of the log is about. It tells the logger that the line is about somebody outside, who must not be able to fill the log.

namespace ActorChat.Node.Logging;

/// <summary>Somebody at the other end of a connection. Warnings that begin with one are limited: see <see cref="PeerLines"/>.</summary>
/// <param name="Key">What the peer is counted by: its address without the port.</param>
/// <param name="Label">How it is written.</param>
public sealed record Peer(string Key, string Label)
{
    /// <summary>The label.</summary>
    public override string ToString() => Label;
}
