// What came in since a place in the log, page by page and oldest first: for programs that remember how far they have read, and so miss nothing.

namespace ActorChat.Storage.SecureLog;

/// <summary>A part of what came in.</summary>
/// <param name="Entries">Received messages in their order, and marks of places that cannot be read (<see cref="LogEntry.Damage"/>).</param>
/// <param name="UpTo">The record up to which the log was read.</param>
/// <param name="IsLast">Whether that was the last record acknowledged when the page was begun.</param>
public sealed record FeedPage(IReadOnlyList<LogEntry> Entries, long UpTo, bool IsLast);

/// <summary>Reads the received messages after a record.</summary>
public sealed class LogFeed
{
    private readonly LogReader _reader;
    private long _upTo;

    /// <summary>Prepares to read.</summary>
    /// <param name="reader">Prepared for the record after <paramref name="from"/>; the caller disposes it.</param>
    /// <param name="from">The number of the last record that is not wanted; 0 for none.</param>
    /// <exception cref="SecureLogException">The log has no such record.</exception>
    public LogFeed(LogReader reader, long from)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.Count() is { } count && from > count)
        {
            throw new SecureLogException(
                LogFault.RecordsMissing, $"The log has {count} records and no record {from}: that cursor is of another log, or this log was put back to an earlier state. Begin at {count}, or at 0.");
        }

        (_reader, _upTo) = (reader, from);
    }

    /// <summary>The next page; an empty last one when nothing has come since.</summary>
    /// <param name="maxMessages">The most messages on a page.</param>
    /// <param name="maxLength">The number of characters of text after which a page ends.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public FeedPage Next(int maxMessages, int maxLength)
    {
        var entries = new List<LogEntry>();
        var length = 0;
        foreach (var entry in _reader.Read(pastDamage: true))
        {
            _upTo = entry.Damage is null ? entry.Number : Math.Max(_upTo, entry.LastLost);
            if (entry.Damage is null && entry.Record.Direction != LogDirection.Received)
            {
                continue;
            }

            entries.Add(entry);
            length += entry.Record.Text.Length;
            if (entries.Count == maxMessages || length >= maxLength)
            {
                return new FeedPage(entries, _upTo, IsLast: false);
            }
        }

        return new FeedPage(entries, _upTo, IsLast: true);
    }
}
