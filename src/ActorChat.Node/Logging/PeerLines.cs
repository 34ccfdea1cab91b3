// Limits the warnings that peers can cause, so that the log stays readable and the disk does not fill: one a second about each peer, and a limit for all
// peers together. Warnings that are left out are counted, and the count is logged.

using ActorChat.Node.Limits;

namespace ActorChat.Node.Logging;

/// <summary>Decides which warnings about peers are written.</summary>
/// <param name="maxPerSecond">The limit for all peers together.</param>
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
