// Showing, exporting and following: from anywhere in the log, while it is written, and on a log that is damaged.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogReaderTests
{
    [Fact]
    public void A_reader_follows_a_running_writer_over_segments()
    {
        using var log = new TestLog();
        using var writer = log.OpenWriter();
        using var reader = new LogReader(log.Folder, log.Key);
        for (var i = 1; i <= 12; i++)
        {
            writer.Append(TestLog.Record($"text {i}"));
            Assert.Empty(reader.Read());
            writer.Flush();
            Assert.Equal($"text {i}", Assert.Single(reader.Read()).Record.Text);
            Assert.Equal(i, reader.Count());
        }
    }

    [Fact]
    public void A_reader_starts_at_any_record()
    {
        using var log = TestLog.WithRecords(10);
        for (var first = 1; first <= 12; first++)
        {
            Assert.Equal(Enumerable.Range(first, Math.Max(0, 11 - first)).Select(i => (long)i), log.Read(first).Select(entry => entry.Number));
        }
    }

    [Fact]
    public void A_reader_that_waits_for_a_later_record_gets_it()
    {
        using var log = TestLog.WithRecords(2);
        using var reader = new LogReader(log.Folder, log.Key, firstRecord: 8);
        Assert.Empty(reader.Read());
        log.Write([.. Enumerable.Range(3, 8).Select(i => $"text {i}")]);

        Assert.Equal(["text 8", "text 9", "text 10"], reader.Read().Select(entry => entry.Record.Text));
    }

    [Fact]
    public void Nothing_that_was_not_acknowledged_is_shown()
    {
        using var log = TestLog.WithRecords(2);
        var head = TestLog.ReadAll(log.Folder.HeadPath);
        log.Write("three");
        File.WriteAllBytes(log.Folder.HeadPath, head);

        Assert.Equal(["text 1", "text 2"], log.Texts());
    }

    [Fact]
    public void Without_a_head_everything_whole_is_shown()
    {
        using var log = TestLog.WithRecords(6);
        File.Delete(log.Folder.HeadPath);
        TestLog.Edit(log.SegmentPath(2), bytes => bytes[..^1]);
        using var reader = new LogReader(log.Folder, log.Key);

        Assert.Null(reader.Count());
        Assert.Equal([1L, 2, 3, 4, 5], reader.Read().Select(entry => entry.Number));
    }

    [Fact]
    public void A_damaged_record_is_named_and_a_reader_can_start_behind_it()
    {
        using var log = TestLog.WithRecords(6);
        var offset = log.Boundaries(1)[1];
        TestLog.Edit(log.SegmentPath(1), bytes =>
        {
            bytes[offset + 30] ^= 1;
            return bytes;
        });
        using var reader = new LogReader(log.Folder, log.Key);
        List<long> read = [];
        var e = Assert.Throws<SecureLogException>(ReadAll);

        Assert.Equal((LogFault.RecordAltered, 2L), (e.Fault, e.Record));
        Assert.Equal([1L], read);
        Assert.Equal([3L, 4, 5, 6], log.Read(firstRecord: 3).Select(entry => entry.Number));

        void ReadAll()
        {
            foreach (var entry in reader.Read())
            {
                read.Add(entry.Number);
            }
        }
    }

    [Fact]
    public void A_record_that_comes_twice_stops_the_reader()
    {
        using var log = TestLog.WithRecords(3);
        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes[..(int)boundaries[1]], .. bytes[(int)boundaries[0]..]]);

        Assert.Equal((LogFault.OrderBroken, 2L), Fault(log));
    }

    [Fact]
    public void A_missing_segment_and_a_missing_tail_are_told()
    {
        using var log = TestLog.WithRecords(10);
        var third = TestLog.ReadAll(log.SegmentPath(3));
        TestLog.Edit(log.SegmentPath(3), bytes => bytes[..(int)log.Boundaries(3)[1]]);
        Assert.Equal((LogFault.SegmentMissing, 10L), Fault(log));

        File.WriteAllBytes(log.SegmentPath(3), third);
        File.Delete(log.SegmentPath(2));
        Assert.Equal((LogFault.SegmentMissing, 5L), Fault(log));
    }

    [Fact]
    public void Another_logs_key_opens_nothing()
    {
        using var log = TestLog.WithRecords(3);
        using var other = new TestLog();
        using var reader = new LogReader(log.Folder, other.Key);

        Assert.Null(reader.Count());
        Assert.Equal(LogFault.RecordAltered, Assert.Throws<SecureLogException>(() => reader.Read().ToList()).Fault);
    }

    private static (LogFault Fault, long Record) Fault(TestLog log)
    {
        var e = Assert.Throws<SecureLogException>(() => log.Read());
        return (e.Fault, e.Record);
    }
}
