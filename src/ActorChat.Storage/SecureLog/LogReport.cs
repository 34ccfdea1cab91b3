// What verifying a log found, for people and for scripts.

namespace ActorChat.Storage.SecureLog;

/// <summary>How far a verification has come.</summary>
/// <param name="Records">How many records were looked at.</param>
/// <param name="Bytes">How many bytes of segments were looked at.</param>
/// <param name="TotalBytes">How many bytes of segments there were at the start.</param>
public readonly record struct LogProgress(long Records, long Bytes, long TotalBytes);

/// <summary>One thing that is wrong with a log.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Segment">The segment, from 1; 0 when it is not about a segment.</param>
/// <param name="Offset">The place in the segment, in bytes.</param>
/// <param name="FirstRecord">The first record that cannot be trusted because of it; 0 when it concerns no record.</param>
/// <param name="LastRecord">The last one; <see cref="long.MaxValue"/> when it is not known how many there were.</param>
public sealed record LogFinding(LogFault Fault, int Segment, long Offset, long FirstRecord, long LastRecord)
{
    /// <summary>The finding in one sentence.</summary>
    public override string ToString() => Fault switch
    {
        LogFault.VerificationKeyWrong => "Nothing in this log fits the verification key: it is another log's key, or all of the log was replaced.",
        LogFault.HeadDamaged => "log.head is missing, damaged or of another log: a removed tail would not be noticed.",
        LogFault.HeadMismatch => "log.head was not written together with the records that are there: one of them was exchanged.",
        LogFault.SegmentMissing => $"Segment {Segment} is missing{Concerned}.",
        LogFault.HeaderAltered => $"The header of segment {Segment} was altered{Concerned}.",
        LogFault.RecordAltered => $"{Records} altered, exchanged or moved, at byte {Offset} of segment {Segment}.",
        LogFault.OrderBroken => $"Something was cut out, put in or reordered at byte {Offset} of segment {Segment}{Concerned}.",
        LogFault.RecordsMissing => $"{Records} removed after having been acknowledged.",
        LogFault.PastRewritten => $"Segment {Segment} was begun behind other records than stand before it now; {Range} may have been rewritten by somebody who had their keys.",
        LogFault.TooManyFaults => "There are more faults than can be listed; nothing from here on was looked at.",
        _ => Fault.ToString(),
    };

    private string Range => (FirstRecord == LastRecord, LastRecord == long.MaxValue) switch
    {
        (true, _) => $"record {FirstRecord}",
        (_, true) => $"record {FirstRecord} and all after it",
        _ => $"records {FirstRecord} to {LastRecord}",
    };

    private string Records => $"{char.ToUpperInvariant(Range[0])}{Range[1..]} {(FirstRecord == LastRecord ? "was" : "were")}";

    private string Concerned => FirstRecord == 0 ? "" : $"; {Range} cannot be trusted";
}

/// <summary>What a verification found. With <see cref="IsChainChecked"/>, every record up to <see cref="Count"/> that no finding names is as it was written, in its place.</summary>
/// <param name="Count">The number of the last record that was looked at, acknowledged or not.</param>
/// <param name="Trusted">How many records verified.</param>
/// <param name="Acknowledged">How many records the log's head vouches for; null when the head is missing or damaged.</param>
/// <param name="UnfinishedBytes">How many bytes follow the last record without being one: a running node's write, or the remains of a crash,
/// which the node's next start cuts off. They were never acknowledged.</param>
/// <param name="LastMac">The MAC of the last record that was looked at, 32 bytes.
/// Noted elsewhere with <see cref="Count"/>, it shows later whether the whole folder was rolled back.</param>
/// <param name="IsChainChecked">Whether there was a verification key. Without one the records were written by somebody who had the log key, at whatever time.</param>
/// <param name="Findings">What is wrong, in the log's order.</param>
public sealed record LogReport(
    long Count, long Trusted, long? Acknowledged, long UnfinishedBytes, ReadOnlyMemory<byte> LastMac, bool IsChainChecked, IReadOnlyList<LogFinding> Findings)
{
    /// <summary>Whether nothing wrong was found: every acknowledged record is there and, with <see cref="IsChainChecked"/>, as it was written.</summary>
    public bool IsIntact => Findings.Count == 0;
}
