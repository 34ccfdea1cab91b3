// A sent message and its outcome are two records, since the outcome is known later. For people they are one row: this joins them,
// in the log's order and in bounded memory, however large the log is.

namespace ActorChat.Storage.SecureLog;

/// <summary>One row for people: a record, with the outcome where it has come.</summary>
/// <param name="Entry">The record and its number.</param>
/// <param name="Outcome">How a sent message ended; null where that is not known, and for everything else.</param>
/// <param name="Reason">Why, in words, where it was not delivered.</param>
public sealed record LogRow(LogEntry Entry, LogOutcome? Outcome, string Reason);

/// <summary>Joins sent messages with their outcomes.</summary>
public static class LogRows
{
    /// <summary>How many rows wait at most for the outcome of the first of them. An outcome that comes later gets a row of its own.</summary>
    public const int Window = 1000;

    /// <summary>Turns records into rows.</summary>
    public static IEnumerable<LogRow> Join(IEnumerable<LogEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var waiting = new Queue<Guid?>(); // the keys of the rows below, in order; null for a row that waits for nothing
        var rows = new Queue<LogRow>();
        var outcomes = new Dictionary<Guid, LogRecord>();
        var open = new HashSet<Guid>();

        foreach (var entry in entries)
        {
            var record = entry.Record;
            if (record is { Direction: LogDirection.Sent, Outcome: not null, MessageId: { } id } && open.Remove(id))
            {
                outcomes.Add(id, record);
            }
            else
            {
                var awaits = record is { Direction: LogDirection.Sent, Outcome: null, MessageId: { } sent } && !outcomes.ContainsKey(sent) && open.Add(sent)
                    ? record.MessageId
                    : null;
                waiting.Enqueue(awaits);
                rows.Enqueue(new LogRow(entry, record.Outcome, record.Outcome is null ? "" : record.Text));
            }

            while (waiting.TryPeek(out var first) && (first is null || outcomes.ContainsKey(first.Value) || waiting.Count > Window))
            {
                yield return Take();
            }
        }

        while (waiting.Count > 0)
        {
            yield return Take();
        }

        LogRow Take()
        {
            var row = rows.Dequeue();
            if (waiting.Dequeue() is not { } id)
            {
                return row;
            }

            open.Remove(id);
            return outcomes.Remove(id, out var outcome) ? row with { Outcome = outcome.Outcome, Reason = outcome.Text } : row;
        }
    }
}
