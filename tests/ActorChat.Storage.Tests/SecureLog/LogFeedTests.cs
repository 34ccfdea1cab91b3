// What came in since a record: page by page, oldest first, nothing twice and nothing left out, also while the log grows and where it is damaged.

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
    public void Only_what_was_received_is_in_it()
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
