// Finding messages by words, the newest first, whatever their case and accents and wherever the log is damaged.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogSearchTests
{
    [Theory]
    [InlineData("Meet at the CAFÉ", "cafe")]
    [InlineData("Meet at the cafe", "Café")]
    [InlineData("Meet at the cafe\u0301", "CAFÉ")]
    [InlineData("Встреча", "встр")]
    [InlineData("Meet at the cafe", "cafe", "MEET")]
    public void Case_and_accents_do_not_matter(string text, params string[] words)
    {
        using var log = TestLog.WithRecords(1);
        log.Write(text, "Meet at the station");
        Assert.Equal([text], Texts(log, words));
    }

    [Fact]
    public void All_words_must_be_there()
    {
        using var log = TestLog.WithRecords(12);
        Assert.Empty(Texts(log, "text", "nowhere"));
        Assert.Empty(Texts(log, "texts"));
        Assert.Empty(Texts(log, "alice")); // the sender's name is not searched
    }

    [Fact]
    public void The_newest_come_first_over_all_segments()
    {
        using var log = TestLog.WithRecords(12);
        Assert.Equal(3, log.Segments);
        Assert.Equal(Enumerable.Range(1, 12).Reverse().Select(i => $"text {i}"), Texts(log, "text"));
        Assert.Equal(["text 12", "text 11", "text 10", "text 1"], Texts(log, "text 1"));
    }

    [Fact]
    public void Only_messages_are_found_with_their_outcomes_also_from_a_later_segment()
    {
        using var log = new TestLog();
        var sent = TestLog.Record("hello bob") with { Direction = LogDirection.Sent };
        using (var writer = log.OpenWriter())
        {
            LogRecord[] records =
                [sent, .. Enumerable.Repeat(TestLog.Record("between") with { MessageId = null }, 8), sent with { Outcome = LogOutcome.NotDelivered, Text = "hello was too late" }];
            foreach (var record in records)
            {
                writer.Append(record);
                writer.Flush();
            }
        }

        Assert.True(log.Segments > 1);
        var search = new LogSearch(log.Folder, log.Key, ["hello"]);
        var row = Assert.Single(search.Find(_ => true));
        Assert.Equal((1L, LogOutcome.NotDelivered, "hello was too late"), (row.Entry.Number, row.Outcome, row.Reason));
        Assert.Empty(search.Find(_ => false));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)] // the outcome is in a later segment
    public void What_is_found_says_which_keys_it_had_and_notes_are_not_found(int between)
    {
        using var log = new TestLog();
        var sent = TestLog.Record("hello bob") with { Direction = LogDirection.Sent };
        using (var writer = log.OpenWriter())
        {
            LogRecord[] records =
            [
                LogRecord.Note(TestLog.Time, "hello"), sent, .. Enumerable.Repeat(TestLog.Record("between"), between),
                sent with { Outcome = LogOutcome.Delivered, Text = "", IsPostQuantum = true }, LogRecord.Note(TestLog.Time, "hello"),
            ];
            foreach (var record in records)
            {
                writer.Append(record);
                writer.Flush();
            }
        }

        var row = Assert.Single(new LogSearch(log.Folder, log.Key, ["hello"]).Find(_ => true));
        Assert.Equal((2L, LogOutcome.Delivered, true), (row.Entry.Number, row.Outcome, row.IsPostQuantum));
    }

    [Fact]
    public void What_was_found_has_its_own_outcome_among_many_others()
    {
        using var log = new TestLog(segmentSize: 4000);
        LogRecord[] sent = [.. Enumerable.Range(0, 60).Select(i => TestLog.Record(i % 3 == 0 ? $"needle {i}" : $"hay {i}") with { Direction = LogDirection.Sent, MessageId = Guid.NewGuid() })];
        using (var writer = log.OpenWriter())
        {
            for (var i = 0; i < sent.Length + 7; i++)
            {
                if (i < sent.Length)
                {
                    writer.Append(sent[i]);
                }

                if (i >= 7)
                {
                    writer.Append(sent[i - 7] with { Outcome = LogOutcome.NotDelivered, Text = $"needle not delivered {i - 7}" });
                }

                writer.Flush();
            }
        }

        Assert.True(log.Segments > 2);
        var rows = new LogSearch(log.Folder, log.Key, ["needle"]).Find(_ => true).ToArray();
        Assert.Equal(Enumerable.Range(0, 20).Reverse().Select(i => ($"needle {3 * i}", $"needle not delivered {3 * i}")), rows.Select(row => (row.Entry.Record.Text, row.Reason)));
    }

    [Fact]
    public void An_outcome_in_a_later_segment_is_found_behind_the_outcomes_of_many_other_messages()
    {
        using var log = new TestLog();
        var sent = TestLog.Record("needle") with { Direction = LogDirection.Sent, MessageId = Guid.NewGuid() };
        using (var writer = log.OpenWriter())
        {
            writer.Append(Enumerable.Repeat(sent with { Text = "hay", MessageId = null }, 8).Prepend(sent).ToArray());
            writer.Flush();
            for (var i = 0; i < 11_000; i++)
            {
                var other = sent with { Text = "hay", MessageId = Guid.NewGuid() };
                writer.Append(other, other with { Outcome = LogOutcome.NotDelivered });
            }

            writer.Append(sent with { Outcome = LogOutcome.Delivered });
            writer.Flush();
        }

        Assert.Equal(2, log.Segments);
        Assert.Equal(LogOutcome.Delivered, Assert.Single(new LogSearch(log.Folder, log.Key, ["needle"]).Find(_ => true)).Outcome);
    }

    [Fact]
    public void A_search_that_is_ended_says_so_and_gives_what_it_had()
    {
        using var log = TestLog.WithRecords(12);
        using var ended = new CancellationTokenSource();
        var search = new LogSearch(log.Folder, log.Key, ["text"]);
        var found = new List<long>();
        foreach (var row in search.Find(_ => true, progress: null, ended.Token))
        {
            found.Add(row.Entry.Number);
            ended.Cancel();
        }

        Assert.Equal([12L, 11, 10, 9], found);
        Assert.True(search.IsCut);
    }

    [Fact]
    public void Damage_hides_only_what_is_damaged_and_is_told()
    {
        using var log = TestLog.WithRecords(12);
        TestLog.Edit(log.SegmentPath(2), bytes =>
        {
            bytes[0] ^= 1; // the header
            return bytes;
        });
        TestLog.Edit(log.SegmentPath(3), bytes =>
        {
            bytes[LogFormat.SegmentHeaderSize + 40] ^= 1;
            return bytes;
        });
        var search = new LogSearch(log.Folder, log.Key, ["text"]);

        Assert.Equal([12L, 11, 10, 4, 3, 2, 1], search.Find(_ => true).Select(row => row.Entry.Number));
        Assert.True(search.IsDamaged);
    }

    private static List<string> Texts(TestLog log, params string[] words)
    {
        var search = new LogSearch(log.Folder, log.Key, words);
        List<string> texts = [.. search.Find(_ => true).Select(row => row.Entry.Record.Text)];
        Assert.False(search.IsDamaged);
        return texts;
    }
}
