// What one line of the secure log says. The text and the names come from peers: whoever shows them on a terminal escapes control characters.

namespace ActorChat.Storage.SecureLog;

/// <summary>Which way a record's text went. The values are those of the file.</summary>
public enum LogDirection
{
    /// <summary>A peer sent it to this node.</summary>
    Received = 1,

    /// <summary>This node sent it to a peer.</summary>
    Sent = 2,

    /// <summary>Nobody's message: the log or the node says something itself.</summary>
    Note = 3,
}

/// <summary>How a sent message ended. The values are those of the file.</summary>
public enum LogOutcome
{
    /// <summary>The peer acknowledged it.</summary>
    Delivered = 1,

    /// <summary>It surely did not arrive.</summary>
    NotDelivered = 2,

    /// <summary>The peer refused it.</summary>
    Rejected = 3,

    /// <summary>It was sent, and the acknowledgement never came.</summary>
    Unknown = 4,
}

/// <summary>One record of the secure log. Unpaired surrogates in its strings are kept as U+FFFD.</summary>
/// <param name="Time">When, to 100 ns. Kept as UTC.</param>
/// <param name="Direction">Which way.</param>
/// <param name="PeerName">The peer's user name, at most <see cref="MaxNameSize"/> bytes of UTF-8; empty when there is none.</param>
/// <param name="PeerAddress">The peer's network address, at most <see cref="MaxNameSize"/> bytes of UTF-8; empty when there is none.</param>
/// <param name="MessageId">The message's id; a sent message and the record of its outcome have the same.</param>
/// <param name="Outcome">How it ended, when that is what the record is about.</param>
/// <param name="Text">The text, at most <see cref="MaxTextSize"/> bytes of UTF-8.</param>
public sealed record LogRecord(
    DateTimeOffset Time, LogDirection Direction, string PeerName, string PeerAddress, Guid? MessageId, LogOutcome? Outcome, string Text)
{
    /// <summary>The longest <see cref="PeerName"/> and <see cref="PeerAddress"/>, in bytes of UTF-8.</summary>
    public const int MaxNameSize = 1024;

    /// <summary>The longest <see cref="Text"/>, in bytes of UTF-8: 1 MiB.</summary>
    public const int MaxTextSize = 1024 * 1024;

    /// <summary>A record in which the node says something itself.</summary>
    public static LogRecord Note(DateTimeOffset time, string text) => new(time, LogDirection.Note, "", "", null, null, text);

    // The text is never printed by accident, in a diagnostic log for instance.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("Time = ").Append(Time.ToString("O")).Append(", Direction = ").Append(Direction).Append(", MessageId = ").Append(MessageId);
        return true;
    }
}

/// <summary>A record and its place in the log.</summary>
/// <param name="Number">1 for the log's first record, one more for each further.</param>
/// <param name="Record">What it says.</param>
public sealed record LogEntry(long Number, LogRecord Record);
