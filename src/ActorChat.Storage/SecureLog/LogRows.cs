// A sent message and its outcome are two records, since the outcome is known later. For people they are one row: this joins them,
// in the log's order and in bounded memory, however large the log is. Records of what was shown make no row.

namespace ActorChat.Storage.SecureLog;

/// <summary>One row for people: a record, with its outcome where that is known.</summary>
/// <param name="Entry">The record and its number.</param>
/// <param name="Outcome">How a sent message ended; null where that is not known, and for everything else.</param>
/// <param name="Reason">Why, in words, where it was not delivered.</param>
public sealed record LogRow(LogEntry Entry, LogOutcome? Outcome, string Reason)
{
    /// <summary>Whether ML-KEM-768 went into the keys under which the message came or went, as far as the log says.</summary>
    public bool IsPostQuantum { get; init; } = Entry.Record.IsPostQuantum;
}

/// <summary>Joins sent messages with their outcomes.</summary>
public static class LogRows
{
    /// <summary>The most rows that wait for the outcome of the first of them. An outcome that comes later gets a row of its own.</summary>
    public const int Window = 1000;

    /// <summary>Turns records into rows.</summary>
    public static IEnumerable<LogRow> Join(IEnumerable<LogEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var rows = new Queue<LogRow>();
        var open = new Dictionary<Guid, long>(); // the message's id, and the number of the record that waits for its outcome
        var outcomes = new Dictionary<long, LogRecord?>(); // the outcome of each of those records, null until it comes

        foreach (var entry in entries.Where(entry => entry.Record.Direction != LogDirection.Shown))
        {
            var record = entry.Record;
            if (record is { Direction: LogDirection.Sent, Outcome: not null, MessageId: { } id } && open.Remove(id, out var number))
            {
                outcomes[number] = record;
            }
            else
            {
                if (record is { Direction: LogDirection.Sent, Outcome: null, MessageId: { } sent } && open.TryAdd(sent, entry.Number))
                {
                    outcomes.Add(entry.Number, null);
                }

                rows.Enqueue(new LogRow(entry, record.Outcome, record.Outcome is null ? "" : record.Text));
            }

            while (rows.TryPeek(out var first) && (!outcomes.TryGetValue(first.Entry.Number, out var outcome) || outcome is not null || rows.Count > Window))
            {
                yield return Take();
            }
        }

        while (rows.Count > 0)
        {
            yield return Take();
        }

        LogRow Take()
        {
            var row = rows.Dequeue();
            if (!outcomes.Remove(row.Entry.Number, out var outcome))
            {
                return row;
            }

            if (outcome is null)
            {
                open.Remove(row.Entry.Record.MessageId!.Value);
                return row;
            }

            return row with { Outcome = outcome.Outcome, Reason = outcome.Text, IsPostQuantum = outcome.IsPostQuantum };
        }
    }
}
