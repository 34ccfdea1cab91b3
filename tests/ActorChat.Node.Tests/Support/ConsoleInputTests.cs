// The base of the tests of the console's input: a probe for the user, and one for the outbox, which says at once that there is room.

using ActorChat.Node.Consoles;
using ActorChat.Storage.Contacts;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests.Support;

public abstract class ConsoleInputTests : NodeTestKit
{
    private static readonly NodeEvent.Listening Self = new("alice", "any", 5001);

    protected ConsoleInputTests()
    {
        User = CreateTestProbe("user");
        User.IgnoreMessages(message => message is RecordingConsole.Shown { Event: NodeEvent.ContactsChanged });
        Parent = CreateTestProbe("parent");
        Outbox = CreateTestProbe("outbox");
        Outbox.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (HasRoom && message is OutboxActor.TellWhenThereIsRoom)
            {
                sender.Tell(new OutboxActor.ThereIsRoom());
            }

            return AutoPilot.KeepRunning;
        }));
    }

    protected static ContactDirectory Directory { get; } = new(
    [
        new Contact("bob", "secret of bob", "127.0.0.2", 5002, Contact.DefaultProfile, null),
        new Contact("carol", "secret of carol", "127.0.0.3", 5003, Contact.DefaultProfile, "al"),
    ]);

    /// <summary>Sees what was shown and asked.</summary>
    protected TestProbe User { get; }

    /// <summary>In the place of the <see cref="NodeGuardian"/>.</summary>
    protected TestProbe Parent { get; }

    /// <summary>In the place of the <see cref="OutboxActor"/>.</summary>
    protected TestProbe Outbox { get; }

    /// <summary>The actor under test.</summary>
    protected IActorRef Input { get; private set; } = ActorRefs.Nobody;

    /// <summary>Whether the outbox has room from now on; what it was asked before stays in its probe then.</summary>
    protected bool HasRoom
    {
        get;
        set
        {
            field = value;
            Sent();
        }
    } = true;

    protected void Start(bool isProgram = false)
    {
        Make(isProgram);
        ExpectAsked<Prompt.Message>();
    }

    protected void Make(bool isProgram) =>
        Input = Parent.ChildActorOf(
            ConsoleInputActor.Props(new RecordingConsole(User), Services, Outbox, Self, Directory, isProgram), "input", new OneForOneStrategy(_ => Directive.Restart));

    protected void Type(string line) => Input.Tell(new Typed(line));

    protected void TypeLines(params string[] lines) => Input.Tell(new TypedLines(lines));

    protected void EndInput() => Input.Tell(new InputEnded());

    protected T ExpectAsked<T>()
        where T : Prompt
    {
        var prompt = Assert.IsType<T>(User.ExpectMsg<RecordingConsole.Asked>().Prompt);
        Assert.Equal(Input.Path, User.LastSender.Path);
        return prompt;
    }

    protected T ExpectShown<T>()
        where T : NodeEvent => Assert.IsType<T>(User.ExpectMsg<RecordingConsole.Shown>().Event);

    // The outbox's answer, if there is one, has arrived too.
    protected void AssertNothingMoreIsAsked()
    {
        WaitUntilQuiet(Input);
        WaitUntilQuiet(Outbox);
        WaitUntilQuiet(Input);
        Assert.False(User.HasMessages);
    }

    protected void AssertNothingMoreIsTold()
    {
        WaitUntilQuiet(Input);
        Assert.False(Parent.HasMessages);
    }

    /// <summary>What was submitted since the last call: "bob: hello" for each recipient, an address with its password.</summary>
    protected string[] Sent()
    {
        WaitUntilQuiet(Input);
        var sent = new List<string>();
        while (Outbox.HasMessages)
        {
            if (Outbox.ReceiveOne(TimeSpan.Zero) is OutboxActor.Submit { Command: var command })
            {
                sent.AddRange(command.Address is null ? command.Names.Select(name => $"{name}: {command.Text}") : [$"{command.Address} {command.Password}: {command.Text}"]);
            }
        }

        return [.. sent];
    }
}
