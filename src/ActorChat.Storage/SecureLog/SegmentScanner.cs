// Walks through a segment's records in one buffer, whose size does not depend on the segment's. It looks at lengths only;
// the caller checks the records. The segment may still be growing.

using System.Buffers;
using System.Buffers.Binary;
using ActorChat.Storage.Sealing;
using Microsoft.Win32.SafeHandles;

namespace ActorChat.Storage.SecureLog;

/// <summary>What <see cref="SegmentScanner.Next"/> found.</summary>
internal enum ScanResult
{
    /// <summary>A record, by its length.</summary>
    Record,

    /// <summary>The segment ends here, after a record or the header, or goes on with nothing but zeros: room for records to come.</summary>
    End,

    /// <summary>Bytes that are not a whole record: fewer than its length says, or a length that no record has.</summary>
    Broken,
}

/// <summary>Reads the records of one segment, in order.</summary>
/// <param name="file">The segment. The caller closes it.</param>
/// <param name="offset">Where the first record to be read begins, in bytes; at least the header's length.</param>
internal sealed class SegmentScanner(SafeFileHandle file, long offset) : IDisposable
{
    private const int InitialBufferSize = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBufferSize); // holds nothing but what the file holds
    private int _start;     // the MAC before the next record
    private int _end;       // first byte not read yet
    private long _readFrom = offset - LogFormat.MacSize;

    /// <summary>Where the next record begins, in bytes from the segment's start.</summary>
    public long Offset { get; private set; } = offset;

    private int CiphertextSize => BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + LogFormat.MacSize));

    /// <summary>Moves past the next record.</summary>
    /// <param name="frame">The record, valid until the next call; empty with any result but <see cref="ScanResult.Record"/>.</param>
    public ScanResult Next(out RecordFrame frame)
    {
        var result = Peek(out frame);
        Move(frame.Size);
        return result;
    }

    /// <summary>Goes on from another place.</summary>
    public void Restart(long at)
    {
        (_start, _end, _readFrom, Offset) = (0, 0, at - LogFormat.MacSize, at);
    }

    /// <summary>Moves to the nearest record from here on, at whatever byte it begins, that <paramref name="keys"/> opens and whose number is from
    /// <paramref name="first"/> to <paramref name="last"/>.</summary>
    /// <returns>Its number; 0 when there is none up to the segment's end.</returns>
    public long Find(SealKeys keys, long first, long last)
    {
        for (; Have(LogFormat.MacSize + LogFormat.RecordPrefixSize); Move(1))
        {
            var number = BinaryPrimitives.ReadInt64BigEndian(_buffer.AsSpan(_start + LogFormat.MacSize + sizeof(int)));
            if (number >= first && number <= last && HasLengthOfRecord() && Peek(out var frame) == ScanResult.Record && frame.Open(keys) is not null)
            {
                return number;
            }
        }

        return 0;
    }

    /// <summary>Where a segment's data ends, without the zeros at its end; <paramref name="from"/> where only zeros follow.</summary>
    public static long DataEnd(SafeFileHandle file, long from)
    {
        var end = from;
        var buffer = ArrayPool<byte>.Shared.Rent(InitialBufferSize);
        while (RandomAccess.Read(file, buffer, from) is var read and > 0)
        {
            end = buffer.AsSpan(0, read).LastIndexOfAnyExcept((byte)0) is var last and >= 0 ? from + last + 1 : end;
            from += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return end;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private ScanResult Peek(out RecordFrame frame)
    {
        frame = default;
        if (!Have(LogFormat.MacSize + LogFormat.RecordPrefixSize))
        {
            return _end - _start >= LogFormat.MacSize && DataEnd(file, Offset) == Offset ? ScanResult.End : ScanResult.Broken;
        }

        if (!HasLengthOfRecord())
        {
            return CiphertextSize == 0 && DataEnd(file, Offset) == Offset ? ScanResult.End : ScanResult.Broken;
        }

        var size = LogFormat.MacSize + LogFormat.RecordOverhead + CiphertextSize;
        if (!Have(size))
        {
            return ScanResult.Broken;
        }

        frame = new RecordFrame(_buffer.AsSpan(_start, size));
        return ScanResult.Record;
    }

    private bool HasLengthOfRecord() => CiphertextSize is > 0 and <= LogFormat.MaxCiphertextSize && CiphertextSize % SealKeys.BlockSize == 0;

    private void Move(int bytes)
    {
        _start += bytes;
        Offset += bytes;
    }

    // Whether the next `needed` bytes are in the buffer, after reading on if they are not.
    private bool Have(int needed)
    {
        if (_end - _start >= needed)
        {
            return true;
        }

        MakeRoom(needed);
        while (_end < _buffer.Length && RandomAccess.Read(file, _buffer.AsSpan(_end), _readFrom) is var read and > 0)
        {
            _end += read;
            _readFrom += read;
        }

        return _end - _start >= needed;
    }

    private void MakeRoom(int needed)
    {
        var target = needed <= _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(needed);
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _end -= _start;
        _start = 0;
    }
}
