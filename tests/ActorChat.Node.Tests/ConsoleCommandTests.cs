// The commands that a user may type instead of a message.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Tests;

public sealed class ConsoleCommandTests : ConsoleInputTests
{
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
    [InlineData("/to bbo", "bbo is not in the directory; did you mean bob? ")]
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
    [InlineData("/quit now", "usage: /quit")]
    [InlineData("/bell loud", "usage: /bell [on|off]")]
    [InlineData("/search", "usage: /search words")]
    [InlineData("/history bob 0", "usage: /history [name] [n]")]
    public void A_mistyped_command_is_said_and_sends_nothing(string line, string problem)
    {
        Start();
        Type(line);
        Assert.StartsWith(problem, ExpectShown<NodeEvent.Problem>().Message, StringComparison.Ordinal);
        ExpectAsked<Prompt.Message>();
        Assert.Empty(Sent());
    }

    [Fact]
    public void Contacts_are_shown_with_what_the_log_knows_of_them()
    {
        Start();
        Type("/contacts");
        Assert.Equal(["bob", "carol"], SecureLog.ExpectMsg<SecureLogActor.FactsOf>().Names);
        Input.Tell(new SecureLogActor.Facts(new Dictionary<string, ContactFacts> { ["bob"] = new(DateTimeOffset.UtcNow, null, null, "") }));
        var rows = ExpectShown<NodeEvent.Table>().Rows;
        Assert.Equal(["bob", "carol"], rows.Select(row => row[0]));
        Assert.Equal([true, false], rows.Select(row => row[2].StartsWith("met 20", StringComparison.Ordinal)));
        ExpectAsked<Prompt.Message>();
        Input.Tell(new OutboxActor.UseDirectory(ContactDirectory.Empty));
        Type("/contacts");
        Assert.StartsWith("The directory has no contacts", ExpectShown<NodeEvent.Notice>().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ping", "usage: /ping name [steps]")]
    [InlineData("/ping bob,carol", "usage: /ping name [steps]")]
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
        Input.Tell(new OutboxActor.UseDirectory(new ContactDirectory([.. Directory.Contacts, Directory.Contacts[0] with { Username = "007" }])));
        Type(line);
        Assert.Equal(new SecureLogActor.Recall(with, count), SecureLog.ExpectMsg<SecureLogActor.Recall>());
        AssertNothingMoreIsAsked();

        var row = new LogRow(new LogEntry(1, LogRecord.Note(DateTimeOffset.UnixEpoch, "hello")), Outcome: null, "");
        Input.Tell(new SecureLogActor.Recalled([row]));
        Assert.Equal([row], ExpectShown<NodeEvent.History>().Rows);
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void A_search_shows_what_was_found_and_what_was_not_searched()
    {
        Start();
        Type("/search  some Words ");
        var search = SecureLog.ExpectMsg<SecureLogActor.Search>();
        Assert.Equal(["some", "Words"], search.Words);
        Assert.Equal(50, search.Count);
        Assert.Equal("Search", search.ToString());
        AssertNothingMoreIsAsked();
        var row = new LogRow(new LogEntry(1, LogRecord.Note(DateTimeOffset.UnixEpoch, "hello")), Outcome: null, "");
        Input.Tell(new SecureLogActor.Found([row], IsWhole: false, IsDamaged: true));
        Assert.Equal([row], ExpectShown<NodeEvent.History>().Rows);
        Assert.Equal(
            "Older messages were not searched; actorchat log search does that. Some records cannot be read; actorchat log verify says which.", ExpectShown<NodeEvent.Notice>().Message);
        ExpectAsked<Prompt.Message>();

        Type("/search nowhere");
        Input.Tell(new SecureLogActor.Found([], IsWhole: true, IsDamaged: false));
        Assert.Equal("No such message was found.", ExpectShown<NodeEvent.Notice>().Message);
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void History_that_is_empty_or_cannot_be_read_is_said_so()
    {
        Start();
        Type("/history eve");
        SecureLog.ExpectMsg<SecureLogActor.Recall>();
        Input.Tell(new SecureLogActor.Recalled([]));
        Assert.Equal("the secure log has no message of that name, and eve is not in the directory; /contacts shows who is", ExpectShown<NodeEvent.Problem>().Message);
        ExpectAsked<Prompt.Message>();
        Type("/history bob");
        SecureLog.ExpectMsg<SecureLogActor.Recall>();
        Input.Tell(new SecureLogActor.Recalled([]));
        Assert.Equal("The secure log has no such message.", ExpectShown<NodeEvent.Notice>().Message);
        ExpectAsked<Prompt.Message>();
        Type("/history");
        SecureLog.ExpectMsg<SecureLogActor.Recall>();
        Input.Tell(new SecureLogActor.NotRecalled("Record 7 was altered"));
        Assert.Equal("Record 7 was altered", ExpectShown<NodeEvent.Problem>().Message);
        ExpectAsked<Prompt.Message>();
    }

    [Fact]
    public void Every_command_of_the_table_is_known()
    {
        Start();
        User.IgnoreMessages(message => message is RecordingConsole.Shown);
        foreach (var command in CommandTable.All.Where(command => command.Name is not "/quit"))
        {
            Type(command.Name);
            if (command.Name is "/history" or "/contacts")
            {
                WaitUntilQuiet(Input);
                Input.Tell(new SecureLogActor.Recalled([]));
            }

            ExpectAsked<Prompt.Message>();
        }
    }

    [Fact]
    public void A_ping_and_a_retry_go_to_the_outbox()
    {
        Start();
        Type("/ping 1");
        ExpectAsked<Prompt.Message>();
        Assert.Equal(Recipient.Of(Directory.Contacts[0], "alice"), Outbox.FishForMessage<OutboxActor.SendPing>(_ => true).Recipient);
        Type("/ping carol steps");
        ExpectAsked<Prompt.Message>();
        Assert.True(Outbox.FishForMessage<OutboxActor.SendPing>(_ => true).ShowsSteps);
        Type("/retry");
        ExpectAsked<Prompt.Message>();
        Outbox.FishForMessage<OutboxActor.Retry>(_ => true);
    }

    [Fact]
    public void Reload_asks_for_the_directory_at_once()
    {
        Start();
        Type("/reload");
        ExpectAsked<Prompt.Message>();
        ExpectMsg<DirectoryActor.Reload>();
    }

    [Fact]
    public void Quit_ends_the_input()
    {
        Start();
        Type("@bob one");
        ExpectAsked<Prompt.Message>();
        Type("/quit");
        Parent.ExpectMsg<ConsoleInputActor.Ended>();
        AssertNothingMoreIsTold();
        Assert.Equal(["bob: one"], Sent());
    }
}
