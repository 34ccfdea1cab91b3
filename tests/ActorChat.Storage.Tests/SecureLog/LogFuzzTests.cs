// In every file of a small log, every byte is flipped, removed, doubled, and preceded by another. Whatever is still read without an error is
// what was written, and verification reports every change that alters a record.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogFuzzTests
{
    private static readonly (string Name, Func<byte[], int, byte[]> Change)[] Changes =
    [
        ("flip a bit", (bytes, i) => Flip(bytes, i, 0x01)),
        ("flip all", (bytes, i) => Flip(bytes, i, 0xff)),
        ("insert", (bytes, i) => [.. bytes[..i], 0x5a, .. bytes[i..]]),
        ("delete", (bytes, i) => [.. bytes[..i], .. bytes[(i + 1)..]]),
        ("duplicate", (bytes, i) => [.. bytes[..i], bytes[i], .. bytes[i..]]),
    ];

    [Fact]
    public void Every_change_to_a_segment_is_found()
    {
        using var log = TestLog.WithRecords(7);
        Assert.Equal(2, log.Segments);
        for (var segment = 1; segment <= 2; segment++)
        {
            var original = TestLog.ReadAll(log.SegmentPath(segment));
            foreach (var (what, changed, report, same) in Fuzz(log, log.SegmentPath(segment)))
            {
                if (changed.AsSpan().StartsWith(original) && changed[^1] == 0)
                {
                    continue; // a zero behind the last record is room for the next one
                }

                Assert.True(same || !report.IsIntact, what);
                Assert.True(!report.IsIntact || report.UnfinishedBytes > 0, what); // only a byte behind the last record is no fault, but it is reported
            }
        }
    }

    [Fact]
    public void Every_change_to_one_half_of_the_head_leaves_the_other()
    {
        using var log = TestLog.WithRecords(7);
        foreach (var (what, _, report, same) in Fuzz(log, log.Folder.HeadPath, [.. Sealed(0), .. Sealed(1), .. Unused()]))
        {
            // A byte more or less in the first page also moves the second one.
            Assert.True(same && report.Findings.All(finding => finding.Fault == LogFault.HeadDamaged), what);
            Assert.True(report.IsIntact || !what.StartsWith("flip", StringComparison.Ordinal), what);
        }

        static IEnumerable<int> Sealed(int page) => Enumerable.Range(page * LogFormat.HeadPageSize, LogFormat.SealedHeadSize);
        static IEnumerable<int> Unused() => Enumerable.Range(0, 2 * LogFormat.HeadPageSize / 61).Select(i => i * 61);
    }

    [Fact]
    public void Every_change_to_the_only_half_of_the_head_is_found()
    {
        using var log = TestLog.WithRecords(7);
        TestLog.Edit(log.Folder.HeadPath, bytes => bytes[..LogFormat.HeadPageSize]);
        var original = TestLog.ReadAll(log.Folder.HeadPath);
        foreach (var (what, changed, report, same) in Fuzz(log, log.Folder.HeadPath, [.. Enumerable.Range(0, LogFormat.SealedHeadSize)]))
        {
            Assert.True(same, what);
            Assert.True(report.IsIntact == Box(changed).SequenceEqual(Box(original)), what);
        }
    }

    private static ReadOnlySpan<byte> Box(byte[] headFile) => headFile.AsSpan(0, LogFormat.SealedHeadSize);

    [Theory]
    [InlineData(null)]
    [InlineData("pass phrase")]
    public void Every_change_to_the_key_file_is_found(string? passphrase)
    {
        using var log = TestLog.WithRecords(3, passphrase);
        var path = log.Folder.KeyPath;
        var original = TestLog.ReadAll(path);
        foreach (var (name, change) in Changes)
        {
            for (var i = 0; i < original.Length; i++)
            {
                File.WriteAllBytes(path, change(original, i));
                try
                {
                    using var key = LogKey.Open(log.Folder, TestLog.PassphraseOf(passphrase));
                    Assert.True(passphrase is null, $"{name} at {i}");
                    Assert.False(LogVerifier.Verify(log.Folder, key, log.VerificationKey).IsIntact, $"{name} at {i}");
                    Assert.Throws<SecureLogException>(() => LogWriter.Open(log.Folder, key, log.Options));
                }
                catch (Exception e) when (e is SecureLogException or SealedFileException)
                {
                    Assert.EndsWith(".", e.Message);
                }
            }
        }
    }

    [Fact]
    public void Starting_a_node_on_a_changed_log_does_not_heal_it()
    {
        using var log = TestLog.WithRecords(3);
        var files = Directory.GetFiles(log.Folder.Path).ToDictionary(path => path, TestLog.ReadAll);
        var segment = files[log.SegmentPath(1)];
        for (var i = 0; i < segment.Length; i++)
        {
            foreach (var (path, bytes) in files)
            {
                File.WriteAllBytes(path, bytes);
            }

            TestLog.Edit(log.SegmentPath(1), bytes => Flip(bytes, i, 0x80));
            try
            {
                log.Write("and on");
            }
            catch (SecureLogException)
            {
                // A start need not notice the change: it looks only at the log's end.
            }

            Assert.False(log.Verify().IsIntact, $"byte {i}");
        }
    }

    private static IEnumerable<(string What, byte[] Changed, LogReport Report, bool Same)> Fuzz(TestLog log, string path, int[]? offsets = null)
    {
        var original = TestLog.ReadAll(path);
        offsets ??= [.. Enumerable.Range(0, original.Length)];
        var entries = log.Read();
        foreach (var (name, change) in Changes)
        {
            foreach (var i in offsets)
            {
                var changed = change(original, i);
                File.WriteAllBytes(path, changed);
                var same = false;
                try
                {
                    same = log.Read().SequenceEqual(entries);
                }
                catch (SecureLogException e)
                {
                    Assert.NotEqual(0, e.Record);
                }

                yield return ($"{name} at {i} of {Path.GetFileName(path)}", changed, log.Verify(), same);
            }
        }

        File.WriteAllBytes(path, original);
    }

    private static byte[] Flip(byte[] bytes, int i, byte mask)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[i] ^= mask;
        return flipped;
    }
}
