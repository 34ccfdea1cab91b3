// Keeps the log readable and the disk free whatever comes in from the network: of each peer one warning in a second, and so many of all
// peers together. What is left out is counted and said.

using ActorChat.Node.Limits;

namespace ActorChat.Node.Logging;

/// <summary>Decides which warnings about peers are written.</summary>
/// <param name="maxPerSecond">How many of all peers together.</param>
internal sealed class PeerLines(int maxPerSecond)
{
    private const int RememberedPeers = 1000;

    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private readonly BoundedCache<string, TimeSpan> _lastByPeer = new(RememberedPeers);
    private readonly TokenBucket _all = new(maxPerSecond, maxPerSecond);

    private int _leftOut;

    /// <summary>Whether a line about this peer is to be written now.</summary>
    public bool Allows(Peer peer, TimeSpan now)
    {
        var isFirst = !_lastByPeer.TryGet(peer.Key, out var last);
        if ((!isFirst && now - last < OneSecond) || !_all.HasToken(now))
        {
            _leftOut++;
            return false;
        }

        _all.Take(now);
        _lastByPeer.Set(peer.Key, now);
        return true;
    }

    /// <summary>How many lines were left out since this was asked last.</summary>
    public int TakeLeftOut()
    {
        var leftOut = _leftOut;
        _leftOut = 0;
        return leftOut;
    }
}
