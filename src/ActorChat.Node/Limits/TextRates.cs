// How many texts each contact may send in a minute. A minute's texts may come at once, then one by one as the bucket fills: who keeps to it
// only notices that a text takes longer. The caller decides how long is too long, and gives back the tokens of texts that were not stored.

namespace ActorChat.Node.Limits;

/// <summary>A token bucket for each contact that has sent something lately.</summary>
/// <param name="perMinute">How many texts come in, in a minute, and how many may come at once.</param>
/// <param name="remembered">Of how many contacts is known what they sent lately; one that is forgotten has a full minute again.</param>
internal sealed class TextRates(int perMinute, int remembered)
{
    private readonly BoundedCache<string, TokenBucket> _byName = new(remembered);

    /// <summary>Counts texts of a contact.</summary>
    /// <param name="name">The contact's name.</param>
    /// <param name="texts">How many.</param>
    /// <param name="now">The monotonic time, as in every call.</param>
    /// <returns>How long the last of them has to wait.</returns>
    public TimeSpan Take(string name, int texts, TimeSpan now)
    {
        if (!_byName.TryGet(name, out var bucket))
        {
            bucket = new TokenBucket(perMinute / 60.0, perMinute);
            _byName.Add(name, bucket);
        }

        return bucket.Take(now, texts);
    }

    /// <summary>These were not stored after all.</summary>
    public void GiveBack(string name, int texts)
    {
        if (_byName.TryGet(name, out var bucket))
        {
            bucket.GiveBack(texts);
        }
    }
}
