// Crashes, power failures and full disks: what was acknowledged is there, what was reported lost is not, and the log verifies.

using ActorChat.Storage.SecureLog;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogRecoveryTests
{
    private static readonly string[] Unacknowledged = ["unacknowledged 1", "unacknowledged 2"];

    [Property(MaxTest = 400)]
    public void Whatever_is_appended_and_wherever_disk_and_machine_fail_no_acknowledged_record_is_lost((byte What, byte How, byte Much)[] steps)
    {
        var disk = new FaultyDisk();
        using var log = new TestLog(options: new LogOptions { OpenFile = disk.Open });
        var run = new Run(log, disk);
        foreach (var (what, how, much) in steps)
        {
            switch (what % 9)
            {
                case < 3:
                    run.Append(new string('x', much));
                    break;
                case < 6:
                    run.Flush();
                    break;
                case 6:
                    disk.Stop(at: how % 10, written: much / 255.0);
                    break;
                case 7:
                    disk.Fail(from: how % 10, count: much % 12);
                    break;
                default:
                    run.Restart(stopAt: how % 12, written: much / 255.0);
                    break;
            }
        }

        run.Restart();
        run.Restart();
    }

    [Property(MaxTest = 200)]
    public void Whenever_the_disk_fails_what_was_lost_is_reported_and_stays_away((byte What, byte How, byte Much)[] steps)
    {
        var disk = new FaultyDisk();
        using var log = new TestLog(options: new LogOptions { OpenFile = disk.Open });
        using var writer = log.OpenWriter();
        List<string> acknowledged = [];
        List<string> waiting = [];
        var text = 0;
        foreach (var (what, how, much) in steps)
        {
            switch (what % 3)
            {
                case 0:
                    waiting.Add($"{++text}{new string('x', much)}");
                    Assert.Equal(acknowledged.Count + waiting.Count, writer.Append(TestLog.Record(waiting[^1])));
                    break;
                case 1 when waiting.Count > 0:
                    try
                    {
                        writer.Flush();
                        acknowledged.AddRange(waiting);
                        Assert.Equal(acknowledged, log.Texts());
                    }
                    catch (LogWriteException e)
                    {
                        Assert.Equal((acknowledged.Count + 1, waiting.Count), (e.FirstLost, e.Lost));
                    }

                    waiting.Clear();
                    break;
                case 2:
                    disk.Fail(from: how % 10, count: much % 12);
                    break;
            }
        }

        disk.Restart(lost: 0);
        writer.Append(TestLog.Record("last"));
        writer.Flush();
        Assert.Equal([.. acknowledged, .. waiting, "last"], log.Texts());
        Assert.True(log.Verify().IsIntact);
        Assert.Equal(0, log.Verify().UnfinishedBytes);
    }

    [Fact]
    public void A_segment_cut_at_any_byte_behind_the_head_is_recovered_with_a_note()
    {
        using var log = TestLog.WithRecords(2);
        var head = TestLog.ReadAll(log.Folder.HeadPath);
        var acknowledged = log.Folder.SegmentLength(1);
        log.Write(Unacknowledged);
        var whole = TestLog.ReadAll(log.SegmentPath(1));
        Assert.Equal(1, log.Segments);
        var boundaries = log.Boundaries(1);
        for (var length = acknowledged; length <= whole.Length; length++)
        {
            File.WriteAllBytes(log.Folder.HeadPath, head);
            File.WriteAllBytes(log.SegmentPath(1), whole[..(int)length]);
            var adopted = boundaries.FindLastIndex(boundary => boundary <= length) - 2;
            var cut = whole[..(int)length].AsSpan((int)boundaries[adopted + 2]).LastIndexOfAnyExcept((byte)0) + 1;
            using (var writer = log.OpenWriter())
            {
                Assert.Equal(new LogRecovery(adopted, cut), writer.Recovery);
            }

            List<string> expected = ["text 1", "text 2", .. Unacknowledged.Take(adopted)];
            if (cut > 0)
            {
                expected.Add(
                    $"The last writer was stopped in the middle: {cut} bytes behind record {2 + adopted}, never acknowledged, were cut off.");
                Assert.Equal(LogDirection.Note, log.Read()[^1].Record.Direction);
            }

            Assert.Equal(expected, log.Texts());
            Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 0 });
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(100_000)]
    public void Zeros_behind_the_last_record_are_room_and_not_the_remains_of_a_crash(int zeros)
    {
        using var log = TestLog.WithRecords(2);
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes, .. new byte[zeros]]);
        Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 0, Count: 2 });
        Assert.Equal(["text 1", "text 2"], log.Texts());
        var head = TestLog.ReadAll(log.Folder.HeadPath);
        File.Delete(log.Folder.HeadPath);
        Assert.Equal(["text 1", "text 2"], log.Texts());
        File.WriteAllBytes(log.Folder.HeadPath, head);

        using (var writer = log.OpenWriter())
        {
            Assert.Equal(new LogRecovery(0, 0), writer.Recovery);
        }

        log.Write("three");
        Assert.Equal(["text 1", "text 2", "three"], log.Texts());

        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes, .. new byte[zeros], 1]);
        Assert.Equal(zeros + 1, log.Verify().UnfinishedBytes);
        using (var writer = log.OpenWriter())
        {
            Assert.Equal(new LogRecovery(0, zeros + 1), writer.Recovery);
        }
    }

    [Fact]
    public void Records_that_were_overwritten_with_zeros_are_missed()
    {
        using var log = TestLog.WithRecords(3);
        var from = (int)log.Boundaries(1)[1];
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes[..from], .. new byte[bytes.Length - from]]);

        Assert.Equal((LogFault.RecordsMissing, 2L, 3L), log.Verify().Findings.Select(finding => (finding.Fault, finding.FirstRecord, finding.LastRecord)).Single());
        Assert.Equal(LogFault.HeadMismatch, Assert.Throws<SecureLogException>(() => log.OpenWriter()).Fault);
    }

    [Fact]
    public void A_new_segment_that_its_head_does_not_know_yet_is_adopted_or_made_again()
    {
        using var log = TestLog.WithRecords(4);
        Assert.True(log.Folder.SegmentLength(1) >= 600);
        var head = TestLog.ReadAll(log.Folder.HeadPath);
        log.Write("five");
        var second = TestLog.ReadAll(log.SegmentPath(2));
        for (var length = 0; length <= second.Length; length++)
        {
            File.WriteAllBytes(log.Folder.HeadPath, head);
            File.WriteAllBytes(log.SegmentPath(2), second[..length]);
            log.OpenWriter().Dispose();

            Assert.Equal(length == second.Length, log.Texts().Contains("five"));
            Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 0 });
        }
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(2, 6)]
    public void A_next_segment_that_says_it_is_another_is_not_adopted(int segment, long firstRecord) // found by fuzzing
    {
        using var log = TestLog.WithRecords(4);
        using (var head = HeadFile.Read(log.Folder, log.Key)!)
        {
            var header = SegmentHeader.Create(segment, firstRecord, head.LastMac, head.Key, log.Options.Random);
            File.WriteAllBytes(log.SegmentPath(2), header.Bytes);
        }

        Assert.True(log.Verify().IsIntact);
        log.Write("five");
        Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 0 });
        Assert.Equal("five", log.Texts()[^1]);
    }

    [Fact]
    public void A_creation_cut_short_leaves_no_log_and_can_be_done_again()
    {
        for (var operation = 0; operation < 5; operation++)
        {
            using var log = new TestLog();
            Directory.Delete(log.Folder.Path, recursive: true);
            var disk = new FaultyDisk();
            disk.Stop(operation, written: 0.5);

            Assert.Throws<MachineStopped>(() => LogKey.Create(log.Folder, null, log.Options with { OpenFile = disk.Open }));
            Assert.False(log.Folder.Exists);
            using var key = LogKey.Create(log.Folder, null, log.Options);
            using var writer = LogWriter.Open(log.Folder, key, log.Options);
            Assert.True(LogVerifier.Verify(log.Folder, key).IsIntact);
        }
    }

    [Fact]
    public void A_writer_refuses_a_log_whose_acknowledged_tail_is_gone()
    {
        using var log = TestLog.WithRecords(2);
        TestLog.Edit(log.SegmentPath(1), bytes => bytes[..^1]);

        Assert.Equal(LogFault.RecordsMissing, Assert.Throws<SecureLogException>(() => log.OpenWriter()).Fault);
        Assert.False(log.Verify().IsIntact);
    }

    [Fact]
    public void A_writer_refuses_a_log_without_a_head_and_frees_it_again()
    {
        using var log = TestLog.WithRecords(2);
        var head = TestLog.ReadAll(log.Folder.HeadPath);
        File.Delete(log.Folder.HeadPath);
        Assert.Equal(LogFault.HeadDamaged, Assert.Throws<SecureLogException>(() => log.OpenWriter()).Fault);

        File.WriteAllBytes(log.Folder.HeadPath, head);
        log.OpenWriter().Dispose();
    }

    [Fact]
    public void A_writer_does_not_go_on_under_another_salt()
    {
        using var log = TestLog.WithRecords(2);
        for (var i = 0; i < LogFormat.SaltSize; i++)
        {
            TestLog.Edit(log.SegmentPath(1), Flip);
            Assert.Equal(LogFault.HeaderAltered, Assert.Throws<SecureLogException>(() => log.OpenWriter()).Fault);
            TestLog.Edit(log.SegmentPath(1), Flip);

            byte[] Flip(byte[] bytes)
            {
                bytes[24 + i] ^= 1;
                return bytes;
            }
        }

        log.Write("three");
        Assert.Equal(["text 1", "text 2", "three"], log.Texts());
    }

    [Fact]
    public void One_damaged_record_does_not_keep_a_writer_from_going_on()
    {
        foreach (var at in new[] { 0, 5, 40 }) // the first record's length, number, ciphertext
        {
            using var log = TestLog.WithRecords(2);
            TestLog.Edit(log.SegmentPath(1), bytes =>
            {
                bytes[LogFormat.SegmentHeaderSize + at] ^= 1;
                return bytes;
            });
            log.Write("three");

            using var reader = new LogReader(log.Folder, log.Key);
            Assert.Equal(["text 2", "three"], reader.Read(pastDamage: true).Skip(1).Select(entry => entry.Record.Text));
            Assert.False(log.Verify().IsIntact);
        }
    }

    [Fact]
    public void A_writer_says_what_is_damaged_and_what_to_do()
    {
        using var log = TestLog.WithRecords(1);
        var whole = TestLog.ReadAll(log.SegmentPath(1));
        Assert.Equal("No record of SEGMENT opens: the salt in its header was altered, or every one of its records.", Reason(at: 130));
        Assert.Equal("The header of SEGMENT (its first 120 bytes) was altered.", Reason(at: 0));

        string Reason(int at)
        {
            whole[at] ^= 1;
            File.WriteAllBytes(log.SegmentPath(1), whole);
            whole[at] ^= 1;
            var e = Assert.Throws<SecureLogException>(() => log.OpenWriter());
            Assert.EndsWith(" restore that file from a copy, or move the folder away and start another log.", e.Message);
            return e.Message.Replace(log.SegmentPath(1), "SEGMENT", StringComparison.Ordinal).Split(" Verify")[0];
        }
    }

    [Fact]
    public void A_spoilt_half_of_the_head_does_no_harm()
    {
        using var log = TestLog.WithRecords(2);
        for (var page = 0; page < 2; page++)
        {
            TestLog.Edit(log.Folder.HeadPath, bytes =>
            {
                bytes.AsSpan(page * LogFormat.HeadPageSize, LogFormat.HeadPageSize).Clear();
                return bytes;
            });
            Assert.True(log.Verify().IsIntact);
            log.Write("more");
            Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 0 });
        }

        Assert.Equal(["text 1", "text 2", "more", "more"], log.Texts());
    }

    // A writer, the machine it runs on, and what we know of the log: the texts that were acknowledged, those that wait, and those of
    // flushes that failed. When the machine stops, a batch that waits or was reported lost may still be on disk. After the next flush that succeeds, no lost batch can be.
    private sealed class Run(TestLog log, FaultyDisk disk)
    {
        private readonly List<string> _acknowledged = [];
        private List<string> _waiting = [];
        private readonly List<List<string>> _lost = [];
        private LogWriter _writer = log.OpenWriter();
        private int _text;
        private int _restarts;

        public void Append(string text)
        {
            _waiting.Add($"{++_text} {text}");
            _writer.Append(TestLog.Record(_waiting[^1]));
        }

        public void Flush()
        {
            try
            {
                _writer.Flush();
                _acknowledged.AddRange(_waiting);
                _lost.RemoveAll(_ => _waiting.Count > 0); // an empty flush does not touch the disk
                _waiting = [];
            }
            catch (LogWriteException)
            {
                _lost.Add(_waiting);
                _waiting = [];
            }
            catch (MachineStopped)
            {
                Restart();
            }
        }

        public void Restart(int stopAt = int.MaxValue / 2, double written = 0)
        {
            try
            {
                _writer.Dispose();
            }
            catch (MachineStopped)
            {
                // A machine that has stopped does not cut the segment to its records.
            }

            try
            {
                disk.Restart(NextPattern());
                disk.Stop(stopAt, written);
                _writer = log.OpenWriter();
            }
            catch (MachineStopped)
            {
                disk.Restart(NextPattern()); // it stopped again in the middle of recovery
                _writer = log.OpenWriter();
            }

            var texts = log.Read().Where(entry => entry.Record.Direction != LogDirection.Note).Select(entry => entry.Record.Text).ToList();
            Assert.Equal(_acknowledged, texts.Take(_acknowledged.Count));
            var unacknowledged = texts.Skip(_acknowledged.Count).ToList();
            Assert.Contains(_lost.Append(_waiting), batch => unacknowledged.SequenceEqual(batch.Take(unacknowledged.Count)));
            Assert.True(log.Verify() is { IsIntact: true, UnfinishedBytes: 0 });
            _acknowledged.AddRange(unacknowledged);
            _lost.Clear();
            _waiting = [];
        }

        // Every other time only the process was killed. Else a power failure took some of what was not synced.
        private int NextPattern() => ++_restarts % 2 == 0 ? 0 : (_restarts * 0x2f35) ^ 0x1b;
    }
}
