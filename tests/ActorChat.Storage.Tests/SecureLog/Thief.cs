// An attacker with everything that a stolen state folder holds, and a log writer of his own that uses whatever key he tells it to.

using System.Buffers.Binary;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

/// <param name="loot">The stolen folder, with two segments. He writes his forgeries there.</param>
internal sealed class Thief(TestLog loot)
{
    private readonly LogKey _logKey = LogKey.Open(loot.Folder, null); // the log has no passphrase
    private readonly List<LogRecord> _records = [.. loot.Read().Select(entry => entry.Record)];
    private readonly byte[][] _segments = [.. loot.Folder.Segments().Select(segment => TestLog.ReadAll(loot.SegmentPath(segment)))];
    private readonly List<long>[] _boundaries = [.. loot.Folder.Segments().Select(loot.Boundaries)];

    private int FirstSegmentsRecords => _boundaries[0].Count - 1;

    /// <summary>The key for each link of a chain, 0 being the first header.</summary>
    public static Func<int, ChainKey> KeysFrom(ChainKey first, Func<int, int>? steps = null) => link =>
    {
        var key = new ChainKey(first.Bytes);
        key.Advance(steps?.Invoke(link) ?? link);
        return key;
    };

    /// <summary>All chain keys that he can try with what he has.</summary>
    public IEnumerable<(string Name, Func<int, ChainKey> Keys)> Guesses()
    {
        var head = HeadFile.Read(loot.Folder, _logKey)!;
        var links = _records.Count + _segments.Length;
        return
        [
            ("the current key everywhere", KeysFrom(head.Key, _ => 0)),
            ("the current key and its successors", KeysFrom(head.Key)),
            ("the current key, then its successors from the theft on", KeysFrom(head.Key, link => Math.Max(0, link - links))),
            ("the current key and its successors, counted backwards", KeysFrom(head.Key, link => links - link)),
            ("the log key and its successors", KeysFrom(new ChainKey(_logKey.Epochs[0].Key))),
            ("the last MAC and its successors", KeysFrom(new ChainKey(head.LastMac))),
            ("zero and its successors", KeysFrom(new ChainKey(new byte[LogFormat.KeySize]))),
        ];
    }

    /// <summary>Writes the whole log anew with the keys he has: headers, records and a head for them.</summary>
    /// <param name="edit">How he changes the records.</param>
    /// <param name="keys">The chain's key for each link.</param>
    /// <param name="keepGenuine">Whether headers and records that he leaves as and where they are keep their genuine bytes.</param>
    public void Forge(Func<List<LogRecord>, IEnumerable<LogRecord>> edit, Func<int, ChainKey> keys, bool keepGenuine)
    {
        var edited = edit(_records).ToList();
        var count = 0;
        var link = 0;
        byte[] lastMac = new byte[LogFormat.MacSize];
        List<byte> bytes = [];
        for (var segment = 1; segment <= 2; segment++)
        {
            var header = SegmentHeader.Create(segment, count + 1, lastMac, keys(link++), loot.Options.Random).Bytes.ToArray();
            bytes = [.. keepGenuine ? _segments[segment - 1][..LogFormat.SegmentHeaderSize] : header];
            using var segmentKeys = _logKey.SegmentKeys(segment, bytes.ToArray().AsSpan(24, LogFormat.SaltSize));
            for (var last = segment == 1 ? Math.Min(FirstSegmentsRecords, edited.Count) : edited.Count; count < last; count++)
            {
                var forged = Seal(bytes, count + 1, edited[count], segmentKeys, keys(link++));
                bytes.AddRange(keepGenuine && count < _records.Count && edited[count] == _records[count] ? Genuine(count) : forged);
            }

            File.WriteAllBytes(loot.SegmentPath(segment), [.. bytes]);
            lastMac = [.. bytes.TakeLast(LogFormat.MacSize)];
        }

        WriteHead(count, segment: 2, bytes.Count, lastMac, keys(link));
    }

    /// <summary>Keeps the first records as they are, and forges a head that says there never were more.</summary>
    public void Cut(int kept, Func<int, ChainKey> keys)
    {
        var segment = kept <= FirstSegmentsRecords ? 1 : 2;
        var end = (int)_boundaries[segment - 1][kept - (segment == 1 ? 0 : FirstSegmentsRecords)];
        File.WriteAllBytes(loot.SegmentPath(1), segment == 1 ? _segments[0][..end] : _segments[0]);
        File.Delete(loot.SegmentPath(2));
        if (segment == 2)
        {
            File.WriteAllBytes(loot.SegmentPath(2), _segments[1][..end]);
        }

        WriteHead(kept, segment, end, _segments[segment - 1][(end - LogFormat.MacSize)..end], keys(kept + segment));
    }

    private byte[] Genuine(int index)
    {
        var (segment, record) = index < FirstSegmentsRecords ? (0, index) : (1, index - FirstSegmentsRecords);
        return _segments[segment][(int)_boundaries[segment][record]..(int)_boundaries[segment][record + 1]];
    }

    private byte[] Seal(List<byte> before, long number, LogRecord record, SealKeys segmentKeys, ChainKey key)
    {
        var plaintext = LogRecordEncoding.Encode(record);
        byte[] bytes = [.. before.TakeLast(LogFormat.MacSize), .. new byte[RecordFrame.SizeOf(plaintext.Length)]];
        RecordFrame.Write(bytes, number, plaintext, segmentKeys, key, loot.Options.Random);
        return bytes[LogFormat.MacSize..];
    }

    private void WriteHead(long count, int segment, long offset, byte[] lastMac, ChainKey key)
    {
        var plaintext = new byte[LogFormat.HeadPlaintextSize];
        BinaryPrimitives.WriteInt64BigEndian(plaintext, count);
        BinaryPrimitives.WriteInt32BigEndian(plaintext.AsSpan(8), segment);
        BinaryPrimitives.WriteInt64BigEndian(plaintext.AsSpan(12), offset);
        lastMac.CopyTo(plaintext, 20);
        key.Bytes.CopyTo(plaintext.AsSpan(52));
        var page = new byte[LogFormat.HeadPageSize];
        LogFormat.WritePreamble(page, LogFormat.HeadMagic);
        using var keys = new HeadKeys(_logKey);
        keys.For(segment).Seal(page.AsSpan(0, LogFormat.SealedHeadSize), LogFormat.PreambleSize, plaintext, LogFormat.HeadTagSize, loot.Options.Random);
        File.WriteAllBytes(loot.Folder.HeadPath, [.. page, .. page]);
    }
}
