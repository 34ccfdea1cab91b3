// Lines, prompts and the end of the input: a person's and a program's.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests;

public sealed class ConsoleInputActorTests : ConsoleInputTests
{
    [Fact]
    public void A_feed_is_requested_from_the_inbox_and_a_wrong_request_is_reported()
    {
        Start(isProgram: true);
        TypeLines("{\"feed\": {\"from\": 7}}", "{\"feed\": 7}");
        Assert.Equal(7, ExpectMsg<InboxActor.Feed>().From);
        Assert.StartsWith("to ask for a feed, write ", ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
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
    public void A_line_that_comes_before_it_is_asked_for_is_kept()
    {
        Outbox.SetAutoPilot(AutoPilot.NoAutoPilot);
        Make(isProgram: false);
        Type("@bob hello"); // answers a question that this actor asked before it was restarted
        Input.Tell(new OutboxActor.ThereIsRoom());
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello"], Sent());
    }

    [Fact]
    public void An_end_of_the_input_that_comes_before_a_line_is_asked_for_is_kept()
    {
        Outbox.SetAutoPilot(AutoPilot.NoAutoPilot);
        Make(isProgram: true);
        EndInput();
        Input.Tell(new OutboxActor.ThereIsRoom());
        ExpectAsked<Prompt.Message>();
        Parent.ExpectMsg<ConsoleInputActor.Ended>();
    }

    [Fact]
    public void Without_input_and_without_messages_the_node_is_done_at_once()
    {
        Start();
        EndInput();
        Parent.ExpectMsg<ConsoleInputActor.Ended>();
        AssertNothingMoreIsTold();
    }

    [Theory]
    [InlineData("hello")] // To:
    [InlineData("@192.0.2.7:5002 hello")] // its password
    [InlineData("hello\\")] // its next line
    public void The_end_of_the_input_in_the_middle_of_a_message_takes_it_back(string line)
    {
        Start();
        Type(line);
        User.ExpectMsg<RecordingConsole.Asked>();
        EndInput();
        Parent.ExpectMsg<ConsoleInputActor.Ended>();
        AssertNothingMoreIsTold();
        Assert.Empty(Sent());
    }

    [Theory]
    [InlineData("@bob hello", "not JSON")]
    [InlineData("{\"to\": \"bob\"}", "a line must be")]
    [InlineData("{\"to\": \"bob\", \"text\": \"hello\", \"subject\": \"s\"}", "\"subject\" is unknown")]
    public void A_programs_mistake_is_said_and_the_next_line_read(string line, string problem)
    {
        Start(isProgram: true);
        TypeLines(line);
        Assert.Contains(problem, ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
        ExpectAsked<Prompt.Message>();
        TypeLines("{\"to\": \"bob\", \"text\": \"hello\"}");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello"], Sent());
    }

    [Fact]
    public void A_programs_empty_line_is_passed_over()
    {
        Start(isProgram: true);
        TypeLines("");
        ExpectAsked<Prompt.Message>();
        EndInput();
        Parent.ExpectMsg<ConsoleInputActor.Ended>();
    }

    [Fact]
    public void A_typed_line_never_shows_in_a_log() => Assert.Equal("Typed", new Typed("a password").ToString());

    [Fact]
    public void No_more_input_is_asked_for_before_the_outbox_has_room()
    {
        Start();
        HasRoom = false;
        Type("@bob one");
        Outbox.ExpectMsg<OutboxActor.Submit>();
        Outbox.ExpectMsg<OutboxActor.TellWhenThereIsRoom>();
        AssertNothingMoreIsAsked();
        Input.Tell(new OutboxActor.ThereIsRoom());
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void A_program_that_writes_too_fast_waits_too()
    {
        Start(isProgram: true);
        HasRoom = false;
        TypeLines("{\"to\": \"bob\", \"text\": \"one\"}");
        Outbox.ExpectMsg<OutboxActor.Submit>();
        Outbox.ExpectMsg<OutboxActor.TellWhenThereIsRoom>();
        AssertNothingMoreIsAsked();
        Input.Tell(new OutboxActor.ThereIsRoom());
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void Lines_that_a_program_wrote_together_are_taken_in_order_with_one_question()
    {
        Start(isProgram: true);
        TypeLines("{\"to\": \"bob\", \"text\": \"one\"}", "", "nonsense", "{\"to\": \"carol\", \"text\": \"two\"}");
        ExpectShown<NodeEvent.Problem>();
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: one", "carol: two"], Sent());
        AssertNothingMoreIsAsked();
    }

    [Fact]
    public void A_message_whose_last_line_ends_in_a_backslash_is_sent_when_the_input_ends()
    {
        Start();
        Type("@bob one\\");
        ExpectAsked<Prompt.Continuation>();
        EndInput();
        Assert.Equal(["bob: one"], Sent());
        Parent.ExpectMsg<ConsoleInputActor.Ended>();
        AssertNothingMoreIsTold();
    }

    [Fact]
    public void After_the_end_nothing_is_asked_and_what_is_typed_is_not_sent()
    {
        Start();
        Type("/quit");
        Parent.ExpectMsg<ConsoleInputActor.Ended>();
        Type("@bob hello");
        AssertNothingMoreIsAsked();
        Assert.Empty(Sent());
    }

    [Fact]
    public void A_program_sends_with_one_line_and_its_reference_goes_along()
    {
        Start(isProgram: true);
        TypeLines("{\"to\": [\"bob\", \"eve\"], \"text\": \"one\\ntwo\\\\\", \"ref\": \"r7\"}");
        var submit = Outbox.FishForMessage<OutboxActor.Submit>(_ => true);
        Assert.Equal(["bob", "eve"], submit.Command.Names);
        Assert.Equal(("one\ntwo\\", "r7", false), (submit.Command.Text, submit.Command.Reference, submit.AnswersSender));
    }

    [Fact]
    public void A_program_gives_an_address_its_password_in_the_same_line()
    {
        Start(isProgram: true);
        TypeLines("{\"to\": {\"address\": \"[::1]:5002\", \"password\": \"p\"}, \"text\": \"hello\"}");
        Assert.Equal(["[::1]:5002 p: hello"], Sent());
    }

    [Fact]
    public void The_contacts_are_shown_at_the_start_and_when_they_have_changed()
    {
        User.IgnoreNoMessages();
        Make(isProgram: false);
        Assert.Equal(["bob", "carol"], ExpectShown<NodeEvent.ContactsChanged>().Names);
        ExpectAsked<Prompt.Message>();
        Input.Tell(new OutboxActor.UseDirectory(Directory.Without("bob")));
        Assert.Equal(["carol"], ExpectShown<NodeEvent.ContactsChanged>().Names);
    }

    [Theory]
    [InlineData("bob", false)]
    [InlineData("carol", true)]
    public void A_restart_asks_again_and_knows_the_contacts_as_they_are(string to, bool isKnown)
    {
        Start();
        Input.Tell(new OutboxActor.UseDirectory(Directory.Without("bob")));
        Input.Tell(Kill.Instance);
        ExpectAsked<Prompt.Message>();
        WaitUntilQuiet(Input); // it has its contacts
        Type($"/to {to}");
        if (!isKnown)
        {
            ExpectShown<NodeEvent.Problem>();
        }

        Assert.Equal(isKnown ? to : null, ExpectAsked<Prompt.Message>().To);
    }
}
