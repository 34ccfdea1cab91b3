// How many texts a contact may send in a minute. A minute's texts may come at once; then one by one, as the bucket fills.

namespace ActorChat.Node.Limits;

/// <summary>A token bucket for each contact.</summary>
/// <param name="perMinute">Texts a minute, and at once.</param>
/// <param name="remembered">How many contacts are remembered.</param>
internal sealed class TextRates(int perMinute, int remembered)
{
    private readonly BoundedCache<string, TokenBucket> _buckets = new(remembered);

    /// <summary>Takes texts in.</summary>
    /// <param name="name">The contact.</param>
    /// <param name="texts">How many.</param>
    /// <param name="now">The monotonic time.</param>
    /// <returns>How long the last of them has to wait for its turn; zero when none has to.</returns>
    public TimeSpan Take(string name, int texts, TimeSpan now)
    {
        if (!_buckets.TryGet(name, out var bucket))
        {
            _buckets.Add(name, bucket = new TokenBucket(perMinute / 60.0, perMinute));
        }

        var wait = TimeSpan.Zero;
        for (var i = 0; i < texts; i++)
        {
            wait = bucket.Take(now);
        }

        return wait;
    }

    /// <summary>They were not taken in after all.</summary>
    public void GiveBack(string name, int texts)
    {
        for (var i = 0; i < texts && _buckets.TryGet(name, out var bucket); i++)
        {
            bucket.GiveBack();
        }
    }
}
