// The files of a log, made from an input. Random bytes never have a right MAC, so the input says how much of the writer's work is done for it.
//
//   links vouched for 1 (255 for all) | records sealed 1 (255 for all) | head 1 | log.head, a piece | segment 1, a piece | segment 2, a piece | …
//
// The segments are spelled as in docs/secure-log.md, but where a record is sealed its padded plaintext stands in place of its ciphertext.
// head, modulo 4: 0 there is none; 1 the piece as it is; 2 the piece's 84 bytes, sealed; 3 the same, with the MAC and the chain key of its place.
//
// This work follows that page with .NET's own primitives, and does not use the code under test.

using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Fuzzing.Targets;

internal sealed class LogImage : IDisposable
{
    /// <summary>Stands for all links, or all records.</summary>
    public const byte All = 255;

    private const int MaxSegments = 4;
    private const int HeadSize = 84;
    private const int SealedHeadSize = 156;

    // Verification skips up to MaxSkipped missing records, which takes half a minute. An input may ask for up to MaxRecords, which takes no time.
    private const long MaxSkipped = 1 << 26;
    private const long MaxRecords = 1000;

    private static readonly byte[] LogKeyBytes = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly List<byte[]> ChainKeys = [[.. Enumerable.Range(101, 32).Select(i => (byte)i)]];

    private readonly Dictionary<(int Segment, long Offset), (byte[] Mac, long Link)> _places = [];
    private readonly List<byte[]> _segments = [];
    private int _vouch;
    private int _seal;

    private LogImage(LogFolder folder, ReadOnlySpan<byte> input)
    {
        var parts = new Input(input);
        (_vouch, _seal) = (Number(parts.TakeByte()), Number(parts.TakeByte()));
        var how = parts.TakeByte() % 4;
        var head = parts.TakePiece().ToArray();
        while (_segments.Count < MaxSegments && parts.TakePiece() is { IsEmpty: false } segment)
        {
            _segments.Add(segment.ToArray());
            Finish(_segments[^1], _segments.Count);
            FindGenuine(_segments[^1], _segments.Count);
            File.WriteAllBytes(folder.SegmentPath(_segments.Count), _segments[^1]);
        }

        File.WriteAllBytes(folder.KeyPath, [.. "ACLOGKEY\0\0\0\u0001"u8, .. LogKeyBytes]);
        if (how != 0)
        {
            File.WriteAllBytes(folder.HeadPath, how == 1 ? head : SealHead(head, isOfItsPlace: how == 3));
        }

        static int Number(byte b) => b == All ? int.MaxValue : b;
    }

    /// <summary>Where the MAC chain of every log of this target begins.</summary>
    public VerificationKey VerificationKey { get; } = new(ChainKeys[0]);

    /// <summary>The numbers of the records whose MAC is the one of their place.</summary>
    public HashSet<long> Genuine { get; } = [];

    /// <summary>The plaintexts of the records that were sealed, where their padding is right.</summary>
    public List<byte[]> Plaintexts { get; } = [];

    /// <summary>Empties the folder and writes the files that the input stands for.</summary>
    public static LogImage Write(LogFolder folder, ReadOnlySpan<byte> input)
    {
        foreach (var file in Directory.EnumerateFiles(folder.Path))
        {
            File.Delete(file);
        }

        return new LogImage(folder, input);
    }

    /// <summary>The log key and the verification key, for a log that the code under test writes.</summary>
    public static void FillKeys(Span<byte> destination)
    {
        LogKeyBytes.CopyTo(destination);
        ChainKeys[0].CopyTo(destination[LogKeyBytes.Length..]);
    }

    /// <summary>The input that stands for a log which has these keys, as its files are.</summary>
    public static byte[] InputOf(LogFolder folder) =>
        [0, 0, 1, .. Input.Piece(File.ReadAllBytes(folder.HeadPath)[..SealedHeadSize]), .. SegmentsOf(folder).SelectMany(segment => Input.Piece(segment))];

    /// <summary>The input that leaves sealing and MACs to the target.</summary>
    /// <param name="folder">A log which has these keys.</param>
    /// <param name="sealedHead">Its head now, or as it once was.</param>
    /// <param name="vouch">How many links get a MAC.</param>
    /// <param name="seal">How many records are sealed.</param>
    /// <param name="how">What becomes of the head.</param>
    public static byte[] InputOf(LogFolder folder, byte[] sealedHead, byte vouch, byte seal, byte how)
    {
        var segments = SegmentsOf(folder);
        foreach (var segment in segments)
        {
            using var aes = Keys(segment.AsSpan(24, 32), "ActorChat log v1 segment"u8, out _);
            foreach (var record in Records(segment))
            {
                var ciphertext = record.Ciphertext(segment);
                aes.DecryptCbc(ciphertext, record.Iv(segment), PaddingMode.None).CopyTo(ciphertext);
            }
        }

        using var headAes = Keys([], "ActorChat log v1 head"u8, out _);
        var plaintext = headAes.DecryptCbc(sealedHead.AsSpan(28..124), sealedHead.AsSpan(12..28));
        return [vouch, seal, how, .. Input.Piece(plaintext), .. segments.SelectMany(segment => Input.Piece(segment))];
    }

    /// <summary>What stands in a segment before a place in it, or all of it.</summary>
    public ReadOnlySpan<byte> Before(int segment, long offset) =>
        segment <= _segments.Count ? _segments[segment - 1].AsSpan(..(int)Math.Min(offset, _segments[segment - 1].Length)) : [];

    public void Dispose() => VerificationKey.Dispose();

    private static List<byte[]> SegmentsOf(LogFolder folder) => [.. folder.Segments().Select(segment => File.ReadAllBytes(folder.SegmentPath(segment)))];

    // Encrypts and tags the segment's records and gives each link its MAC, in order, as far as the input asks for it.
    private void Finish(byte[] segment, int number)
    {
        if (segment.Length < LogFormat.SegmentHeaderSize)
        {
            return;
        }

        var first = Lessen(segment.AsSpan(16));
        if (first is < 1 or > MaxRecords)
        {
            return; // no writer has a key for it
        }

        var link = first - 1 + number - 1;
        if (_vouch-- > 0)
        {
            HMACSHA256.HashData(ChainKey(link), segment.AsSpan(..88)).CopyTo(segment.AsSpan(88));
        }

        _places[(number, LogFormat.SegmentHeaderSize)] = (segment[88..120], ++link);
        using var aes = Keys(segment.AsSpan(24, 32), "ActorChat log v1 segment"u8, out var sealKey);
        foreach (var record in Records(segment))
        {
            if (_seal-- > 0)
            {
                Seal(segment, record, aes, sealKey);
            }

            if (_vouch-- > 0)
            {
                MacOf(segment, record, link).CopyTo(record.Mac(segment));
            }

            _places[(number, record.End)] = (record.Mac(segment).ToArray(), ++link);
        }
    }

    // Lessens a record number that would make verification skip for long. Verification refuses much higher ones, so those stay.
    private static long Lessen(Span<byte> number)
    {
        var value = BinaryPrimitives.ReadInt64BigEndian(number);
        if (value is > MaxRecords and <= 2 * MaxSkipped)
        {
            value %= MaxRecords;
            BinaryPrimitives.WriteInt64BigEndian(number, value);
        }

        return value;
    }

    private void Seal(byte[] segment, Record record, Aes aes, byte[] sealKey)
    {
        var ciphertext = record.Ciphertext(segment);
        var padding = ciphertext[^1];
        if (padding is >= 1 and <= 16 && ciphertext[^padding..].IndexOfAnyExcept(padding) < 0)
        {
            Plaintexts.Add(ciphertext[..^padding].ToArray());
        }

        aes.EncryptCbc(ciphertext, record.Iv(segment), PaddingMode.None).CopyTo(ciphertext);
        HMACSHA256.HashData(sealKey, segment.AsSpan(record.Offset..(record.End - 48))).AsSpan(..16).CopyTo(segment.AsSpan(record.End - 48));
    }

    private byte[] SealHead(byte[] head, bool isOfItsPlace)
    {
        Array.Resize(ref head, HeadSize);
        Lessen(head);
        var place = (BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(8)), BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(12)));
        if (isOfItsPlace && _places.TryGetValue(place, out var there))
        {
            there.Mac.CopyTo(head, 20);
            ChainKey(there.Link).CopyTo(head.AsSpan(52));
        }

        using var aes = Keys([], "ActorChat log v1 head"u8, out var sealKey);
        byte[] box = [.. "ACLOGHED\0\0\0\u0001"u8, .. new byte[16], .. aes.EncryptCbc(head, new byte[16])];
        return [.. box, .. HMACSHA256.HashData(sealKey, box)];
    }

    // Record n of segment s is link n + s - 1, wherever in the segment it stands.
    private void FindGenuine(byte[] segment, int number)
    {
        foreach (var record in Records(segment))
        {
            var n = BinaryPrimitives.ReadInt64BigEndian(segment.AsSpan(record.Offset + 4));
            if (n is > 0 and <= 2 * MaxRecords && MacOf(segment, record, n + number - 1).AsSpan().SequenceEqual(record.Mac(segment)))
            {
                Genuine.Add(n);
            }
        }
    }

    private static byte[] MacOf(byte[] segment, Record record, long link) =>
        HMACSHA256.HashData(ChainKey(link), segment.AsSpan((record.Offset - 32)..(record.End - 32)));

    private static ReadOnlySpan<byte> ChainKey(long link)
    {
        while (ChainKeys.Count <= link)
        {
            ChainKeys.Add(SHA256.HashData([.. "next"u8, .. ChainKeys[^1]]));
        }

        return ChainKeys[(int)link];
    }

    private static Aes Keys(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, out byte[] sealKey)
    {
        var keys = new byte[64];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, LogKeyBytes, keys, salt, info);
        sealKey = keys[32..];
        var aes = Aes.Create();
        aes.Key = keys[..32];
        return aes;
    }

    // The records that stand in a segment, by their lengths.
    private static IEnumerable<Record> Records(byte[] segment)
    {
        for (var offset = LogFormat.SegmentHeaderSize; offset + 76 + 16 <= segment.Length;)
        {
            var ciphertext = BinaryPrimitives.ReadInt32BigEndian(segment.AsSpan(offset));
            if (ciphertext <= 0 || ciphertext % 16 != 0 || ciphertext > segment.Length - offset - 76)
            {
                yield break;
            }

            yield return new Record(offset, offset + 76 + ciphertext);
            offset += 76 + ciphertext;
        }
    }

    private readonly record struct Record(int Offset, int End)
    {
        public Span<byte> Iv(byte[] segment) => segment.AsSpan(Offset + 12, 16);

        public Span<byte> Ciphertext(byte[] segment) => segment.AsSpan((Offset + 28)..(End - 48));

        public Span<byte> Mac(byte[] segment) => segment.AsSpan(End - 32, 32);
    }
}
