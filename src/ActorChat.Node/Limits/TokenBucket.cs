// A rate with some slack: tokens come in steadily up to a capacity, and each thing done takes one. It knows no clock; whoever asks says
// what time it is, on a clock that nobody can set (a wall clock that is put forward an hour must not refill it).

namespace ActorChat.Node.Limits;

/// <summary>A token bucket, full at first.</summary>
/// <param name="perSecond">How many tokens come in, in a second.</param>
/// <param name="capacity">How many it holds at most.</param>
internal sealed class TokenBucket(double perSecond, double capacity)
{
    private double _missing;
    private TimeSpan _countedAt;

    /// <summary>Whether there is a token to take.</summary>
    /// <param name="now">The monotonic time, as in every call.</param>
    public bool HasToken(TimeSpan now) => Missing(now) <= capacity - 1;

    /// <summary>Takes a token, on credit when there is none.</summary>
    /// <returns>How long it takes until the credit is paid back: zero when there was a token.</returns>
    public TimeSpan Take(TimeSpan now)
    {
        _missing = Missing(now) + 1;
        return TimeSpan.FromSeconds(Math.Max(0, (_missing - capacity) / perSecond));
    }

    /// <summary>Puts back a token that was not used after all.</summary>
    public void GiveBack() => _missing = Math.Max(0, _missing - 1);

    private double Missing(TimeSpan now)
    {
        _missing = Math.Max(0, _missing - (perSecond * (now - _countedAt).TotalSeconds));
        _countedAt = now;
        return _missing;
    }
}
