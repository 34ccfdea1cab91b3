// A message to a contact who is away: it waits, is tried again, and has one outcome in the end, even if the node is restarted meanwhile.

using ActorChat.Node.Consoles;
using ActorChat.Node.Outgoing;
using ActorChat.Node.Sessions;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class OutboxWaitingTests : NodeTestKit
{
    private const ulong Stream = 0x0102030405060708;

    private static readonly TimeSpan Keep = TimeSpan.FromDays(7);
    private static readonly Failure Nobody = new(FailureKind.NobodyListening, "127.0.0.2:5002");

    private static readonly ContactDirectory Directory = new(
    [
        new Contact("bob", "secret of bob", "127.0.0.2", 5002, Contact.DefaultProfile, null),
        new Contact("carol", "secret of carol", "127.0.0.3", 5003, Contact.DefaultProfile, "al"),
    ]);

    private readonly TestProbe _user;
    private readonly TestProbe _guardian;
    private readonly TestProbe _bob;
    private readonly TestProbe _carol;
    private IActorRef _outbox = ActorRefs.Nobody;

    public OutboxWaitingTests()
    {
        (_user, _guardian, _bob, _carol) = (CreateTestProbe("user"), CreateTestProbe("guardian"), CreateTestProbe("bob"), CreateTestProbe("carol"));
        _user.IgnoreMessages(message => message is RecordingConsole.Shown { Event: NodeEvent.MessageStarted or NodeEvent.WaitingCount });
        Clock.SetUtcNow(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        Start(SentBefore.Nothing);
    }

    [Fact]
    public void A_message_whose_recipient_is_away_waits_and_is_delivered_by_the_next_attempt_with_the_same_id_and_number()
    {
        Submit("hello", "bob");
        var (session, text) = (ExpectBegun(_bob), ExpectText(_bob));
        End(session, Nobody);
        Assert.Equal(new NodeEvent.MessageWaits(text.Id, "bob", "r", Nobody, Clock.GetUtcNow() + Keep), ExpectShown<NodeEvent.MessageWaits>());
        Advance(TimeSpan.FromSeconds(1));
        AssertNothingIsTold(_bob);

        Advance(TimeSpan.FromSeconds(1));
        var next = ExpectBegun(_bob);
        Assert.Equal(text, ExpectText(_bob));
        Finish(next, text.Id, Outcome.Delivered);
        Assert.Equal(
            new NodeEvent.MessageSent("bob", "r", text.Id, Outcome.Delivered, Failure: null, PeerName: null, TimeSpan.FromSeconds(2), HasWaited: true), ExpectSent());
        End(next);
        Advance(TimeSpan.FromHours(1));
        AssertNothingIsTold(_bob);
    }

    [Fact]
    public void The_record_says_what_is_needed_to_send_it_again()
    {
        Submit("one", "bob");
        Submit("two", "bob");
        Submit("three", "carol");
        LogRecord[] records = [.. Enumerable.Range(0, 3).Select(_ => SecureLog.ExpectMsg<SecureLogActor.Append>().Records.Single())];
        Assert.Equal([1, 2, 1], records.Select(record => record.Sequence!.Value));
        Assert.Equal(records[0].Stream, records[1].Stream);
        Assert.NotEqual(records[0].Stream, records[2].Stream);
        Assert.All(records, record => Assert.Equal((Clock.GetUtcNow(), Clock.GetUtcNow() + Keep), (record.WrittenAt!.Value, record.Expires!.Value)));
    }

    [Fact]
    public void The_attempts_come_later_each_time_and_each_message_is_told_to_wait_once()
    {
        _bob.IgnoreMessages(message => message is InitiatorSession.SendText);
        Submit("one", "bob");
        End(ExpectBegun(_bob), Nobody);
        ExpectShown<NodeEvent.MessageWaits>();
        foreach (var seconds in new[] { 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            Advance(TimeSpan.FromSeconds(0.74 * seconds));
            AssertNothingIsTold(_bob);
            Advance(TimeSpan.FromSeconds(0.26 * seconds));
            End(ExpectBegun(_bob), Nobody);
            AssertNothingIsTold(_user);
        }
    }

    [Fact]
    public void What_is_written_meanwhile_is_tried_soon_and_goes_behind_what_waits()
    {
        Submit("one", "bob");
        End(ExpectBegun(_bob), Nobody);
        ExpectText(_bob);
        Advance(TimeSpan.FromSeconds(2));
        End(ExpectBegun(_bob), Nobody);
        ExpectText(_bob);
        Submit("two", "bob");
        var session = ExpectBegun(_bob);
        Assert.Equal([("one", 1), ("two", 2)], ExpectTexts(2));
        End(session, Nobody);
        Submit("three", "bob"); // so soon after the last attempt it has to wait
        AssertNothingIsTold(_bob);
        Advance(TimeSpan.FromSeconds(2));
        ExpectBegun(_bob);
        Assert.Equal([("one", 1), ("two", 2), ("three", 3)], ExpectTexts(3));
    }

    [Theory]
    [InlineData(FailureKind.WrongPassword)]
    [InlineData(FailureKind.SomebodyElseAnswered)]
    public void A_failure_that_time_does_not_mend_is_final_for_all_that_waits(FailureKind kind)
    {
        Submit("one", "bob");
        Submit("two", "bob");
        End(ExpectBegun(_bob), new Failure(kind));
        Assert.Equal([(Outcome.NotDelivered, kind), (Outcome.NotDelivered, kind)], [Told(ExpectSent()), Told(ExpectSent())]);
        Advance(TimeSpan.FromHours(1));
        ExpectTexts(2);
        AssertNothingIsTold(_bob);
    }

    [Fact]
    public void What_was_sent_and_not_acknowledged_goes_again_before_what_stands_behind_it()
    {
        Submit("one", "bob");
        Submit("two", "bob");
        var session = ExpectBegun(_bob);
        var (one, _) = (ExpectText(_bob), ExpectText(_bob));
        Finish(session, one.Id, Outcome.Unknown, new Failure(FailureKind.ConnectionLost));
        End(session, new Failure(FailureKind.ConnectionLost));
        Assert.Equal(["bob", "bob"], [ExpectShown<NodeEvent.MessageWaits>().To, ExpectShown<NodeEvent.MessageWaits>().To]);
        Advance(TimeSpan.FromSeconds(2));
        ExpectBegun(_bob);
        Assert.Equal([("one", 1), ("two", 2)], ExpectTexts(2));
    }

    [Fact]
    public void What_was_sent_once_is_never_said_to_be_certainly_not_there()
    {
        Submit("one", "bob");
        var session = ExpectBegun(_bob);
        Finish(session, ExpectText(_bob).Id, Outcome.Unknown, new Failure(FailureKind.ConnectionLost));
        End(session, new Failure(FailureKind.ConnectionLost));
        ExpectShown<NodeEvent.MessageWaits>();
        Advance(TimeSpan.FromSeconds(2));
        End(ExpectBegun(_bob), new Failure(FailureKind.WrongPassword));
        Assert.Equal((Outcome.Unknown, FailureKind.WrongPassword), Told(ExpectSent()));
    }

    [Fact]
    public void What_was_sent_once_and_is_sent_again_by_hand_may_still_be_there()
    {
        Submit("one", "bob");
        var session = ExpectBegun(_bob);
        Finish(session, ExpectText(_bob).Id, Outcome.Unknown, new Failure(FailureKind.ConnectionLost));
        End(session, new Failure(FailureKind.WrongPassword));
        Assert.Equal(Outcome.Unknown, ExpectSent().Outcome);
        _outbox.Tell(new OutboxActor.Retry());
        ExpectShown<NodeEvent.Notice>();
        End(ExpectBegun(_bob), new Failure(FailureKind.WrongPassword));
        Assert.Equal(Outcome.Unknown, ExpectSent().Outcome);
    }

    [Fact]
    public void A_text_that_is_refused_is_final_and_the_rest_waits_a_while()
    {
        Submit("one", "bob");
        Submit("two", "bob");
        var session = ExpectBegun(_bob);
        Finish(session, ExpectText(_bob).Id, Outcome.Rejected, new Failure(FailureKind.Refused));
        Assert.Equal((Outcome.Rejected, FailureKind.Refused), Told(ExpectSent()));
        ExpectText(_bob);
        End(session);
        Assert.Equal(FailureKind.Refused, ExpectShown<NodeEvent.MessageWaits>().Why!.Kind);
        AssertNothingIsTold(_bob);
        Advance(TimeSpan.FromSeconds(2));
        ExpectBegun(_bob);
        Assert.Equal([("two", 2)], ExpectTexts(1));
    }

    [Fact]
    public void When_the_contact_calls_us_its_turn_comes_at_once()
    {
        LetWait("one", "bob");
        LetWait("two", "carol");
        _outbox.Tell(new OutboxActor.IsThere("bob"));
        ExpectBegun(_bob);
        AssertNothingIsTold(_carol);
        _outbox.Tell(new OutboxActor.IsThere("eve")); // eve is no contact
        AssertNothingIsTold(_carol);
    }

    [Fact]
    public void Two_nodes_that_cannot_keep_a_conversation_do_not_call_each_other_without_a_pause()
    {
        LetWait("one", "bob");
        _outbox.Tell(new OutboxActor.IsThere("bob"));
        End(ExpectBegun(_bob), new Failure(FailureKind.ConnectionLost));
        ExpectText(_bob);
        _outbox.Tell(new OutboxActor.IsThere("bob"));
        AssertNothingIsTold(_bob);
        Advance(TimeSpan.FromSeconds(2));
        ExpectBegun(_bob);
    }

    [Fact]
    public void When_its_entry_changes_its_turn_comes_at_once_at_the_new_address()
    {
        LetWait("one", "bob");
        LetWait("two", "carol");
        UseDirectory(Directory.Contacts[0] with { Port = 6002 }, Directory.Contacts[1]);
        Assert.Equal(6002, _bob.ExpectMsg<StubSession.Begun>().Recipient.Port);
        AssertNothingIsTold(_carol);
        UseDirectory(Directory.Contacts[0] with { Port = 6002 }, Directory.Contacts[1] with { Password = "another" });
        ExpectBegun(_carol);
    }

    [Fact]
    public void A_contact_who_leaves_the_directory_takes_along_what_waits_for_it()
    {
        LetWait("one", "bob");
        LetWait("two", "carol");
        UseDirectory(Directory.Contacts[1]);
        Assert.Equal(("bob", Outcome.NotDelivered, FailureKind.NotInDirectory), ExpectSent() is var sent ? (sent.To, sent.Outcome, sent.Failure!.Kind) : default);
        Advance(TimeSpan.FromSeconds(2));
        ExpectBegun(_carol);
        AssertNothingIsTold(_bob);
    }

    [Fact]
    public void A_contact_who_leaves_while_its_conversation_fails_takes_along_what_was_in_it()
    {
        Submit("one", "bob");
        var session = ExpectBegun(_bob);
        ExpectText(_bob);
        UseDirectory(Directory.Contacts[1]);
        End(session, Nobody);
        Assert.Equal((Outcome.NotDelivered, FailureKind.NotInDirectory), Told(ExpectSent()));
    }

    [Fact]
    public void Retry_tries_everything_that_waits_now()
    {
        LetWait("one", "bob");
        LetWait("two", "carol");
        _outbox.Tell(new OutboxActor.Retry());
        Assert.Equal("2 messages wait: 1 for bob, 1 for carol; trying now.", ExpectShown<NodeEvent.Notice>().Message);
        ExpectBegun(_bob);
        ExpectBegun(_carol);
    }

    [Fact]
    public void A_message_waits_until_its_time_is_over_and_can_be_sent_again_by_hand()
    {
        var id = LetWait("one", "bob");
        _bob.IgnoreMessages(_ => true);
        Advance(Keep);
        Assert.Equal((id, Outcome.Expired, Nobody), ExpectSent() is var sent ? (sent.Id, sent.Outcome, sent.Failure) : default);
        Assert.Equal(LogOutcome.Expired, ExpectLogged(id));
        _bob.IgnoreNoMessages();
        _outbox.Tell(new OutboxActor.Retry());
        ExpectBegun(_bob, isIgnoringTexts: true);
    }

    [Fact]
    public void A_message_that_waits_can_be_taken_back_by_number_by_name_and_by_id()
    {
        var ids = new[] { LetWait("one", "bob"), LetWait("two", "carol"), LetWait("three", "carol"), LetWait("four", "bob") };
        Cancel("2");
        Assert.Equal((ids[1], Outcome.Cancelled, null), ExpectSent() is var two ? (two.Id, two.Outcome, two.Failure) : default);
        Assert.Equal(LogOutcome.Cancelled, ExpectLogged(ids[1]));
        Cancel("bob");
        Assert.Equal([ids[0], ids[3]], [ExpectSent().Id, ExpectSent().Id]);
        Cancel($"{ids[2]}");
        Assert.Equal(ids[2], ExpectSent().Id);
        Cancel("2");
        Assert.StartsWith("nothing waits that is called 2", ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_outcome_that_a_kill_would_undo_is_told_when_it_is_on_disk()
    {
        var id = LetWait("one", "bob");
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        Cancel("bob");
        Tell(new OutboxActor.FinishAll());
        AssertNothingIsTold(_user);
        AssertNothingIsTold(_guardian);
        var append = (SecureLogActor.Append)SecureLog.FishForMessage(message => message is SecureLogActor.Append { Records: [{ Outcome: not null }] });
        _outbox.Tell(new SecureLogActor.Stored(append.Id, 2));
        Assert.Equal((id, Outcome.Cancelled), ExpectSent() is var sent ? (sent.Id, sent.Outcome) : default);
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void What_is_taken_back_while_it_is_on_its_way_is_delivered_or_cancelled()
    {
        Submit("one", "bob");
        Submit("two", "bob");
        var session = ExpectBegun(_bob);
        var (one, two) = (ExpectText(_bob), ExpectText(_bob));
        Cancel("bob");
        Assert.Contains("on its way just now", ExpectShown<NodeEvent.Notice>().Message, StringComparison.Ordinal);
        ExpectShown<NodeEvent.Notice>();
        Finish(session, one.Id, Outcome.Delivered);
        Finish(session, two.Id, Outcome.Unknown, new Failure(FailureKind.ConnectionLost));
        End(session, new Failure(FailureKind.ConnectionLost));
        Assert.Equal((one.Id, Outcome.Delivered), ExpectSent() is var first ? (first.Id, first.Outcome) : default);
        Assert.Equal((two.Id, Outcome.Cancelled, FailureKind.MayBeThere), ExpectSent() is var second ? (second.Id, second.Outcome, second.Failure!.Kind) : default);
    }

    [Fact]
    public void What_waits_is_listed_for_a_person_and_for_a_program()
    {
        var id = LetWait("one\ntwo", "bob");
        _outbox.Tell(new OutboxActor.ListWaiting(AsEvents: false));
        var row = Assert.Single(ExpectShown<NodeEvent.Table>().Rows);
        Assert.Equal(["1", "bob", "since 12:00", "next attempt in 2 s", "one…"], row);
        _outbox.Tell(new OutboxActor.ListWaiting(AsEvents: true));
        Assert.Equal((id, Nobody), ExpectShown<NodeEvent.MessageWaits>() is var waits ? (waits.Id, waits.Why) : default);
        Assert.Equal(1, ExpectShown<NodeEvent.WaitingListed>().Count);
    }

    [Fact]
    public void What_waits_is_counted_for_the_prompt()
    {
        _user.IgnoreMessages(message => message is RecordingConsole.Shown { Event: not NodeEvent.WaitingCount });
        Submit("one", "bob");
        Submit("two", "bob");
        End(ExpectBegun(_bob), Nobody);
        Assert.Equal(2, ExpectShown<NodeEvent.WaitingCount>().Count);
        Cancel("1");
        Assert.Equal(1, ExpectShown<NodeEvent.WaitingCount>().Count);
        Cancel("2");
        Assert.Equal(0, ExpectShown<NodeEvent.WaitingCount>().Count);
    }

    [Fact]
    public void What_waits_leaves_room_for_more()
    {
        LetWait("one", "bob");
        Enumerable.Range(0, 998).ToList().ForEach(_ => Submit("text", "carol"));
        _outbox.Tell(new OutboxActor.TellWhenThereIsRoom(), _guardian);
        _guardian.ExpectMsg<OutboxActor.ThereIsRoom>();
        Submit("text", "carol");
        Submit("text", "carol");
        _outbox.Tell(new OutboxActor.TellWhenThereIsRoom(), _guardian);
        AssertNothingIsTold(_guardian);
    }

    [Fact]
    public void An_address_typed_by_hand_never_waits()
    {
        _outbox.Tell(new OutboxActor.Submit(new JsonCommand([], HostPort.Parse("127.0.0.4:5004"), "password", "hello", null), AnswersSender: false));
        var append = SecureLog.ExpectMsg<SecureLogActor.Append>().Records.Single();
        Assert.Equal((null, null, null), (append.Stream, append.Sequence, append.Expires));
        var session = ExpectBegun(_carol);
        Assert.Equal((null, null), ExpectText(_carol) is var text ? (text.Number, text.Sent) : default);
        End(session, Nobody);
        Assert.Equal((Outcome.NotDelivered, FailureKind.NobodyListening), Told(ExpectSent()));
    }

    [Fact]
    public void Another_program_hears_that_its_message_waits_and_the_user_hears_the_outcome()
    {
        var caller = CreateTestProbe();
        _outbox.Tell(new OutboxActor.Submit(new JsonCommand(["bob"], null, null, "hello", "r"), AnswersSender: true), caller);
        var (session, text) = (ExpectBegun(_bob), ExpectText(_bob));
        End(session, Nobody);
        Assert.Equal(text.Id, caller.ExpectMsg<OutboxActor.Waits>().Event.Id);
        Assert.Equal(text.Id, ExpectShown<NodeEvent.MessageWaits>().Id);
        Advance(TimeSpan.FromSeconds(2));
        Finish(ExpectBegun(_bob), text.Id, Outcome.Delivered);
        Assert.Equal(text.Id, ExpectSent().Id);
        Assert.False(caller.HasMessages);
    }

    [Fact]
    public void At_the_end_of_the_input_what_waits_goes_on_waiting_and_is_counted()
    {
        LetWait("one", "bob");
        Submit("two", "carol");
        var session = ExpectBegun(_carol);
        Tell(new OutboxActor.FinishAll());
        AssertNothingIsTold(_guardian);
        Advance(TimeSpan.FromHours(1));
        AssertNothingIsTold(_bob);
        Finish(session, ExpectText(_carol).Id, Outcome.Delivered);
        ExpectSent();
        End(session);
        Assert.Equal("1 message waits until this node runs again: 1 for bob.", ExpectShown<NodeEvent.Notice>().Message);
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void What_is_written_to_somebody_away_right_before_the_end_is_tried_once_more()
    {
        LetWait("one", "bob");
        Submit("two", "bob");
        Tell(new OutboxActor.FinishAll());
        var session = ExpectBegun(_bob);
        Assert.Equal([("one", 1), ("two", 2)], ExpectTexts(2));
        End(session, Nobody);
        Assert.Equal("bob", ExpectShown<NodeEvent.MessageWaits>().To);
        ExpectShown<NodeEvent.Notice>();
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void A_message_that_its_user_waits_for_is_tried_until_it_is_delivered_and_the_end_comes_behind_it()
    {
        SendTo(Directory.Find("bob")!, Keep);
        Tell(new OutboxActor.FinishAll());
        End(ExpectBegun(_bob), Nobody);
        ExpectShown<NodeEvent.MessageWaits>();
        AssertNothingIsTold(_guardian);
        ExpectText(_bob);

        Advance(TimeSpan.FromSeconds(2));
        var next = ExpectBegun(_bob);
        Finish(next, ExpectText(_bob).Id, Outcome.Delivered);
        Assert.Equal((Outcome.Delivered, true), ExpectSent() is var sent ? (sent.Outcome, sent.HasWaited) : default);
        End(next);
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void A_message_that_its_user_waits_for_does_not_go_on_waiting_after_a_stop()
    {
        SendTo(Directory.Find("bob")!, Keep);
        Tell(new OutboxActor.FinishAll());
        End(ExpectBegun(_bob), Nobody);
        ExpectShown<NodeEvent.MessageWaits>();
        Tell(new OutboxActor.Stop());
        Assert.Equal((Outcome.NotDelivered, Nobody.Kind), Told(ExpectSent()));
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void A_stop_leaves_waiting_what_is_not_delivered_yet_and_says_nothing_else_of_it()
    {
        Submit("one", "bob");
        var session = ExpectBegun(_bob);
        var text = ExpectText(_bob);
        Tell(new OutboxActor.Stop());
        AssertNothingIsTold(_guardian);
        Tell(new OutboxActor.GiveUp());
        _bob.ExpectMsg<Session.EndNow>();
        Finish(session, text.Id, Outcome.Unknown, new Failure(FailureKind.Stopping));
        End(session, new Failure(FailureKind.Stopping));
        Assert.Equal((text.Id, FailureKind.Stopping), ExpectShown<NodeEvent.MessageWaits>() is var waits ? (waits.Id, waits.Why!.Kind) : default);
        ExpectShown<NodeEvent.Notice>();
        _guardian.ExpectMsg<OutboxActor.Finished>();
        SecureLog.ExpectMsg<SecureLogActor.Append>();
        Assert.False(SecureLog.HasMessages); // no outcome
        Advance(TimeSpan.FromHours(1));
        AssertNothingIsTold(_bob);
    }

    [Fact]
    public void What_the_log_holds_without_an_outcome_goes_first_with_its_id_and_number()
    {
        var (one, other) = (WaitingFor("bob", 7, "one"), WaitingFor("carol", 3, "other"));
        Start(new SentBefore([one, other], new Dictionary<string, OutgoingStream> { ["bob"] = new(Stream, 8) }));
        Assert.Equal(new NodeEvent.MessageWaits(one.Id, "bob", null, null, one.Expires), ExpectShown<NodeEvent.MessageWaits>());
        Assert.Equal(other.Id, ExpectShown<NodeEvent.MessageWaits>().Id);
        Assert.Equal("2 messages wait from before: 1 for bob, 1 for carol.", ExpectShown<NodeEvent.Notice>().Message);
        ExpectBegun(_carol);
        var session = ExpectBegun(_bob);
        var seconds = one.WrittenAt.ToUnixTimeMilliseconds() / 1000.0;
        Assert.Equal(new TextMessage(one.Id, "one", new TextNumber(Stream, 7), seconds), ExpectText(_bob));
        Submit("two", "bob");
        Assert.Equal(new TextNumber(Stream, 8), ExpectText(_bob).Number);
        Finish(session, one.Id, Outcome.Delivered);
        Assert.Equal(TimeSpan.FromHours(3), ExpectSent().Took);
    }

    [Fact]
    public void What_waited_for_a_contact_who_is_gone_has_its_outcome_at_the_start()
    {
        var waiting = WaitingFor("eve", 1, "one");
        Start(new SentBefore([waiting], new Dictionary<string, OutgoingStream>()));
        ExpectShown<NodeEvent.MessageWaits>();
        Assert.Equal((Outcome.Unknown, FailureKind.NotInDirectory), Told(ExpectSent())); // an earlier run may have sent it
        Assert.Equal(LogOutcome.Unknown, ExpectLogged(waiting.Id));
    }

    [Fact]
    public void Thousands_who_are_away_are_tried_so_many_a_second_and_by_half_of_the_conversations()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"contact {i}").ToArray();
        var directory = new ContactDirectory([.. names.Select(name => new Contact(name, "secret", "127.0.0.2", 5002, Contact.DefaultProfile, null))]);
        var waiting = names.Select(name => WaitingFor(name, 1, "hello")).ToArray();
        Start(new SentBefore(waiting, new Dictionary<string, OutgoingStream>()), directory);
        var begun = new List<IActorRef>();
        Assert.Equal(20, Collect(begun));
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(12, Collect(begun)); // 32 in all: half of max-conversations
        begun[..20].ForEach(session => End(session, Nobody));
        Advance(TimeSpan.FromSeconds(0.5));
        Assert.InRange(Collect(begun), 8, 20);
    }

    [Fact]
    public void Presence_is_announced_to_all_who_have_nothing_waiting_quietly_and_only_where_that_is_wanted()
    {
        AssertNothingIsTold(_carol);
        var announcing = Services with { Settings = NodeSettings.Read(NodeSettings.LoadConfig("actorchat.presence.announce = on")) };
        var log = new SentBefore([WaitingFor("bob", 1, "one")], new Dictionary<string, OutgoingStream>());
        _outbox = Sys.ActorOf(OutboxActor.Props(announcing, new RecordingConsole(_user), "alice", Directory, log, SessionOf));
        ExpectBegun(_bob);
        ExpectShown<NodeEvent.MessageWaits>();
        ExpectShown<NodeEvent.Notice>();
        Assert.True(_carol.ExpectMsg<StubSession.Begun>().IsPing);
        End(_carol.LastSender);
        AssertNothingIsTold(_user);
    }

    private static (Outcome, FailureKind) Told(NodeEvent.MessageSent sent) => (sent.Outcome, sent.Failure!.Kind);

    private WaitingMessage WaitingFor(string name, long sequence, string text)
    {
        var writtenAt = Clock.GetUtcNow() - TimeSpan.FromHours(3);
        return new WaitingMessage(sequence, Guid.NewGuid(), name, text, writtenAt, writtenAt + Keep, Stream, sequence);
    }

    private void Start(SentBefore log, ContactDirectory? directory = null) =>
        _outbox = Sys.ActorOf(OutboxActor.Props(Services, new RecordingConsole(_user), "alice", directory ?? Directory, log, SessionOf));

    private Props SessionOf(Recipient recipient, bool isPing) =>
        StubSession.Props(recipient, isPing, recipient.Label is "bob" || recipient.Label.StartsWith("contact", StringComparison.Ordinal) ? _bob : _carol);

    private void Submit(string text, params string[] names) =>
        _outbox.Tell(new OutboxActor.Submit(new JsonCommand(names, Address: null, Password: null, text, "r"), AnswersSender: false));

    private void SendTo(Contact contact, TimeSpan keep) => _outbox.Tell(new OutboxActor.SendTo(Recipient.Of(contact, "alice"), "hello", keep));

    private Guid LetWait(string text, string name)
    {
        var peer = name == "bob" ? _bob : _carol;
        Submit(text, name);
        WaitUntilQuiet(_outbox);
        if (!peer.HasMessages)
        {
            Advance(TimeSpan.FromSeconds(2));
        }

        End(ExpectBegun(peer, isIgnoringTexts: true), Nobody);
        var id = ExpectShown<NodeEvent.MessageWaits>().Id;
        while (peer.HasMessages)
        {
            peer.ReceiveOne(TimeSpan.Zero);
        }

        return id;
    }

    private void Cancel(string what) => _outbox.Tell(new OutboxActor.Cancel(what));

    private void UseDirectory(params Contact[] contacts) => _outbox.Tell(new OutboxActor.UseDirectory(new ContactDirectory(contacts)));

    private void Tell(object message) => _outbox.Tell(message, _guardian);

    private void Advance(TimeSpan time)
    {
        WaitUntilQuiet(_outbox);
        Clock.Advance(time);
        ((TestScheduler)Sys.Scheduler).Advance(time);
        WaitUntilQuiet(_outbox);
    }

    private static void Finish(IActorRef session, Guid id, Outcome outcome, Failure? failure = null) =>
        session.Tell(new StubSession.TellParent(new InitiatorSession.Finished(id, outcome, failure, PeerName: null)));

    // Returns when the outbox has handled the end.
    private void End(IActorRef session, Failure? failure = null)
    {
        session.Tell(new StubSession.TellParent(new InitiatorSession.Ended(failure)));
        WaitUntilQuiet(session);
        WaitUntilQuiet(_outbox);
    }

    private static IActorRef ExpectBegun(TestProbe peer, bool isIgnoringTexts = false)
    {
        while (isIgnoringTexts && peer.FishForMessage(message => message is StubSession.Begun) is not StubSession.Begun)
        {
        }

        if (!isIgnoringTexts)
        {
            peer.ExpectMsg<StubSession.Begun>();
        }

        return peer.LastSender;
    }

    private static TextMessage ExpectText(TestProbe peer) => peer.ExpectMsg<InitiatorSession.SendText>().Message;

    private (string, int)[] ExpectTexts(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => ExpectText(_bob)).Select(text => (text.Text, (int)text.Number!.Value.Sequence))];

    private T ExpectShown<T>()
        where T : NodeEvent => Assert.IsType<T>(_user.ExpectMsg<RecordingConsole.Shown>().Event);

    private NodeEvent.MessageSent ExpectSent() => ExpectShown<NodeEvent.MessageSent>();

    private LogOutcome ExpectLogged(Guid id) =>
        ((SecureLogActor.Append)SecureLog.FishForMessage(message => message is SecureLogActor.Append { Records: [{ MessageId: var logged, Outcome: not null }] } && logged == id)).Records[0].Outcome!.Value;

    // A session reports that it has begun when it starts, which may be after its parent has created it: so it waits for each child.
    private int Collect(List<IActorRef> sessions)
    {
        WaitUntilQuiet(_outbox);
        foreach (var session in ((ActorRefWithCell)_outbox).Children)
        {
            WaitUntilQuiet(session);
        }

        var before = sessions.Count;
        while (_bob.HasMessages)
        {
            if (_bob.ReceiveOne(TimeSpan.Zero) is StubSession.Begun)
            {
                sessions.Add(_bob.LastSender);
            }
        }

        return sessions.Count - before;
    }

    private void AssertNothingIsTold(TestProbe probe)
    {
        WaitUntilQuiet(_outbox);
        Assert.False(probe.HasMessages);
    }
}
