// The first 120 bytes of a segment. A header is a link of the MAC chain like any record. It repeats the previous MAC,
// so that what a MAC covers is always one piece of one file:
//
//    0  magic "ACLOGSEG" 8 | version 4 | segment number 4 | number of the first record 8 | salt 32 | previous MAC 32
//   88  MAC 32, over the 88 bytes before it

using System.Buffers.Binary;
using ActorChat.Storage.Sealing;
using Microsoft.Win32.SafeHandles;

namespace ActorChat.Storage.SecureLog;

/// <summary>A segment's header, as read or as to be written.</summary>
internal sealed class SegmentHeader
{
    private const int SaltOffset = 24;
    private const int PreviousMacOffset = SaltOffset + LogFormat.SaltSize;
    private const int MacOffset = PreviousMacOffset + LogFormat.MacSize;

    private readonly byte[] _bytes;

    private SegmentHeader(byte[] bytes) => _bytes = bytes;

    public int Segment => BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(12));

    public long FirstRecord => BinaryPrimitives.ReadInt64BigEndian(_bytes.AsSpan(16));

    public ReadOnlySpan<byte> Salt => _bytes.AsSpan(SaltOffset, LogFormat.SaltSize);

    /// <summary>The MAC of the previous link, 32 bytes; zero in the first segment.</summary>
    public ReadOnlySpan<byte> PreviousMac => _bytes.AsSpan(PreviousMacOffset, LogFormat.MacSize);

    public ReadOnlySpan<byte> Mac => _bytes.AsSpan(MacOffset);

    /// <summary>All 120 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Makes the header of a new segment, with the MAC that <paramref name="key"/> gives it.</summary>
    public static SegmentHeader Create(int segment, long firstRecord, ReadOnlySpan<byte> previousMac, ChainKey key, RandomSource random)
    {
        var bytes = new byte[LogFormat.SegmentHeaderSize];
        LogFormat.WritePreamble(bytes, LogFormat.SegmentMagic);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), segment);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), firstRecord);
        random(bytes.AsSpan(SaltOffset, LogFormat.SaltSize));
        previousMac.CopyTo(bytes.AsSpan(PreviousMacOffset));
        key.Mac(bytes.AsSpan(0, MacOffset), bytes.AsSpan(MacOffset));
        return new SegmentHeader(bytes);
    }

    /// <summary>Reads the header of an open segment; null when it has none of this version.</summary>
    public static SegmentHeader? Read(SafeFileHandle file)
    {
        var bytes = new byte[LogFormat.SegmentHeaderSize];
        return RandomAccess.Read(file, bytes, fileOffset: 0) == bytes.Length && LogFormat.HasPreamble(bytes, LogFormat.SegmentMagic)
            ? new SegmentHeader(bytes)
            : null;
    }

    /// <summary>Whether <paramref name="key"/> made this header's MAC.</summary>
    public bool IsVouchedBy(ChainKey key) => key.Verify(_bytes.AsSpan(0, MacOffset), Mac);
}
