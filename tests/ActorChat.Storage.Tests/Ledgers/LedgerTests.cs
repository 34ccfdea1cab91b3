// The fold of the log's records: what waits, how streams are numbered, what was stored and shown, what is known of each contact.

using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using ActorChat.Storage.Tests.SecureLog;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.Ledgers;

public sealed class LedgerTests
{
    private static readonly Guid One = new("11111111-1111-1111-1111-111111111111");
    private static readonly Guid Two = new("22222222-2222-2222-2222-222222222222");

    [Fact]
    public void What_was_taken_and_has_no_outcome_waits_in_its_order()
    {
        var ledger = Fold(Sent(One, "bob", 1), Sent(Two, "carol", 1), Received("bob", 1), Sent(One, "bob", 2) with { Expires = null, MessageId = Guid.NewGuid() });

        Assert.Equal([(1L, One, "bob"), (2L, Two, "carol")], ledger.Waiting.Select(message => (message.Number, message.Id, message.Recipient)));
        Assert.Equal("text", ledger.Waiting.First().Text);
        var written = TestLog.Time.AddMinutes(-5);
        Assert.Equal(
            [TestLog.Time, written],
            Fold(Sent(One, "bob", 1), Sent(Two, "bob", 2) with { WrittenAt = written }).Waiting.Select(message => message.WrittenAt));
    }

    [Theory]
    [InlineData(LogOutcome.Delivered)]
    [InlineData(LogOutcome.Expired)]
    [InlineData(LogOutcome.Cancelled)]
    [InlineData(LogOutcome.Rejected)]
    public void A_message_that_has_its_outcome_waits_no_longer(LogOutcome outcome)
    {
        Assert.Empty(Fold(Sent(One, "bob", 1), Ended(One, "bob", outcome)).Waiting);
        Assert.Single(Fold(Sent(One, "bob", 1), Ended(One, "bob", outcome), Sent(One, "bob", 2)).Waiting);
    }

    [Fact]
    public void The_next_number_of_a_stream_goes_on_whatever_became_of_the_messages()
    {
        Assert.Null(Fold(Received("bob", 1)).StreamTo("bob"));
        Assert.Equal(new OutgoingStream(7, 3), Fold(Sent(One, "bob", 1), Sent(Two, "bob", 2), Ended(Two, "bob", LogOutcome.Cancelled)).StreamTo("bob"));
        Assert.Equal(new OutgoingStream(8, 2), Fold(Sent(One, "bob", 5), Sent(Two, "bob", 1) with { Stream = 8 }).StreamTo("bob"));
    }

    [Fact]
    public void A_number_of_a_stream_is_known_for_ever_and_only_there()
    {
        var ledger = Fold([.. Enumerable.Range(1, 5000).Select(number => Received("bob", number))]);

        Assert.Equal(new Arrival(true, 0), ledger.Judge("bob", One, 7, 1));
        Assert.Equal(new Arrival(false, 0), ledger.Judge("bob", One, 7, 5001));
        Assert.Equal(new Arrival(false, 0), ledger.Judge("bob", One, 8, 1));
        Assert.Equal(new Arrival(false, 0), ledger.Judge("carol", One, 7, 1));
    }

    [Fact]
    public void A_gap_is_told_with_the_message_behind_it_and_not_again()
    {
        Assert.Equal(2, Fold().Judge("bob", null, 7, 3).Missing);
        Assert.Equal(2, Fold(Received("bob", 1)).Judge("bob", null, 7, 4).Missing);
        var ledger = Fold(Received("bob", 1), Received("bob", 4));
        Assert.Equal(new Arrival(false, 0), ledger.Judge("bob", null, 7, 5));
        Assert.Equal(new Arrival(false, 0, IsLate: true), ledger.Judge("bob", null, 7, 3)); // 3 was missing, and arrives after all
        Assert.Equal(new Arrival(true, 0), ledger.Judge("bob", null, 7, 4));
        Assert.Equal(new Arrival(true, 0), ledger.Judge("bob", null, 7, 6, before: [Received("bob", 6)]));
    }

    [Fact]
    public void Of_a_contact_with_many_streams_the_least_recently_used_goes()
    {
        var limits = new LedgerLimits { Streams = 2 };
        var ledger = Fold(limits, Received("bob", 1), Received("bob", 1) with { Stream = 8 }, Received("bob", 2), Received("bob", 1) with { Stream = 9 });

        Assert.True(ledger.Judge("bob", null, 7, 1).IsKnown);
        Assert.False(ledger.Judge("bob", null, 8, 1).IsKnown);
        Assert.True(ledger.Judge("bob", null, 9, 1).IsKnown);
        Assert.Equal([7UL, 9UL], ledger.Contacts["bob"].Streams.Select(stream => stream.Stream));
        var roomy = Fold(Received("bob", 1), Received("bob", 1) with { Stream = 8 }, Received("bob", 2));
        Assert.Equal([8UL, 7UL], roomy.Contacts["bob"].Streams.Select(stream => stream.Stream));
    }

    [Fact]
    public void Without_a_stream_the_id_is_known_and_one_contact_pushes_out_its_own_only()
    {
        var plain = Received("bob", 1) with { Stream = null, Sequence = null };
        var ledger = Fold(new LedgerLimits { Ids = 2 },
            plain with { MessageId = One, PeerName = "carol" }, plain with { MessageId = One },
            plain with { MessageId = Two }, plain with { MessageId = Two }, plain with { MessageId = Guid.NewGuid() });

        Assert.True(ledger.Judge("carol", One, null, null).IsKnown);
        Assert.False(ledger.Judge("bob", One, null, null).IsKnown);
        Assert.True(ledger.Judge("bob", Two, null, null).IsKnown);
    }

    [Fact]
    public void What_was_shown_is_known_up_to_a_record()
    {
        Assert.Null(Fold(Received("bob", 1)).ShownUpTo);
        Assert.Equal(1, Fold(LogRecord.Shown(TestLog.Time, 0), Received("bob", 1)).FirstUnshown);
        Assert.Null(Fold(Received("bob", 1), LogRecord.Shown(TestLog.Time, 1), Sent(One, "bob", 1)).FirstUnshown);
        var ledger = Fold(Received("bob", 1), LogRecord.Shown(TestLog.Time, 1), Received("bob", 2));
        Assert.Equal((1L, 2L), (ledger.ShownUpTo, ledger.FirstUnshown));
        Assert.Equal(2, Fold(LogRecord.Shown(TestLog.Time, 2), LogRecord.Shown(TestLog.Time, 1)).ShownUpTo); // a second program may be behind the first
    }

    [Fact]
    public void A_contact_was_met_when_a_message_came_or_was_delivered()
    {
        var later = TestLog.Time.AddHours(1);
        Assert.Equal(ContactFacts.None, Fold().FactsOf("bob"));
        Assert.Equal(new ContactFacts(null, TestLog.Time, null, ""), Fold(Sent(One, "bob", 1)).FactsOf("bob"));
        Assert.Equal(
            new ContactFacts(TestLog.Time, later, LogOutcome.NotDelivered, "away"),
            Fold(Received("bob", 1), Sent(One, "bob", 1), Ended(One, "bob", LogOutcome.NotDelivered) with { Time = later, Text = "away" }).FactsOf("bob"));
        Assert.Equal(later, Fold(Ended(One, "bob", LogOutcome.Delivered) with { Time = later }).FactsOf("bob").LastMet);
    }

    [Fact]
    public void Records_are_folded_in_their_order()
    {
        var ledger = Fold(Received("bob", 1));
        Assert.Throws<ArgumentException>(() => ledger.Add(new LogEntry(1, Received("bob", 1))));
        Assert.Throws<ArgumentException>(() => ledger.Add(new LogEntry(3, Received("bob", 1))));
        ledger.Add(new LogEntry(2, LogRecord.Note(TestLog.Time, "lost")) { Damage = LogFault.RecordAltered, LastLost = 9 });
        ledger.Add(new LogEntry(10, Received("bob", 2)));
        Assert.Equal(10, ledger.UpTo);
    }

    [Fact]
    public void A_ledger_is_read_back_as_it_was_written()
    {
        var nothing = Copied(Fold());
        Assert.Equal((null, null, 0), (nothing.ShownUpTo, nothing.StreamTo("bob"), nothing.Waiting.Count));

        var (written, expires) = (TestLog.Time.AddMinutes(-5), TestLog.Time.AddDays(7));
        var ledger = Copied(Fold(
            Sent(One, "bob", 3) with { WrittenAt = written },
            Sent(Two, "carol", 1) with { Stream = null, Sequence = null },
            Received("dave", 1),
            LogRecord.Shown(TestLog.Time, 2)));
        Assert.Equal((4L, 2L, 3L), (ledger.UpTo, ledger.ShownUpTo, ledger.FirstUnshown));
        Assert.Equal(
            [new(1, One, "bob", "text", written, expires, 7, 3), new WaitingMessage(2, Two, "carol", "text", TestLog.Time, expires, null, null)], ledger.Waiting);
        Assert.Equal((new OutgoingStream(7, 4), null), (ledger.StreamTo("bob"), ledger.StreamTo("dave")));
        Assert.Equal(new ContactFacts(null, TestLog.Time, null, ""), ledger.FactsOf("bob"));
        Assert.Equal(new ContactFacts(TestLog.Time, null, null, ""), ledger.FactsOf("dave"));

        static Ledger Copied(Ledger ledger) => LedgerEncoding.Decode(LedgerEncoding.Encode(ledger, 1, 2, new byte[32]), new LedgerLimits())!.Ledger;
    }

    [Property(MaxTest = 300)]
    public void Folding_on_from_any_snapshot_equals_folding_the_whole((byte, byte, byte)[] steps, byte cut)
    {
        var limits = new LedgerLimits { Streams = 2, Ranges = 3, Ids = 3 };
        LogRecord[] records = [.. steps.Select(step => Any(step.Item1, step.Item2, step.Item3))];
        var half = steps.Length == 0 ? 0 : cut % steps.Length;
        var begun = Fold(limits, records[..half]);
        var on = LedgerEncoding.Decode(LedgerEncoding.Encode(begun, 1, 2, new byte[32]), limits)!.Ledger;
        for (var i = half; i < records.Length; i++)
        {
            on.Add(new LogEntry(i + 1, records[i]));
        }

        Assert.Equal(LedgerEncoding.Encode(Fold(limits, records), 1, 2, new byte[32]), LedgerEncoding.Encode(on, 1, 2, new byte[32]));
    }

    [Property(MaxTest = 300)]
    public void Judging_messages_that_come_together_equals_judging_one_by_one((byte, byte)[] messages, byte cut)
    {
        LogRecord[] records = [.. messages.Select(message => Any(message.Item1 % 2 == 0 ? (byte)0 : (byte)1, which: (byte)(message.Item1 % 4 / 2 * 2), message.Item2))];
        var stored = records.Length == 0 ? 0 : cut % records.Length;
        var together = Fold(records[..stored]);
        var oneByOne = Fold(records[..stored]);
        var before = new List<LogRecord>();
        foreach (var record in records[stored..])
        {
            var judged = together.Judge("bob", record.MessageId, record.Stream, record.Sequence, before);
            Assert.Equal(oneByOne.Judge("bob", record.MessageId, record.Stream, record.Sequence).IsKnown, judged.IsKnown);
            if (!judged.IsKnown)
            {
                Assert.Equal(oneByOne.Judge("bob", record.MessageId, record.Stream, record.Sequence), judged);
                before.Add(record);
                oneByOne.Remember(record);
            }
        }
    }

    [Property(MaxTest = 300)]
    public void Numbers_as_ranges_are_the_numbers(byte[] added)
    {
        var ranges = new NumberRanges(int.MaxValue);
        var numbers = new SortedSet<long>();
        foreach (var number in added.Select(number => (long)(number % 40) + 1))
        {
            Assert.Equal(numbers.Contains(number), ranges.Contains(number));
            ranges.Add(number);
            numbers.Add(number);
            Assert.Equal(numbers.Max, ranges.Highest);
        }

        Assert.Equal(Enumerable.Range(1, 50).Select(number => numbers.Contains(number)), Enumerable.Range(1, 50).Select(number => ranges.Contains(number)));
        Assert.All(ranges.All.Zip(ranges.All.Skip(1)), pair => Assert.True(pair.First.Last + 1 < pair.Second.First));
    }

    [Fact]
    public void With_too_many_gaps_the_lowest_counts_as_filled()
    {
        var ranges = new NumberRanges(2);
        foreach (var number in new[] { 2L, 4, 6, 7, long.MaxValue })
        {
            ranges.Add(number);
        }

        Assert.Equal([(2L, 7L), (long.MaxValue, long.MaxValue)], ranges.All);
        Assert.False(ranges.Contains(1));
    }

    private static LogRecord Any(byte what, byte which, byte number)
    {
        var name = which % 2 == 0 ? "bob" : "carol";
        var id = new Guid(number % 5, 0, 0, new byte[8]);
        return (what % 6) switch
        {
            0 => Received(name, (number % 20) + 1) with { Stream = (ulong)(which % 4) },
            1 => Received(name, 1) with { Stream = null, Sequence = null, MessageId = id },
            2 => Sent(id, name, (number % 20) + 1) with { Text = $"{number}" },
            3 => Sent(id, name, 1) with { Stream = null, Sequence = null, Expires = which % 3 == 0 ? null : TestLog.Time },
            4 => Ended(id, name, (LogOutcome)((which % 6) + 1)),
            _ => LogRecord.Shown(TestLog.Time, number),
        };
    }

    private static Ledger Fold(params LogRecord[] records) => Fold(new LedgerLimits(), records);

    private static Ledger Fold(LedgerLimits limits, params LogRecord[] records)
    {
        var ledger = new Ledger(limits);
        for (var i = 0; i < records.Length; i++)
        {
            ledger.Add(new LogEntry(i + 1, records[i]));
        }

        return ledger;
    }

    private static LogRecord Received(string from, long number) => TestLog.Record("text") with { PeerName = from, MessageId = Guid.NewGuid(), Stream = 7, Sequence = number };

    private static LogRecord Sent(Guid id, string to, long number) =>
        TestLog.Record("text") with { Direction = LogDirection.Sent, PeerName = to, MessageId = id, Stream = 7, Sequence = number, Expires = TestLog.Time.AddDays(7) };

    private static LogRecord Ended(Guid id, string to, LogOutcome outcome) => Sent(id, to, 1) with { Outcome = outcome, Stream = null, Sequence = null, Expires = null, Text = "" };
}
