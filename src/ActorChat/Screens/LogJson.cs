// The secure log as JSON members, for export and for programs.

using System.Globalization;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Screens;

/// <summary>The JSON form of log records.</summary>
internal static class LogJson
{
    /// <summary>A record as it is in the log, or the mark in place of records that cannot be read.</summary>
    public static Dictionary<string, object?> Members(LogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var record = entry.Record;
        if (entry.Damage is not null)
        {
            return new Dictionary<string, object?> { ["number"] = entry.Number, ["last_lost"] = entry.LastLost, ["damage"] = record.Text };
        }

        var members = new Dictionary<string, object?>
        {
            ["number"] = entry.Number,
            ["time"] = Word(record.Time),
            ["direction"] = record.Direction switch { LogDirection.Received => "received", LogDirection.Sent => "sent", LogDirection.Shown => "shown", _ => "note" },
            ["peer"] = record.PeerName,
            ["address"] = record.PeerAddress,
            ["id"] = record.MessageId,
            ["outcome"] = record.Outcome?.Word(),
            ["text"] = record.Text,
        };
        AddIfThere("stream", record.Stream?.ToString("x16", CultureInfo.InvariantCulture));
        AddIfThere("seq", record.Sequence);
        AddIfThere("written", Word(record.WrittenAt));
        AddIfThere("gap", record.Missing);
        AddIfThere("late", record.IsLate ? true : null);
        AddIfThere("expires", Word(record.Expires));
        AddIfThere("shown_up_to", record.ShownUpTo);
        AddIfThere("post_quantum", record.IsPostQuantum ? true : null);
        return members;

        void AddIfThere(string name, object? value)
        {
            if (value is not null)
            {
                members.Add(name, value);
            }
        }
    }

    /// <summary>A record with the outcome that came later.</summary>
    public static Dictionary<string, object?> Members(LogRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var members = Members(row.Entry);
        if (row.Entry.Damage is not null)
        {
            return members;
        }

        members["outcome"] = row.Outcome?.Word();
        members["reason"] = row.Reason;
        if (row.IsPostQuantum)
        {
            members["post_quantum"] = true;
        }

        return members;
    }

    private static string? Word(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture);
}
