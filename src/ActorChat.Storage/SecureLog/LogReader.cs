// The reading end, for showing, exporting and following. It holds no lock and no open file between two passes, and reads no further than log.head
// says, so that what it shows was acknowledged and will not vanish. Every record's tag is checked before it is decrypted; whether the log as
// a whole is what was once written is for LogVerifier to say, which needs the verification key and all of the log.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>Reads a secure log's records in order, in constant memory, also while a node is writing it.</summary>
public sealed class LogReader : IDisposable
{
    private const int FirstStepBack = 1000;

    private readonly LogFolder _folder;
    private readonly LogKey _key;
    private long _next;
    private bool _started; // a record has been read: from now on each must be the next one
    private int _segment;
    private long _offset;

    /// <summary>Prepares to read.</summary>
    /// <param name="folder">The log's folder.</param>
    /// <param name="key">The log's keys; the reader keeps a copy without the verification key.</param>
    /// <param name="firstRecord">The number of the first record wanted, from 1. Those before it are not opened; in its segment
    /// their lengths and numbers must be sound, or the wanted one cannot be found.</param>
    public LogReader(LogFolder folder, LogKey key, long firstRecord = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(firstRecord);
        (_folder, _key, _next) = (folder, key.WithoutVerificationKey(), firstRecord);
    }

    /// <summary>How many records are acknowledged now; null when <c>log.head</c> does not say: then reading goes to the last whole record.</summary>
    public long? Count()
    {
        using var head = HeadFile.Read(_folder, _key);
        return head?.Count;
    }

    /// <summary>Reads from where the last pass ended to the last record acknowledged when this pass begins. Call again to follow the log.</summary>
    /// <exception cref="SecureLogException">While enumerating: a record is damaged. A reader that starts behind it may read on.</exception>
    /// <exception cref="IOException">While enumerating: a file cannot be read.</exception>
    public IEnumerable<LogEntry> Read()
    {
        var count = Count();
        var last = count ?? long.MaxValue;
        if (_segment == 0)
        {
            FindSegment();
        }

        while (_next <= last)
        {
            foreach (var entry in ReadSegment(last))
            {
                yield return entry;
            }

            if (_next > last || (count is null && !File.Exists(_folder.SegmentPath(_segment + 1))))
            {
                yield break;
            }

            (_segment, _offset) = (_segment + 1, LogFormat.SegmentHeaderSize);
        }
    }

    /// <summary>The last messages, the oldest first, with their outcomes. Reads backwards in growing steps, so it costs what they are far from the end.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="wants">Which rows count; notes and outcomes without their message never do.</param>
    /// <exception cref="SecureLogException">A record is damaged.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<LogRow> Last(int count, Func<LogRow, bool> wants)
    {
        var total = Count() ?? 0;
        for (long step = FirstStepBack; ; step *= 8)
        {
            var first = Math.Max(1, total - step + 1);
            using var reader = new LogReader(_folder, _key, first);
            LogRow[] rows = [.. LogRows.Join(reader.Read()).Where(row => IsMessage(row.Entry.Record) && wants(row)).TakeLast(count)];
            if (rows.Length == count || first == 1)
            {
                return rows;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static bool IsMessage(LogRecord record) => record is { Direction: LogDirection.Received or LogDirection.Sent, Outcome: null };

    private IEnumerable<LogEntry> ReadSegment(long last)
    {
        var path = _folder.SegmentPath(_segment);
        if (!File.Exists(path))
        {
            throw Damaged(LogFault.SegmentMissing, $"is not there: {path} is missing");
        }

        using var file = _folder.OpenSegment(_segment);
        var header = SegmentHeader.Read(file) ?? throw Damaged(LogFault.HeaderAltered, $"cannot be read: the header of {path} is damaged");
        using var keys = _key.SegmentKeys(header.Salt);
        using var scanner = new SegmentScanner(file, _offset);
        while (_next <= last && ReadRecord(scanner, keys, mustBeWhole: last != long.MaxValue, out var entry))
        {
            if (entry is not null)
            {
                yield return entry;
            }
        }
    }

    // False at the end of the segment. The entry is null for a record before the first one wanted, which is not opened.
    private bool ReadRecord(SegmentScanner scanner, SealKeys keys, bool mustBeWhole, out LogEntry? entry)
    {
        entry = null;
        switch (scanner.Next(out var frame))
        {
            case ScanResult.Broken when mustBeWhole:
                throw Damaged(LogFault.OrderBroken, $"does not begin where it should, at byte {_offset} of segment {_segment}");
            case not ScanResult.Record:
                return false;
        }

        if (_started || frame.Number >= _next)
        {
            var record = frame.Open(keys) ?? throw Damaged(LogFault.RecordAltered, $"was altered, at byte {_offset} of segment {_segment}");
            if (frame.Number != _next)
            {
                throw Damaged(LogFault.OrderBroken, $"is not where it should be: record {frame.Number} stands there");
            }

            _started = true;
            entry = new LogEntry(_next++, record);
        }

        _offset = scanner.Offset;
        return true;
    }

    // The last segment that begins at or before the wanted record.
    private void FindSegment()
    {
        (_segment, _offset) = (1, LogFormat.SegmentHeaderSize);
        foreach (var segment in _folder.Segments().Reverse())
        {
            using var file = _folder.OpenSegment(segment);
            if (SegmentHeader.Read(file) is { } header && header.FirstRecord <= _next)
            {
                _segment = segment;
                return;
            }
        }
    }

    private SecureLogException Damaged(LogFault fault, string what) =>
        new(fault, $"Record {_next} {what}. Verify the log to see what can still be trusted; a reader can go on from a later record.", _next);
}
