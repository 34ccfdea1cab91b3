// A new log key for later records: what the earlier key still opens, what a thief of it can do, and machines that stop in the middle of the change.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class EpochTests
{
    private const int Before = 6; // records of the first epoch, over two segments

    [Theory]
    [InlineData(null, null)]
    [InlineData("pass phrase", "pass phrase")]
    [InlineData("old", "new")]
    public void All_of_a_log_with_several_keys_is_read_verified_and_continued(string? passphrase, string? newPassphrase)
    {
        using var log = TestLog.WithRecords(Before, passphrase);
        List<string> expected = [.. log.Texts()];
        var current = log.Key.WithoutVerificationKey();
        for (var epoch = 2; epoch <= 4; epoch++)
        {
            current.BeginEpoch(log.Folder, TestLog.PassphraseOf(newPassphrase), log.Options);
            current.Dispose();
            current = LogKey.Open(log.Folder, TestLog.PassphraseOf(newPassphrase));
            Assert.Equal(epoch, current.EpochCount);
            expected.Add($"From here on the log has another key, its number {epoch}.");
            using var writer = LogWriter.Open(log.Folder, current, log.Options);
            for (var i = 1; i <= 5; i++)
            {
                writer.Append(TestLog.Record($"text {i} of epoch {epoch}"));
                writer.Flush();
                expected.Add($"text {i} of epoch {epoch}");
            }
        }

        using (current)
        {
            Assert.Equal(expected, Texts(log.Folder, current));
            Assert.Equal(expected[^3..], Texts(log.Folder, current, expected.Count - 2));
            Assert.Equal(expected.Count, LogVerifier.Verify(log.Folder, current, log.VerificationKey) is { IsIntact: true, UnfinishedBytes: 0 } report ? report.Trusted : 0);
            Assert.True(LogVerifier.Verify(log.Folder, current).IsIntact);
            Assert.Equal(["text 1"], new LogSearch(log.Folder, current, ["text 1"]).Find(row => row.Entry.Number < 3).Select(row => row.Entry.Record.Text));
        }
    }

    [Fact]
    public void A_stolen_key_opens_what_was_before_the_new_one_and_nothing_after()
    {
        using var log = TestLog.WithRecords(Before);
        var stolen = TestLog.ReadAll(log.Folder.KeyPath);
        using var current = BeginEpoch(log);
        Write(log, current, "a secret of later");
        File.WriteAllBytes(log.Folder.KeyPath, stolen); // the folder as the thief sees it, with the key that he stole
        using var thief = LogKey.Open(log.Folder, null);

        using var reader = new LogReader(log.Folder, thief);
        Assert.Equal(Before, reader.Read(pastDamage: true).Count(entry => entry.Damage is null));
        Assert.Equal(LogFault.HeadDamaged, Assert.Throws<SecureLogException>(() => LogWriter.Open(log.Folder, thief, log.Options)).Fault);
    }

    [Fact]
    public void A_thief_of_everything_cannot_rewrite_the_epoch_that_has_ended()
    {
        using var log = TestLog.WithRecords(Before);
        using var loot = log.Copy(); // with the log key and the current chain key
        log.Write("what was said after the theft");
        using var current = BeginEpoch(log);
        loot.Write("what the thief would have had said");
        Assert.Equal(log.Folder.SegmentLength(2) / 16, (loot.Folder.SegmentLength(2) - 1) / 16);
        File.Copy(loot.SegmentPath(2), log.SegmentPath(2), overwrite: true);

        var report = LogVerifier.Verify(log.Folder, current, log.VerificationKey);
        Assert.Equal([new LogFinding(LogFault.PastRewritten, 3, 0, 1, Before + 1)], report.Findings);
        Assert.Equal("Segment 3 was begun behind other records than stand before it now; records 1 to 7 may have been rewritten by somebody who had their keys.", report.Findings[0].ToString());
    }

    [Fact]
    public void A_thief_with_the_chain_key_but_not_the_new_log_key_cannot_make_the_header_of_the_next_epoch()
    {
        using var log = TestLog.WithRecords(Before);
        using var before = HeadFile.Read(log.Folder, log.Key)!;
        using var current = BeginEpoch(log);
        TestLog.Edit(log.SegmentPath(3), bytes =>
            [.. SegmentHeader.Create(3, Before + 1, before.LastMac, before.Key, log.Options.Random).Bytes, .. bytes[LogFormat.SegmentHeaderSize..]]);

        Assert.Equal([LogFault.HeaderAltered, LogFault.RecordAltered], LogVerifier.Verify(log.Folder, current, log.VerificationKey).Findings.Select(finding => finding.Fault));
    }

    [Fact]
    public void Missing_segments_around_a_new_key_spoil_only_themselves()
    {
        using var whole = TestLog.WithRecords(Before);
        using var current = BeginEpoch(whole);
        Write(whole, current, [.. Enumerable.Range(1, 10).Select(i => $"later {i}")]);
        Assert.Equal(5, whole.Segments);
        for (var missing = 1; missing < 1 << 4; missing++)
        {
            using var log = whole.Copy();
            var gone = Enumerable.Range(1, 4).Where(segment => (missing & (1 << (segment - 1))) != 0).ToList();
            var lost = gone.Sum(segment => whole.Boundaries(segment).Count - 1);
            gone.ForEach(segment => File.Delete(log.SegmentPath(segment)));
            var report = LogVerifier.Verify(log.Folder, current, log.VerificationKey);

            Assert.Equal((17L, 17L - lost), (report.Count, report.Trusted));
            Assert.Equal(gone, report.Findings.Select(finding => finding.Segment));
            Assert.All(report.Findings, finding => Assert.Equal(LogFault.SegmentMissing, finding.Fault));
        }
    }

    [Fact]
    public void A_log_that_was_put_back_to_before_its_last_key_is_found_and_not_continued()
    {
        using var log = TestLog.WithRecords(Before);
        using var old = log.Copy();
        log.Write("one more");
        using var current = BeginEpoch(log);
        File.Delete(log.SegmentPath(3));
        File.Copy(old.SegmentPath(2), log.SegmentPath(2), overwrite: true);
        File.Copy(old.Folder.HeadPath, log.Folder.HeadPath, overwrite: true);

        var missing = new LogFinding(LogFault.RecordsMissing, 2, log.Folder.SegmentLength(2), Before + 1, Before + 1);
        Assert.Equal([missing], LogVerifier.Verify(log.Folder, current, log.VerificationKey).Findings);
        Assert.Equal([missing], LogVerifier.Verify(log.Folder, current).Findings);
        Assert.Equal(LogFault.RecordsMissing, Assert.Throws<SecureLogException>(() => LogWriter.Open(log.Folder, current, log.Options)).Fault);
    }

    [Fact]
    public void Wherever_the_machine_stops_while_a_key_is_made_the_log_is_whole()
    {
        for (var operation = 0; operation < 40; operation++)
        {
            foreach (var written in new[] { 0, 0.5, 1 })
            {
                using var log = TestLog.WithRecords(Before);
                var disk = new FaultyDisk();
                disk.Stop(operation, written);
                try
                {
                    log.Key.BeginEpoch(log.Folder, null, log.Options with { OpenFile = disk.Open });
                }
                catch (MachineStopped)
                {
                    disk.Restart(lost: operation * 0x2f35);
                }

                using var current = LogKey.Open(log.Folder, null);
                Write(log, current, "and on");
                Assert.Equal(
                    [.. Enumerable.Range(1, Before).Select(i => $"text {i}"), "and on"],
                    Texts(log.Folder, current).Where(text => !text.Contains("the log has another key", StringComparison.Ordinal) && !text.StartsWith("The last writer", StringComparison.Ordinal)));
                Assert.True(LogVerifier.Verify(log.Folder, current, log.VerificationKey) is { IsIntact: true, UnfinishedBytes: 0 }, $"{operation} {written}");
                using var head = HeadFile.Read(log.Folder, current);
                Assert.True(current.IsOfLastEpoch(head!.Segment));
            }
        }
    }

    [Fact]
    public void A_log_that_is_being_written_gets_no_new_key()
    {
        using var log = TestLog.WithRecords(1);
        using var writer = log.OpenWriter();

        Assert.Throws<IOException>(() => log.Key.BeginEpoch(log.Folder, null, log.Options));
        Assert.Equal(44, TestLog.ReadAll(log.Folder.KeyPath).Length);
    }

    [Fact]
    public void There_is_an_end_to_new_keys()
    {
        using var log = TestLog.WithRecords(1);
        var key = log.Key.WithoutVerificationKey();
        while (key.EpochCount < LogFormat.MaxEpochs)
        {
            key.BeginEpoch(log.Folder, Passphrase.Of("pass phrase"), log.Options);
            key.Dispose();
            key = LogKey.Open(log.Folder, Passphrase.Of("pass phrase"));
        }

        using (key)
        {
            Assert.Equal(LogFault.TooManyEpochs, Assert.Throws<SecureLogException>(() => key.BeginEpoch(log.Folder, Passphrase.Of("pass phrase"), log.Options)).Fault);
            Assert.True(LogVerifier.Verify(log.Folder, key, log.VerificationKey).IsIntact);
        }
    }

    [Fact]
    public void A_key_file_whose_epochs_are_not_in_order_is_refused()
    {
        using var log = TestLog.WithRecords(Before);
        BeginEpoch(log).Dispose();
        var file = TestLog.ReadAll(log.Folder.KeyPath);
        Assert.Equal(12 + (2 * 44), file.Length);
        foreach (var at in new[] { 15, 23, 59, 67 }) // the low bytes of segment and record, of both epochs
        {
            byte[] changed = [.. file];
            changed[at] = at < 56 ? (byte)9 : (byte)0;
            File.WriteAllBytes(log.Folder.KeyPath, changed);
            Assert.Equal(LogFault.KeyDamaged, Assert.Throws<SecureLogException>(() => LogKey.Open(log.Folder, null)).Fault);
        }
    }

    [Theory]
    [InlineData(true, 2, 1, 1, 2, 5)]
    [InlineData(true, 2, 1, 1, 2, 5, 3, 5)] // an epoch may end without a record
    [InlineData(false, 2, 1, 1, 2, 5, 2, 9)]
    [InlineData(false, 2, 1, 1, 2, 5, 3, 4)]
    [InlineData(false, 2, 1, 1, 3, 5, 2, 9)]
    [InlineData(false, 2, 2, 1, 3, 5)]
    [InlineData(false, 2, 1, 2, 3, 5)]
    [InlineData(false, 2, 1, 1)] // one epoch is version 1
    [InlineData(false, 2)]
    [InlineData(false, 3, 1, 1, 2, 5)]
    public void A_key_file_is_taken_where_each_epoch_begins_behind_the_one_before_it(bool isTaken, byte version, params int[] places)
    {
        using var log = TestLog.WithRecords(1);
        var file = new List<byte>([.. LogFormat.KeyMagic, 0, 0, 0, version]);
        for (var i = 0; i < places.Length; i += 2)
        {
            file.AddRange([0, 0, 0, (byte)places[i], 0, 0, 0, 0, 0, 0, 0, (byte)places[i + 1], .. Enumerable.Repeat((byte)7, LogFormat.KeySize)]);
        }

        File.WriteAllBytes(log.Folder.KeyPath, [.. file]);
        if (isTaken)
        {
            using var key = LogKey.Open(log.Folder, null);
            Assert.Equal(places.Length / 2, key.EpochCount);
        }
        else
        {
            Assert.Equal(LogFault.KeyDamaged, Assert.Throws<SecureLogException>(() => LogKey.Open(log.Folder, null)).Fault);
        }
    }

    [Fact]
    public void Each_key_is_drawn_anew_and_gone_at_the_end()
    {
        using var log = TestLog.WithRecords(1);
        BeginEpoch(log).Dispose();
        var key = BeginEpochFrom(log);
        var keys = key.Epochs.Select(epoch => Convert.ToHexString(epoch.Key)).ToArray();
        Assert.Equal((3, 3), (keys.Length, keys.Distinct().Count()));
        Assert.DoesNotContain(new string('0', 64), keys);

        key.Dispose();
        Assert.All(key.Epochs, epoch => Assert.Throws<ObjectDisposedException>(() => { _ = epoch.Key; }));

        static LogKey BeginEpochFrom(TestLog log)
        {
            using var second = LogKey.Open(log.Folder, null);
            second.BeginEpoch(log.Folder, null, log.Options);
            return LogKey.Open(log.Folder, null);
        }
    }

    [Fact]
    public void Secrets_ledger_and_input_are_not_left_under_the_earlier_key()
    {
        using var log = TestLog.WithRecords(Before);
        using (var secrets = log.Key.SecretsFile(log.Folder))
        {
            secrets.Write(new byte[SecretsFile.RecordSize]);
        }

        using (var input = log.Key.InputFile(log.Folder))
        {
            input.Write(["@bob hello"]);
        }

        using (var writer = log.OpenWriter())
        {
            writer.SaveLedger(writer.OpenLedger().Ledger);
        }

        Assert.All([log.Folder.SecretsPath, log.Folder.LedgerPath, log.Folder.InputPath], path => Assert.True(File.Exists(path)));
        BeginEpoch(log).Dispose();
        Assert.DoesNotContain(new[] { log.Folder.SecretsPath, log.Folder.LedgerPath, log.Folder.InputPath }, File.Exists);
    }

    private static LogKey BeginEpoch(TestLog log)
    {
        log.Key.BeginEpoch(log.Folder, null, log.Options);
        return LogKey.Open(log.Folder, null);
    }

    private static void Write(TestLog log, LogKey key, params string[] texts)
    {
        using var writer = LogWriter.Open(log.Folder, key, log.Options);
        foreach (var text in texts)
        {
            writer.Append(TestLog.Record(text));
            writer.Flush();
        }
    }

    private static List<string> Texts(LogFolder folder, LogKey key, long from = 1)
    {
        using var reader = new LogReader(folder, key, from);
        return [.. reader.Read().Select(entry => entry.Record.Text)];
    }
}
