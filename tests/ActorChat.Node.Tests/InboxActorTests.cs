// A message that arrives is shown once, however often it arrives, in its sender's order and at the rate that the sender is allowed.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class InboxActorTests : NodeTestKit
{
    private readonly TestProbe _user;
    private readonly RecordingConsole _console;
    private readonly IActorRef _inbox;
    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-inbox-").FullName;

    public InboxActorTests()
        : base("actorchat { texts { per-minute = 6, max-wait = 25 s } }")
    {
        _user = CreateTestProbe("user");
        _console = new RecordingConsole(_user);
        Clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(2), "here", "here"));
        _inbox = Sys.ActorOf(InboxActor.Props(Services.Settings, _console, Clock, SecureLog, ActorRefs.Nobody));
    }

    [Fact]
    public void A_message_is_shown_with_its_local_time_and_its_record_and_acknowledged()
    {
        var text = Text("hello\u001b");
        AssertTaken("bob", text);
        var arrived = ExpectShown();
        Assert.Equal(new NodeEvent.MessageArrived("bob", "hello\u001b", text.Id, Clock.GetLocalNow(), Number: 1), arrived);
        Assert.Equal(TimeSpan.FromHours(2), arrived.At.Offset);
    }

    [Fact]
    public void Messages_that_came_together_are_logged_together_and_shown_in_order_with_their_numbers()
    {
        TextMessage[] texts = [Text("one"), Text("two"), Text("three")];
        AssertTaken("bob", texts);
        Assert.Equal(texts.Select(text => text.Id), SecureLog.ExpectMsg<SecureLogActor.Append>().Records.Select(record => record.MessageId!.Value));
        Assert.Equal([("one", 1), ("two", 2), ("three", 3)], Enumerable.Range(0, 3).Select(_ => ExpectShown()).Select(shown => (shown.Text, shown.Number)));
    }

    [Fact]
    public void A_message_that_arrives_twice_is_shown_once_and_acknowledged_twice()
    {
        var text = Text("hello");
        AssertTaken("bob", text);
        AssertTaken("bob", text with { Text = "hello again" }); // in another batch, alone
        AssertTaken("bob", Text("the next"), text, Text("the last")); // in another batch, among others
        Clock.Advance(TimeSpan.FromMinutes(1));
        var twice = Text("twice");
        AssertTaken("bob", twice, twice); // in one batch
        Assert.Equal(["hello", "the next", "the last", "twice"], ShownTexts(4));
        Assert.False(_user.HasMessages);
    }

    [Fact]
    public void A_numbered_message_is_the_same_by_its_number_whatever_its_id()
    {
        AssertTaken("bob", Numbered(1, "one"), Numbered(1, "one, sent again"), Numbered(2, "two")); // in one batch
        AssertTaken("bob", Numbered(2, "two, sent again"), Numbered(3, "three")); // in another
        AssertTaken("bob", Numbered(1, "of another stream", stream: 8));
        Assert.Equal(["one", "two", "three", "of another stream"], ShownTexts(4));
        Assert.False(_user.HasMessages);
    }

    [Fact]
    public void Other_numbers_are_other_messages_though_their_id_is_the_same()
    {
        var text = Numbered(1, "one");
        AssertTaken("bob", text, text with { Number = new TextNumber(7, 2), Text = "two" });
        Assert.Equal(["one", "two"], ShownTexts(2));
    }

    [Fact]
    public void Messages_that_are_missing_are_told_once_and_one_of_them_that_comes_after_all_is_late()
    {
        AssertTaken("bob", Numbered(1, "1"), Numbered(4, "4"), Numbered(5, "5"));
        AssertTaken("bob", Numbered(6, "6"), Numbered(3, "3"), Numbered(8, "8"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        AssertTaken("bob", Numbered(2, "2"), Numbered(9, "9"));
        var shown = Enumerable.Range(0, 8).Select(_ => ExpectShown()).ToArray();
        Assert.Equal([("1", 0), ("4", 2), ("5", 0), ("6", 0), ("3", 0), ("8", 1), ("2", 0), ("9", 0)], shown.Select(message => (message.Text, message.Missing)));
        Assert.Equal(["3", "2"], shown.Where(message => message.IsLate).Select(message => message.Text));
        Assert.Equal([1, 4, 5, 6, 3, 8, 2, 9], shown.Select(message => message.Sequence!.Value));
    }

    [Fact]
    public void What_was_missing_before_a_message_that_was_not_stored_is_told_with_the_one_that_was()
    {
        AssertTaken("bob", Numbered(1, "1"));
        LogFails = true;
        Deliver("bob", Numbered(3, "3"));
        Assert.Equal(0, ExpectMsg<InboxActor.Answer>().Taken);
        LogFails = false;
        AssertTaken("bob", Numbered(4, "4"));
        Assert.Equal([0, 2], [ExpectShown().Missing, ExpectShown().Missing]);
    }

    [Fact]
    public void When_a_message_was_written_is_shown_in_local_time_and_kept()
    {
        AssertTaken("bob", Numbered(1, "hello") with { Sent = 86_400.5 }, Numbered(2, "no time that a calendar has") with { Sent = 1e300 });
        var written = DateTimeOffset.UnixEpoch.AddSeconds(86_400.5);
        Assert.Equal(written, SecureLog.ExpectMsg<SecureLogActor.Append>().Records[0].WrittenAt);
        var shown = ExpectShown();
        Assert.Equal((written, TimeSpan.FromHours(2)), (shown.WrittenAt!.Value, shown.WrittenAt!.Value.Offset));
        Assert.Null(ExpectShown().WrittenAt);
    }

    [Fact]
    public void One_contacts_flood_takes_nothing_of_what_is_known_of_another()
    {
        var inbox = Sys.ActorOf(InboxActor.Props(NodeSettings.Read(NodeSettings.LoadConfig("actorchat.texts.per-minute = 100000")), _console, Clock, SecureLog, ActorRefs.Nobody));
        var (plain, numbered) = (Text("plain"), Numbered(1, "numbered"));
        Deliver(inbox, "bob", plain);
        Deliver(inbox, "bob", numbered);
        ShownTexts(2);
        _user.IgnoreMessages(message => message is RecordingConsole.Shown { Event: NodeEvent.MessageArrived { From: "carol" } });
        foreach (var i in Enumerable.Range(1, 2000))
        {
            inbox.Tell(new InboxActor.Deliver("carol", "192.0.2.8:5", [Text("flood"), Numbered(1, "flood", stream: (ulong)i)]), TestActor);
            Assert.Equal(2, ExpectMsg<InboxActor.Answer>().Taken);
        }

        Deliver(inbox, "bob", plain);
        Deliver(inbox, "bob", numbered);
        Deliver(inbox, "bob", Numbered(2, "the next"));
        Assert.Equal("the next", ExpectShown().Text);
    }

    [Fact]
    public void The_same_id_from_somebody_else_is_another_message()
    {
        var text = Text("hello");
        AssertTaken("bob", text);
        AssertTaken("carol", text);
        Assert.Equal(["bob", "carol"], [ExpectShown().From, ExpectShown().From]);
    }

    [Fact]
    public void A_message_is_on_disk_before_it_is_shown_and_acknowledged()
    {
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        var text = Text("hello");
        Deliver("bob", text);
        var append = SecureLog.ExpectMsg<SecureLogActor.Append>();
        Assert.Equal(
            new LogRecord(Clock.GetUtcNow(), LogDirection.Received, "bob", "192.0.2.7:5", text.Id, Outcome: null, "hello"), Assert.Single(append.Records));
        AssertNothingIsTold();
        _inbox.Tell(new SecureLogActor.Stored(append.Id, 7));
        Assert.Equal(new InboxActor.Answer(1, null), ExpectMsg<InboxActor.Answer>());
        Assert.Equal(7, ExpectShown().Number);
    }

    [Fact]
    public void What_cannot_be_logged_is_not_shown_and_not_acknowledged_and_may_come_again()
    {
        var before = Text("before");
        AssertTaken("bob", before);
        LogFails = true;
        var text = Text("hello");
        Deliver("bob", before, text, before);
        Assert.Equal(new InboxActor.Answer(1, "they could not be logged: the disk is full"), ExpectMsg<InboxActor.Answer>()); // the one that was stored before still counts as taken
        LogFails = false;
        AssertTaken("bob", text);
        Assert.Equal(["before", "hello"], ShownTexts(2));
    }

    [Fact]
    public void One_contacts_texts_pass_one_after_another_and_another_contact_does_not_wait()
    {
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        var text = Numbered(1, "first");
        Deliver("bob", text);
        Deliver("bob", text, Numbered(2, "second"));
        Deliver("bob", Numbered(2, "second again"), Numbered(3, "third"));
        Deliver("bob", text);
        Deliver("carol", Text("other"));
        var (first, other) = (SecureLog.ExpectMsg<SecureLogActor.Append>(), SecureLog.ExpectMsg<SecureLogActor.Append>());
        Assert.Equal("carol", Assert.Single(other.Records).PeerName);
        WaitUntilQuiet(_inbox);
        Assert.False(SecureLog.HasMessages);
        _inbox.Tell(new SecureLogActor.Stored(first.Id, 1));
        var behind = SecureLog.ExpectMsg<SecureLogActor.Append>(); // without the first, which is known by now
        Assert.Equal(["second", "third"], behind.Records.Select(record => record.Text));
        Assert.Equal(1, ExpectMsg<InboxActor.Answer>().Taken);
        AssertNothingIsTold("first");
        _inbox.Tell(new SecureLogActor.Stored(behind.Id, 4));
        Assert.Equal([2, 2, 1], [ExpectMsg<InboxActor.Answer>().Taken, ExpectMsg<InboxActor.Answer>().Taken, ExpectMsg<InboxActor.Answer>().Taken]);
        Assert.Equal([3, 4], [ExpectShown().Number, ExpectShown().Number]);
    }

    [Fact]
    public void A_contact_that_sends_too_much_waits_for_its_turn_and_keeps_its_order()
    {
        AssertTaken("bob", [.. Enumerable.Range(0, 6).Select(i => Text($"{i}"))]); // as many as a minute allows
        ShownTexts(6);
        Deliver("bob", Text("late")); // 10 s
        Deliver("bob", Text("later")); // 10 s more
        AssertNothingIsTold();
        Advance(TimeSpan.FromSeconds(9.9));
        AssertNothingIsTold();
        Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, ExpectMsg<InboxActor.Answer>().Taken);
        Assert.Equal(["late"], ShownTexts(1));
        AssertNothingIsTold();
        Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, ExpectMsg<InboxActor.Answer>().Taken);
        Assert.Equal(["later"], ShownTexts(1));
    }

    [Fact]
    public void A_contact_that_sends_far_too_much_is_refused_and_what_was_refused_does_not_count()
    {
        AssertTaken("bob", [.. Enumerable.Range(0, 6).Select(i => Text($"{i}"))]);
        ShownTexts(6);
        Deliver("bob", Text("a"), Text("b"), Text("c")); // 30 s, and max-wait is 25
        Assert.Equal(new InboxActor.Answer(0, "more texts than one contact may send"), ExpectMsg<InboxActor.Answer>());
        Clock.Advance(TimeSpan.FromSeconds(10.1));
        AssertTaken("bob", Text("d"));
        AssertTaken("carol", Text("other"));
    }

    [Fact]
    public void While_nobody_reads_everybody_is_refused()
    {
        _console.IsFull = true;
        Deliver("bob", Text("hello"));
        Assert.Equal(new InboxActor.Answer(0, "what arrived before has not been shown yet"), ExpectMsg<InboxActor.Answer>());
        Assert.False(SecureLog.HasMessages);
        _console.IsFull = false;
        AssertTaken("bob", Text("hello"));
    }

    [Fact]
    public void What_has_been_shown_is_marked_in_the_log()
    {
        _inbox.Tell(new ConsoleQueue.Shown(7));
        Assert.Equal(LogRecord.Shown(Clock.GetUtcNow(), 7), SecureLog.ExpectMsg<SecureLogActor.AppendLater>().Record);
    }

    [Fact]
    public void A_feed_shows_page_after_page_what_came_in_and_then_what_arrived_meanwhile()
    {
        SecureLog.IgnoreMessages(message => message is SecureLogActor.Append);
        Deliver("bob", Text("live")); // the log's record 1
        Assert.Equal("live", ExpectShown().Text);
        _inbox.Tell(new InboxActor.Feed(0));
        Assert.Equal(new NodeEvent.FeedBegun(0), _user.ExpectMsg<RecordingConsole.Shown>().Event);
        Assert.Equal(0, SecureLog.ExpectMsg<SecureLogActor.ReadFeed>().From);
        Deliver("bob", Text("meanwhile")); // record 2
        Deliver("bob", Text("meanwhile too")); // record 3
        Assert.Equal([1, 1, 1], Enumerable.Range(0, 3).Select(_ => ExpectMsg<InboxActor.Answer>().Taken));
        AssertNothingIsTold();

        _inbox.Tell(new SecureLogActor.FeedRead(new FeedPage([new LogEntry(1, Received("live"))], UpTo: 1, IsLast: false)));
        AssertNothingIsTold("live");
        Assert.False(SecureLog.HasMessages); // the console has not shown it yet
        _inbox.Tell(new ConsoleQueue.Shown(1));
        Assert.Equal(1, SecureLog.FishForMessage<SecureLogActor.ReadFeed>(_ => true).From);
        _inbox.Tell(new SecureLogActor.FeedRead(new FeedPage([new LogEntry(2, Received("meanwhile"))], UpTo: 2, IsLast: true)));
        AssertNothingIsTold("meanwhile", "meanwhile too");
        AssertTaken("bob", Text("live again"));
        Assert.Equal("live again", ExpectShown().Text);
    }

    [Fact]
    public void What_the_feed_has_shown_is_not_shown_again_when_the_log_tells_of_it()
    {
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        Deliver("bob", Text("hello"));
        var append = SecureLog.ExpectMsg<SecureLogActor.Append>();
        _inbox.Tell(new InboxActor.Feed(0));
        _inbox.Tell(new SecureLogActor.FeedRead(new FeedPage([new LogEntry(1, append.Records[0])], UpTo: 1, IsLast: true)));
        _inbox.Tell(new SecureLogActor.Stored(append.Id, 1));
        Assert.Equal(1, ExpectMsg<InboxActor.Answer>().Taken);
        _user.ExpectMsg<RecordingConsole.Shown>(); // that the feed begins
        AssertNothingIsTold("hello");
    }

    [Fact]
    public void A_feed_that_cannot_be_read_is_told_and_what_arrived_meanwhile_is_shown()
    {
        _inbox.Tell(new InboxActor.Feed(7));
        _inbox.Tell(new InboxActor.Feed(8));
        AssertTaken("bob", Text("meanwhile"));
        _inbox.Tell(new SecureLogActor.NotRecalled("no record 7"));
        Assert.Equal(
            ["FeedBegun", "Problem", "Problem", "MessageArrived"], Enumerable.Range(0, 4).Select(_ => _user.ExpectMsg<RecordingConsole.Shown>().Event.GetType().Name));
    }

    [Fact]
    public void While_a_feed_is_not_read_on_no_more_is_taken_than_can_be_held_back()
    {
        var inbox = Sys.ActorOf(InboxActor.Props(NodeSettings.Read(NodeSettings.LoadConfig("actorchat.texts.per-minute = 100000")), _console, Clock, SecureLog, ActorRefs.Nobody));
        inbox.Tell(new InboxActor.Feed(0));
        foreach (var _ in Enumerable.Range(0, 1000))
        {
            Deliver(inbox, "bob", Text("meanwhile"));
        }

        inbox.Tell(new InboxActor.Deliver("bob", "192.0.2.7:5", [Text("one more")]), TestActor);
        Assert.Equal(new InboxActor.Answer(0, "what arrived before has not been shown yet"), ExpectMsg<InboxActor.Answer>());
    }

    [Fact]
    public void What_a_feed_shows_again_is_not_marked_again()
    {
        _inbox.Tell(new ConsoleQueue.Shown(7));
        _inbox.Tell(new ConsoleQueue.Shown(3));
        _inbox.Tell(new ConsoleQueue.Shown(8));
        Assert.Equal([7L, 8], [SecureLog.ExpectMsg<SecureLogActor.AppendLater>().Record.ShownUpTo!.Value, SecureLog.ExpectMsg<SecureLogActor.AppendLater>().Record.ShownUpTo!.Value]);
    }

    [Fact]
    public void What_an_earlier_run_logged_and_did_not_show_is_shown_at_the_next_start_and_not_again_after_that()
    {
        var (shown, notShown) = (Text("shown"), Text("not shown"));
        RunWithLog(inbox =>
        {
            Deliver(inbox, "bob", shown);
            inbox.Tell(new ConsoleQueue.Shown(ExpectShown().Number));
            Deliver(inbox, "bob", notShown);
            ExpectShown(); // the probe has it, but the console never confirms it
        });
        RunWithLog(inbox =>
        {
            var arrived = ExpectShown();
            Assert.Equal(("bob", "not shown", notShown.Id), (arrived.From, arrived.Text, arrived.Id));
            Assert.Equal(TimeSpan.FromHours(2), arrived.At.Offset);
            inbox.Tell(new ConsoleQueue.Shown(arrived.Number));
        });
        RunWithLog(inbox =>
        {
            Deliver(inbox, "bob", notShown); // known, so it is acknowledged and not shown again
            Deliver(inbox, "bob", Text("new"));
            Assert.Equal("new", ExpectShown().Text);
        });
    }

    [Fact]
    public void What_is_shown_at_the_next_start_says_what_it_would_have_said()
    {
        RunWithLog(inbox =>
        {
            Deliver(inbox, "bob", Numbered(3, "third") with { Sent = 86_400 });
            Deliver(inbox, "bob", Numbered(1, "first"));
        });
        var told = new[] { ExpectShown(), ExpectShown() };
        Assert.Equal((2, true), (told[0].Missing, told[1].IsLate));
        RunWithLog(_ => Assert.All(told, message => Assert.Equal(message, ExpectShown())));
    }

    [Fact]
    public void Of_a_log_without_such_marks_nothing_is_shown_again()
    {
        OpenLog(out var log);
        log.Tell(new SecureLogActor.Append(Guid.NewGuid(), [Received("old")]), TestActor);
        ExpectMsg<SecureLogActor.Stored>();
        CloseLog(log);
        RunWithLog(inbox => WaitUntilQuiet(inbox));
        Assert.False(_user.HasMessages);
        RunWithLog(inbox => Deliver(inbox, "bob", Text("new"))); // shown, but the console never confirmed it
        Assert.Equal("new", ExpectShown().Text);
        RunWithLog(_ => Assert.Equal("new", ExpectShown().Text)); // an earlier run wrote a mark, so what comes after it counts as not shown
    }

    [Fact]
    public void The_users_command_is_run_once_for_each_message_and_not_for_one_that_comes_again()
    {
        var command = CreateTestProbe("on-message");
        var inbox = Sys.ActorOf(InboxActor.Props(Services.Settings, _console, Clock, SecureLog, command));
        var text = Text("hello");
        Deliver(inbox, "bob", text);
        Deliver(inbox, "bob", text);
        Deliver(inbox, "carol", Text("other"));
        Assert.Equal(new OnMessageActor.Arrived("bob", text.Id, "hello"), command.ExpectMsg<OnMessageActor.Arrived>());
        Assert.Equal("carol", command.ExpectMsg<OnMessageActor.Arrived>().From);
        Assert.Equal($"Arrived {text.Id} from bob", new OnMessageActor.Arrived("bob", text.Id, "hello").ToString());
    }

    [Fact]
    public void A_delivery_shows_everything_but_its_texts() =>
        Assert.Equal("Deliver 2 from bob", new InboxActor.Deliver("bob", "192.0.2.7:5", [Text("hello"), Text("secret")]).ToString());

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    private static TextMessage Text(string text) => new(Guid.NewGuid(), text);

    private static TextMessage Numbered(long number, string text, ulong stream = 7) => Text(text) with { Number = new TextNumber(stream, number) };

    private static LogRecord Received(string text) =>
        new(DateTimeOffset.UnixEpoch, LogDirection.Received, "bob", "192.0.2.7:5", Guid.NewGuid(), Outcome: null, text);

    private void Deliver(string from, params TextMessage[] texts) => _inbox.Tell(new InboxActor.Deliver(from, "192.0.2.7:5", texts), TestActor);

    private void AssertTaken(string from, params TextMessage[] texts)
    {
        Deliver(from, texts);
        Assert.Equal(new InboxActor.Answer(texts.Length, null), ExpectMsg<InboxActor.Answer>());
    }

    private void Deliver(IActorRef inbox, string from, TextMessage text)
    {
        inbox.Tell(new InboxActor.Deliver(from, "192.0.2.7:5", [text]), TestActor);
        Assert.Equal(new InboxActor.Answer(1, null), ExpectMsg<InboxActor.Answer>());
    }

    // One run of a node with a real log, set up as the guardian does it. The log writes everything before it closes.
    private void RunWithLog(Action<IActorRef> run)
    {
        var opened = OpenLog(out var log);
        var inbox = Sys.ActorOf(InboxActor.Props(NodeSettings.Read(NodeSettings.LoadConfig()), _console, Clock, log, ActorRefs.Nobody));
        inbox.Tell(new InboxActor.Begin(opened.Ledger, opened.NotShown));
        run(inbox);
        WaitUntilQuiet(inbox);
        CloseLog(log);
    }

    private SecureLogActor.Opened OpenLog(out IActorRef log)
    {
        log = Sys.ActorOf(SecureLogActor.Props(_console, NodeSettings.Read(NodeSettings.LoadConfig()), Clock));
        log.Tell(new SecureLogActor.Open(_folder, Passphrase: null), TestActor);
        var opened = ExpectMsg<SecureLogActor.Opened>();
        opened.Secrets.Dispose();
        return opened;
    }

    private void CloseLog(IActorRef log)
    {
        log.Tell(new SecureLogActor.Close(), TestActor);
        ExpectMsg<SecureLogActor.HasClosed>();
    }

    private void Advance(TimeSpan time)
    {
        WaitUntilQuiet(_inbox); // its timer is set
        Clock.Advance(time);
        ((TestScheduler)Sys.Scheduler).Advance(time);
    }

    private void AssertNothingIsTold(params string[] shown)
    {
        WaitUntilQuiet(_inbox);
        Assert.Equal(shown, ShownTexts(shown.Length));
        Assert.False(_user.HasMessages);
        Assert.False(HasMessages);
    }

    private string[] ShownTexts(int count) => [.. Enumerable.Range(0, count).Select(_ => ExpectShown().Text)];

    private NodeEvent.MessageArrived ExpectShown() => Assert.IsType<NodeEvent.MessageArrived>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
}
