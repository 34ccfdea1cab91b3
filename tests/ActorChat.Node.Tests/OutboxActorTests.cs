// A message from its submission to its outcome. Probes replace the sessions: what they receive is what would be sent.

using System.Net;
using ActorChat.Node.Consoles;
using ActorChat.Node.Outgoing;
using ActorChat.Node.Sessions;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class OutboxActorTests : NodeTestKit
{
    private const string Dave = "127.0.0.4:5004";

    private static readonly ContactDirectory Directory = new(
    [
        new Contact("bob", "secret of bob", "127.0.0.2", 5002, Contact.DefaultProfile, null),
        new Contact("carol", "secret of carol", "127.0.0.3", 5003, Contact.DefaultProfile, "al"),
    ]);

    private static readonly Failure Refused = new(FailureKind.NobodyListening, "127.0.0.2:5002");

    private readonly TestProbe _user;
    private readonly TestProbe _guardian;
    private readonly TestProbe _bob;
    private readonly TestProbe _carol;
    private readonly TestProbe _dave;
    private readonly IActorRef _outbox;

    public OutboxActorTests()
        : base("actorchat.outbox { max-waiting = 3, max-conversations = 2, keep = 0 }")
    {
        _user = CreateTestProbe("user");
        _user.IgnoreMessages(message => message is RecordingConsole.Shown { Event: NodeEvent.MessageStarted });
        (_guardian, _bob, _carol, _dave) = (CreateTestProbe("guardian"), CreateTestProbe("bob"), CreateTestProbe("carol"), CreateTestProbe("dave"));
        _outbox = Sys.ActorOf(OutboxActor.Props(Services, new RecordingConsole(_user), "alice", Directory, SentBefore.Nothing, (recipient, isPing) => StubSession.Props(
            recipient, isPing, recipient.Label switch { "bob" => _bob, "carol" => _carol, _ => _dave })));
    }

    [Fact]
    public void A_conversation_begins_at_once_and_gets_the_text_when_the_text_is_on_disk()
    {
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        Submit("hello", "bob");
        var session = ExpectBegun(_bob);
        var append = SecureLog.ExpectMsg<SecureLogActor.Append>();
        var record = Assert.Single(append.Records);
        Assert.NotNull(record.Stream);
        var expected = new LogRecord(Clock.GetUtcNow(), LogDirection.Sent, "bob", "127.0.0.2:5002", append.Id, Outcome: null, "hello")
        {
            Stream = record.Stream, Sequence = 1, WrittenAt = Clock.GetUtcNow(),
        };
        Assert.Equal(expected, record);
        AssertNothingIsTold(_bob, session);

        _outbox.Tell(new SecureLogActor.Stored(append.Id, 1));
        Assert.Equal(
            new TextMessage(append.Id, "hello", new TextNumber(record.Stream.Value, 1), Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0), ExpectText(_bob));
    }

    [Fact]
    public void What_is_logged_later_goes_later_and_nothing_overtakes_it()
    {
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        Submit("one", "bob");
        Submit("two", "bob");
        var (one, two) = (SecureLog.ExpectMsg<SecureLogActor.Append>(), SecureLog.ExpectMsg<SecureLogActor.Append>());
        var session = ExpectBegun(_bob);
        _outbox.Tell(new SecureLogActor.Stored(two.Id, 2));
        AssertNothingIsTold(_bob, session);
        _outbox.Tell(new SecureLogActor.Stored(one.Id, 1));
        Assert.Equal(["one", "two"], [ExpectText(_bob).Text, ExpectText(_bob).Text]);
    }

    [Fact]
    public void What_cannot_be_logged_is_not_sent_and_its_idle_conversation_ends()
    {
        LogFails = true;
        Submit("hello", "bob");
        var session = ExpectBegun(_bob);
        var sent = ExpectSent();
        Assert.Equal(("bob", Outcome.NotDelivered, new Failure(FailureKind.NotLogged, "the disk is full")), (sent.To, sent.Outcome, sent.Failure));
        _bob.ExpectMsg<Session.EndNow>();
        FinishAll();
        _guardian.ExpectMsg<OutboxActor.Finished>();
        End(session);
        AssertNothingIsTold(_bob, session);
    }

    [Fact]
    public void A_conversation_that_has_something_left_to_say_goes_on_when_another_text_cannot_be_logged()
    {
        Submit("one", "bob");
        var session = ExpectBegun(_bob);
        ExpectText(_bob);
        LogFails = true;
        Submit("two", "bob");
        Assert.Equal(FailureKind.NotLogged, ExpectSent().Failure!.Kind);
        AssertNothingIsTold(_bob, session);
    }

    [Fact]
    public void A_conversation_that_fails_fails_all_that_waits_in_its_line_once_and_nothing_else()
    {
        Submit("one", "bob");
        Submit("two", "bob");
        Submit("other", "carol");
        var (session, one, two) = (ExpectBegun(_bob), ExpectText(_bob), ExpectText(_bob));
        Finish(session, one.Id, Outcome.Unknown, Refused);
        End(session, Refused);
        Assert.Equal([(one.Id, Outcome.Unknown), (two.Id, Outcome.NotDelivered)], new[] { ExpectSent(), ExpectSent() }.Select(sent => (sent.Id, sent.Outcome)));

        Finish(session, two.Id, Outcome.Delivered);
        AssertNothingIsTold(_user, session);
        var carol = ExpectBegun(_carol);
        Finish(carol, ExpectText(_carol).Id, Outcome.Delivered);
        Assert.Equal("carol", ExpectSent().To);
        Submit("three", "bob"); // after a failure the next message begins a new conversation
        ExpectBegun(_bob);
        Assert.Equal("three", ExpectText(_bob).Text);
    }

    [Fact]
    public void What_a_full_conversation_did_not_take_goes_in_the_next_in_the_same_order()
    {
        Submit("one", "bob");
        Submit("two", "bob");
        Submit("three", "bob");
        var session = ExpectBegun(_bob);
        var texts = ExpectTexts(_bob, 3);
        Finish(session, texts[0].Id, Outcome.Delivered);
        End(session);
        Assert.Equal(texts[0].Id, ExpectSent().Id);
        var next = ExpectBegun(_bob);
        Assert.NotEqual(session, next);
        Assert.Equal(texts[1..], ExpectTexts(_bob, 2));
        AssertNothingIsTold(_user, next);
    }

    [Fact]
    public void A_conversation_that_said_everything_is_followed_by_none()
    {
        Submit("one", "bob");
        var session = ExpectBegun(_bob);
        Finish(session, ExpectText(_bob).Id, Outcome.Delivered);
        End(session);
        ExpectSent();
        AssertNothingIsTold(_bob, session);
    }

    [Fact]
    public void Different_recipients_do_not_wait_for_each_other_up_to_the_limit()
    {
        Submit("one", "bob", "carol");
        SubmitTo(Dave, "two");
        var session = ExpectBegun(_bob);
        ExpectBegun(_carol);
        AssertNothingIsTold(_dave, session);
        Finish(session, ExpectText(_bob).Id, Outcome.Delivered);
        AssertNothingIsTold(_dave, session);
        End(session);
        ExpectBegun(_dave);
        Assert.Equal("two", ExpectText(_dave).Text);
    }

    [Fact]
    public void A_recipient_is_called_by_the_name_that_it_knows_us_by_and_an_address_with_its_password()
    {
        Submit("hello", "bob");
        Submit("hello", "carol");
        Assert.Equal(
            [Recipient.Of(Directory.Contacts[0], "alice"), Recipient.Of(Directory.Contacts[1], "alice")],
            [_bob.ExpectMsg<StubSession.Begun>().Recipient, _carol.ExpectMsg<StubSession.Begun>().Recipient]);
        End(_bob.LastSender, Refused);
        SubmitTo(Dave, "hello");
        Assert.Equal(
            new StubSession.Begun(new Recipient(Dave, null, null, "127.0.0.4", 5004, "password", "alice"), IsPing: false), _dave.ExpectMsg<StubSession.Begun>());
    }

    [Fact]
    public void An_unknown_name_is_reported_harmless_and_the_others_get_the_message()
    {
        Submit("hello", "e\u001bve", "bob");
        var sent = ExpectSent();
        Assert.Equal((Outcome.NotDelivered, new Failure(FailureKind.NotInDirectory, "e␛ve")), (sent.Outcome, sent.Failure));
        ExpectBegun(_bob);
        Assert.Equal("hello", ExpectText(_bob).Text);
    }

    [Fact]
    public void An_outcome_is_logged_and_shown_with_the_name_that_the_user_gave()
    {
        Submit("hello", "bob");
        var session = ExpectBegun(_bob);
        var id = ExpectText(_bob).Id;
        var why = new Failure(FailureKind.Refused);
        Finish(session, id, Outcome.Rejected, why, peerName: "robert");
        Assert.Equal(new NodeEvent.MessageSent("bob", "r", id, Outcome.Rejected, why, PeerName: null), ExpectSent());
        SecureLog.ExpectMsg<SecureLogActor.Append>();
        Assert.Equal(
            new LogRecord(Clock.GetUtcNow(), LogDirection.Sent, "bob", "127.0.0.2:5002", id, LogOutcome.Rejected, why.InWords()),
            SecureLog.ExpectMsg<SecureLogActor.AppendLater>().Record);
    }

    [Fact]
    public void Who_answered_is_shown_where_the_user_gave_only_an_address()
    {
        SubmitTo(Dave, "hello");
        Finish(ExpectBegun(_dave), ExpectText(_dave).Id, Outcome.Delivered, peerName: "dave");
        Assert.Equal((Dave, "dave"), ExpectSent() is var sent ? (sent.To, sent.PeerName) : default);
    }

    [Fact]
    public void A_message_is_under_way_from_the_users_word_to_its_outcome()
    {
        _user.IgnoreNoMessages();
        Submit("hello", "bob");
        var started = Assert.IsType<NodeEvent.MessageStarted>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
        Assert.Equal(("bob", "hello"), (started.To, started.Text));
        var session = ExpectBegun(_bob);
        var id = ExpectText(_bob).Id;
        Finish(session, id, Outcome.Delivered);
        Assert.Equal(started.Id, ExpectSent().Id);
    }

    [Fact]
    public void Another_program_hears_of_its_outcomes_itself_and_the_user_does_not()
    {
        _user.IgnoreNoMessages();
        var caller = CreateTestProbe();
        _outbox.Tell(new OutboxActor.Submit(new JsonCommand(["bob", "eve"], null, null, "hello", "r"), AnswersSender: true), caller);
        Assert.Equal(("eve", FailureKind.NotInDirectory), caller.ExpectMsg<OutboxActor.Sent>().Event is var unknown ? (unknown.To, unknown.Failure!.Kind) : default);
        var session = ExpectBegun(_bob);
        Finish(session, ExpectText(_bob).Id, Outcome.NotDelivered, Refused);
        Assert.Equal(("bob", "r", Refused), caller.ExpectMsg<OutboxActor.Sent>().Event is var sent ? (sent.To, sent.Reference, sent.Failure) : default);
        AssertNothingIsTold(_user, session);
        _outbox.Tell(new OutboxActor.Retry()); // /retry does not send again what another program sent
        Assert.IsType<NodeEvent.Notice>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
    }

    [Fact]
    public void More_is_taken_when_there_is_room_for_it()
    {
        Submit("one", "bob");
        Submit("two", "bob");
        TellWhenThereIsRoom();
        _guardian.ExpectMsg<OutboxActor.ThereIsRoom>();
        Submit("three", "bob"); // max-waiting
        TellWhenThereIsRoom();
        var session = ExpectBegun(_bob);
        AssertNothingIsTold(_guardian, session);
        Finish(session, ExpectText(_bob).Id, Outcome.Delivered);
        _guardian.ExpectMsg<OutboxActor.ThereIsRoom>();
        Finish(session, ExpectText(_bob).Id, Outcome.Delivered);
        AssertNothingIsTold(_guardian, session); // one answer for each question
    }

    [Fact]
    public void An_outbox_without_messages_is_finished_at_once()
    {
        FinishAll();
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void An_outbox_is_finished_when_every_message_has_its_outcome_also_what_still_waits()
    {
        Submit("one", "bob", "carol");
        SubmitTo(Dave, "two");
        FinishAll();
        var (bob, carol) = (ExpectBegun(_bob), ExpectBegun(_carol));
        Finish(bob, ExpectText(_bob).Id, Outcome.Delivered);
        Finish(carol, ExpectText(_carol).Id, Outcome.Delivered);
        End(carol);
        var dave = ExpectBegun(_dave);
        AssertNothingIsTold(_guardian, carol);
        Finish(dave, ExpectText(_dave).Id, Outcome.Delivered);
        End(dave);
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void What_is_submitted_after_the_end_is_refused_in_words()
    {
        FinishAll();
        Submit("hello", "bob", "eve");
        SubmitTo(Dave, "hello");
        Assert.Equal(["bob", "eve", Dave], [ExpectStopping(), ExpectStopping(), ExpectStopping()]);
        Assert.False(_bob.HasMessages || _dave.HasMessages);
    }

    [Theory]
    [InlineData(true, "post-quantum (X25519 and ML-KEM-768)")]
    [InlineData(false, "not post-quantum (X25519)")]
    public void A_ping_is_a_session_without_a_message_and_the_kind_of_its_keys_is_told_and_its_steps_where_they_are_wanted(bool isPostQuantum, string keys)
    {
        _user.IgnoreNoMessages();
        var started = Ping(showsSteps: isPostQuantum);
        Assert.Equal(("bob", "ping"), (started.To, started.Text));
        var session = ExpectBegun(_bob, isPing: true);
        Tell(session, new InitiatorSession.Reached([new Step("connected", TimeSpan.FromMilliseconds(2)), new Step("agreed", TimeSpan.FromMilliseconds(3))], "bob", isPostQuantum));
        End(session);
        Assert.Equal(
            new NodeEvent.PingEnded(started.Id, Failure: null, $"bob at 127.0.0.2:5002 is there and has proved who it is, in 5.0 ms{(isPostQuantum ? " (connected 2.0, agreed 3.0)" : "")}; keys: {keys}"),
            _user.ExpectMsg<RecordingConsole.Shown>().Event);
        Assert.False(SecureLog.HasMessages);
    }

    [Fact]
    public void A_ping_that_nobody_answers_says_why()
    {
        _user.IgnoreNoMessages();
        Ping();
        End(ExpectBegun(_bob, isPing: true), new Failure(FailureKind.NoAnswerInTime));
        var ended = Assert.IsType<NodeEvent.PingEnded>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
        Assert.Equal((FailureKind.NoAnswerInTime, "bob was not reached: no answer in time"), (ended.Failure?.Kind, ended.Words));
    }

    [Fact]
    public void The_end_waits_for_a_ping_too()
    {
        Ping();
        FinishAll();
        var session = ExpectBegun(_bob, isPing: true);
        AssertNothingIsTold(_guardian, session);
        End(session, Refused);
        _guardian.ExpectMsg<OutboxActor.Finished>();
        Assert.IsType<NodeEvent.PingEnded>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
    }

    [Fact]
    public void A_stop_takes_back_what_no_conversation_has_and_lets_the_rest_finish()
    {
        Submit("one", "bob", "carol");
        SubmitTo(Dave, "two");
        var (bob, carol) = (ExpectBegun(_bob), ExpectBegun(_carol));
        var (toBob, toCarol) = (ExpectText(_bob), ExpectText(_carol));
        Tell(new OutboxActor.Stop());
        Assert.Equal(Dave, ExpectStopping());
        AssertNothingIsTold(_bob, bob);
        AssertNothingIsTold(_guardian, carol);
        Finish(bob, toBob.Id, Outcome.Delivered);
        End(bob);
        Finish(carol, toCarol.Id, Outcome.Delivered);
        End(carol);
        Assert.Equal([Outcome.Delivered, Outcome.Delivered], [ExpectSent().Outcome, ExpectSent().Outcome]);
        _guardian.ExpectMsg<OutboxActor.Finished>();
        Assert.False(_dave.HasMessages);
    }

    [Fact]
    public void What_was_taken_back_is_not_sent_although_its_record_is_stored_later()
    {
        SecureLog.SetAutoPilot(AutoPilot.NoAutoPilot);
        Submit("one", "bob");
        var append = SecureLog.ExpectMsg<SecureLogActor.Append>();
        var session = ExpectBegun(_bob);
        Tell(new OutboxActor.Stop());
        Assert.Equal("bob", ExpectStopping());
        _bob.ExpectMsg<Session.EndNow>(); // it has nothing left to say
        _outbox.Tell(new SecureLogActor.Stored(append.Id, 1));
        AssertNothingIsTold(_bob, session);
        End(session);
        _guardian.ExpectMsg<OutboxActor.Finished>();
        Assert.False(_bob.HasMessages || _user.HasMessages);
    }

    [Fact]
    public void Giving_up_ends_every_conversation_and_ping_now_and_each_message_still_has_its_outcome()
    {
        Submit("one", "bob");
        Submit("one", "carol");
        SubmitTo(Dave, "two");
        var (bob, carol) = (ExpectBegun(_bob), ExpectBegun(_carol));
        var (toBob, _) = (ExpectText(_bob), ExpectText(_carol));
        _outbox.Tell(new OutboxActor.SendPing(Recipient.Of(new HostPort("127.0.0.5", 5005), "password", "alice"), ShowsSteps: false));
        var ping = ExpectBegun(_dave, isPing: true);
        FinishAll();
        _outbox.Tell(new OutboxActor.GiveUp());
        Assert.Equal(Dave, ExpectStopping());
        _bob.ExpectMsg<Session.EndNow>();
        _carol.ExpectMsg<Session.EndNow>();
        _dave.ExpectMsg<Session.EndNow>();
        Finish(bob, toBob.Id, Outcome.Unknown, new Failure(FailureKind.Stopping));
        End(bob, new Failure(FailureKind.Stopping));
        Assert.Equal(Outcome.Unknown, ExpectSent().Outcome);
        End(carol, new Failure(FailureKind.Stopping));
        Assert.Equal("carol", ExpectStopping());
        End(ping, new Failure(FailureKind.Stopping));
        _guardian.ExpectMsg<OutboxActor.Finished>();
    }

    [Fact]
    public void Retry_sends_the_oldest_failed_message_with_its_id_to_where_its_contact_is_now_and_then_the_next()
    {
        Submit("one", "bob");
        Submit("two", "carol");
        var (bob, one, carol, two) = (ExpectBegun(_bob), ExpectText(_bob), ExpectBegun(_carol), ExpectText(_carol));
        Finish(bob, one.Id, Outcome.NotDelivered, Refused);
        End(bob);
        ExpectSent();
        Finish(carol, two.Id, Outcome.Unknown, Refused);
        End(carol);
        ExpectSent();

        _outbox.Tell(new OutboxActor.UseDirectory(new ContactDirectory([Directory.Contacts[0] with { Port = 6002 }, Directory.Contacts[1]])));
        _outbox.Tell(new OutboxActor.Retry());
        Assert.Equal("Sending again to bob: \"one\"", ExpectNotice());
        Assert.Equal(6002, _bob.ExpectMsg<StubSession.Begun>().Recipient.Port);
        Assert.Equal(one, ExpectText(_bob));
        AssertNothingIsTold(_carol, carol);
        _outbox.Tell(new OutboxActor.Retry());
        Assert.Equal("Sending again to carol: \"two\"", ExpectNotice());
        ExpectBegun(_carol);
        Assert.Equal(two, ExpectText(_carol));
        _outbox.Tell(new OutboxActor.Retry());
        Assert.StartsWith("Nothing waits, and no message has failed", ExpectNotice(), StringComparison.Ordinal);

        string ExpectNotice() => Assert.IsType<NodeEvent.Notice>(_user.ExpectMsg<RecordingConsole.Shown>().Event).Message;
    }

    [Fact]
    public void A_session_that_fails_has_told_an_outcome()
    {
        Sys.ActorOf(OutboxActor.Props(Services, new RecordingConsole(_user), "alice", Directory, SentBefore.Nothing)).Tell(Submission("hello", "bob"));
        Keys.ExpectMsg<KeyActor.Initiate>();
        Keys.LastSender.Tell(Kill.Instance);
        Assert.Equal((Outcome.NotDelivered, FailureKind.InternalError), ExpectSent() is var sent ? (sent.Outcome, sent.Failure!.Kind) : default);
    }

    [Fact]
    public void A_session_calls_where_the_directory_says()
    {
        Sys.ActorOf(OutboxActor.Props(Services, new RecordingConsole(_user), "alice", Directory, SentBefore.Nothing)).Tell(Submission("hello", "bob"));
        Assert.Equal("bob", Keys.ExpectMsg<KeyActor.Initiate>().Recipient.ContactName);
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        Keys.LastSender.Tell(new KeyActor.Initiated(ModernProfile.Instance.Initiate(secret, "alice", timestamp: 0, SystemRandomSource.Instance)));
        Assert.Equal(IPEndPoint.Parse("127.0.0.2:5002"), TcpManager.ExpectMsg<Tcp.Connect>().RemoteAddress);
    }

    private static OutboxActor.Submit Submission(string text, params string[] names) =>
        new(new JsonCommand(names, Address: null, Password: null, text, "r"), AnswersSender: false);

    private void Submit(string text, params string[] names) => _outbox.Tell(Submission(text, names));

    private void SubmitTo(string address, string text) => _outbox.Tell(
        new OutboxActor.Submit(new JsonCommand([], HostPort.Parse(address), "password", text, Reference: null), AnswersSender: false));

    private NodeEvent.MessageStarted Ping(bool showsSteps = false)
    {
        _user.IgnoreNoMessages();
        _outbox.Tell(new OutboxActor.SendPing(Recipient.Of(Directory.Contacts[0], "alice"), showsSteps));
        return Assert.IsType<NodeEvent.MessageStarted>(_user.ExpectMsg<RecordingConsole.Shown>().Event);
    }

    private void Tell(object message) => _outbox.Tell(message, _guardian);

    private void FinishAll() => Tell(new OutboxActor.FinishAll());

    private void TellWhenThereIsRoom() => Tell(new OutboxActor.TellWhenThereIsRoom());

    private static void Tell(IActorRef session, object message) => session.Tell(new StubSession.TellParent(message));

    private static void Finish(IActorRef session, Guid id, Outcome outcome, Failure? failure = null, string? peerName = null) =>
        Tell(session, new InitiatorSession.Finished(id, outcome, failure, peerName));

    private static void End(IActorRef session, Failure? failure = null) => Tell(session, new InitiatorSession.Ended(failure));

    private static IActorRef ExpectBegun(TestProbe peer, bool isPing = false)
    {
        Assert.Equal(isPing, peer.ExpectMsg<StubSession.Begun>().IsPing);
        return peer.LastSender;
    }

    private static TextMessage ExpectText(TestProbe peer) => peer.ExpectMsg<InitiatorSession.SendText>().Message;

    private static TextMessage[] ExpectTexts(TestProbe peer, int count) => [.. Enumerable.Range(0, count).Select(_ => ExpectText(peer))];

    private NodeEvent.MessageSent ExpectSent() => Assert.IsType<NodeEvent.MessageSent>(_user.ExpectMsg<RecordingConsole.Shown>().Event);

    private string ExpectStopping()
    {
        var sent = ExpectSent();
        Assert.Equal((Outcome.NotDelivered, FailureKind.Stopping), (sent.Outcome, sent.Failure!.Kind));
        return sent.To;
    }

    // Waits first until the session's reports have arrived at the outbox, and the outbox's answers at the session's probe.
    private void AssertNothingIsTold(TestProbe probe, IActorRef session)
    {
        WaitUntilQuiet(session);
        WaitUntilQuiet(_outbox);
        WaitUntilQuiet(session);
        Assert.False(probe.HasMessages);
    }
}
