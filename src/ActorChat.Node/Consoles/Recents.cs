// The contacts of the last conversations: for the order of the names at "To:", and for /r.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Node.Consoles;

/// <summary>The contacts of the last conversations.</summary>
internal sealed class Recents
{
    private const int Max = 100;

    private readonly List<string> _names = []; // the latest first

    /// <summary>Who wrote last; null for nobody yet.</summary>
    public string? LastWriter { get; private set; }

    public void WroteTo(string name)
    {
        _names.Remove(name);
        _names.Insert(0, name);
        if (_names.Count > Max)
        {
            _names.RemoveAt(Max);
        }
    }

    public void HeardFrom(string name)
    {
        WroteTo(name);
        LastWriter = name;
    }

    /// <summary>Takes the log's last messages, the oldest first.</summary>
    public void Remember(IEnumerable<LogRow> rows)
    {
        foreach (var record in rows.Select(row => row.Entry.Record))
        {
            if (record.Direction == LogDirection.Received)
            {
                HeardFrom(record.PeerName);
            }
            else
            {
                WroteTo(record.PeerName);
            }
        }
    }

    /// <summary>The names, those of the last conversations first, the others in their given order.</summary>
    public IReadOnlyList<string> Sort(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return [.. _names.Intersect(all), .. all.Except(_names)];
    }
}
