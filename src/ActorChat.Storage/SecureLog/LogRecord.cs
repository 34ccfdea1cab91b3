// What one record of the secure log says. The text and the names come from peers: code that shows them on a terminal escapes control characters.

namespace ActorChat.Storage.SecureLog;

/// <summary>Which way a record's text went. The numbers are those in the file.</summary>
public enum LogDirection
{
    /// <summary>A peer sent it to this node.</summary>
    Received = 1,

    /// <summary>This node sent it to a peer.</summary>
    Sent = 2,

    /// <summary>No message, but a note of the log or the node itself.</summary>
    Note = 3,

    /// <summary>Everything received up to <see cref="LogRecord.ShownUpTo"/> has been shown to the user.</summary>
    Shown = 4,
}

/// <summary>How a sent message ended. The numbers are those in the file.</summary>
public enum LogOutcome
{
    /// <summary>The peer acknowledged it.</summary>
    Delivered = 1,

    /// <summary>It certainly did not arrive.</summary>
    NotDelivered = 2,

    /// <summary>The peer refused it.</summary>
    Rejected = 3,

    /// <summary>It was sent, and the acknowledgement never came.</summary>
    Unknown = 4,

    /// <summary>It waited until its time was over and was not delivered.</summary>
    Expired = 5,

    /// <summary>The user took it back before it was delivered.</summary>
    Cancelled = 6,
}

/// <summary>The words for outcomes: one list for screens, commands and programs.</summary>
public static class LogOutcomes
{
    /// <summary>The word that programs read, such as <c>not_delivered</c>.</summary>
    public static string Word(this LogOutcome outcome) => outcome switch
    {
        LogOutcome.Delivered => "delivered",
        LogOutcome.NotDelivered => "not_delivered",
        LogOutcome.Rejected => "rejected",
        LogOutcome.Expired => "expired",
        LogOutcome.Cancelled => "cancelled",
        _ => "unknown",
    };

    /// <summary>The word that people read, such as <c>not delivered</c>.</summary>
    public static string InWords(this LogOutcome outcome) => outcome.Word().Replace('_', ' ');
}

/// <summary>One record of the secure log. Unpaired surrogates in its strings are kept as U+FFFD.</summary>
/// <param name="Time">When, to 100 ns. Kept as UTC.</param>
/// <param name="Direction">Which way.</param>
/// <param name="PeerName">The peer's user name, at most <see cref="MaxNameSize"/> bytes of UTF-8; empty when there is none.</param>
/// <param name="PeerAddress">The peer's network address, at most <see cref="MaxNameSize"/> bytes of UTF-8; empty when there is none.</param>
/// <param name="MessageId">The message's id; a sent message and the record of its outcome have the same.</param>
/// <param name="Outcome">How the message ended, when that is what the record is about.</param>
/// <param name="Text">The text, at most <see cref="MaxTextSize"/> bytes of UTF-8.</param>
public sealed record LogRecord(
    DateTimeOffset Time, LogDirection Direction, string PeerName, string PeerAddress, Guid? MessageId, LogOutcome? Outcome, string Text)
{
    /// <summary>The longest <see cref="PeerName"/> and <see cref="PeerAddress"/>, in bytes of UTF-8.</summary>
    public const int MaxNameSize = 1024;

    /// <summary>The longest <see cref="Text"/>, in bytes of UTF-8: 1 MiB.</summary>
    public const int MaxTextSize = 1024 * 1024;

    /// <summary>The sender's stream in which the message is numbered, 8 bytes in the order in which they go over the wire; null when it is in none.</summary>
    public ulong? Stream { get; init; }

    /// <summary>The message's number in <see cref="Stream"/>, from 1; null exactly when that is.</summary>
    public long? Sequence { get; init; }

    /// <summary>When the message was written, by its sender's clock; null when that is not known.</summary>
    public DateTimeOffset? WrittenAt { get; init; }

    /// <summary>Until when a sent message waits for its recipient; null when it does not wait.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>How many messages before a received one, in its stream, had not come and had not been reported as missing yet; null for none.</summary>
    public long? Missing { get; init; }

    /// <summary>Whether a received message was reported as missing before.</summary>
    public bool IsLate { get; init; }

    /// <summary>The number of the last record that has been shown; only with <see cref="LogDirection.Shown"/>, and always there.</summary>
    public long? ShownUpTo { get; init; }

    /// <summary>Whether ML-KEM-768 went into the keys of the conversation in which the message came or, with an <see cref="Outcome"/>, was sent. False also where
    /// there was no conversation, and in records from before this was logged.</summary>
    public bool IsPostQuantum { get; init; }

    /// <summary>A note of the log or the node itself.</summary>
    public static LogRecord Note(DateTimeOffset time, string text) => new(time, LogDirection.Note, "", "", null, null, text);

    /// <summary>A record that says up to which record everything received has been shown.</summary>
    public static LogRecord Shown(DateTimeOffset time, long upTo) => new(time, LogDirection.Shown, "", "", null, null, "") { ShownUpTo = upTo };

    // The text is never printed by accident, in a diagnostic log for instance.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("Time = ").Append(Time.ToString("O")).Append(", Direction = ").Append(Direction).Append(", MessageId = ").Append(MessageId);
        return true;
    }
}

/// <summary>A record and its place in the log.</summary>
/// <param name="Number">Counted from 1, the log's first record.</param>
/// <param name="Record">What it says.</param>
public sealed record LogEntry(long Number, LogRecord Record)
{
    /// <summary>Null for a record. Otherwise this marks a place where the log is damaged: the records from <see cref="Number"/> to <see cref="LastLost"/> cannot be read,
    /// and <see cref="Record"/> is a note that says so, at the time of the last record before.</summary>
    public LogFault? Damage { get; init; }

    /// <summary>The last record that cannot be read; less than <see cref="Number"/> when none is missing, and something else stands between two records.</summary>
    public long LastLost { get; init; }
}
