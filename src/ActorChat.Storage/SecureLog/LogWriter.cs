// The writing end of the secure log. Append only queues a record; Flush seals everything that is queued, writes it in one piece, syncs the
// segment, then writes and syncs the head. Two syncs per flush, however many records. When Flush returns, the records are acknowledged:
// they survive a crash of the process and of the machine. When it throws, none of them is in the log, and the log is as it was.
//
// The segment is filled with zeros ahead of its records, so that most flushes overwrite bytes that exist already: syncing those is one disk
// write, while a sync that makes a file longer also waits for the file system's journal.
//
// Not thread-safe: it belongs to one actor.

using System.Buffers;
using System.Security.Cryptography;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>Appends to a secure log. One writer per folder, across all processes. Clears its keys on <see cref="Dispose"/>.</summary>
public sealed class LogWriter : IDisposable
{
    private const string VerifyAndRestore =
        "Verify the log to see what can still be trusted; then restore that file from a copy, or move the folder away and start another log.";

    private static readonly byte[] Zeros = new byte[256 * 1024];

    private readonly LogFolder _folder;
    private readonly LogOptions _options;
    private readonly LogKey _key;
    private readonly FileStream _lock;
    private readonly HeadFile _headFile;
    private readonly RandomSource _ivs;
    private readonly List<byte[]> _pending = [];
    private LogHead _head;
    private LogHead _next; // during a flush the head that it makes; its key is cleared afterwards
    private FileStream _segment;
    private SealKeys _segmentKeys;
    private long _pendingSize;
    private long _filled; // the segment's length, where the zeros end
    private bool _torn; // a flush failed, and what it left has not been cut off yet

    private LogWriter(
        LogFolder folder, LogOptions options, FileStream exclusive, LogKey key, HeadFile headFile, RandomSource ivs, LogHead head, FileStream segment, SealKeys keys)
    {
        (_folder, _options, _lock, _key) = (folder, options, exclusive, key);
        (_headFile, _ivs, _head, _segment, _segmentKeys, _filled) = (headFile, ivs, head, segment, keys, head.Offset);
        _next = head.Copy();
        _next.Key.Clear();
    }

    /// <summary>What opening found after the last acknowledged record. When bytes were cut off, a note in the log says so.</summary>
    public LogRecovery Recovery { get; private init; } = new(0, 0);

    /// <summary>The number of the last acknowledged record; 0 when there is none.</summary>
    public long Count => _head.Count;

    /// <summary>The number of the segment that takes the next record, from 1. Call <see cref="SaveLedger"/> when it grows, and at the end.</summary>
    public int Segment => _head.Segment;

    /// <summary>How many records wait for <see cref="Flush"/>.</summary>
    public int Pending => _pending.Count;

    /// <summary>Opens a log for writing, after recovering it from the end of the last writer.</summary>
    /// <param name="folder">A folder in which <see cref="LogKey.Create"/> made a log.</param>
    /// <param name="key">Its keys. The writer keeps a copy without the verification key; dispose the original right away.</param>
    /// <param name="options">The defaults when null.</param>
    /// <exception cref="SecureLogException">The log was tampered with, or the key is another log's; acknowledged records are left as they are.</exception>
    /// <exception cref="IOException">Another process is writing it, or the disk fails.</exception>
    public static LogWriter Open(LogFolder folder, LogKey key, LogOptions? options = null)
    {
        options ??= new LogOptions();
        var owned = new Stack<IDisposable>();
        try
        {
            var exclusive = Own(folder.Lock());
            var copy = Own(key.WithoutVerificationKey());
            RandomSource ivs = new RandomPool(options.Random).Fill;
            var headFile = Own(File.Exists(folder.HeadPath)
                ? new HeadFile(options.OpenFile(folder.HeadPath, FileMode.Open), new HeadKeys(key), ivs)
                : throw HeadDamaged(folder));
            var head = Own(headFile.Read() ?? throw HeadDamaged(folder));
            var recovery = LogRecovery.Run(folder, key, head, options);
            var segment = Own(options.OpenFile(folder.SegmentPath(head.Segment), FileMode.Open));
            var segmentKeys = Own(OpenSegmentKeys(folder, head, key, segment));
            var writer = new LogWriter(folder, options, exclusive, copy, headFile, ivs, head, segment, segmentKeys) { Recovery = recovery };
            owned.Clear();
            Own(writer).Settle();
            return writer;
        }
        catch
        {
            while (owned.TryPop(out var resource))
            {
                resource.Dispose();
            }

            throw;
        }

        T Own<T>(T resource)
            where T : IDisposable
        {
            owned.Push(resource);
            return resource;
        }
    }

    /// <summary>Queues records, all of them or none. They are acknowledged only when <see cref="Flush"/> returns. Touches no file.</summary>
    /// <returns>The number that the last of them will have if that flush succeeds.</returns>
    /// <exception cref="ArgumentException">A name, an address or the text is too long, a value is unknown, or members do not go together.</exception>
    /// <exception cref="InvalidOperationException">More is queued already than <see cref="LogOptions.MaxPendingSize"/>.</exception>
    public long Append(params ReadOnlySpan<LogRecord> records)
    {
        if (_pendingSize >= _options.MaxPendingSize)
        {
            throw new InvalidOperationException($"{_pending.Count} records wait to be written. Flush the log before appending more.");
        }

        var before = _pending.Count;
        try
        {
            foreach (var record in records)
            {
                _pending.Add(LogRecordEncoding.Encode(record));
            }
        }
        catch (ArgumentException)
        {
            _pending.RemoveRange(before, _pending.Count - before);
            throw;
        }

        _pendingSize += _pending.Skip(before).Sum(plaintext => (long)plaintext.Length);
        return _head.Count + _pending.Count;
    }

    /// <summary>Writes everything that was appended, and returns when it is on disk. Does nothing when nothing waits.</summary>
    /// <exception cref="LogWriteException">The disk is full or fails: none of these records is in the log. The writer can go on.</exception>
    /// <exception cref="SecureLogException"><see cref="LogFault.OtherWriter"/>: another process writes this log in spite of the lock.
    /// None of these records is in the log, and every later flush throws too: close the writer.</exception>
    public void Flush()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        try
        {
            CutBackIfTorn();
            RefuseOtherWriter();
            RotateIfFull();
            WritePending();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var lost = new LogWriteException(_head.Count + 1, _pending.Count, e);
            TryCutBack();
            throw lost;
        }
        finally
        {
            ForgetPending();
        }
    }

    /// <summary>A reader of the same log, with a copy of the key. The caller disposes it; it may read on another thread, and after the writer is closed.</summary>
    /// <param name="first">The number of the record to begin at.</param>
    public LogReader OpenReader(long first = 1) => new(_folder, _key, first);

    /// <summary>The ledger of this log up to the last acknowledged record, from the snapshot <c>ledger.sealed</c> where that is good, else from the whole log.</summary>
    /// <param name="limits">How much it remembers; the defaults when null.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public LedgerOpening OpenLedger(LedgerLimits? limits = null) => LedgerFile.Open(_folder, _key, limits ?? new LedgerLimits());

    /// <summary>Writes the snapshot of a ledger that holds exactly what is acknowledged.</summary>
    /// <exception cref="ArgumentException">It holds less or more.</exception>
    /// <exception cref="IOException">The snapshot cannot be written; the one before is still there.</exception>
    public void SaveLedger(Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        if (ledger.UpTo != Count)
        {
            throw new ArgumentException($"The ledger holds up to record {ledger.UpTo}, the log has {Count}. Fold what is acknowledged, and only that.", nameof(ledger));
        }

        LedgerFile.Save(_folder, _key, ledger, _head, _ivs);
    }

    /// <summary>Closes the log and lets another writer have it. What was appended and not flushed is dropped.</summary>
    public void Dispose()
    {
        ForgetPending();
        try
        {
            TryCutZeros();
        }
        finally
        {
            _segment.Dispose();
            _segmentKeys.Dispose();
            _headFile.Dispose();
            _head.Dispose();
            _next.Dispose();
            _key.Dispose();
            _lock.Dispose();
        }
    }

    private static SecureLogException HeadDamaged(LogFolder folder) => new(
        LogFault.HeadDamaged,
        $"{folder.HeadPath} is missing, damaged, or of another log than log.key. "
        + "Verify the log to see what can still be trusted; then restore it from a copy, or move the folder away and start another log.");

    // Only the verification key can check the MAC over the header's salt. But any record of the segment that opens shows that the salt is the one that
    // the segment was begun with. Records written under another salt would become unreadable once the header is restored. One damaged record is no
    // reason to stop: nothing else depends on it.
    private static SealKeys OpenSegmentKeys(LogFolder folder, LogHead head, LogKey key, FileStream segment)
    {
        var path = folder.SegmentPath(head.Segment);
        if (SegmentHeader.Read(segment.SafeFileHandle) is not { } header)
        {
            throw new SecureLogException(
                LogFault.HeaderAltered, $"The header of {path} (its first {LogFormat.SegmentHeaderSize} bytes) was altered. {VerifyAndRestore}");
        }

        var keys = key.SegmentKeys(head.Segment, header.Salt);
        using var scanner = new SegmentScanner(segment.SafeFileHandle, LogFormat.SegmentHeaderSize);
        if (head.Offset == LogFormat.SegmentHeaderSize || scanner.Find(keys, first: 1, head.Count) != 0)
        {
            return keys;
        }

        keys.Dispose();
        throw new SecureLogException(
            LogFault.HeaderAltered, $"No record of {path} opens: the salt in its header was altered, or every one of its records. {VerifyAndRestore}");
    }

    // Makes final what recovery adopted or cut off, and removes the older key that the last writer may have left in log.head.
    private void Settle()
    {
        _headFile.Write(_head);
        if (Recovery.CutBytes > 0)
        {
            Append(LogRecord.Note(
                _options.Time.GetUtcNow(),
                $"The last writer was stopped in the middle: {Recovery.CutBytes} bytes behind record {Count}, never acknowledged, were cut off."));
            Flush();
        }
    }

    private void WritePending()
    {
        _next.CopyFrom(_head);
        try
        {
            var size = LogFormat.MacSize + _pending.Sum(plaintext => RecordFrame.SizeOf(plaintext.Length));
            var bytes = ArrayPool<byte>.Shared.Rent(size); // holds nothing but what the file will hold
            _head.LastMac.CopyTo(bytes);
            var position = 0;
            foreach (var plaintext in _pending)
            {
                var frame = bytes.AsSpan(position, LogFormat.MacSize + RecordFrame.SizeOf(plaintext.Length));
                _next.Pass(RecordFrame.Write(frame, _next.Count + 1, plaintext, _segmentKeys, _next.Key, _ivs));
                position += frame.Length - LogFormat.MacSize;
            }

            _torn = true;
            _segment.Position = _head.Offset;
            _segment.Write(bytes.AsSpan(LogFormat.MacSize..size));
            ArrayPool<byte>.Shared.Return(bytes);
            if (_next.Offset > _filled)
            {
                var room = (int)Math.Clamp(_options.SegmentSize - _next.Offset, 0, Zeros.Length);
                _segment.Write(Zeros.AsSpan(0, room));
                _filled = _next.Offset + room;
            }

            _segment.Flush(flushToDisk: true);
            _headFile.Write(_next);
            _torn = false;
            (_head, _next) = (_next, _head);
        }
        finally
        {
            _next.Key.Clear(); // after success this is the previous key
        }
    }

    // Each flush goes into one segment. The next segment begins when the last one has reached its size, or its epoch has ended. Its name and header are on disk
    // before the head points to it, and the head is on disk before any record.
    private void RotateIfFull()
    {
        if (_head.Offset < _options.SegmentSize && _key.IsOfLastEpoch(_head.Segment))
        {
            return;
        }

        _next.CopyFrom(_head);
        FileStream? segment = null;
        try
        {
            var header = _next.BeginSegment(_key, _options.Random);
            _torn = true;
            CutZeros();
            segment = _options.OpenFile(_folder.SegmentPath(_next.Segment), FileMode.Create);
            segment.Write(header.Bytes);
            segment.Flush(flushToDisk: true);
            PrivateFile.SyncFolder(_folder.Path);
            _headFile.Write(_next);
            _torn = false;

            (_head, _next) = (_next, _head);
            (_segment, segment) = (segment, _segment);
            _filled = _head.Offset;
            _segmentKeys.Dispose();
            _segmentKeys = _key.SegmentKeys(_head.Segment, header.Salt);
        }
        finally
        {
            segment?.Dispose();
            _next.Key.Clear();
        }
    }

    private void TryCutBack()
    {
        try
        {
            CutBackIfTorn();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is still failing; the next flush tries again before it writes anything.
        }
    }

    // The order matters: first both pages of log.head are written, so that none vouches for the lost records; then the records are cut off.
    // After a crash in between, recovery finds them whole after the head and adopts them.
    private void CutBackIfTorn()
    {
        if (!_torn)
        {
            return;
        }

        _headFile.Write(_head);
        _headFile.Write(_head);
        _segment.SetLength(_head.Offset);
        _segment.Flush(flushToDisk: true);
        _filled = _head.Offset;
        _torn = false;
    }

    // The lock keeps other writers out while its file is there and the file system honours it. Without it two writers would overwrite each other's
    // records and acknowledge them all the same. The head, which every flush writes, shows that there is another writer.
    private void RefuseOtherWriter()
    {
        if (!_headFile.IsAsWritten())
        {
            throw new SecureLogException(
                LogFault.OtherWriter,
                $"Another process writes the secure log in {_folder.Path}. Stop both, leave log.lock where it is, verify the log, and start one of them.");
        }
    }

    private void CutZeros()
    {
        if (_filled > _head.Offset)
        {
            _segment.SetLength(_head.Offset);
            _filled = _head.Offset;
        }
    }

    private void TryCutZeros()
    {
        try
        {
            if (_segment.CanWrite && !_torn && _headFile.IsAsWritten()) // otherwise another writer's records may follow our last one
            {
                CutZeros();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start recognises the zeros.
        }
    }

    private void ForgetPending()
    {
        foreach (var plaintext in _pending)
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }

        _pending.Clear();
        _pendingSize = 0;
    }
}
