// What the ledger is asked and what it answers.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Ledgers;

/// <summary>How much the ledger remembers of each contact. What goes beyond it pushes out the oldest of the same contact, never of another.</summary>
public sealed record LedgerLimits
{
    /// <summary>Incoming streams of each contact: 64. The one that was used least lately goes.</summary>
    public int Streams { get; init; } = 64;

    /// <summary>Ranges of numbers in each stream, one more than there are gaps: 256. The lowest gap goes, and what was missing in it counts as received.</summary>
    public int Ranges { get; init; } = 256;

    /// <summary>Ids of received messages that were in no stream, for each contact: 1,000.</summary>
    public int Ids { get; init; } = 1000;
}

/// <summary>A message that waits for its recipient.</summary>
/// <param name="Number">Its record in the log.</param>
/// <param name="Id">The message's id.</param>
/// <param name="Recipient">The contact.</param>
/// <param name="Text">The text.</param>
/// <param name="WrittenAt">When the user finished it.</param>
/// <param name="Expires">Until when it waits.</param>
/// <param name="Stream">The stream in which it is numbered; null when it is in none.</param>
/// <param name="Sequence">Its number there.</param>
public sealed record WaitingMessage(
    long Number, Guid Id, string Recipient, string Text, DateTimeOffset WrittenAt, DateTimeOffset Expires, ulong? Stream, long? Sequence)
{
    // The text is never printed by accident.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("Number = ").Append(Number).Append(", Id = ").Append(Id);
        return true;
    }
}

/// <summary>The stream of our messages to a contact.</summary>
/// <param name="Stream">Its 8 bytes.</param>
/// <param name="Next">The number that the next message gets.</param>
public readonly record struct OutgoingStream(ulong Stream, long Next);

/// <summary>What is known of a message that comes in.</summary>
/// <param name="IsKnown">Whether it was stored before: it is acknowledged again and not shown again.</param>
/// <param name="Missing">How many messages before it, in its stream, have not come, and have not been told as missing with an earlier one.</param>
/// <param name="IsLate">Whether it was told as missing before.</param>
public readonly record struct Arrival(bool IsKnown, long Missing, bool IsLate = false);

/// <summary>What the log knows of a contact.</summary>
/// <param name="LastMet">When a message last came from there or was delivered; null for never.</param>
/// <param name="LastSent">When the last message to it was taken or ended; null when there was none.</param>
/// <param name="Outcome">How it ended; null while it is under way or waits.</param>
/// <param name="Reason">Why, in words, where it was not delivered.</param>
public sealed record ContactFacts(DateTimeOffset? LastMet, DateTimeOffset? LastSent, LogOutcome? Outcome, string Reason)
{
    /// <summary>Nothing.</summary>
    public static ContactFacts None { get; } = new(null, null, null, "");
}
