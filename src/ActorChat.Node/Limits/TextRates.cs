// How many texts each contact may send in a minute. A minute's texts may come at once, then one by one as the bucket fills: a contact near the limit
// only notices that a text takes longer. The caller decides how long is too long, and gives back the tokens of texts that it refuses.

namespace ActorChat.Node.Limits;

/// <summary>A token bucket for each contact that has sent something lately.</summary>
/// <param name="perMinute">How many texts a contact may send in a minute, and at once.</param>
/// <param name="remembered">How many contacts have a bucket; one that is forgotten begins with a full one.</param>
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

    /// <summary>Gives tokens back: these texts were refused.</summary>
    public void GiveBack(string name, int texts)
    {
        if (_byName.TryGet(name, out var bucket))
        {
            bucket.GiveBack(texts);
        }
    }
}
