// What arrives is shown once, however often it arrives.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class InboxActorTests : NodeTestKit
{
    private readonly TestProbe _user;
    private readonly IActorRef _inbox;

    public InboxActorTests()
    {
        _user = CreateTestProbe();
        Clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(2), "here", "here"));
        _inbox = Sys.ActorOf(InboxActor.Props(rememberedIds: 2, new RecordingConsole(_user), Clock, SecureLog));
    }

    [Fact]
    public void A_message_is_shown_with_its_local_time_and_acknowledged()
    {
        var id = Guid.NewGuid();
        Deliver("bob", id, "hello\u001b");
        var arrived = ExpectShown();
        Assert.Equal(new NodeEvent.MessageArrived("bob", "hello\u001b", id, Clock.GetLocalNow()), arrived);
        Assert.Equal(TimeSpan.FromHours(2), arrived.At.Offset);
    }

    [Fact]
    public void A_message_that_arrives_twice_is_shown_once_and_acknowledged_twice()
    {
        var id = Guid.NewGuid();
        Deliver("bob", id, "hello");
        Deliver("bob", id, "hello again");
        Deliver("bob", Guid.NewGuid(), "the next");
        Assert.Equal(["hello", "the next"], ShownTexts(2));
    }

    [Fact]
    public void The_same_id_from_somebody_else_is_another_message()
    {
        var id = Guid.NewGuid();
        Deliver("bob", id, "of bob");
        Deliver("carol", id, "of carol");
        Assert.Equal(["of bob", "of carol"], ShownTexts(2));
    }

    [Fact]
    public void Only_so_many_ids_are_remembered_and_the_latest_ones()
    {
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        Deliver("bob", ids[0], "first");
        Deliver("bob", ids[1], "second");
        Deliver("bob", ids[2], "third");
        Deliver("bob", ids[2], "third again");
        Deliver("bob", ids[1], "second again");
        Deliver("bob", ids[0], "first again, which is forgotten");
        Assert.Equal(["first", "second", "third", "first again, which is forgotten"], ShownTexts(4));
    }

    [Fact]
    public void A_message_is_logged_before_it_is_shown()
    {
        var id = Guid.NewGuid();
        Deliver("bob", id, "hello");
        var record = SecureLog.ExpectMsg<SecureLogActor.Append>().Record;
        Assert.Equal(
            new LogRecord(Clock.GetUtcNow(), LogDirection.Received, "bob", "192.0.2.7:5", id, Outcome: null, "hello"), record);
        Assert.Equal("hello", ExpectShown().Text);
    }

    [Fact]
    public void A_message_that_cannot_be_logged_is_not_shown_and_not_acknowledged_and_may_come_again()
    {
        var id = Guid.NewGuid();
        LogFails = true;
        _inbox.Tell(new InboxActor.Deliver("bob", "192.0.2.7:5", id, "hello"), TestActor);
        Assert.Equal(id, ExpectMsg<InboxActor.NotAccepted>().Id);
        LogFails = false;
        Deliver("bob", id, "hello");
        Assert.Equal(["hello"], ShownTexts(1));
    }

    [Fact]
    public void The_same_message_twice_at_once_is_one_record_and_two_receipts()
    {
        var id = Guid.NewGuid();
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        _inbox.Tell(new InboxActor.Deliver("bob", "192.0.2.7:5", id, "hello"), TestActor);
        _inbox.Tell(new InboxActor.Deliver("bob", "192.0.2.7:6", id, "hello"), TestActor);
        var append = SecureLog.ExpectMsg<SecureLogActor.Append>();
        WaitUntilQuiet(_inbox);
        _inbox.Tell(new SecureLogActor.Stored(append.Id));
        Assert.Equal([id, id], [ExpectMsg<InboxActor.Accepted>().Id, ExpectMsg<InboxActor.Accepted>().Id]);
        Assert.Equal(["hello"], ShownTexts(1));
        SecureLog.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void What_was_received_before_the_start_is_not_shown_again()
    {
        var id = Guid.NewGuid();
        _inbox.Tell(new InboxActor.Remember([new SecureLogActor.ReceivedMessage("bob", id)]));
        Deliver("bob", id, "hello");
        Deliver("bob", Guid.NewGuid(), "new");
        Assert.Equal(["new"], ShownTexts(1));
    }

    [Fact]
    public void A_delivery_shows_everything_but_its_text()
    {
        var id = Guid.NewGuid();
        Assert.Equal($"Deliver {id} from bob", new InboxActor.Deliver("bob", "192.0.2.7:5", id, "hello").ToString());
    }

    private void Deliver(string from, Guid id, string text)
    {
        _inbox.Tell(new InboxActor.Deliver(from, "192.0.2.7:5", id, text), TestActor);
        Assert.Equal(id, ExpectMsg<InboxActor.Accepted>().Id);
    }

    private string[] ShownTexts(int count) => [.. Enumerable.Range(0, count).Select(_ => ExpectShown().Text)];

    private NodeEvent.MessageArrived ExpectShown() => Assert.IsType<NodeEvent.MessageArrived>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
}
