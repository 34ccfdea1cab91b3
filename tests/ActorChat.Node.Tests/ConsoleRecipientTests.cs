// Who a message goes to, by what the user types.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Tests;

public sealed class ConsoleRecipientTests : ConsoleInputTests
{
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
    [InlineData(" carol , 1 ", "carol: hello", "bob: hello")]
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
        Input.Tell(new OutboxActor.UseDirectory(new ContactDirectory([.. Directory.Contacts, Directory.Contacts[0] with { Username = "all" }])));
        Type("@all hello");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["all: hello"], Sent());
    }

    [Fact]
    public void A_message_that_names_its_recipient_goes_out_at_once()
    {
        Start();
        Type("@bob hello");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello"], Sent());
    }

    [Fact]
    public void An_address_typed_by_hand_needs_a_password()
    {
        Start();
        Type("hello");
        ExpectAsked<Prompt.Recipients>();
        Type("[::1]:5002, bob, 192.0.2.7:5003");
        Assert.Equal("[::1]:5002", ExpectAsked<Prompt.Password>().Address);
        Assert.Equal(["bob: hello"], Sent()); // bob's message does not wait for the other one's password
        Type("first password");
        Assert.Equal("192.0.2.7:5003", ExpectAsked<Prompt.Password>().Address);
        Assert.Equal(["[::1]:5002 first password: hello"], Sent());
        Type("second password");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["192.0.2.7:5003 second password: hello"], Sent());
    }

    [Theory]
    [InlineData("@bob,eve hello", "eve is not in the directory; /contacts shows who is. Nothing was sent")]
    [InlineData("@bbo hello", "bbo is not in the directory; did you mean bob? /contacts shows who is. Nothing was sent")]
    [InlineData("@Carol hello", "Carol is not in the directory; did you mean carol? /contacts shows who is. Nothing was sent")]
    public void A_slip_in_a_name_sends_nothing_and_gets_a_suggestion(string line, string problem)
    {
        Start();
        Type(line);
        Assert.Equal(problem, ExpectShown<NodeEvent.Problem>().Message);
        ExpectAsked<Prompt.Message>();
        Assert.Empty(Sent());
    }

    [Fact]
    public void A_slip_at_To_keeps_the_message_for_another_try()
    {
        Start();
        Type("hello");
        ExpectAsked<Prompt.Recipients>();
        Type("crol");
        Assert.Equal("crol is not in the directory; did you mean carol? /contacts shows who is. Nothing was sent yet", ExpectShown<NodeEvent.Problem>().Message);
        ExpectAsked<Prompt.Recipients>();
        Type("@carol");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["carol: hello"], Sent());
    }

    [Theory]
    [InlineData("hello")] // To:
    [InlineData("@192.0.2.7:5002 hello")] // its password
    [InlineData("@bob hello\\")] // its next line
    public void A_question_that_is_left_sends_nothing(string line)
    {
        Start();
        Type(line);
        User.ExpectMsg<RecordingConsole.Asked>();
        Input.Tell(new TakenBack());
        ExpectAsked<Prompt.Message>();
        Assert.Empty(Sent());
    }

    [Fact]
    public void The_contacts_of_the_last_conversations_are_told_first_and_a_number_stays_what_it_was()
    {
        Start();
        Input.Tell(new ConsoleQueue.HeardFrom(["bob", "carol"]));
        Type("hello");
        var prompt = ExpectAsked<Prompt.Recipients>();
        Assert.Equal(["bob", "carol"], prompt.Contacts);
        Assert.Equal(["carol", "bob"], prompt.RecentFirst);
        Assert.Equal("carol", prompt.LastWriter);
        Type("1");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: hello"], Sent());
        Type("again");
        Assert.Equal(["bob", "carol"], ExpectAsked<Prompt.Recipients>().RecentFirst);
    }

    [Fact]
    public void An_answer_goes_to_whoever_wrote_last()
    {
        Start();
        Type("/r too early");
        Assert.StartsWith("nobody has written yet", ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
        ExpectAsked<Prompt.Message>();
        Input.Tell(new ConsoleQueue.HeardFrom(["carol", "bob"]));
        Type("/r yes, at eight");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(["bob: yes, at eight"], Sent());
        Type("/r");
        Assert.Equal("usage: /r text", ExpectShown<NodeEvent.Problem>().Message);
    }

    [Fact]
    public void Whom_the_log_knows_counts_as_recent_after_a_restart()
    {
        static LogRow Row(LogDirection direction, string name) => new(new LogEntry(1, new LogRecord(DateTimeOffset.UnixEpoch, direction, name, "", Guid.NewGuid(), null, "hi")), null, "");
        Start();
        Input.Tell(new ConsoleInputActor.Remember([Row(LogDirection.Received, "bob"), Row(LogDirection.Sent, "carol")]));
        Type("hello");
        var prompt = ExpectAsked<Prompt.Recipients>();
        Assert.Equal(["carol", "bob"], prompt.RecentFirst);
        Assert.Equal("bob", prompt.LastWriter);
        Type("carol");
        ExpectAsked<Prompt.Message>();
        Input.Tell(new OutboxActor.UseDirectory(Directory.Without("bob")));
        Type("hello");
        Assert.Null(ExpectAsked<Prompt.Recipients>().LastWriter);
    }

    [Fact]
    public void A_message_is_not_dropped_without_a_word()
    {
        Start();
        Type("@, hello");
        ExpectAsked<Prompt.Recipients>(); // "To:", as for "@ hello"
    }
}
