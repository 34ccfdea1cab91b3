// What arrives is shown once, however often it arrives, in its sender's order and no faster than the sender may.

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
        _inbox = Sys.ActorOf(InboxActor.Props(Services.Settings, _console, Clock, SecureLog));
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
        Assert.Equal(new InboxActor.Answer(1, "they could not be logged: the disk is full"), ExpectMsg<InboxActor.Answer>()); // what was here before is here still
        LogFails = false;
        AssertTaken("bob", text);
        Assert.Equal(["before", "hello"], ShownTexts(2));
    }

    [Fact]
    public void One_contacts_texts_pass_one_after_another_and_another_contact_does_not_wait()
    {
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        var text = Text("first");
        Deliver("bob", text);
        Deliver("bob", text, Text("second"));
        Deliver("carol", Text("other"));
        var (first, other) = (SecureLog.ExpectMsg<SecureLogActor.Append>(), SecureLog.ExpectMsg<SecureLogActor.Append>());
        Assert.Equal("carol", Assert.Single(other.Records).PeerName);
        WaitUntilQuiet(_inbox);
        Assert.False(SecureLog.HasMessages);
        _inbox.Tell(new SecureLogActor.Stored(first.Id, 1));
        Assert.Equal("second", Assert.Single(SecureLog.ExpectMsg<SecureLogActor.Append>().Records).Text); // the first is known by now
    }

    [Fact]
    public void Who_sends_too_much_waits_for_his_turn_and_keeps_his_order()
    {
        AssertTaken("bob", [.. Enumerable.Range(0, 6).Select(i => Text($"{i}"))]); // a minute's
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
    public void Who_sends_far_too_much_is_refused_and_what_was_refused_does_not_count()
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
    public void What_an_earlier_run_logged_and_did_not_show_is_shown_at_the_next_start_and_not_again_after_that()
    {
        var (shown, notShown) = (Text("shown"), Text("not shown"));
        RunWithLog(inbox =>
        {
            Deliver(inbox, "bob", shown);
            inbox.Tell(new ConsoleQueue.Shown(ExpectShown().Number));
            Deliver(inbox, "bob", notShown);
            ExpectShown(); // by the probe; the console never says so
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
            Deliver(inbox, "bob", notShown); // known, so it is acknowledged and nothing more
            Deliver(inbox, "bob", Text("new"));
            Assert.Equal("new", ExpectShown().Text);
        });
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
        RunWithLog(inbox => Deliver(inbox, "bob", Text("new"))); // shown, and its mark never came
        Assert.Equal("new", ExpectShown().Text);
        RunWithLog(_ => Assert.Equal("new", ExpectShown().Text)); // since the second run there is a mark that says so
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

    // A run of a node with a real log, as the guardian does it; the log writes everything before it closes.
    private void RunWithLog(Action<IActorRef> run)
    {
        var opened = OpenLog(out var log);
        var inbox = Sys.ActorOf(InboxActor.Props(NodeSettings.Read(NodeSettings.LoadConfig()), _console, Clock, log));
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

    private void AssertNothingIsTold()
    {
        WaitUntilQuiet(_inbox);
        Assert.False(_user.HasMessages);
        Assert.False(HasMessages);
    }

    private string[] ShownTexts(int count) => [.. Enumerable.Range(0, count).Select(_ => ExpectShown().Text)];

    private NodeEvent.MessageArrived ExpectShown() => Assert.IsType<NodeEvent.MessageArrived>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
}
