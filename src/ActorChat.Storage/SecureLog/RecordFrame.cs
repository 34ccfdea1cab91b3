// A record as it stands in a segment, with the MAC before it, which its own MAC covers:
//
//   previous MAC 32 | ciphertext length 4 | number 8 | IV 16 | ciphertext, a multiple of 16 | tag 16 | MAC 32
//                   |<--------------------------- the sealed box -------------------------------->|
//   |<----------------------------------------- what the MAC covers ------------------------------>|
//
// The tag and the MAC answer different questions. The tag is made with the segment's keys: is this a record of somebody who has the log key?
// Any reader can ask that, anywhere in the log, and does before it decrypts. The MAC is made with the chain's key: was it written in its turn?

using System.Buffers.Binary;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>A whole record in a reader's buffer, with the 32 bytes before it.</summary>
internal readonly ref struct RecordFrame(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public long Number => BinaryPrimitives.ReadInt64BigEndian(_bytes[(LogFormat.MacSize + sizeof(int))..]);

    /// <summary>The record's length in the file, in bytes; 0 when there is no record.</summary>
    public int Size => _bytes.IsEmpty ? 0 : _bytes.Length - LogFormat.MacSize;

    public ReadOnlySpan<byte> Mac => _bytes[^LogFormat.MacSize..];

    /// <summary>The length in the file of a record of <paramref name="plaintextSize"/> bytes.</summary>
    public static int SizeOf(int plaintextSize) => LogFormat.RecordOverhead + SealKeys.CiphertextSize(plaintextSize);

    /// <summary>Seals a record after the previous MAC, which is in the first 32 bytes of <paramref name="bytes"/>, and adds the MAC.</summary>
    public static RecordFrame Write(Span<byte> bytes, long number, ReadOnlySpan<byte> plaintext, SealKeys keys, ChainKey key, RandomSource random)
    {
        var box = bytes[LogFormat.MacSize..^LogFormat.MacSize];
        BinaryPrimitives.WriteInt32BigEndian(box, SealKeys.CiphertextSize(plaintext.Length));
        BinaryPrimitives.WriteInt64BigEndian(box[sizeof(int)..], number);
        keys.Seal(box, LogFormat.RecordPrefixSize, plaintext, LogFormat.RecordTagSize, random);
        key.Mac(bytes[..^LogFormat.MacSize], bytes[^LogFormat.MacSize..]);
        return new RecordFrame(bytes);
    }

    /// <summary>Whether <paramref name="key"/> made this record's MAC.</summary>
    public bool IsVouchedBy(ChainKey key) => key.Verify(_bytes[..^LogFormat.MacSize], Mac);

    /// <summary>Checks the tag, decrypts and decodes; null when one of them fails.</summary>
    public LogRecord? Open(SealKeys keys) => TryOpen(keys, out var plaintext) ? LogRecordEncoding.Decode(plaintext) : null;

    /// <summary>Checks the tag and decrypts; false when that fails. The plaintext is valid until <paramref name="keys"/> opens the next record.</summary>
    public bool TryOpen(SealKeys keys, out ReadOnlySpan<byte> plaintext) =>
        keys.TryOpen(_bytes[LogFormat.MacSize..^LogFormat.MacSize], LogFormat.RecordPrefixSize, LogFormat.RecordTagSize, out plaintext);
}
