// Probes a real node in both profiles and both roles: it does all that the protocol page asks.

using System.Net;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using ActorChat.Storage.Contacts;

namespace ActorChat.Conformance.Tests;

public sealed class NodeTests : IDisposable
{
    private const string Password = "a password of both";

    private static readonly Patience Patience = new(TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(3), TimeSpan.FromMilliseconds(20));

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-probe").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Profiles.Modern)]
    [InlineData(Profiles.Classic)]
    public async Task The_node_passes_every_check_as_a_responder(Profiles profile)
    {
        var (node, console) = Start("bob", "alice", 1, profile);
        var port = (await console.WaitFor<NodeEvent.Listening>()).Port;
        var report = await Prober.CallAsync(new ProbeRequest(profile, "alice", Password, [], Patience, TimeProvider.System), "127.0.0.1", port);
        await StopAsync(node);
        Assert.True(report.Results.All(result => result.Grade == Grade.Pass), Probe.Explain(report));
    }

    [Theory]
    [InlineData(Profiles.Modern)]
    [InlineData(Profiles.Classic)]
    public async Task The_node_passes_every_check_as_an_initiator(Profiles profile)
    {
        (ChatNode Node, ScriptedConsole Console)? started = null;
        var last = Task.CompletedTask;
        var count = 0;
        var report = await Prober.ListenAsync(new ProbeRequest(profile, "bob", Password, [], Patience, TimeProvider.System), IPAddress.Loopback, 0, (_, port) =>
        {
            started ??= Start("alice", "bob", port, profile);
            last = TypeAfterAsync(last, started.Value.Console, ++count);
        });
        await StopAsync(started!.Value.Node);
        Assert.True(report.Results.All(result => result.Grade == Grade.Pass), Probe.Explain(report));
    }

    // Waits until the text before has its outcome. Otherwise this one would go in the same conversation.
    private static async Task TypeAfterAsync(Task before, ScriptedConsole console, int number)
    {
        await before;
        if (number > 1)
        {
            await console.WaitFor<NodeEvent.MessageSent>(sent => sent.Reference == $"{number - 1}");
        }

        console.Type($"{{\"to\": \"bob\", \"text\": \"hello\", \"ref\": \"{number}\"}}");
    }

    private static async Task StopAsync(ChatNode node)
    {
        node.Stop();
        await node.WaitAsync().WaitAsync(ScriptedConsole.Patience);
    }

    private (ChatNode Node, ScriptedConsole Console) Start(string name, string contact, int port, Profiles profile)
    {
        var directory = Path.Combine(_folder, "directory.json");
        DirectoryFile.Write(directory, DirectoryWriter.Add("[]"u8, new Contact(contact, Password, "127.0.0.1", port, profile.ToString().ToLowerInvariant(), As: null), out _)!, passphrase: null);
        var console = new ScriptedConsole();
        var config = NodeSettings.LoadConfig("actorchat.listen.address = \"127.0.0.1\"\nactorchat.guesses.free = 1000");
        return (ChatNode.Start(new NodeOptions(0, directory, name, Path.Combine(_folder, name), null, IsProgram: true), NodeSettings.Read(config), config, console), console);
    }
}
