// Two whole nodes in one process, over real sockets, with Akka serializing every message between actors: what may one day cross machines can.

using System.Net.Sockets;
using ActorChat.Node.Consoles;
using ActorChat.Node.Control;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
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

    // Each has the other in classic, and one has one more who is modern.
    [Fact]
    public async Task Classic_contacts_tell_each_other_texts_both_ways_and_are_warned_of_once()
    {
        var bob = Start("bob", $"[{Classic("alice", 1)}, {Modern("carol")}]");
        var listening = await bob.Console.WaitFor<NodeEvent.Listening>();
        await bob.Console.WaitFor<NodeEvent.Notice>(notice => notice.Message.StartsWith("Warning", StringComparison.Ordinal));
        var alice = Start("alice", $"[{Classic("bob", listening.Port)}]");
        var back = (await alice.Console.WaitFor<NodeEvent.Listening>()).Port;
        Assert.Equal((Outcome.Delivered, null), await TellAsync(alice.Console, "bob", "Hello Bob \u2713"));
        var arrived = await bob.Console.WaitFor<NodeEvent.MessageArrived>();
        Assert.Equal(("alice", "Hello Bob \u2713"), (arrived.From, arrived.Text));

        // Bob's directory gets alice's port, and nobody new who is classic.
        File.WriteAllText(Path.Combine(_folder, "bob.json"), $"[{Modern("carol")}, {Classic("alice", back)}]");
        await bob.Console.WaitFor<NodeEvent.Notice>(notice => notice.Message.StartsWith("The directory was loaded again", StringComparison.Ordinal));
        Assert.Equal((Outcome.Delivered, null), await TellAsync(bob.Console, "alice", ""));
        Assert.Equal("", (await alice.Console.WaitFor<NodeEvent.MessageArrived>()).Text);

        var warning = Assert.Single(bob.Console.Events.OfType<NodeEvent.Notice>(), notice => notice.Message.StartsWith("Warning", StringComparison.Ordinal)).Message;
        Assert.StartsWith("Warning: the profile classic is spoken with alice: whoever has once impersonated the other side can guess passwords offline", warning, StringComparison.Ordinal);
        await StopAsync(alice.Node, bob.Node);
    }

    // Its keys were agreed as the entry said before.
    [Fact]
    public async Task A_conversation_ends_when_its_contacts_profile_is_changed()
    {
        var bob = Start("bob", $"[{Classic("alice", 1)}]");
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", (await bob.Console.WaitFor<NodeEvent.Listening>()).Port);
        using var line = new StreamReader(client.GetStream());
        using var secret = new UserSecret("p"u8);
        using var initiation = ClassicProfile.Instance.Initiate(secret, "alice", Timestamp.Now(TimeProvider.System), SystemRandomSource.Instance);
        await client.GetStream().WriteAsync(initiation.Dh1);
        Assert.Contains("\"dh_2\"", await line.ReadLineAsync().WaitAsync(ScriptedConsole.Patience), StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(_folder, "bob.json"), $"[{Entry("alice", 1, "modern", "p")}]");
        Assert.Contains("\"nack\"", await line.ReadToEndAsync().WaitAsync(ScriptedConsole.Patience), StringComparison.Ordinal);
        await StopAsync(bob.Node);
    }

    // Known or unknown, in the profile of his entry or in the other one: whoever cannot prove the password hears the same.
    [Theory]
    [InlineData("classic", "classic", "another password")]
    [InlineData("classic", "modern", "p")]
    [InlineData("modern", "classic", "p")]
    [InlineData("classic", null, "p")]
    public async Task A_profile_that_is_not_the_entrys_is_refused_as_a_wrong_password_is(string callers, string? answerers, string password)
    {
        var bob = Start("bob", answerers is null ? $"[{Modern("carol")}]" : $"[{Entry("alice", 1, answerers, password)}]");
        var alice = Start("alice", $"[{Entry("bob", (await bob.Console.WaitFor<NodeEvent.Listening>()).Port, callers, "p")}]");
        await alice.Console.WaitFor<NodeEvent.Listening>();
        Assert.Equal((Outcome.NotDelivered, FailureKind.WrongPassword), await TellAsync(alice.Console, "bob", "hello"));
        await StopAsync(alice.Node, bob.Node);
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
        var options = new NodeOptions(Port: 0, DirectoryPath: "", "alice", _folder, Passphrase: null, IsProgram: false)
        {
            Errands = [new OutboxActor.SendPing(recipient with { TypedPassword = "p" }, ShowsSteps: false)],
        };
        var pinged = (await OneShot.RunAsync(options, ScriptedConsole.Patience, NodeSettings.Read(config), config)).Ping!;
        Assert.Equal((expected, isPostQuantum), (pinged.Failure?.Kind, pinged.Words.EndsWith("keys: post-quantum (X25519 and ML-KEM-768)", StringComparison.Ordinal)));

        alice.Node.Stop();
        bob.Node.Stop();
        await Task.WhenAll(alice.Node.WaitAsync(), bob.Node.WaitAsync()).WaitAsync(ScriptedConsole.Patience);
    }

    private static string Classic(string name, int port) => Entry(name, port, "classic", "p");

    private static string Modern(string name) => Entry(name, 1, "modern", "p");

    private static string Entry(string name, int port, string profile, string password) =>
        DirectoryWriter.Line(new Contact(name, password, "127.0.0.1", port, profile, As: null));

    private static async Task<(Outcome Outcome, FailureKind? Why)> TellAsync(ScriptedConsole console, string to, string text)
    {
        console.Type($"{{\"to\": \"{to}\", \"text\": \"{text}\"}}");
        var sent = await console.WaitFor<NodeEvent.MessageSent>();
        return (sent.Outcome, sent.Failure?.Kind);
    }

    private static async Task StopAsync(params ChatNode[] nodes)
    {
        foreach (var node in nodes)
        {
            node.Stop();
        }

        await Task.WhenAll(nodes.Select(node => node.WaitAsync())).WaitAsync(ScriptedConsole.Patience);
    }

    [Fact]
    public async Task A_node_whose_guardian_cannot_be_made_ends_with_an_error()
    {
        var config = ConfigWith("on");
        var console = new ScriptedConsole();
        var broken = NodeSettings.Read(config) with { OnMessage = null! };
        var node = ChatNode.Start(new NodeOptions(0, "alice.json", "alice", _folder, Passphrase: null, IsProgram: true), broken, config, console);

        Assert.Equal(1, await node.WaitAsync().WaitAsync(ScriptedConsole.Patience));
        Assert.Equal(NodeGuardian.HasFailed, (await console.WaitFor<NodeEvent.Problem>()).Message);
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
