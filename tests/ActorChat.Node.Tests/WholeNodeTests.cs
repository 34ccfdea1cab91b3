// Two whole nodes in one process, over real sockets, with Akka serializing every message between actors: what may one day cross machines can.

using ActorChat.Node.Consoles;
using ActorChat.Node.Control;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage.Contacts;
using Akka.Configuration;

namespace ActorChat.Node.Tests;

public sealed class WholeNodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_whole_conversation_runs_with_every_message_serialized()
    {
        var bob = Start("bob", "[{\"username\": \"alice\", \"password\": \"p\", \"ip\": \"127.0.0.1\", \"port\": 1}]");
        var port = (await bob.Console.WaitFor<NodeEvent.Listening>()).Port;
        var alice = Start("alice", $"[{{\"username\": \"bob\", \"password\": \"p\", \"ip\": \"127.0.0.1\", \"port\": {port}}}]");
        await alice.Console.WaitFor<NodeEvent.Listening>();

        alice.Console.Type("{\"to\": \"bob\", \"text\": \"Hello Bob \u2713\", \"ref\": \"r\"}");
        var arrived = await bob.Console.WaitFor<NodeEvent.MessageArrived>();
        var sent = await alice.Console.WaitFor<NodeEvent.MessageSent>();
        Assert.Equal(("alice", "Hello Bob \u2713"), (arrived.From, arrived.Text));
        Assert.Equal((Outcome.Delivered, "r", arrived.Id), (sent.Outcome, sent.Reference, sent.Id));

        // The end of the input ends the node; a stop ends the other.
        alice.Console.EndInput();
        bob.Node.Stop();
        var exitCodes = await Task.WhenAll(alice.Node.WaitAsync(), bob.Node.WaitAsync()).WaitAsync(ScriptedConsole.Patience);
        Assert.Equal([0, 0], exitCodes);
    }

    // Whoever requires post-quantum keys has them or no conversation. The caller hears why; who calls without them hears what a wrong password hears.
    [Theory]
    [InlineData("on", "on", false, false, null, true)]
    [InlineData("required", "on", false, false, null, true)]
    [InlineData("on", "required", false, false, null, true)]
    [InlineData("on", "on", true, true, null, true)]
    [InlineData("off", "on", false, false, null, false)]
    [InlineData("on", "off", false, false, null, false)]
    [InlineData("required", "off", false, false, FailureKind.NoPostQuantum, false)]
    [InlineData("on", "off", true, false, FailureKind.NoPostQuantum, false)]
    [InlineData("off", "required", false, false, FailureKind.WrongPassword, false)]
    [InlineData("off", "on", false, true, FailureKind.WrongPassword, false)]
    public async Task What_both_sides_say_of_post_quantum_keys_decides_what_keys_there_are(
        string callers, string answerers, bool isInCallersEntry, bool isInAnswerersEntry, FailureKind? expected, bool isPostQuantum)
    {
        var bob = Start("bob", Entry("alice", 1, isInAnswerersEntry), answerers);
        var port = (await bob.Console.WaitFor<NodeEvent.Listening>()).Port;
        var alice = Start("alice", Entry("bob", port, isInCallersEntry), callers);
        await alice.Console.WaitFor<NodeEvent.Listening>();
        alice.Console.Type("{\"to\": \"bob\", \"text\": \"hello\"}");
        var sent = await alice.Console.WaitFor<NodeEvent.MessageSent>();
        Assert.Equal((expected is null ? Outcome.Delivered : Outcome.NotDelivered, expected), (sent.Outcome, sent.Failure?.Kind));

        // A ping of another process, which knows the entry and no directory.
        var recipient = Recipient.Of(new Contact("bob", "p", "127.0.0.1", port, Contact.DefaultProfile, As: null, RequiresPostQuantum: isInCallersEntry), "alice");
        var config = ConfigWith(callers);
        var request = new OneShot.Request([recipient with { TypedPassword = "p" }], Text: null, _folder, Passphrase: null, ScriptedConsole.Patience);
        var pinged = Assert.IsType<OneShot.Result.Pinged>(await OneShot.RunAsync(request, NodeSettings.Read(config), config));
        Assert.Equal((expected, isPostQuantum), (pinged.Failure?.Kind, pinged.IsPostQuantum));

        alice.Node.Stop();
        bob.Node.Stop();
        await Task.WhenAll(alice.Node.WaitAsync(), bob.Node.WaitAsync()).WaitAsync(ScriptedConsole.Patience);
    }

    private static string Entry(string name, int port, bool requiresPostQuantum) =>
        $"[{DirectoryWriter.Line(new Contact(name, "p", "127.0.0.1", port, Contact.DefaultProfile, As: null, RequiresPostQuantum: requiresPostQuantum))}]";

    private static Config ConfigWith(string postQuantum) => NodeSettings.LoadConfig(
        $"akka.actor.serialize-messages = on\nactorchat.listen.address = \"127.0.0.1\"\nactorchat.conversation.post-quantum = {postQuantum}");

    private (ChatNode Node, ScriptedConsole Console) Start(string name, string directory, string postQuantum = "on")
    {
        var path = Path.Combine(_folder, $"{name}.json");
        File.WriteAllText(path, directory);
        var config = ConfigWith(postQuantum);
        var console = new ScriptedConsole();
        return (ChatNode.Start(new NodeOptions(0, path, name, StatePath: Path.Combine(_folder, name), Passphrase: null, IsProgram: true), NodeSettings.Read(config), config, console), console);
    }
}
