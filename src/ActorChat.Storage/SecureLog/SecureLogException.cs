// What can be wrong with a secure log when it is opened or verified.

namespace ActorChat.Storage.SecureLog;

/// <summary>What is wrong with a secure log.</summary>
public enum LogFault
{
    /// <summary>There is no <c>log.key</c>.</summary>
    KeyMissing,

    /// <summary><c>log.key</c> is not a key file, or does not open this log.</summary>
    KeyDamaged,

    /// <summary><c>log.key</c> is under a passphrase and none was given.</summary>
    PassphraseMissing,

    /// <summary>A passphrase was given and <c>log.key</c> is not under one: it may have been exchanged.</summary>
    PassphraseNotUsed,

    /// <summary>The verification key is not this log's.</summary>
    VerificationKeyWrong,

    /// <summary>A log exists there already, with or without its key.</summary>
    AlreadyThere,

    /// <summary><c>log.head</c> is missing or does not open.</summary>
    HeadDamaged,

    /// <summary><c>log.head</c> is genuine but does not belong to the records that are there.</summary>
    HeadMismatch,

    /// <summary>A whole segment file is missing.</summary>
    SegmentMissing,

    /// <summary>A segment's header was altered.</summary>
    HeaderAltered,

    /// <summary>A record was altered, exchanged or moved.</summary>
    RecordAltered,

    /// <summary>From here to the end of the segment the records cannot be separated: something was cut out, put in or reordered.</summary>
    OrderBroken,

    /// <summary>Records that were acknowledged are missing.</summary>
    RecordsMissing,

    /// <summary>The records before a segment are not those after which it was begun: somebody who had their keys, but not the segment's, rewrote them.</summary>
    PastRewritten,

    /// <summary>There is no room for another key in <c>log.key</c>.</summary>
    TooManyEpochs,

    /// <summary>Another process writes the log at the same time.</summary>
    OtherWriter,

    /// <summary>There are too many faults to list.</summary>
    TooManyFaults,
}

/// <summary>The secure log cannot be used as it is. The message ends with the remedy and holds nothing secret.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">Why, for people.</param>
/// <param name="record">The number of the record concerned; 0 when it is not about a record.</param>
public sealed class SecureLogException(LogFault fault, string message, long record = 0) : Exception(message)
{
    /// <summary>Why.</summary>
    public LogFault Fault { get; } = fault;

    /// <summary>The number of the record concerned; 0 when it is not about a record.</summary>
    public long Record { get; } = record;
}

/// <summary>A flush failed, and none of its records is in the log. The log is as it was before and takes further records.</summary>
/// <param name="firstLost">The number that the first lost record would have had; the next record appended gets it.</param>
/// <param name="lost">How many records are lost.</param>
/// <param name="innerException">The error of the file system.</param>
public sealed class LogWriteException(long firstLost, int lost, Exception innerException) : IOException(
    $"{lost} record(s) from number {firstLost} on could not be logged ({innerException.Message}). Free or repair the disk, then try again.",
    innerException)
{
    /// <summary>The number that the first lost record would have had; the next record appended gets it.</summary>
    public long FirstLost { get; } = firstLost;

    /// <summary>How many records are lost.</summary>
    public int Lost { get; } = lost;
}
