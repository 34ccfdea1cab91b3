// Sent messages and their outcomes as one row, and the last rows of a log.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogRowsTests
{
    private static readonly Guid One = new("11111111-1111-1111-1111-111111111111");
    private static readonly Guid Two = new("22222222-2222-2222-2222-222222222222");

    [Fact]
    public void A_message_and_its_outcome_are_one_row() =>
        Assert.Equal(["one NotDelivered: nobody there", "two Delivered: "], Rows(
            Sent(One, "one"), Sent(Two, "two"), Ended(Two, LogOutcome.Delivered), Ended(One, LogOutcome.NotDelivered, "nobody there")));

    [Fact]
    public void What_was_shown_is_no_row() =>
        Assert.Equal(["one : "], Rows(LogRecord.Shown(TestLog.Time, 0), Sent(One, "one"), LogRecord.Shown(TestLog.Time, 2)));

    [Fact]
    public void A_message_that_was_sent_again_has_a_row_for_each_time()
    {
        Assert.Equal(["one NotDelivered: nobody there", "one Delivered: "], Rows(
            Sent(One, "one"), Ended(One, LogOutcome.NotDelivered, "nobody there"), Sent(One, "one"), Ended(One, LogOutcome.Delivered)));
        Assert.Equal(["two : ", "one NotDelivered: nobody there", "one Delivered: "], Rows(
            Sent(Two, "two"), Sent(One, "one"), Ended(One, LogOutcome.NotDelivered, "nobody there"), Sent(One, "one"), Ended(One, LogOutcome.Delivered)));
    }

    [Fact]
    public void An_outcome_that_comes_too_late_has_a_row_of_its_own()
    {
        LogRecord[] records = [Sent(One, "one"), .. Enumerable.Repeat(TestLog.Record("other"), LogRows.Window), Ended(One, LogOutcome.Delivered)];
        var rows = Rows(records);
        Assert.Equal(("one : ", " Delivered: ", LogRows.Window + 2), (rows[0], rows[^1], rows.Count));
        Assert.Equal(" NotDelivered: away", Rows([.. records[..^1], Ended(One, LogOutcome.NotDelivered, "away")])[^1]);
        Assert.Equal("one Delivered: ", Rows([records[0], .. records[2..]])[0]); // the last outcome that comes in time
    }

    [Fact]
    public void A_row_is_given_as_soon_as_all_of_it_is_known()
    {
        var read = 0;
        LogRecord[] records = [TestLog.Record("other"), Sent(One, "one"), Ended(One, LogOutcome.Delivered), TestLog.Record("last")];
        var entries = records.Select((record, index) => new LogEntry(read = index + 1, record));
        Assert.Equal([1, 3, 4], LogRows.Join(entries).Select(_ => read));
    }

    [Theory]
    [InlineData(1, "text 2999")]
    [InlineData(3, "text 2997", "text 2998", "text 2999")]
    public void The_last_messages_come_from_the_end_of_the_log(int count, params string[] texts)
    {
        using var log = LongLog();
        Assert.Equal(texts, Last(log, count, _ => true));
    }

    [Fact]
    public void Messages_far_from_the_end_are_found_too()
    {
        using var log = LongLog();
        Assert.Equal(["text 3", "text 4"], Last(log, 2, row => row.Entry.Number <= 5));
        Assert.Equal(3000, Last(log, 5000, _ => true).Count);
        Assert.Empty(Last(log, 5, row => row.Entry.Record.PeerName == "eve"));
    }

    [Fact]
    public void A_log_without_messages_has_no_last_ones()
    {
        using var log = new TestLog();
        Assert.Empty(Last(log, 5, _ => true));
        using (var writer = log.OpenWriter())
        {
            writer.Append(LogRecord.Note(TestLog.Time, "a note"));
            writer.Append(Ended(One, LogOutcome.Delivered));
            writer.Append(LogRecord.Shown(TestLog.Time, 2));
            writer.Flush();
        }

        Assert.Empty(Last(log, 5, _ => true));
    }

    [Fact]
    public void A_reader_of_a_writer_reads_on_when_the_writer_is_closed()
    {
        using var log = TestLog.WithRecords(3);
        var writer = log.OpenWriter();
        using var reader = writer.OpenReader();
        writer.Dispose();
        Assert.Equal(["text 2", "text 3"], reader.Last(2, _ => true).Select(row => row.Entry.Record.Text));
    }

    private static TestLog LongLog()
    {
        var log = new TestLog(segmentSize: 64 << 10);
        using var writer = log.OpenWriter();
        for (var i = 0; i < 3000; i++)
        {
            writer.Append(TestLog.Record($"text {i}"));
            if (i % 100 == 99)
            {
                writer.Flush();
            }
        }

        return log;
    }

    private static List<string> Last(TestLog log, int count, Func<LogRow, bool> wants)
    {
        using var reader = new LogReader(log.Folder, log.Key);
        return [.. reader.Last(count, wants).Select(row => row.Entry.Record.Text)];
    }

    private static LogRecord Sent(Guid id, string text) => TestLog.Record(text) with { Direction = LogDirection.Sent, MessageId = id };

    private static LogRecord Ended(Guid id, LogOutcome outcome, string why = "") => Sent(id, why) with { Outcome = outcome };

    private static List<string> Rows(params LogRecord[] records) =>
        [.. LogRows.Join(records.Select((record, index) => new LogEntry(index + 1, record)))
            .Select(row => $"{(row.Entry.Record.Outcome is null ? row.Entry.Record.Text : "")} {row.Outcome}: {row.Reason}")];
}
