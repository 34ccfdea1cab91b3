// What verification says of each kind of tampering, and of a log that is merely being written.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogVerifierTests
{
    private const int Records = 10; // four to a segment

    [Fact]
    public void An_untouched_log_is_intact()
    {
        using var log = TestLog.WithRecords(Records);
        var report = log.Verify();

        Assert.True(report.IsIntact);
        Assert.Equal((Records, Records, (long?)Records, 0), (report.Count, report.Trusted, report.Acknowledged, report.UnfinishedBytes));
    }

    [Fact]
    public void An_empty_log_is_intact()
    {
        using var log = new TestLog();

        Assert.True(log.Verify() is { IsIntact: true, Count: 0, Acknowledged: 0 });
    }

    [Fact]
    public void An_altered_record_spoils_itself_only()
    {
        using var log = TestLog.WithRecords(Records);
        var offset = log.Boundaries(1)[1]; // record 2
        TestLog.Edit(log.SegmentPath(1), bytes => Flip(bytes, (int)offset + 40));
        var report = log.Verify();

        Assert.Equal([new LogFinding(LogFault.RecordAltered, 1, offset, 2, 2)], report.Findings);
        Assert.Equal((Records, Records - 1), (report.Count, report.Trusted));
        Assert.Equal($"Record 2 was altered, exchanged or moved, at byte {offset} of segment 1.", report.Findings[0].ToString());
    }

    [Fact]
    public void A_removed_record_spoils_the_rest_of_its_segment()
    {
        using var log = TestLog.WithRecords(Records);
        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes => Cut(bytes, boundaries[1], boundaries[2]));
        var report = log.Verify();

        Assert.Equal([new LogFinding(LogFault.OrderBroken, 1, boundaries[1], 2, 4)], report.Findings);
        Assert.Equal(Records - 3, report.Trusted);
        Assert.EndsWith("; records 2 to 4 cannot be trusted.", report.Findings[0].ToString());
    }

    [Fact]
    public void A_repeated_record_is_found()
    {
        using var log = TestLog.WithRecords(Records);
        var boundaries = log.Boundaries(2);
        TestLog.Edit(log.SegmentPath(2), bytes => Insert(bytes, boundaries[1], bytes[(int)boundaries[0]..(int)boundaries[1]]));

        Assert.Equal([new LogFinding(LogFault.OrderBroken, 2, boundaries[1], 6, 8)], log.Verify().Findings);
    }

    [Fact]
    public void Reordered_records_are_found()
    {
        using var log = TestLog.WithRecords(Records);
        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes =>
        {
            var first = bytes[(int)boundaries[0]..(int)boundaries[1]];
            return Insert(Cut(bytes, boundaries[0], boundaries[1]), boundaries[1], first);
        });

        Assert.Equal([new LogFinding(LogFault.OrderBroken, 1, boundaries[0], 1, 4)], log.Verify().Findings);
    }

    [Fact]
    public void A_record_moved_from_another_log_is_found()
    {
        using var log = TestLog.WithRecords(Records);
        using var other = TestLog.WithRecords(Records);
        var (from, to) = ((int)log.Boundaries(1)[1], (int)log.Boundaries(1)[2]);
        var foreign = TestLog.ReadAll(other.SegmentPath(1));
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes[..from], .. foreign[from..to], .. bytes[to..]]);

        // Record 3 is unchanged, but its MAC shows that it does not follow the foreign record.
        Assert.Equal([new LogFinding(LogFault.RecordAltered, 1, from, 2, 3)], log.Verify().Findings);
    }

    [Fact]
    public void Two_records_exchanged_with_their_numbers_are_found()
    {
        using var log = TestLog.WithRecords(Records);
        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes =>
        {
            var swapped = (byte[])bytes.Clone();
            Array.Copy(bytes, boundaries[1] + 12, swapped, boundaries[2] + 12, boundaries[2] - boundaries[1] - 12);
            Array.Copy(bytes, boundaries[2] + 12, swapped, boundaries[1] + 12, boundaries[2] - boundaries[1] - 12);
            return swapped;
        });

        Assert.Equal([new LogFinding(LogFault.RecordAltered, 1, boundaries[1], 2, 4)], log.Verify().Findings);
    }

    [Fact]
    public void A_missing_segment_is_found_and_the_others_are_verified_all_the_same()
    {
        using var log = TestLog.WithRecords(Records);
        File.Delete(log.SegmentPath(2));
        var report = log.Verify();

        Assert.Equal([new LogFinding(LogFault.SegmentMissing, 2, 0, 5, 8)], report.Findings);
        Assert.Equal(Records - 4, report.Trusted);
    }

    [Fact]
    public void A_file_whose_name_only_resembles_a_segments_disturbs_nobody()
    {
        using var log = TestLog.WithRecords(Records);
        File.WriteAllText(Path.Combine(log.Folder.Path, "7.log"), "somebody's own");
        log.Write("one more");

        Assert.True(log.Verify() is { IsIntact: true, Count: Records + 1 });
        Assert.Equal(Records + 1, log.Read().Count);
    }

    [Fact]
    public void Exchanged_segments_are_found()
    {
        using var log = TestLog.WithRecords(Records);
        var (first, second) = (TestLog.ReadAll(log.SegmentPath(1)), TestLog.ReadAll(log.SegmentPath(2)));
        File.WriteAllBytes(log.SegmentPath(1), second);
        File.WriteAllBytes(log.SegmentPath(2), first);

        Assert.False(log.Verify().IsIntact);
    }

    [Fact]
    public void An_altered_header_is_found_and_its_records_are_verified_all_the_same()
    {
        using var log = TestLog.WithRecords(Records);
        TestLog.Edit(log.SegmentPath(2), bytes => Flip(bytes, 30));
        var report = log.Verify();

        Assert.Equal([new LogFinding(LogFault.HeaderAltered, 2, 0, 0, 0)], report.Findings);
        Assert.Equal(Records, report.Trusted);
    }

    [Fact]
    public void The_tail_cut_at_any_record_is_found()
    {
        using var log = TestLog.WithRecords(Records);
        var whole = log.Folder.Segments().ToDictionary(
            segment => segment, segment => (log.Boundaries(segment), TestLog.ReadAll(log.SegmentPath(segment))));
        foreach (var segment in whole.Keys.Reverse())
        {
            var (boundaries, bytes) = whole[segment];
            for (var left = boundaries.Count - (segment == whole.Count ? 2 : 1); left >= 0; left--)
            {
                File.WriteAllBytes(log.SegmentPath(segment), bytes[..(int)boundaries[left]]);
                var kept = (4 * (segment - 1)) + left;
                var report = log.Verify();
                Assert.Equal((kept, kept), (report.Count, report.Trusted));
                Assert.Equal((kept + 1, Records), (report.Findings[0].FirstRecord, report.Findings[^1].LastRecord | report.Findings[0].LastRecord));
            }

            File.Delete(log.SegmentPath(segment));
        }

        Assert.Equal([new LogFinding(LogFault.SegmentMissing, 1, 0, 1, Records), .. Missing(2), .. Missing(3)], log.Verify().Findings);

        static LogFinding[] Missing(int segment) => [new LogFinding(LogFault.SegmentMissing, segment, 0, 0, 0)];
    }

    [Fact]
    public void A_removed_head_is_found()
    {
        using var log = TestLog.WithRecords(Records);
        File.Delete(log.Folder.HeadPath);

        Assert.Equal(LogFault.HeadDamaged, Assert.Single(log.Verify().Findings).Fault);
        Assert.Equal(Records, log.Verify().Trusted);
    }

    [Fact]
    public void A_head_from_another_log_is_found()
    {
        using var log = TestLog.WithRecords(Records);
        using var other = TestLog.WithRecords(Records);
        File.Copy(other.Folder.HeadPath, log.Folder.HeadPath, overwrite: true);

        Assert.Equal(LogFault.HeadDamaged, Assert.Single(log.Verify().Findings).Fault);
    }

    [Fact]
    public void Another_logs_verification_key_is_told_apart_from_tampering()
    {
        using var log = TestLog.WithRecords(Records);
        using var other = new TestLog();

        var finding = Assert.Single(LogVerifier.Verify(log.Folder, log.Key, other.VerificationKey).Findings);
        Assert.Equal(LogFault.VerificationKeyWrong, finding.Fault);
    }

    [Fact]
    public void Without_the_verification_key_the_chain_is_not_claimed_to_be_checked()
    {
        using var log = TestLog.WithRecords(Records);

        Assert.True(log.Verify().IsChainChecked);
        Assert.True(log.VerifyWithoutKey() is { IsChainChecked: false, IsIntact: true, Trusted: Records, Acknowledged: Records });
    }

    [Fact]
    public void Without_the_verification_key_what_an_outsider_does_is_found_all_the_same()
    {
        using var log = TestLog.WithRecords(Records);
        using var other = TestLog.WithRecords(Records);
        var boundaries = log.Boundaries(1);
        var whole = TestLog.ReadAll(log.SegmentPath(1));
        var foreign = TestLog.ReadAll(other.SegmentPath(1));
        var (from, to) = ((int)boundaries[1], (int)boundaries[2]);

        Assert.Equal([new LogFinding(LogFault.RecordAltered, 1, from, 2, 2)], Of(Flip([.. whole], from + 40)));
        Assert.Equal([new LogFinding(LogFault.OrderBroken, 1, from, 2, 4)], Of(Cut(whole, from, to)));
        Assert.Equal([new LogFinding(LogFault.OrderBroken, 1, to, 3, 4)], Of(Insert(whole, to, whole[from..to])));
        Assert.Equal([new LogFinding(LogFault.RecordAltered, 1, from, 2, 2)], Of([.. whole[..from], .. foreign[from..to], .. whole[to..]]));
        Assert.Equal([new LogFinding(LogFault.RecordAltered, 1, LogFormat.SegmentHeaderSize, 1, 4)], Of(Flip([.. whole], 30))); // another salt opens nothing
        Assert.Equal([new LogFinding(LogFault.RecordsMissing, 2, 0, 4, 4)], Of(whole[..(int)boundaries[3]]));
        Assert.Equal([LogFault.HeaderAltered], Of(Flip([.. whole], 20)).Select(finding => finding.Fault));

        File.WriteAllBytes(log.SegmentPath(1), whole);
        File.Delete(log.SegmentPath(3));
        Assert.Equal([new LogFinding(LogFault.SegmentMissing, 3, 0, 9, 10)], log.VerifyWithoutKey().Findings);
        File.Delete(log.Folder.HeadPath);
        Assert.Equal([LogFault.HeadDamaged], log.VerifyWithoutKey().Findings.Select(finding => finding.Fault));

        IReadOnlyList<LogFinding> Of(byte[] segment)
        {
            File.WriteAllBytes(log.SegmentPath(1), segment);
            return log.VerifyWithoutKey().Findings;
        }
    }

    [Fact]
    public void Without_the_verification_key_whoever_has_the_log_key_is_not_found()
    {
        using var log = TestLog.WithRecords(7);
        using var loot = log.Copy();
        using var guessed = new ChainKey(new byte[LogFormat.KeySize]);
        new Thief(loot).Forge(records => records.Select(_ => TestLog.Record("never said")), Thief.KeysFrom(guessed), keepGenuine: false);

        Assert.True(loot.VerifyWithoutKey().IsIntact);
        Assert.False(loot.Verify().IsIntact);
    }

    [Fact]
    public async Task A_log_that_is_being_written_is_intact_at_every_moment()
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter();
        using var stop = new CancellationTokenSource();
        var verifying = Task.Run(() =>
        {
            var verified = 0L;
            do
            {
                var report = log.Verify();
                Assert.True(report.IsIntact, string.Join(' ', report.Findings));
                Assert.True(report.Count >= verified);
                verified = report.Count;
            }
            while (!stop.IsCancellationRequested);

            return verified;
        });
        for (var i = 0; i < 300; i++)
        {
            writer.Append(TestLog.Record($"text {i}"));
            writer.Flush();
        }

        await stop.CancelAsync();
        Assert.True(await verifying > 0);
        Assert.Equal(300, log.Verify().Trusted);
    }

    [Fact]
    public void What_follows_the_head_and_is_not_whole_is_reported_as_unfinished()
    {
        using var log = TestLog.WithRecords(2);
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes, .. new byte[76], 1]);

        Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 77, Count: 2 });
    }

    [Fact]
    public void A_log_full_of_faults_is_reported_within_bounds()
    {
        using var log = new TestLog(segmentSize: int.MaxValue);
        using (var writer = log.OpenWriter())
        {
            for (var i = 0; i < 3000; i++)
            {
                writer.Append(TestLog.Record("text"));
            }

            writer.Flush();
        }

        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes =>
        {
            for (var record = 0; record < 3000; record += 2)
            {
                bytes[boundaries[record] + 50] ^= 1;
            }

            return bytes;
        });
        var report = log.Verify();

        Assert.Equal(1001, report.Findings.Count);
        Assert.Equal(LogFault.TooManyFaults, report.Findings[^1].Fault);
    }

    [Fact]
    public void Progress_is_told_and_verification_can_be_stopped()
    {
        using var log = new TestLog(segmentSize: int.MaxValue);
        using (var writer = log.OpenWriter())
        {
            for (var i = 0; i < 5000; i++)
            {
                writer.Append(TestLog.Record("text"));
            }

            writer.Flush();
        }

        var told = new Told();
        LogVerifier.Verify(log.Folder, log.Key, log.VerificationKey, told);
        var length = log.Folder.SegmentLength(1);
        Assert.Equal([new LogProgress(4096, log.Boundaries(1)[4096], length)], told.Reports);
        Assert.Throws<OperationCanceledException>(
            () => LogVerifier.Verify(log.Folder, log.Key, log.VerificationKey, cancellation: new CancellationToken(canceled: true)));
    }

    private static byte[] Flip(byte[] bytes, int i)
    {
        bytes[i] ^= 0x10;
        return bytes;
    }

    private static byte[] Cut(byte[] bytes, long from, long to) => [.. bytes[..(int)from], .. bytes[(int)to..]];

    private static byte[] Insert(byte[] bytes, long at, byte[] inserted) => [.. bytes[..(int)at], .. inserted, .. bytes[(int)at..]];

    private sealed class Told : IProgress<LogProgress>
    {
        public List<LogProgress> Reports { get; } = [];

        public void Report(LogProgress value) => Reports.Add(value);
    }
}
