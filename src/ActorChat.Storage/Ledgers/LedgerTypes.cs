// The values that go into the ledger and come out of it.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Ledgers;

/// <summary>How much the ledger remembers of each contact. Beyond a limit the oldest of the same contact is dropped, never another contact's.</summary>
public sealed record LedgerLimits
{
    /// <summary>Incoming streams of each contact: 64. The least recently used is dropped.</summary>
    public int Streams { get; init; } = 64;

    /// <summary>Ranges of numbers in each stream, one more than there are gaps: 256. Beyond it the lowest gap is closed: what was missing there counts as received.</summary>
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
/// <param name="Missing">How many messages before it, in its stream, have not come and have not been reported as missing yet.</param>
/// <param name="IsLate">Whether it was reported as missing before.</param>
public readonly record struct Arrival(bool IsKnown, long Missing, bool IsLate = false);

/// <summary>What the log knows of a contact.</summary>
/// <param name="LastMet">When a message last came from the contact or was delivered to it; null for never.</param>
/// <param name="LastSent">When the last message to it was logged or ended; null when there was none.</param>
/// <param name="Outcome">How it ended; null while it is under way or waits.</param>
/// <param name="Reason">Why, in words, where it was not delivered.</param>
public sealed record ContactFacts(DateTimeOffset? LastMet, DateTimeOffset? LastSent, LogOutcome? Outcome, string Reason)
{
    /// <summary>Nothing.</summary>
    public static ContactFacts None { get; } = new(null, null, null, "");
}
