// From what a user types to what goes out. Sessions start for real but reach no network; what each was made with tells whom and what it would send.

using System.Net;
using ActorChat.Node.Consoles;
using ActorChat.Node.Sessions;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class ConsoleInputActorTests : NodeTestKit
{
    private static readonly ContactDirectory Directory = new(
    [
        new Contact("bob", "secret of bob", "127.0.0.2", 5002, Contact.DefaultProfile, null),
        new Contact("carol", "secret of carol", "127.0.0.3", 5003, Contact.DefaultProfile, "al"),
    ]);

    private static readonly NodeEvent.Listening Self = new("alice", "any", 5001);

    private readonly TestProbe _user;
    private readonly TestProbe _parent;
    private IActorRef _input = ActorRefs.Nobody;

    public ConsoleInputActorTests()
        : base("actorchat.outbox { max-waiting = 3, max-conversations = 2 }")
    {
        _user = CreateTestProbe("user");
        _user.IgnoreMessages(message => message is RecordingConsole.Shown { Event: NodeEvent.MessageStarted or NodeEvent.ContactsChanged });
        _parent = CreateTestProbe("parent");
    }

    [Fact]
    public void A_message_that_names_its_recipient_goes_out_at_once()
    {
        Start();
        Type("@bob hello");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello"], Sent());

        var connect = TcpManager.ExpectMsg<Tcp.Connect>();
        Assert.Equal(IPEndPoint.Parse("127.0.0.2:5002"), connect.RemoteAddress);
        Assert.Equal(_input, Assert.IsAssignableFrom<IInternalActorRef>(TcpManager.LastSender).Parent);
    }

    [Theory]
    [InlineData("@bob,carol hello", "bob: hello", "carol: hello")]
    [InlineData("@2 hello", "carol: hello")]
    [InlineData("@bob,1 hello", "bob: hello")]
    [InlineData("@bob  hello ", "bob:  hello ")]
    [InlineData("@bob @carol hello", "bob: @carol hello")]
    public void What_follows_the_first_space_is_the_message(string line, params string[] sent)
    {
        Start();
        Type(line);
        ExpectAsked<Prompt.Message>();
        Assert.Equal(sent, Sent());
    }

    [Theory]
    [InlineData("bob", "bob: hello")]
    [InlineData("2", "carol: hello")]
    [InlineData(" carol , 1 ", "bob: hello", "carol: hello")]
    [InlineData("bob,bob", "bob: hello")]
    public void A_message_without_a_recipient_is_sent_to_whom_the_user_says(string to, params string[] sent)
    {
        Start();
        Type("hello");
        Assert.Equal(["bob", "carol"], ExpectAsked<Prompt.Recipients>().Contacts);
        Assert.Empty(Sent());
        Type(to);
        ExpectAsked<Prompt.Message>();
        Assert.Equal(sent, Sent());
    }

    [Theory]
    [InlineData("@bob")]
    [InlineData("@ hello")]
    [InlineData("a @bob hello")]
    public void An_at_sign_that_names_nobody_belongs_to_the_message(string line)
    {
        Start();
        Type(line);
        ExpectAsked<Prompt.Recipients>();
        Type("bob");
        ExpectAsked<Prompt.Message>();
        Assert.Equal([$"bob: {line}"], Sent());
    }

    [Fact]
    public void A_backslash_at_the_end_of_a_line_continues_the_message()
    {
        Start();
        Type("one\\");
        ExpectAsked<Prompt.Continuation>();
        Type("\\");
        ExpectAsked<Prompt.Continuation>();
        Type("three");
        ExpectAsked<Prompt.Recipients>();
        Type("bob");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: one\n\nthree"], Sent());
    }

    [Theory]
    [InlineData("@bob one\\", "two", "bob: one\ntwo")]
    [InlineData("@bob\\", "two", "bob: two")]
    [InlineData("@bob one\\", "", "bob: one\n")]
    public void A_message_of_several_lines_may_name_its_recipient_too(string first, string second, string sent)
    {
        Start();
        Type(first);
        ExpectAsked<Prompt.Continuation>();
        Type(second);
        ExpectAsked<Prompt.Message>();
        Assert.Equal([sent], Sent());
    }

    [Fact]
    public void An_empty_line_takes_everything_back()
    {
        Start();
        Type("");
        ExpectAsked<Prompt.Message>();

        Type("hello");
        ExpectAsked<Prompt.Recipients>();
        Type("");
        ExpectAsked<Prompt.Message>();

        Type("@192.0.2.7:5002 hello");
        ExpectAsked<Prompt.Password>();
        Type("");
        ExpectAsked<Prompt.Message>();
        Assert.Empty(Sent());
    }

    [Fact]
    public void An_address_typed_by_hand_needs_a_password()
    {
        Start();
        Type("hello");
        ExpectAsked<Prompt.Recipients>();
        Type("[::1]:5002, bob, 192.0.2.7:5003");
        Assert.Equal("[::1]:5002", ExpectAsked<Prompt.Password>().Address);
        Assert.Equal(["bob: hello"], Sent()); // nobody waits for a password that is not theirs
        Type("first password");
        Assert.Equal("192.0.2.7:5003", ExpectAsked<Prompt.Password>().Address);
        var first = new Recipient("[::1]:5002", null, null, "::1", 5002, "first password", "alice");
        Assert.Equal(first, Recipients().Single(to => to.Host == "::1"));

        FinishAll(Outcome.Delivered);
        Type("second password");
        ExpectShown<NodeEvent.MessageSent>();
        ExpectShown<NodeEvent.MessageSent>();
        ExpectAsked<Prompt.Message>();
        Assert.Equal("second password", Recipients().Single(to => to.Port == 5003).TypedPassword);
    }

    [Fact]
    public void A_contact_is_called_by_the_name_that_it_knows_us_by()
    {
        Start();
        Type("@bob,carol hello");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["alice", "al"], Recipients().OrderBy(to => to.Label).Select(to => to.OwnName));
    }

    [Fact]
    public void An_unknown_name_is_reported_and_the_others_get_the_message()
    {
        Start();
        Type("@bob,eve hello");
        var sent = ExpectShown<NodeEvent.MessageSent>();
        Assert.Equal(("eve", Outcome.NotDelivered, new Failure(FailureKind.NotInDirectory, "eve")), (sent.To, sent.Outcome, sent.Failure));
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello"], Sent());
    }

    [Fact]
    public void An_unknown_name_is_made_harmless_before_it_is_put_into_words()
    {
        Start();
        Type("@e\u001bve hello");
        Assert.Equal("e␛ve", ExpectShown<NodeEvent.MessageSent>().Failure!.Detail);
    }

    [Fact]
    public void An_outcome_is_shown_with_the_name_that_the_user_gave()
    {
        Start();
        Type("@bob hello");
        ExpectAsked<Prompt.Message>();
        var id = Messages().Single().Id;
        FinishAll(Outcome.Rejected, new Failure(FailureKind.Refused), peerName: "bob");
        Assert.Equal(new NodeEvent.MessageSent("bob", null, id, Outcome.Rejected, new Failure(FailureKind.Refused), null), ExpectShown<NodeEvent.MessageSent>());
    }

    [Fact]
    public void Who_answered_is_shown_where_the_user_gave_only_an_address()
    {
        Start();
        Type("@192.0.2.7:5002 hello");
        ExpectAsked<Prompt.Password>();
        Type("password");
        ExpectAsked<Prompt.Message>();
        FinishAll(Outcome.Delivered, peerName: "dave");
        var sent = ExpectShown<NodeEvent.MessageSent>();
        Assert.Equal(("192.0.2.7:5002", "dave"), (sent.To, sent.PeerName));
    }

    [Fact]
    public void What_became_of_a_session_is_shown_when_its_connection_ends_and_when_it_fails()
    {
        Start();
        Type("@bob hello");
        ExpectAsked<Prompt.Message>();
        TcpManager.ExpectMsg<Tcp.Connect>();
        TcpManager.LastSender.Tell(Tcp.PeerClosed.Instance);
        Assert.Equal(FailureKind.ConnectionLost, ExpectShown<NodeEvent.MessageSent>().Failure!.Kind);

        Type("@bob hello");
        ExpectAsked<Prompt.Message>();
        TcpManager.ExpectMsg<Tcp.Connect>();
        TcpManager.LastSender.Tell(Kill.Instance);
        Assert.Equal(FailureKind.InternalError, ExpectShown<NodeEvent.MessageSent>().Failure!.Kind);
    }

    [Fact]
    public void Messages_to_one_recipient_go_one_after_another_and_those_to_others_do_not_wait()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("@bob two");
        ExpectAsked<Prompt.Message>();
        Type("@carol three");
        Assert.Equal(["bob: one", "carol: three"], Sent());
        Finish("one", Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        Assert.Equal(["bob: one", "bob: two", "carol: three"], Sent());
    }

    [Fact]
    public void No_more_conversations_than_the_limit_are_under_way()
    {
        Start();
        Type("@bob,carol,127.0.0.4:5004 hello");
        ExpectAsked<Prompt.Password>();
        Type("password");
        Assert.Equal(["bob: hello", "carol: hello"], Sent());
        FinishAll(Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        Assert.Contains("127.0.0.4:5004: hello", Sent());
    }

    [Fact]
    public void No_more_input_is_asked_for_while_too_much_waits()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("@bob two");
        ExpectAsked<Prompt.Message>();
        Type("@bob three"); // max-waiting
        WaitUntilQuiet(_input);
        Assert.False(_user.HasMessages);

        Finish("one", Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        ExpectAsked<Prompt.Message>();
        Type("@bob four");
        WaitUntilQuiet(_input);
        Assert.False(_user.HasMessages);
        Finish("two", Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        ExpectAsked<Prompt.Message>();
        Finish("three", Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        WaitUntilQuiet(_input);
        Assert.False(_user.HasMessages); // a question is open already
    }

    [Fact]
    public void A_program_that_writes_too_fast_waits_too()
    {
        Start(isProgram: true);
        Type("{\"to\": [\"bob\", \"carol\"], \"text\": \"one\"}");
        ExpectAsked<Prompt.Message>();
        Type("{\"to\": [\"bob\", \"carol\"], \"text\": \"two\"}");
        WaitUntilQuiet(_input);
        Assert.False(_user.HasMessages);
        FinishAll(Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        ExpectShown<NodeEvent.MessageSent>();
        ExpectAsked<Prompt.Message>(); // three of the four left room for none, two for one
        WaitUntilQuiet(_input);
        Assert.False(_user.HasMessages);
    }

    [Fact]
    public void Without_input_and_without_messages_the_node_is_done_at_once()
    {
        Start();
        EndInput();
        _parent.ExpectMsg<ConsoleInputActor.Done>();
        AssertNothingMoreIsTold();
    }

    [Fact]
    public void The_end_of_input_waits_for_every_outcome_also_of_what_still_waits_and_is_told_once()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("@bob two");
        ExpectAsked<Prompt.Message>();
        EndInput();
        AssertNothingMoreIsTold();

        Finish("one", Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        AssertNothingMoreIsTold();
        Assert.Equal(["bob: one", "bob: two"], Sent());

        Finish("two", Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        _parent.ExpectMsg<ConsoleInputActor.Done>();
        AssertNothingMoreIsTold();
    }

    [Theory]
    [InlineData("hello")] // To:
    [InlineData("@192.0.2.7:5002 hello")] // its password
    [InlineData("hello\\")] // its next line
    public void The_end_of_input_in_the_middle_of_a_message_takes_it_back(string line)
    {
        Start();
        Type(line);
        _user.ExpectMsg<RecordingConsole.Asked>();
        EndInput();
        _parent.ExpectMsg<ConsoleInputActor.Done>();
        AssertNothingMoreIsTold();
        Assert.Empty(Sent());
    }

    [Fact]
    public void A_message_whose_last_line_ends_in_a_backslash_is_sent_when_the_input_ends()
    {
        Start();
        Type("@bob one\\");
        ExpectAsked<Prompt.Continuation>();
        EndInput();
        Assert.Equal(["bob: one"], Sent());
        AssertNothingMoreIsTold();
        FinishAll(Outcome.Delivered);
        _parent.ExpectMsg<ConsoleInputActor.Done>();
    }

    [Fact]
    public void A_stop_takes_back_what_waits_and_lets_what_is_under_way_finish()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("@bob two");
        ExpectAsked<Prompt.Message>();
        _input.Tell(new ConsoleInputActor.Stop());
        var cancelled = ExpectShown<NodeEvent.MessageSent>();
        Assert.Equal(("bob", Outcome.NotDelivered, new Failure(FailureKind.Stopping)), (cancelled.To, cancelled.Outcome, cancelled.Failure));
        AssertNothingMoreIsTold();

        var id = Messages().Single().Id;
        FinishAll(Outcome.Delivered);
        Assert.Equal(id, ExpectShown<NodeEvent.MessageSent>().Id);
        _parent.ExpectMsg<ConsoleInputActor.Done>();
        AssertNothingMoreIsTold();
    }

    [Fact]
    public void A_stop_after_the_end_of_input_takes_back_what_waits()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("@bob two");
        ExpectAsked<Prompt.Message>();
        EndInput();
        _input.Tell(new ConsoleInputActor.Stop());
        Assert.Equal(FailureKind.Stopping, ExpectShown<NodeEvent.MessageSent>().Failure!.Kind);
        AssertNothingMoreIsTold();
        FinishAll(Outcome.Delivered);
        _parent.ExpectMsg<ConsoleInputActor.Done>();
    }

    [Fact]
    public void A_stop_while_nothing_is_sent_is_answered_at_once()
    {
        Start();
        _input.Tell(new ConsoleInputActor.Stop());
        _parent.ExpectMsg<ConsoleInputActor.Done>();
    }

    [Fact]
    public void What_is_typed_after_a_stop_is_not_sent()
    {
        Start();
        _input.Tell(new ConsoleInputActor.Stop());
        Type("@bob hello");
        Assert.Empty(Sent());
        Assert.False(_user.HasMessages);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("@192.0.2.7:5002 hello")]
    public void A_stop_in_the_middle_of_a_message_takes_it_back(string line)
    {
        Start();
        Type(line);
        _user.ExpectMsg<RecordingConsole.Asked>();
        _input.Tell(new ConsoleInputActor.Stop());
        _parent.ExpectMsg<ConsoleInputActor.Done>();
        Type("bob");
        Assert.Empty(Sent());
    }

    [Fact]
    public void Outcomes_are_shown_while_a_question_is_open()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("two");
        ExpectAsked<Prompt.Recipients>();
        FinishAll(Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        Type("carol");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: one", "carol: two"], Sent());
    }

    [Fact]
    public void A_program_sends_with_one_line_and_gets_its_reference_back()
    {
        Start(isProgram: true);
        Type("{\"to\": [\"bob\", \"eve\"], \"text\": \"one\\ntwo\\\\\", \"ref\": \"r7\"}");
        var unknown = ExpectShown<NodeEvent.MessageSent>();
        Assert.Equal(("eve", "r7", Outcome.NotDelivered, FailureKind.NotInDirectory), (unknown.To, unknown.Reference, unknown.Outcome, unknown.Failure!.Kind));
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: one\ntwo\\"], Sent());

        var id = Messages().Single().Id;
        FinishAll(Outcome.Delivered);
        Assert.Equal(new NodeEvent.MessageSent("bob", "r7", id, Outcome.Delivered, null, null), ExpectShown<NodeEvent.MessageSent>());
    }

    [Fact]
    public void A_program_gives_an_address_its_password_in_the_same_line()
    {
        Start(isProgram: true);
        Type("{\"to\": {\"address\": \"[::1]:5002\", \"password\": \"p\"}, \"text\": \"hello\"}");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(new Recipient("[::1]:5002", null, null, "::1", 5002, "p", "alice"), Recipients().Single());
    }

    [Theory]
    [InlineData("@bob hello", "not JSON")]
    [InlineData("{\"to\": \"bob\"}", "a line must be")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\", \"subject\": \"s\"}", "\"subject\" is unknown")]
    public void A_programs_mistake_is_said_and_the_next_line_read(string line, string problem)
    {
        Start(isProgram: true);
        Type(line);
        Assert.Contains(problem, ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
        ExpectAsked<Prompt.Message>();
        Type("{\"to\": \"bob\", \"text\": \"hello\"}");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello"], Sent());
    }

    [Fact]
    public void A_programs_empty_line_is_passed_over()
    {
        Start(isProgram: true);
        Type("");
        ExpectAsked<Prompt.Message>();
        EndInput();
        _parent.ExpectMsg<ConsoleInputActor.Done>();
    }

    [Fact]
    public void The_word_all_stands_for_every_contact()
    {
        Start();
        Type("@all hello");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello", "carol: hello"], Sent());
    }

    [Fact]
    public void A_contact_who_is_called_all_keeps_the_name()
    {
        Start();
        _input.Tell(new ConsoleInputActor.UseDirectory(new ContactDirectory([.. Directory.Contacts, Directory.Contacts[0] with { Username = "all" }])));
        Type("@all hello");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["all: hello"], Sent());
    }

    [Fact]
    public void A_recipient_chosen_with_to_gets_every_message_until_another_is_chosen()
    {
        Start();
        Type("/to bob");
        Assert.Equal("bob", ExpectAsked<Prompt.Message>().To);
        Type("one");
        Assert.Equal("bob", ExpectAsked<Prompt.Message>().To);
        Type("@carol two");
        Assert.Equal("bob", ExpectAsked<Prompt.Message>().To);
        Assert.Equal(["bob: one", "carol: two"], Sent());

        Type("/to");
        Assert.Null(ExpectAsked<Prompt.Message>().To);
        Type("three");
        ExpectAsked<Prompt.Recipients>();
    }

    [Theory]
    [InlineData("/to bob,carol", "bob,carol")]
    [InlineData("/to  2 ", "carol")]
    [InlineData("/to all", "all")]
    public void To_takes_whom_an_at_sign_takes(string line, string to)
    {
        Start();
        Type(line);
        Assert.Equal(to, ExpectAsked<Prompt.Message>().To);
    }

    [Theory]
    [InlineData("/to eve", "eve is not in the directory")]
    [InlineData("/to bob,eve", "eve is not in the directory")]
    [InlineData("/to 192.0.2.7:5002", "192.0.2.7:5002 is not in the directory")]
    public void To_takes_contacts_only_and_keeps_what_was_chosen(string line, string problem)
    {
        Start();
        Type("/to carol");
        ExpectAsked<Prompt.Message>();
        Type(line);
        Assert.StartsWith(problem, ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
        Assert.Equal("carol", ExpectAsked<Prompt.Message>().To);
    }

    [Theory]
    [InlineData("//tmp is full", "/tmp is full")]
    [InlineData("//", "/")]
    [InlineData("///", "//")]
    public void Two_slashes_begin_a_message_with_one(string line, string text)
    {
        Start();
        Type(line);
        ExpectAsked<Prompt.Recipients>();
        Type("bob");
        ExpectAsked<Prompt.Message>();
        Assert.Equal([$"bob: {text}"], Sent());
    }

    [Theory]
    [InlineData("/contatcs", "/contatcs is not a command; did you mean /contacts? ")]
    [InlineData("/hlep me", "/hlep is not a command; did you mean /help? ")]
    [InlineData("/tmp/file", "/tmp/file is not a command; /help lists them all")]
    [InlineData("/\u001b[2J", "/␛[2J is not a command; /help lists them all")]
    [InlineData("/", "/ is not a command; /help lists them all")]
    [InlineData("/quit now", "it is used so: /quit")]
    [InlineData("/bell loud", "it is used so: /bell [on|off]")]
    [InlineData("/history bob 0", "it is used so: /history [name] [n]")]
    public void A_mistyped_command_is_said_and_sends_nothing(string line, string problem)
    {
        Start();
        Type(line);
        Assert.StartsWith(problem, ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
        ExpectAsked<Prompt.Message>();
        Assert.Empty(Sent());
    }

    [Fact]
    public void Every_command_of_the_table_is_known()
    {
        Start();
        _user.IgnoreMessages(message => message is RecordingConsole.Shown);
        Type("@bob hello");
        ExpectAsked<Prompt.Message>();
        FinishAll(Outcome.Unknown);
        foreach (var command in CommandTable.All.Where(command => command.Name is not "/quit"))
        {
            Type(command.Name);
            if (command.Name is "/history" or "/contacts")
            {
                WaitUntilQuiet(_input);
                _input.Tell(new SecureLogActor.Recalled([]));
            }

            ExpectAsked<Prompt.Message>();
        }
    }

    [Fact]
    public void Contacts_are_shown_with_what_the_log_knows_of_them()
    {
        Start();
        Type("/contacts");
        Assert.Equal(10_000, SecureLog.ExpectMsg<SecureLogActor.Recall>().Count);
        _input.Tell(new SecureLogActor.Recalled(
        [
            new LogRow(new LogEntry(1, new LogRecord(DateTimeOffset.UtcNow, LogDirection.Received, "bob", "127.0.0.2:5002", Guid.NewGuid(), null, "hi")), null, ""),
        ]));
        var rows = ExpectShown<NodeEvent.Table>().Rows;
        Assert.Equal(["bob", "carol"], rows.Select(row => row[0]));
        Assert.Equal([true, false], rows.Select(row => row[3].StartsWith("met 20", StringComparison.Ordinal)));
        ExpectAsked<Prompt.Message>();
        _input.Tell(new ConsoleInputActor.UseDirectory(ContactDirectory.Empty));
        Type("/contacts");
        Assert.StartsWith("The directory has no contacts", ExpectShown<NodeEvent.Notice>().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ping_is_a_session_without_a_message_and_its_steps_are_told()
    {
        Start();
        _user.IgnoreMessages(message => message is RecordingConsole.Shown { Event: NodeEvent.ContactsChanged });
        Type("/ping bob");
        var started = ExpectShown<NodeEvent.MessageStarted>();
        Assert.Equal(("bob", "ping"), (started.To, started.Text));
        ExpectAsked<Prompt.Message>();
        TcpManager.ExpectMsg<Tcp.Connect>();
        var session = TcpManager.LastSender;
        _input.Tell(new InitiatorSession.Reached([new Step("connect", TimeSpan.FromMilliseconds(2)), new Step("agree", TimeSpan.FromMilliseconds(3))]), session);
        _input.Tell(new InitiatorSession.Finished(Guid.Empty, Outcome.Delivered, null, "bob"), session);
        Assert.Equal(
            new NodeEvent.PingEnded(started.Id, true, "bob at 127.0.0.2:5002 is there and has proved who it is, in 5.0 ms (connect 2.0, agree 3.0)"),
            ExpectShown<NodeEvent.PingEnded>());
        SecureLog.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_ping_that_nobody_answers_says_why()
    {
        Start();
        Type("/ping 1");
        ExpectAsked<Prompt.Message>();
        TcpManager.ExpectMsg<Tcp.Connect>();
        _input.Tell(new InitiatorSession.Finished(Guid.Empty, Outcome.NotDelivered, new Failure(FailureKind.NoAnswerInTime), null), TcpManager.LastSender);
        var ended = ExpectShown<NodeEvent.PingEnded>();
        Assert.False(ended.IsThere);
        Assert.StartsWith("bob was not reached: no answer in time", ended.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ping", "it is used so: /ping name")]
    [InlineData("/ping bob,carol", "it is used so: /ping name")]
    [InlineData("/ping zoe", "zoe is not in the directory; /contacts shows who is")]
    public void A_ping_needs_one_contact(string line, string problem)
    {
        Start();
        Type(line);
        Assert.Equal(problem, ExpectShown<NodeEvent.Problem>().Message);
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void We_are_told_who_we_are()
    {
        Start();
        Type("/whoami");
        Assert.Equal("alice listens on port 5001 of every address of this machine.", ExpectShown<NodeEvent.Notice>().Message);
    }

    [Fact]
    public void Help_has_every_command()
    {
        Start();
        Type("/help");
        var usages = ExpectShown<NodeEvent.Table>().Rows.Select(row => row[0]);
        Assert.Superset(CommandTable.All.Select(command => command.Usage).ToHashSet(), usages.ToHashSet());
    }

    [Fact]
    public void The_bell_is_switched_on_and_off()
    {
        Start();
        foreach (var (line, isOn) in new[] { ("/bell", true), ("/bell", false), ("/bell on", true), ("/bell on", true), ("/bell off", false) })
        {
            Type(line);
            Assert.Equal(isOn, ExpectShown<NodeEvent.BellChanged>().IsOn);
            ExpectAsked<Prompt.Message>();
        }
    }

    [Theory]
    [InlineData("/history", null, 20)]
    [InlineData("/history bob", "bob", 20)]
    [InlineData("/history 5", null, 5)]
    [InlineData("/history bob 5", "bob", 5)]
    [InlineData("/history gone away 5", "gone away", 5)]
    [InlineData("/history 007", "007", 20)]
    public void History_is_read_from_the_secure_log_before_the_next_line_is_asked_for(string line, string? with, int count)
    {
        Start();
        _input.Tell(new ConsoleInputActor.UseDirectory(new ContactDirectory([.. Directory.Contacts, Directory.Contacts[0] with { Username = "007" }])));
        Type(line);
        Assert.Equal(new SecureLogActor.Recall(with, count), SecureLog.ExpectMsg<SecureLogActor.Recall>());
        WaitUntilQuiet(_input);
        Assert.False(_user.HasMessages);

        var row = new LogRow(new LogEntry(1, LogRecord.Note(DateTimeOffset.UnixEpoch, "hello")), Outcome: null, "");
        _input.Tell(new SecureLogActor.Recalled([row]));
        Assert.Equal([row], ExpectShown<NodeEvent.History>().Rows);
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void History_that_is_empty_or_cannot_be_read_is_said_so()
    {
        Start();
        Type("/history eve");
        SecureLog.ExpectMsg<SecureLogActor.Recall>();
        _input.Tell(new SecureLogActor.Recalled([]));
        Assert.Equal("The secure log has no such message.", ExpectShown<NodeEvent.Notice>().Message);
        ExpectAsked<Prompt.Message>();
        Type("/history");
        SecureLog.ExpectMsg<SecureLogActor.Recall>();
        _input.Tell(new SecureLogActor.NotRecalled("Record 7 was altered"));
        Assert.Equal("Record 7 was altered", ExpectShown<NodeEvent.Problem>().Message);
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void Quit_lets_what_is_under_way_finish()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("/quit");
        AssertNothingMoreIsTold();
        FinishAll(Outcome.Delivered);
        ExpectShown<NodeEvent.MessageSent>();
        _parent.ExpectMsg<ConsoleInputActor.Done>();
    }

    [Fact]
    public void Retry_sends_the_last_failed_message_again_with_its_id_and_then_the_one_before_it()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("@carol two");
        ExpectAsked<Prompt.Message>();
        var ids = Messages().ToDictionary(message => message.Text, message => message.Id);
        Finish("one", Outcome.NotDelivered);
        ExpectShown<NodeEvent.MessageSent>();
        Finish("two", Outcome.Unknown);
        ExpectShown<NodeEvent.MessageSent>();

        Type("/retry");
        ExpectAsked<Prompt.Message>();
        Type("/retry");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: one", "bob: one", "carol: two", "carol: two"], Sent());
        Assert.Equal(ids.Values.Order(), Messages().Select(message => message.Id).Distinct().Order());

        Finish("two", ids["two"], Outcome.Delivered);
        Assert.Equal((ids["two"], Outcome.Delivered), ExpectShown<NodeEvent.MessageSent>() is var sent ? (sent.Id, sent.Outcome) : default);
        Type("/retry");
        Assert.StartsWith("No message has failed", ExpectShown<NodeEvent.Notice>().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Retry_calls_a_contact_where_it_is_now()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Finish("one", Outcome.NotDelivered);
        ExpectShown<NodeEvent.MessageSent>();
        _input.Tell(new ConsoleInputActor.UseDirectory(new ContactDirectory([Directory.Contacts[0] with { Port = 6002 }])));
        Type("/retry");
        ExpectAsked<Prompt.Message>();
        Assert.Equal([5002, 6002], Recipients().Select(to => to.Port).Order());
    }

    [Fact]
    public void A_message_is_under_way_from_the_users_word_to_its_outcome_which_says_how_long_that_was()
    {
        _user.IgnoreNoMessages();
        _input = _parent.ChildActorOf(ConsoleInputActor.Props(new RecordingConsole(_user), Services, Self, Directory, isProgram: false));
        Assert.Equal(["bob", "carol"], ExpectShown<NodeEvent.ContactsChanged>().Names);
        ExpectAsked<Prompt.Message>();
        Type("@bob one");
        var started = ExpectShown<NodeEvent.MessageStarted>();
        Assert.Equal(("bob", "one"), (started.To, started.Text));
        ExpectAsked<Prompt.Message>();
        var id = Messages().Single().Id;
        Clock.Advance(TimeSpan.FromMilliseconds(12));
        FinishAll(Outcome.Delivered);
        var sent = ExpectShown<NodeEvent.MessageSent>();
        Assert.Equal((started.Id, id, TimeSpan.FromMilliseconds(12)), (sent.Id, id, sent.Took));

        _input.Tell(new ConsoleInputActor.UseDirectory(Directory.Without("bob")));
        Assert.Equal(["carol"], ExpectShown<NodeEvent.ContactsChanged>().Names);
    }

    [Fact]
    public void A_typed_line_never_shows_in_a_log() => Assert.Equal("Typed", new Typed("a password").ToString());

    private void Start(bool isProgram = false)
    {
        _input = _parent.ChildActorOf(ConsoleInputActor.Props(new RecordingConsole(_user), Services, Self, Directory, isProgram));
        ExpectAsked<Prompt.Message>();
    }

    private void Type(string line) => _input.Tell(new Typed(line));

    private void EndInput() => _input.Tell(new InputEnded());

    private T ExpectAsked<T>()
        where T : Prompt
    {
        var prompt = Assert.IsType<T>(_user.ExpectMsg<RecordingConsole.Asked>().Prompt);
        Assert.Equal(_input.Path, _user.LastSender.Path);
        return prompt;
    }

    private T ExpectShown<T>()
        where T : NodeEvent => Assert.IsType<T>(_user.ExpectMsg<RecordingConsole.Shown>().Event);

    private void AssertNothingMoreIsTold()
    {
        WaitUntilQuiet(_input);
        Assert.False(_parent.HasMessages);
    }

    /// <summary>What the sessions so far were made with: "bob: hello", ordered by recipient and text.</summary>
    private string[] Sent() =>
        [.. Sessions().Select(ArgumentsOf).Select(made => $"{made[0]}: {((TextMessage)made[1]).Text}").Order(StringComparer.Ordinal)];

    private Recipient[] Recipients() => [.. Sessions().Select(session => (Recipient)ArgumentsOf(session)[0])];

    private TextMessage[] Messages() => [.. Sessions().Select(session => (TextMessage)ArgumentsOf(session)[1])];

    private IEnumerable<IActorRef> Sessions()
    {
        // A message is in the log before its session begins.
        WaitUntilQuiet(_input);
        WaitUntilQuiet(SecureLog);
        WaitUntilQuiet(_input);
        return ((ActorRefWithCell)_input).Children;
    }

    private void Finish(string text, Outcome outcome) => Finish(Messages().Single(message => message.Text == text), outcome, null, null);

    private void FinishAll(Outcome outcome, Failure? failure = null, string? peerName = null) =>
        Array.ForEach(Messages(), message => Finish(message, outcome, failure, peerName));

    private void Finish(string text, Guid id, Outcome outcome) => Finish(new TextMessage(id, text), outcome, null, null);

    private void Finish(TextMessage message, Outcome outcome, Failure? failure, string? peerName) =>
        _input.Tell(new InitiatorSession.Finished(message.Id, outcome, failure, peerName));
}
