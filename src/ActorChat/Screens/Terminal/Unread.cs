// How many messages of each contact came while nobody was at the keyboard. Pure.

namespace ActorChat.Screens.Terminal;

/// <summary>Counts by contact.</summary>
internal sealed class Unread
{
    private readonly OrderedDictionary<string, int> _counts = [];

    /// <summary>The number of all of them.</summary>
    public int Total => _counts.Values.Sum();

    /// <summary>By contact, whoever wrote last first.</summary>
    public IEnumerable<(string Name, int Count)> ByContact => _counts.Reverse().Select(pair => (pair.Key, pair.Value));

    /// <summary>A message came.</summary>
    public void Add(string name)
    {
        _counts.Remove(name, out var before);
        _counts.Add(name, before + 1);
    }

    /// <summary>Somebody is at the keyboard.</summary>
    public void Clear() => _counts.Clear();
}
