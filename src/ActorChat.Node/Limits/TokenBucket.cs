// A rate with bursts: tokens come in steadily up to a capacity, and each thing done takes one. The caller gives the time, from a monotonic
// clock: a wall clock that is set an hour ahead must not refill the bucket.

namespace ActorChat.Node.Limits;

/// <summary>A token bucket, full at first.</summary>
/// <param name="perSecond">How many tokens come in per second.</param>
/// <param name="capacity">The most tokens that it holds.</param>
internal sealed class TokenBucket(double perSecond, double capacity)
{
    private double _missing;
    private TimeSpan _countedAt;

    /// <summary>Whether there is a token to take.</summary>
    /// <param name="now">The monotonic time, as in every call.</param>
    public bool HasToken(TimeSpan now) => Missing(now) <= capacity - 1;

    /// <summary>How long it is until there is a token to take, in whole milliseconds; zero when there is one.</summary>
    public TimeSpan UntilToken(TimeSpan now) => HasToken(now) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(1000 * (_missing - (capacity - 1)) / perSecond));

    /// <summary>Takes tokens, on credit when there are not enough.</summary>
    /// <returns>How long it takes until the credit is paid back: zero when there were enough.</returns>
    public TimeSpan Take(TimeSpan now, int count = 1)
    {
        _missing = Missing(now) + count;
        return TimeSpan.FromSeconds(Math.Max(0, (_missing - capacity) / perSecond));
    }

    /// <summary>Puts back tokens that were not used after all.</summary>
    public void GiveBack(int count = 1) => _missing = Math.Max(0, _missing - count);

    private double Missing(TimeSpan now)
    {
        _missing = Math.Max(0, _missing - (perSecond * (now - _countedAt).TotalSeconds));
        _countedAt = now;
        return _missing;
    }
}
