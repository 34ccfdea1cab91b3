// The reading end, for showing, exporting and following. It holds no lock and no open file between two passes, and reads no further than log.head
// says, so that what it shows was acknowledged and will not vanish. Every record's tag is checked before it is decrypted. Whether the whole log
// is as it was written only LogVerifier can tell, which needs the verification key and the whole log.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>Reads a secure log's records in order, in constant memory, even while a node is writing it.</summary>
public sealed class LogReader : IDisposable
{
    private const int FirstStepBack = 1000;

    private readonly LogFolder _folder;
    private readonly LogKey _key;
    private long _next;
    private bool _started; // a record has been read, so each must now be the next one
    private int _segment;
    private long _offset;
    private DateTimeOffset _time = DateTimeOffset.UnixEpoch; // of the last record read
    private readonly RecordFilter? _filter; // a record that it does not want is opened but not decoded
    private SecureLogException? _damage; // what is wrong from _next on, until a record opens again

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

    /// <summary>Prepares to read on after record <paramref name="count"/>, which ends at this place.</summary>
    internal LogReader(LogFolder folder, LogKey key, long count, int segment, long offset, RecordFilter? filter = null)
        : this(folder, key, count + 1)
    {
        (_started, _segment, _offset, _filter) = (true, segment, offset, filter);
    }

    /// <summary>Whether a record is worth decoding, by its number and its plaintext.</summary>
    internal delegate bool RecordFilter(long number, ReadOnlySpan<byte> plaintext);

    /// <summary>How many records are acknowledged now; null when <c>log.head</c> cannot be read, and then reading goes to the last whole record.</summary>
    public long? Count()
    {
        using var head = HeadFile.Read(_folder, _key);
        return head?.Count;
    }

    /// <summary>Reads from where the last pass ended to the last record acknowledged when this pass begins. Call again to follow the log.</summary>
    /// <param name="pastDamage">Whether to go on after damage, at the next record that opens, at whatever byte it begins. An entry with
    /// <see cref="LogEntry.Damage"/> then marks the place.</param>
    /// <exception cref="SecureLogException">While enumerating: a record is damaged, unless <paramref name="pastDamage"/>. A reader that starts after it may read on.</exception>
    /// <exception cref="IOException">While enumerating: a file cannot be read.</exception>
    public IEnumerable<LogEntry> Read(bool pastDamage = false)
    {
        var count = Count();
        var last = count ?? long.MaxValue;
        if (_segment == 0)
        {
            FindSegment();
        }

        while (_next <= last)
        {
            foreach (var entry in ReadSegment(last, pastDamage))
            {
                yield return entry;
            }

            var isLast = _folder.Segments() is not [.., var present] || present <= _segment;
            if (_next > last || (isLast && (count is null || pastDamage)))
            {
                break;
            }

            (_segment, _offset) = (_segment + 1, LogFormat.SegmentHeaderSize);
        }

        if (pastDamage && _next <= last && (_damage is not null || count is not null))
        {
            _damage ??= Damaged(LogFault.RecordsMissing, "is not there: the log ends before it");
            var mark = Mark(lastLost: count ?? _next);
            _next = last == long.MaxValue ? _next : last + 1;
            yield return mark;
        }
    }

    /// <summary>The last messages, the oldest first, with their outcomes. It reads from further and further back, so the cost grows with their distance from
    /// the end.</summary>
    /// <param name="count">The most rows.</param>
    /// <param name="wants">Which rows count. Notes, outcomes without their message, and what cannot be read never do.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<LogRow> Last(int count, Func<LogRow, bool> wants)
    {
        var total = Count() ?? 0;
        for (long step = FirstStepBack; ; step *= 8)
        {
            var first = Math.Max(1, total - step + 1);
            using var reader = new LogReader(_folder, _key, first);
            LogRow[] rows = [.. LogRows.Join(reader.Read(pastDamage: true)).Where(row => IsMessage(row.Entry.Record) && wants(row)).TakeLast(count)];
            if (rows.Length == count || first == 1)
            {
                return rows;
            }
        }
    }

    /// <summary>A search in the same log, for as long as this reader lasts.</summary>
    /// <param name="words">What to find.</param>
    public LogSearch Search(IEnumerable<string> words) => new(_folder, _key, words);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static bool IsMessage(LogRecord record) => record is { Direction: LogDirection.Received or LogDirection.Sent, Outcome: null };

    private IEnumerable<LogEntry> ReadSegment(long last, bool pastDamage)
    {
        var path = _folder.SegmentPath(_segment);
        using var file = File.Exists(path) ? _folder.OpenSegment(_segment) : null;
        var header = file is null ? null : SegmentHeader.Read(file);
        if (file is null || header is null)
        {
            var damage = file is null
                ? Damaged(LogFault.SegmentMissing, $"is not there: {path} is missing")
                : Damaged(LogFault.HeaderAltered, $"cannot be read: the header of {path} is damaged");
            _damage ??= pastDamage ? damage : throw damage;
            yield break;
        }

        using var keys = _key.SegmentKeys(_segment, header.Salt);
        using var scanner = new SegmentScanner(file, _offset);
        while (_next <= last)
        {
            if (_damage is not null)
            {
                var found = scanner.Find(keys, _next, last);
                if (found == 0)
                {
                    yield break;
                }

                var mark = Mark(lastLost: found - 1);
                (_next, _offset) = (found, scanner.Offset); // before the mark is returned: the caller may stop here and read on in another pass
                yield return mark;
            }

            LogEntry? entry = null;
            try
            {
                if (!ReadRecord(scanner, keys, mustBeWhole: pastDamage || last != long.MaxValue, out entry))
                {
                    yield break;
                }
            }
            catch (SecureLogException e) when (pastDamage)
            {
                _damage = e;
                scanner.Restart(_offset);
            }

            if (entry is not null)
            {
                yield return entry;
            }
        }
    }

    private LogEntry Mark(long lastLost)
    {
        var what = lastLost > _next ? $"Records {_next} to {lastLost} cannot be read."
            : lastLost == _next ? $"Record {_next} cannot be read." : $"Something that is no record stands before record {_next}.";
        var mark = new LogEntry(_next, LogRecord.Note(_time, $"{what} {_damage!.Message}")) { Damage = _damage.Fault, LastLost = lastLost };
        _damage = null;
        return mark;
    }

    // False at the end of the segment. The entry is null for a record before the first one wanted, which is not opened, and for one that the filter rejects.
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
            var isOpen = frame.TryOpen(keys, out var plaintext);
            var isWanted = isOpen && (_filter is null || _filter(frame.Number, plaintext));
            var record = isWanted ? LogRecordEncoding.Decode(plaintext) : null;
            if (!isOpen || (isWanted && record is null))
            {
                throw Damaged(LogFault.RecordAltered, $"was altered, at byte {_offset} of segment {_segment}");
            }

            if (frame.Number != _next)
            {
                throw Damaged(LogFault.OrderBroken, $"is not where it should be: record {frame.Number} stands there");
            }

            _started = true;
            if (record is not null)
            {
                _time = record.Time;
                entry = new LogEntry(_next, record);
            }

            _next++;
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
