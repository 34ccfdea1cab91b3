// The secure log behind its actor: it answers only when the record is on disk, shares a flush among many records, and reports failures and recovers from them.

using ActorChat.Node.Consoles;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests;

public sealed class SecureLogActorTests : TestKit
{
    private static readonly NodeSettings Settings = NodeSettings.Read(NodeSettings.LoadConfig());

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly EventList _console = new();
    private readonly IActorRef _log;

    public SecureLogActorTests()
        : base(NodeSettings.LoadConfig()) => _log = NewLog();

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_new_log_tells_its_verification_key_once()
    {
        var notice = Open(_log).Notice!;
        var words = notice.Split(' ');
        using (VerificationKey.Parse(words[^1]))
        {
        }

        CloseLog(_log);
        Assert.Null(Open(NewLog()).Notice);
    }

    [Fact]
    public void Under_a_passphrase_the_verification_key_is_told_too()
    {
        _log.Tell(new SecureLogActor.Open(_folder, Passphrase.Of("passphrase")), TestActor);
        using (VerificationKey.Parse(ExpectMsg<SecureLogActor.Opened>(TimeSpan.FromSeconds(20)).Notice!.Split(' ')[^1]))
        {
        }
    }

    [Fact]
    public void A_program_is_not_told_the_verification_key_but_how_to_have_it()
    {
        _log.Tell(new SecureLogActor.Open(_folder, null, MayShowKey: false), TestActor);
        var notice = ExpectMsg<SecureLogActor.Opened>().Notice!;
        Assert.EndsWith("begin the log with --verification-key-out FILE.", notice, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9a-f]{8}-[0-9a-f]{8}", notice);
    }

    [Fact]
    public void A_verification_key_that_goes_into_a_file_is_not_shown()
    {
        var path = _folder + ".verification";
        try
        {
            _log.Tell(new SecureLogActor.Open(_folder, null, path), TestActor);
            Assert.EndsWith($"Its verification key is in {path}; keep that in another place, for actorchat log verify.", ExpectMsg<SecureLogActor.Opened>().Notice, StringComparison.Ordinal);
            using var key = VerificationKey.Parse(File.ReadAllText(path));
            CloseLog(_log);

            var again = NewLog();
            again.Tell(new SecureLogActor.Open(_folder, null, path), TestActor); // a service gives this option at each start
            Assert.Null(ExpectMsg<SecureLogActor.Opened>().Notice);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_is_stored_is_there_after_a_restart_and_the_messages_received_are_remembered()
    {
        Open(_log);
        var received = Record(LogDirection.Received, "hello");
        Append(_log, Record(LogDirection.Sent, "mine"), received);
        CloseLog(_log);

        var again = NewLog();
        var opened = Open(again);
        Assert.True(opened.Ledger.Judge("bob", received.MessageId, stream: null, sequence: null).IsKnown);
        CloseLog(again);
        Assert.Equal(["mine", "hello"], Texts());
    }

    [Fact]
    public void Records_that_come_during_a_flush_are_all_stored_in_order()
    {
        Open(_log);
        var texts = Enumerable.Range(0, 500).Select(i => $"record {i}").ToArray();
        Append(_log, [.. texts.Select(text => Record(LogDirection.Sent, text))]);
        CloseLog(_log);
        Assert.Equal(texts, Texts());
    }

    [Fact]
    public void Closing_writes_first_what_waits()
    {
        Open(_log);
        var record = Record(LogDirection.Sent, "last words");
        _log.Tell(new SecureLogActor.Append(Guid.NewGuid(), [record]), TestActor);
        CloseLogAfter<SecureLogActor.Stored>(_log);
        Assert.Equal(["last words"], Texts());
    }

    [Fact]
    public void A_second_node_is_refused_with_the_process_that_has_the_folder()
    {
        Open(_log);
        var second = NewLog();
        second.Tell(new SecureLogActor.Open(_folder, null), TestActor);
        Assert.Contains($"in use by process {Environment.ProcessId};", ExpectMsg<SecureLogActor.NotOpened>().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_passphrase_is_refused_in_words()
    {
        _log.Tell(new SecureLogActor.Open(_folder, Passphrase.Of("right")), TestActor);
        Assert.Contains("sealed under the passphrase", ExpectMsg<SecureLogActor.Opened>(TimeSpan.FromSeconds(20)).Notice, StringComparison.Ordinal);
        CloseLog(_log);

        _log.Tell(new SecureLogActor.Open(_folder, Passphrase.Of("wrong")), TestActor);
        Assert.Contains("passphrase is wrong", ExpectMsg<SecureLogActor.NotOpened>(TimeSpan.FromSeconds(20)).Reason, StringComparison.Ordinal);
        _log.Tell(new SecureLogActor.Open(_folder, null), TestActor);
        Assert.Contains("is under a passphrase", ExpectMsg<SecureLogActor.NotOpened>().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_is_too_long_is_refused_alone()
    {
        Open(_log);
        var tooLong = new SecureLogActor.Append(Guid.NewGuid(), [Record(LogDirection.Sent, new string('x', LogRecord.MaxTextSize + 1))]);
        _log.Tell(tooLong, TestActor);
        Assert.Equal(tooLong.Id, ExpectMsg<SecureLogActor.NotStored>().Id);
        Append(_log, Record(LogDirection.Sent, "short"));
        CloseLog(_log);
        Assert.Equal(["short"], Texts());
    }

    [Fact]
    public void A_damaged_record_is_told_and_does_not_keep_the_log_from_opening()
    {
        Open(_log);
        var first = Record(LogDirection.Received, "first");
        Append(_log, first, Record(LogDirection.Received, new string('x', 5000)), Record(LogDirection.Received, "third"));
        CloseLog(_log);
        var segment = Path.Combine(_folder, "00000001.log");
        var bytes = File.ReadAllBytes(segment);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(segment, bytes);
        File.Delete(Path.Combine(_folder, "ledger.sealed")); // without a snapshot every record is read

        var log = NewLog();
        var opened = Open(log);
        Assert.Contains("1 records of the log cannot be read", opened.Notice, StringComparison.Ordinal);
        Assert.True(opened.Ledger.Judge("bob", first.MessageId, stream: null, sequence: null).IsKnown);
        Append(log, Record(LogDirection.Sent, "goes on"));
        CloseLog(log);
    }

    [Fact]
    public void The_last_messages_are_recalled_with_their_outcomes_while_the_log_is_written()
    {
        Open(_log);
        var sent = Record(LogDirection.Sent, "mine");
        Append(_log, Record(LogDirection.Received, "first"), Record(LogDirection.Received, "second"), sent);
        Append(_log, sent with { Outcome = LogOutcome.Delivered, Text = "" });
        Append(_log, Record(LogDirection.Received, "of carol") with { PeerName = "carol" });
        _log.Tell(new SecureLogActor.Append(Guid.NewGuid(), [Record(LogDirection.Received, "just now")]), TestActor);
        _log.Tell(new SecureLogActor.Recall("bob", 2), TestActor);
        var recalled = (SecureLogActor.Recalled)FishForMessage(message => message is SecureLogActor.Recalled);
        var rows = recalled.Rows.Where(row => row.Entry.Record.Text != "just now").TakeLast(1).Single(); // it may already be on disk
        Assert.Equal(("mine", LogOutcome.Delivered), (rows.Entry.Record.Text, rows.Outcome));
        Assert.Equal(2, recalled.Rows.Count);
        Assert.DoesNotContain(recalled.Rows, row => row.Entry.Record.PeerName == "carol");
    }

    [Fact]
    public void What_is_known_of_contacts_is_told_from_the_whole_log_with_what_was_told_just_now()
    {
        Open(_log);
        var (mine, theirs) = (Record(LogDirection.Sent, "mine"), Record(LogDirection.Received, "theirs") with { PeerName = "carol" });
        Append(_log, theirs, mine);
        _log.Tell(new SecureLogActor.AppendLater(mine with { Outcome = LogOutcome.NotDelivered, Text = "away" }), TestActor);
        _log.Tell(new SecureLogActor.FactsOf(["bob", "carol", "dave"]), TestActor);
        var facts = ExpectMsg<SecureLogActor.Facts>().ByName;
        Assert.Equal(new ContactFacts(null, mine.Time, LogOutcome.NotDelivered, "away"), facts["bob"]);
        Assert.Equal(new ContactFacts(theirs.Time, null, null, ""), facts["carol"]);
        Assert.Equal(ContactFacts.None, facts["dave"]);
        CloseLog(_log);
    }

    [Fact]
    public void What_came_in_behind_a_record_is_read_with_what_was_stored_just_now()
    {
        Open(_log);
        Append(_log, Record(LogDirection.Received, "one"), Record(LogDirection.Received, "two"), Record(LogDirection.Sent, "mine"));
        _log.Tell(new SecureLogActor.AppendLater(Record(LogDirection.Received, "three")), TestActor);
        _log.Tell(new SecureLogActor.ReadFeed(1), TestActor);
        var page = ExpectMsg<SecureLogActor.FeedRead>().Page;
        Assert.Equal([(2L, "two"), (4, "three")], page.Entries.Select(entry => (entry.Number, entry.Record.Text)));
        Assert.Equal((4L, true), (page.UpTo, page.IsLast));
        _log.Tell(new SecureLogActor.ReadFeed(5), TestActor);
        Assert.Contains("no record 5", ExpectMsg<SecureLogActor.NotRecalled>().Reason, StringComparison.Ordinal);
        CloseLog(_log);
    }

    [Fact]
    public void A_search_finds_the_newest_first_and_no_more_than_were_asked_for_and_says_whether_that_was_all()
    {
        Open(_log);
        Append(_log, Record(LogDirection.Received, "first Word"), Record(LogDirection.Sent, "other"), Record(LogDirection.Received, "second word"));
        _log.Tell(new SecureLogActor.AppendLater(Record(LogDirection.Received, "third word")), TestActor);
        AssertFound(["third word", "second word", "first Word"], isWhole: true, 4, "word");
        AssertFound(["third word", "second word"], isWhole: false, 2, "word");
        AssertFound(["first Word"], isWhole: true, 4, "word", "first");
        AssertFound([], isWhole: true, 4, "nowhere");
        CloseLog(_log);

        void AssertFound(string[] texts, bool isWhole, int count, params string[] words)
        {
            _log.Tell(new SecureLogActor.Search(words, count), TestActor);
            var found = ExpectMsg<SecureLogActor.Found>();
            Assert.Equal((isWhole, false), (found.IsWhole, found.IsDamaged));
            Assert.Equal(texts, found.Rows.Select(row => row.Entry.Record.Text));
        }
    }

    [Fact]
    public void A_closed_log_recalls_nothing()
    {
        _log.Tell(new SecureLogActor.Recall(null, 2), TestActor);
        Assert.Equal("the log is closed", ExpectMsg<SecureLogActor.NotRecalled>().Reason);
        _log.Tell(new SecureLogActor.FactsOf(["bob"]), TestActor);
        Assert.Equal("the log is closed", ExpectMsg<SecureLogActor.NotRecalled>().Reason);
    }

    [Fact]
    public void A_full_disk_refuses_records_tells_the_user_once_and_is_recovered_from()
    {
        var isFull = false;
        var log = NewLog(Settings with { SecureLog = new LogOptions { OpenFile = (path, mode) => new LimitedFile(path, mode, () => isFull) } });
        Open(log);
        Append(log, Record(LogDirection.Sent, "before"));

        isFull = true;
        foreach (var text in new[] { "one", "two" })
        {
            log.Tell(new SecureLogActor.Append(Guid.NewGuid(), [Record(LogDirection.Sent, text)]), TestActor);
            ExpectMsg<SecureLogActor.NotStored>();
        }

        isFull = false;
        Append(log, Record(LogDirection.Sent, "after"));
        CloseLog(log);
        Assert.Equal(["before", "after"], Texts());
        Assert.Equal([typeof(NodeEvent.Problem), typeof(NodeEvent.Notice)], _console.Events.Select(nodeEvent => nodeEvent.GetType()));
    }

    [Fact]
    public void Records_that_belong_together_are_stored_together_and_the_last_ones_number_is_told()
    {
        Open(_log);
        Append(_log, Record(LogDirection.Sent, "before"));
        var append = new SecureLogActor.Append(Guid.NewGuid(), [Record(LogDirection.Received, "one"), Record(LogDirection.Received, "two")]);
        _log.Tell(append, TestActor);
        var stored = ExpectMsg<SecureLogActor.Stored>();
        CloseLog(_log);
        Assert.Equal(append.Id, stored.Id);
        Assert.Equal([(stored.LastNumber - 1, "one"), (stored.LastNumber, "two")], Entries().TakeLast(2).Select(entry => (entry.Number, entry.Record.Text)));
    }

    [Fact]
    public void Of_records_that_belong_together_none_is_stored_when_one_is_too_long()
    {
        Open(_log);
        var append = new SecureLogActor.Append(
            Guid.NewGuid(), [Record(LogDirection.Received, "short"), Record(LogDirection.Received, new string('x', LogRecord.MaxTextSize + 1))]);
        _log.Tell(append, TestActor);
        Assert.Equal(append.Id, ExpectMsg<SecureLogActor.NotStored>().Id);
        CloseLog(_log);
        Assert.Empty(Texts());
    }

    [Fact]
    public void What_nobody_waits_for_is_written_with_the_next_record_behind_everything_before_it()
    {
        Open(_log);
        Append(_log, Record(LogDirection.Sent, "one"));
        _log.Tell(new SecureLogActor.AppendLater(Record(LogDirection.Sent, "later")), TestActor);
        Append(_log, Record(LogDirection.Sent, "two"));
        Assert.Equal(["one", "later", "two"], Texts());
        CloseLog(_log);
    }

    [Fact]
    public void What_nobody_waits_for_is_written_in_its_time_although_nothing_follows()
    {
        var log = NewLog(Settings with { MaxRecordDelay = TimeSpan.FromMilliseconds(1) });
        Open(log);
        log.Tell(new SecureLogActor.AppendLater(Record(LogDirection.Sent, "later")), TestActor);
        AwaitAssert(() => Assert.Equal(["later"], Texts()), TimeSpan.FromSeconds(30));
        CloseLog(log);
    }

    [Fact]
    public void What_nobody_waits_for_is_written_before_the_log_is_closed()
    {
        var log = NewLog(Settings with { MaxRecordDelay = TimeSpan.FromHours(1) });
        Open(log);
        log.Tell(new SecureLogActor.AppendLater(Record(LogDirection.Sent, "last words")), TestActor);
        CloseLog(log);
        Assert.Equal(["last words"], Texts());
    }

    [Fact]
    public void What_stands_behind_the_last_mark_has_not_been_shown()
    {
        var first = Open(_log);
        Assert.Empty(first.NotShown);
        Assert.Null(first.Ledger.ShownUpTo); // a new log has no mark
        var shown = Record(LogDirection.Received, "shown");
        _log.Tell(new SecureLogActor.Append(Guid.NewGuid(), [shown]), TestActor);
        var number = ExpectMsg<SecureLogActor.Stored>().LastNumber;
        Append(_log, Record(LogDirection.Received, "not shown"), LogRecord.Shown(DateTimeOffset.UnixEpoch, number), Record(LogDirection.Sent, "mine"));
        CloseLog(_log);
        var again = Open(NewLog());
        Assert.Equal(["not shown"], again.NotShown.Select(entry => entry.Record.Text));
        Assert.Equal(number, again.Ledger.ShownUpTo);
    }

    [Fact]
    public void A_node_that_is_killed_early_has_nothing_to_tell_about_its_ledger()
    {
        var log = NewLog();
        Assert.NotNull(Open(log).Notice); // the notice shows the verification key
        Append(log, Record(LogDirection.Sent, "hello"));
        Watch(log);
        log.Tell(PoisonPill.Instance);
        ExpectTerminated(log);
        Assert.Null(Open(NewLog()).Notice);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_ledger_is_the_same_whether_it_was_saved_or_is_made_again(bool isKilled)
    {
        var settings = Settings with { SecureLog = Settings.SecureLog with { SegmentSize = 4096 } };
        var log = NewLog(settings);
        Open(log);
        var records = Enumerable.Range(0, 40).Select(i => Record(LogDirection.Received, new string('x', 300)) with { Stream = 7, Sequence = i + 1 }).ToArray();
        foreach (var record in records)
        {
            Append(log, record);
        }

        Assert.True(File.Exists(Path.Combine(_folder, "ledger.sealed"))); // the snapshot is written when a segment is full
        if (isKilled)
        {
            Watch(log);
            log.Tell(PoisonPill.Instance);
            ExpectTerminated(log);
        }
        else
        {
            CloseLog(log);
        }

        var opened = Open(NewLog());
        Assert.Null(opened.Notice);
        Assert.All(records, record => Assert.True(opened.Ledger.Judge("bob", Guid.NewGuid(), record.Stream, record.Sequence).IsKnown));
        Assert.Equal(new Arrival(IsKnown: false, Missing: 1), opened.Ledger.Judge("bob", Guid.NewGuid(), 7, 42));
    }

    [Fact]
    public void The_ledger_is_saved_after_many_records_and_soon_when_it_had_to_be_made_again()
    {
        var snapshot = Path.Combine(_folder, "ledger.sealed");
        Open(_log); // this saves a snapshot
        File.Delete(snapshot);
        Append(_log, Record(LogDirection.Received, "one"));
        Assert.False(File.Exists(snapshot));
        var records = Enumerable.Repeat(Record(LogDirection.Received, "text"), 20_000).ToArray();
        _log.Tell(new SecureLogActor.Append(Guid.NewGuid(), records), TestActor);
        ExpectMsg<SecureLogActor.Stored>(TimeSpan.FromSeconds(30));
        Append(_log, Record(LogDirection.Received, "behind it")); // the snapshot is written before this one
        Assert.True(File.Exists(snapshot));
        Watch(_log);
        _log.Tell(PoisonPill.Instance);
        ExpectTerminated(_log);

        File.Delete(snapshot);
        var again = NewLog();
        again.Tell(new SecureLogActor.Open(_folder, null), TestActor);
        Assert.Contains("is missing", ExpectMsg<SecureLogActor.Opened>(TimeSpan.FromSeconds(30)).Notice, StringComparison.Ordinal);
        Append(again, Record(LogDirection.Received, "one more"));
        Assert.True(File.Exists(snapshot));
        CloseLog(again);
    }

    private static LogRecord Record(LogDirection direction, string text) =>
        new(DateTimeOffset.UnixEpoch, direction, "bob", "127.0.0.1:5002", Guid.NewGuid(), Outcome: null, text);

    private IActorRef NewLog() => NewLog(Settings);

    private IActorRef NewLog(NodeSettings settings) => Sys.ActorOf(SecureLogActor.Props(_console, settings, TimeProvider.System));

    private SecureLogActor.Opened Open(IActorRef log)
    {
        log.Tell(new SecureLogActor.Open(_folder, null), TestActor);
        return ExpectMsg<SecureLogActor.Opened>();
    }

    private void Append(IActorRef log, params LogRecord[] records)
    {
        foreach (var record in records)
        {
            log.Tell(new SecureLogActor.Append(record.MessageId ?? Guid.Empty, [record]), TestActor);
        }

        Assert.Equal(records.Select(record => record.MessageId ?? Guid.Empty), records.Select(_ => ExpectMsg<SecureLogActor.Stored>().Id).ToArray());
    }

    private void CloseLog(IActorRef log)
    {
        log.Tell(new SecureLogActor.Close(), TestActor);
        ExpectMsg<SecureLogActor.HasClosed>();
    }

    private void CloseLogAfter<T>(IActorRef log)
    {
        log.Tell(new SecureLogActor.Close(), TestActor);
        ExpectMsg<T>();
        ExpectMsg<SecureLogActor.HasClosed>();
    }

    // A new log begins with a note of its own.
    private List<string> Texts() => [.. Entries().Where(entry => entry.Record.Direction != LogDirection.Note).Select(entry => entry.Record.Text)];

    private List<LogEntry> Entries()
    {
        var folder = new LogFolder(_folder);
        using var key = LogKey.Open(folder, null);
        using var reader = new LogReader(folder, key);
        return [.. reader.Read()];
    }

    // A file on a disk that is full while isFull says so.
    private sealed class LimitedFile(string path, FileMode mode, Func<bool> isFull) : FileStream(path, PrivateFile.Options(mode))
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (isFull())
            {
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }
    }

    private sealed class EventList : IConsole
    {
        public List<NodeEvent> Events { get; } = [];

        public void Show(NodeEvent nodeEvent) => Events.Add(nodeEvent);

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
        }
    }
}
