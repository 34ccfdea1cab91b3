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

    [Theory]
    [InlineData(0)] // its length
    [InlineData(3)]
    [InlineData(11)] // its number
    [InlineData(30)] // its ciphertext
    [InlineData(100)] // its tag
    public void Reading_past_damage_goes_on_at_the_next_whole_record_and_marks_the_place(int at)
    {
        using var log = TestLog.WithRecords(6);
        var offset = log.Boundaries(1)[1];
        TestLog.Edit(log.SegmentPath(1), bytes => Flip(bytes, (int)offset + at));

        Assert.Equal(["1", "2-2 lost", "3", "4", "5", "6"], PastDamage(log));
    }

    [Fact]
    public void Whatever_is_damaged_everything_else_is_read()
    {
        using var log = TestLog.WithRecords(12); // four to a segment
        var boundaries = log.Boundaries(2);
        TestLog.Edit(log.SegmentPath(2), bytes => [.. bytes[..(int)boundaries[1]], .. bytes[(int)boundaries[3]..]]);
        Assert.Equal(["1", "2", "3", "4", "5", "6-7 lost", "8", "9", "10", "11", "12"], PastDamage(log));

        TestLog.Edit(log.SegmentPath(2), bytes => Flip(bytes, 30)); // the salt
        Assert.Equal(["1", "2", "3", "4", "5-8 lost", "9", "10", "11", "12"], PastDamage(log));

        File.Delete(log.SegmentPath(2));
        Assert.Equal(["1", "2", "3", "4", "5-8 lost", "9", "10", "11", "12"], PastDamage(log));

        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes, 1, 2, 3]);
        TestLog.Edit(log.SegmentPath(3), bytes => bytes[..^1]);
        Assert.Equal(["1", "2", "3", "4", "5-8 lost", "9", "10", "11", "12-12 lost"], PastDamage(log));

        File.Delete(log.SegmentPath(3));
        Assert.Equal(["1", "2", "3", "4", "5-12 lost"], PastDamage(log));
    }

    [Fact]
    public void A_mark_says_what_is_lost_and_is_given_once()
    {
        using var log = TestLog.WithRecords(9);
        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes[..(int)boundaries[1]], .. bytes[(int)boundaries[3]..], 1, 2, 3]);
        File.Delete(log.SegmentPath(3));
        using var reader = new LogReader(log.Folder, log.Key);
        var marks = reader.Read(pastDamage: true).Where(entry => entry.Damage is not null).Select(entry => entry.Record.Text).ToArray();
        Assert.Equal(3, marks.Length);
        Assert.StartsWith("Records 2 to 3 cannot be read. ", marks[0], StringComparison.Ordinal);
        Assert.StartsWith("Something that is no record stands before record 5. ", marks[1], StringComparison.Ordinal);
        Assert.StartsWith("Record 9 cannot be read. ", marks[2], StringComparison.Ordinal);
        Assert.Empty(reader.Read(pastDamage: true));
    }

    [Fact]
    public void A_record_that_comes_twice_is_read_once_and_the_place_is_marked()
    {
        using var log = TestLog.WithRecords(3);
        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes[..(int)boundaries[1]], .. bytes[(int)boundaries[0]..]]);

        Assert.Equal(["1", "2-1 lost", "2", "3"], PastDamage(log));
    }

    [Fact]
    public void A_reader_past_damage_at_the_end_follows_what_comes_after_it()
    {
        using var log = TestLog.WithRecords(2);
        TestLog.Edit(log.SegmentPath(1), bytes => Flip(bytes, (int)log.Boundaries(1)[1] + 30));
        using var reader = new LogReader(log.Folder, log.Key);
        Assert.Equal([1L, 2], reader.Read(pastDamage: true).Select(entry => entry.Number));
        log.Write("three");

        Assert.Equal("three", reader.Read(pastDamage: true).Last().Record.Text);
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

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    private static List<string> PastDamage(TestLog log)
    {
        using var reader = new LogReader(log.Folder, log.Key);
        return [.. reader.Read(pastDamage: true).Select(entry => entry.Damage is null ? $"{entry.Number}" : $"{entry.Number}-{entry.LastLost} lost")];
    }

    private static (LogFault Fault, long Record) Fault(TestLog log)
    {
        var e = Assert.Throws<SecureLogException>(() => log.Read());
        return (e.Fault, e.Record);
    }
}
