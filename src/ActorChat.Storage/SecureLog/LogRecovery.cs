// What a writer does before its first record. The head is the last thing that a flush writes, so after a crash the segments may go on after it:
// first with whole records, which were written but whose head was not, then with a torn one. Whole records that fit the chain from the head's key on
// are adopted. What does not fit was never acknowledged and is cut off. Nothing before the head is touched.

using ActorChat.Storage.Sealing;
using Microsoft.Win32.SafeHandles;

namespace ActorChat.Storage.SecureLog;

/// <summary>What <see cref="LogWriter.Open"/> found after the last acknowledged record.</summary>
/// <param name="Adopted">How many whole records had not been acknowledged. They are part of the log now.</param>
/// <param name="CutBytes">How many bytes of unfinished writing were cut off.</param>
public sealed record LogRecovery(long Adopted, long CutBytes)
{
    private const string VerifyIt =
        "Verify the log to see what can still be trusted; then restore it from a copy, or move the folder away and start another log.";

    /// <summary>Moves <paramref name="head"/> to the end of the whole records and cuts off the rest.</summary>
    /// <exception cref="SecureLogException">The log is shorter than its head says, or the head is of another log.</exception>
    internal static LogRecovery Run(LogFolder folder, LogKey key, LogHead head, LogOptions options)
    {
        var acknowledged = head.Count;
        while (AdoptRecords(folder, head) && BeginsWithNextHeader(folder, key, head))
        {
        }

        RefuseRolledBack(folder, key, head);
        return new LogRecovery(head.Count - acknowledged, Cut(folder, head, options));
    }

    // True when the segment ends after a whole record or its header.
    private static bool AdoptRecords(LogFolder folder, LogHead head)
    {
        using var file = OpenToRead(folder, head);
        RefuseShortened(folder, head, file);
        using var scanner = new SegmentScanner(file, head.Offset);
        ScanResult scan;
        while ((scan = scanner.Next(out var frame)) == ScanResult.Record && frame.Number == head.Count + 1 && frame.IsVouchedBy(head.Key))
        {
            head.Pass(frame);
        }

        return scan == ScanResult.End;
    }

    private static bool BeginsWithNextHeader(LogFolder folder, LogKey key, LogHead head)
    {
        if (!File.Exists(folder.SegmentPath(head.Segment + 1)))
        {
            return false;
        }

        using var file = folder.OpenSegment(head.Segment + 1);
        using var next = head.Copy();
        next.EnterEpoch(key);
        if (SegmentHeader.Read(file) is not { } header
            || (header.Segment, header.FirstRecord) != (head.Segment + 1, head.Count + 1) // verification requires it: a thief could have made the MAC alone
            || !header.IsVouchedBy(next.Key))
        {
            return false;
        }

        next.Pass(header);
        head.CopyFrom(next);
        return true;
    }

    // An epoch that has no segment yet must begin right here. Otherwise the log was put back to an earlier state, and log.key was not.
    private static void RefuseRolledBack(LogFolder folder, LogKey key, LogHead head)
    {
        if (key.Epochs[^1] is { } last && last.FirstSegment > head.Segment && (last.FirstSegment, last.FirstRecord) != (head.Segment + 1, head.Count + 1))
        {
            throw new SecureLogException(
                LogFault.RecordsMissing,
                $"The log in {folder.Path} ends with record {head.Count}, and had {last.FirstRecord - 1} when it was given its last key. {VerifyIt}",
                head.Count + 1);
        }
    }

    private static long Cut(LogFolder folder, LogHead head, LogOptions options)
    {
        var cut = 0L;
        foreach (var path in folder.Segments().Where(segment => segment > head.Segment).Select(folder.SegmentPath))
        {
            cut += new FileInfo(path).Length;
            File.Delete(path);
        }

        using var file = options.OpenFile(folder.SegmentPath(head.Segment), FileMode.Open);
        cut += SegmentScanner.DataEnd(file.SafeFileHandle, head.Offset) - head.Offset; // zeros at the end are room for records, not data
        if (file.Length > head.Offset)
        {
            file.SetLength(head.Offset);
        }

        file.Flush(flushToDisk: true); // for the adopted records too: the head must not vouch for bytes that a power failure could still take
        PrivateFile.SyncFolder(folder.Path);
        return cut;
    }

    private static SafeFileHandle OpenToRead(LogFolder folder, LogHead head)
    {
        var path = folder.SegmentPath(head.Segment);
        return File.Exists(path)
            ? folder.OpenSegment(head.Segment)
            : throw new SecureLogException(LogFault.SegmentMissing, $"{path} is missing. {VerifyIt}");
    }

    private static void RefuseShortened(LogFolder folder, LogHead head, SafeFileHandle file)
    {
        Span<byte> lastMac = stackalloc byte[LogFormat.MacSize];
        if (RandomAccess.GetLength(file) < head.Offset)
        {
            throw new SecureLogException(
                LogFault.RecordsMissing,
                $"{folder.SegmentPath(head.Segment)} is shorter than when record {head.Count} was acknowledged. {VerifyIt}",
                head.Count);
        }

        if (RandomAccess.Read(file, lastMac, head.Offset - LogFormat.MacSize) != LogFormat.MacSize || !lastMac.SequenceEqual(head.LastMac))
        {
            throw new SecureLogException(
                LogFault.HeadMismatch,
                $"The head of the log in {folder.Path} does not belong to record {head.Count} as it is there. {VerifyIt}",
                head.Count);
        }
    }
}
