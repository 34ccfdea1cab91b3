// The sizes, magic words and labels of the secure log, in one place. docs/secure-log.md shows the layouts that they belong to.
// All numbers in the files are big-endian, but for the contents of ledger.sealed.

using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>Named constants of the log's format, version 1. All sizes are in bytes.</summary>
internal static class LogFormat
{
    private const int Version = 1;

    /// <summary>The version of a <c>log.key</c> with more than one epoch.</summary>
    public const int KeyVersion2 = 2;

    /// <summary>first segment 4 | first record 8 | log key 32, in a <c>log.key</c> of version 2.</summary>
    public const int EpochSize = 12 + KeySize;

    /// <summary>The most epochs that a log may have.</summary>
    public const int MaxEpochs = 64;

    /// <summary>A key of the log or of its MAC chain.</summary>
    public const int KeySize = 32;

    /// <summary>A MAC of the chain: HMAC-SHA256.</summary>
    public const int MacSize = HMACSHA256.HashSizeInBytes;

    /// <summary>magic 8 | version 4, at the start of every file.</summary>
    public const int PreambleSize = 12;

    /// <summary>preamble 12 | segment number 4 | number of the first record 8 | salt 32 | previous MAC 32 | MAC 32.</summary>
    public const int SegmentHeaderSize = 120;

    /// <summary>The salt of a segment's keys.</summary>
    public const int SaltSize = 32;

    /// <summary>ciphertext length 4 | record number 8, before a record's IV.</summary>
    public const int RecordPrefixSize = 12;

    /// <summary>The tag with which a record is sealed: the first half of an HMAC-SHA256.</summary>
    public const int RecordTagSize = 16;

    /// <summary>A record without its ciphertext: prefix, IV, tag, MAC.</summary>
    public const int RecordOverhead = RecordPrefixSize + SealKeys.IvSize + RecordTagSize + MacSize;

    /// <summary>The longest encoded record before sealing: 1 MiB of text and what goes with it.</summary>
    public const int MaxPlaintextSize = LogRecord.MaxTextSize + (4 * 1024);

    /// <summary>The longest ciphertext that a reader accepts as a length.</summary>
    public const int MaxCiphertextSize = MaxPlaintextSize + SealKeys.BlockSize;

    /// <summary>A half of log.head. Each half is a page of its own, so that a write torn by a power failure spoils only one.</summary>
    public const int HeadPageSize = 4096;

    /// <summary>count 8 | segment 4 | offset 8 | last MAC 32 | chain key 32, before sealing.</summary>
    public const int HeadPlaintextSize = 84;

    /// <summary>The tag with which the head is sealed: an HMAC-SHA256.</summary>
    public const int HeadTagSize = 32;

    /// <summary>preamble 12 | IV 16 | ciphertext 96 | tag 32. The rest of the page is zero.</summary>
    public const int SealedHeadSize = PreambleSize + SealKeys.IvSize + 96 + HeadTagSize;

    public static ReadOnlySpan<byte> KeyMagic => "ACLOGKEY"u8;

    public static ReadOnlySpan<byte> HeadMagic => "ACLOGHED"u8;

    public static ReadOnlySpan<byte> SegmentMagic => "ACLOGSEG"u8;

    public static ReadOnlySpan<byte> LedgerMagic => "ACLEDGER"u8;

    public static ReadOnlySpan<byte> LedgerKeysInfo => "ActorChat ledger v1"u8;

    public static ReadOnlySpan<byte> SegmentKeysInfo => "ActorChat log v1 segment"u8;

    public static ReadOnlySpan<byte> EpochInfo => "ActorChat log v1 epoch"u8;

    public static ReadOnlySpan<byte> HeadKeysInfo => "ActorChat log v1 head"u8;

    public static ReadOnlySpan<byte> SecretsKeysInfo => "ActorChat user secrets v1"u8;

    public static ReadOnlySpan<byte> InputKeysInfo => "ActorChat input v1"u8;

    public static ReadOnlySpan<byte> FingerprintKeyInfo => "ActorChat fingerprints v1"u8;

    /// <summary>Writes the 12 bytes that every file begins with.</summary>
    public static void WritePreamble(Span<byte> destination, ReadOnlySpan<byte> magic, int version = Version)
    {
        magic.CopyTo(destination);
        BinaryPrimitives.WriteInt32BigEndian(destination[magic.Length..], version);
    }

    /// <summary>Whether <paramref name="file"/> begins with these 12 bytes.</summary>
    public static bool HasPreamble(ReadOnlySpan<byte> file, ReadOnlySpan<byte> magic, int version = Version) =>
        file.Length >= PreambleSize && file.StartsWith(magic) && BinaryPrimitives.ReadInt32BigEndian(file[magic.Length..]) == version;
}
