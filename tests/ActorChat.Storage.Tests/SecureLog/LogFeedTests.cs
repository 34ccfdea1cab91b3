// The messages received since a record: page by page, oldest first, each once and none left out, also while the log grows and where it is damaged.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogFeedTests
{
    [Fact]
    public void Pages_follow_one_another_and_go_on_with_what_is_written_meanwhile()
    {
        using var log = TestLog.WithRecords(7);
        using var reader = new LogReader(log.Folder, log.Key, 3);
        var feed = new LogFeed(reader, from: 2);
        Assert.Equal([3L, 4, 5], Numbers(feed.Next(3, int.MaxValue), upTo: 5, isLast: false));
        Assert.Equal([6L, 7], Numbers(feed.Next(3, int.MaxValue), upTo: 7, isLast: true));
        Assert.Empty(Numbers(feed.Next(3, int.MaxValue), upTo: 7, isLast: true));
        log.Write("text 8", "text 9");
        Assert.Equal([8L], Numbers(feed.Next(3, maxLength: 6), upTo: 8, isLast: false));
        Assert.Equal([9L], Numbers(feed.Next(3, maxLength: 7), upTo: 9, isLast: true));
    }

    [Fact]
    public void A_feed_holds_only_what_was_received()
    {
        using var log = new TestLog();
        using (var writer = log.OpenWriter())
        {
            writer.Append(TestLog.Record("mine") with { Direction = LogDirection.Sent }, LogRecord.Shown(TestLog.Time, 1), TestLog.Record("theirs"), LogRecord.Note(TestLog.Time, "note"));
            writer.Flush();
        }

        using var reader = new LogReader(log.Folder, log.Key);
        Assert.Equal([3L], Numbers(new LogFeed(reader, from: 0).Next(10, int.MaxValue), upTo: 4, isLast: true));
    }

    [Fact]
    public void A_record_that_is_not_there_yet_is_refused()
    {
        using var log = TestLog.WithRecords(2);
        using var reader = new LogReader(log.Folder, log.Key, 4);
        Assert.Contains("The log has 2 records and no record 3", Assert.Throws<SecureLogException>(() => new LogFeed(reader, from: 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cursor_at_the_end_of_the_log_has_nothing_behind_it()
    {
        using var log = TestLog.WithRecords(2);
        using var reader = new LogReader(log.Folder, log.Key, 3);
        Assert.Empty(Numbers(new LogFeed(reader, from: 2).Next(10, int.MaxValue), upTo: 2, isLast: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_page_that_ends_with_damage_goes_up_to_the_last_record_that_is_lost_and_the_next_goes_on_behind_it(int size)
    {
        using var log = TestLog.WithRecords(9);
        var boundaries = log.Boundaries(1);
        TestLog.Edit(log.SegmentPath(1), bytes => [.. bytes[..(int)boundaries[1]], .. bytes[(int)boundaries[3]..]]); // 2 and 3 are gone
        TestLog.Edit(log.SegmentPath(2), bytes =>
        {
            bytes[log.Boundaries(2)[1] + 40] ^= 1; // 6 is altered
            return bytes;
        });
        File.Delete(log.SegmentPath(3)); // which holds 9
        using var reader = new LogReader(log.Folder, log.Key);
        var feed = new LogFeed(reader, from: 0);
        var entries = new List<LogEntry>();
        FeedPage page;
        do
        {
            page = feed.Next(size, int.MaxValue);
            entries.AddRange(page.Entries);
            Assert.Equal(entries[^1].Damage is null ? entries[^1].Number : entries[^1].LastLost, page.UpTo);
        }
        while (!page.IsLast && entries.Count < 20);
        Assert.Equal(["1", "2-3", "4", "5", "6-6", "7", "8", "9-9"], entries.Select(entry => entry.Damage is null ? $"{entry.Number}" : $"{entry.Number}-{entry.LastLost}"));
    }

    [Fact]
    public void Damage_is_marked_and_the_rest_is_there()
    {
        using var log = TestLog.WithRecords(7);
        TestLog.Edit(log.SegmentPath(2), bytes =>
        {
            bytes[LogFormat.SegmentHeaderSize + 40] ^= 1;
            return bytes;
        });
        using var reader = new LogReader(log.Folder, log.Key);
        var page = new LogFeed(reader, from: 0).Next(10, int.MaxValue);
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7], page.Entries.Select(entry => entry.Number));
        Assert.NotNull(page.Entries.Single(entry => entry.Damage is not null));
        Assert.True(page.IsLast);
    }

    private static IEnumerable<long> Numbers(FeedPage page, long upTo, bool isLast)
    {
        Assert.Equal((upTo, isLast), (page.UpTo, page.IsLast));
        return page.Entries.Select(entry => entry.Number);
    }
}
