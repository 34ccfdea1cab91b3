// Two whole nodes in one process, over real sockets, with Akka serializing every message between actors: what may one day cross machines can.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;

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

    private (ChatNode Node, ScriptedConsole Console) Start(string name, string directory)
    {
        var path = Path.Combine(_folder, $"{name}.json");
        File.WriteAllText(path, directory);
        var config = NodeSettings.LoadConfig("akka.actor.serialize-messages = on, actorchat.listen.address = \"127.0.0.1\"");
        var console = new ScriptedConsole();
        return (ChatNode.Start(new NodeOptions(0, path, name, StatePath: Path.Combine(_folder, name), Passphrase: null, IsProgram: true), NodeSettings.Read(config), config, console), console);
    }
}
