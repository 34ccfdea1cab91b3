// Where the log ends: how many records there are, where the last one ends, its MAC, and the chain's key for the next one. The writer carries it
// from flush to flush, and log.head keeps it sealed. The key in it is also its proof: a head is genuine when its key is the one that the
// chain arrives at after that many records. A thief who comes later cannot know an earlier key.

using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>A place in the log, between two links. Clears its key on <see cref="Dispose"/>.</summary>
internal sealed class LogHead : IDisposable
{
    private readonly byte[] _lastMac = new byte[LogFormat.MacSize];

    /// <summary>The place before the first segment. Takes over <paramref name="key"/>.</summary>
    public LogHead(ChainKey key) => Key = key;

    /// <summary>How many records there are, and so the number of the last one.</summary>
    public long Count { get; private set; }

    /// <summary>The segment that takes the next record.</summary>
    public int Segment { get; private set; }

    /// <summary>The next record's offset in that segment, in bytes.</summary>
    public long Offset { get; private set; }

    /// <summary>The MAC of the previous link, 32 bytes; zero before the first.</summary>
    public ReadOnlySpan<byte> LastMac => _lastMac;

    /// <summary>The chain's key for the next link.</summary>
    public ChainKey Key { get; }

    public LogHead Copy()
    {
        var copy = new LogHead(new ChainKey(Key.Bytes));
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Moves to the place of <paramref name="other"/>.</summary>
    public void CopyFrom(LogHead other)
    {
        (Count, Segment, Offset) = (other.Count, other.Segment, other.Offset);
        other._lastMac.CopyTo(_lastMac, 0);
        Key.CopyFrom(other.Key);
    }

    /// <summary>Makes the header of the next segment, and moves past it.</summary>
    public SegmentHeader BeginSegment(LogKey key, RandomSource random)
    {
        EnterEpoch(key);
        var header = SegmentHeader.Create(Segment + 1, Count + 1, _lastMac, Key, random);
        Pass(header);
        return header;
    }

    /// <summary>Where an epoch begins with the next segment, moves the chain's key into that epoch. Call it once, after the last record before that
    /// segment.</summary>
    public void EnterEpoch(LogKey key)
    {
        if (key.EpochFrom(Segment + 1) is { } epoch)
        {
            Key.Enter(epoch);
        }
    }

    /// <summary>Moves past the header of the next segment, whose epoch has been entered.</summary>
    public void Pass(SegmentHeader header)
    {
        Segment++;
        Offset = LogFormat.SegmentHeaderSize;
        header.Mac.CopyTo(_lastMac);
        Key.Advance();
    }

    /// <summary>Moves past a record.</summary>
    public void Pass(RecordFrame frame)
    {
        Count++;
        Offset += frame.Size;
        frame.Mac.CopyTo(_lastMac);
        Key.Advance();
    }

    /// <summary>Moves over records and headers that cannot be read, to the end of the last of those headers.</summary>
    public void Skip(LogKey key, long records, int segments)
    {
        var (count, segment) = (Count + records, Segment + segments);
        foreach (var epoch in key.Epochs.Where(epoch => epoch.FirstSegment > Segment && epoch.FirstSegment <= segment))
        {
            var before = Math.Clamp(epoch.FirstRecord - 1, Count, count); // no more records than the caller asked to skip
            Key.Advance(before - Count + epoch.FirstSegment - 1 - Segment);
            (Count, Segment) = (before, epoch.FirstSegment - 1);
            EnterEpoch(key);
            Key.Advance();
            Segment++;
        }

        Key.Advance(count - Count + segment - Segment);
        (Count, Segment, Offset) = (count, segment, LogFormat.SegmentHeaderSize);
    }

    /// <summary>Seals the head into <paramref name="box"/>, <see cref="LogFormat.SealedHeadSize"/> bytes.</summary>
    public void Seal(Span<byte> box, SealKeys keys, RandomSource random)
    {
        Span<byte> plaintext = stackalloc byte[LogFormat.HeadPlaintextSize];
        BinaryPrimitives.WriteInt64BigEndian(plaintext, Count);
        BinaryPrimitives.WriteInt32BigEndian(plaintext[8..], Segment);
        BinaryPrimitives.WriteInt64BigEndian(plaintext[12..], Offset);
        _lastMac.CopyTo(plaintext[20..]);
        Key.Bytes.CopyTo(plaintext[52..]);
        LogFormat.WritePreamble(box, LogFormat.HeadMagic);
        keys.Seal(box, LogFormat.PreambleSize, plaintext, LogFormat.HeadTagSize, random);
        CryptographicOperations.ZeroMemory(plaintext);
    }

    /// <summary>Opens what <see cref="Seal"/> made; null when it is anything else.</summary>
    public static LogHead? Open(ReadOnlySpan<byte> box, SealKeys keys)
    {
        if (!LogFormat.HasPreamble(box, LogFormat.HeadMagic)
            || keys.OpenSecret(box, LogFormat.PreambleSize, LogFormat.HeadTagSize) is not { Length: LogFormat.HeadPlaintextSize } plaintext)
        {
            return null;
        }

        var head = new LogHead(new ChainKey(plaintext.AsSpan(52)))
        {
            Count = BinaryPrimitives.ReadInt64BigEndian(plaintext),
            Segment = BinaryPrimitives.ReadInt32BigEndian(plaintext.AsSpan(8)),
            Offset = BinaryPrimitives.ReadInt64BigEndian(plaintext.AsSpan(12)),
        };
        plaintext.AsSpan(20, LogFormat.MacSize).CopyTo(head._lastMac);
        CryptographicOperations.ZeroMemory(plaintext);
        if (head.Count >= 0 && head.Segment > 0 && head.Offset >= LogFormat.SegmentHeaderSize)
        {
            return head;
        }

        head.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}
