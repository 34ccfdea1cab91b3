// The node driven by a program: JSON lines in, JSON lines out, and nothing else on either.

using System.Text.Json;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class JsonModeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Port_0_takes_a_free_port_and_says_which()
    {
        var directory = _folder.WriteDirectory("directory.json");
        await using var node = NodeProcess.Start(_folder, "--json", "--port", "0", "--name", "zoe", "--directory", directory, "--listen", "127.0.0.1");
        var line = await node.LineAsync(line => line.IsEvent("listening"), "that it listens");
        Assert.Equal(["event", "name", "address", "port"], line.Event!.Value.EnumerateObject().Select(member => member.Name));
        Assert.Equal("zoe", line.Event!.Value.GetProperty("name").GetString());
        Assert.Equal("127.0.0.1", line.Event!.Value.GetProperty("address").GetString());
        await using var caller = await Stranger.CallAsync(line.Event!.Value.GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task A_malformed_line_gives_an_error_event_and_the_next_line_is_read()
    {
        string[] malformed =
        [
            "hello bob",
            "{",
            "[]",
            "\"bob\"",
            "null",
            "{}",
            "{\"to\": \"bob\"}",
            "{\"text\": \"hi\"}",
            "{\"to\": \"bob\", \"text\": 5}",
            "{\"to\": \"bob\", \"text\": null}",
            "{\"to\": 5, \"text\": \"hi\"}",
            "{\"to\": [], \"text\": \"hi\"}",
            "{\"to\": [\"bob\", 5], \"text\": \"hi\"}",
            "{\"to\": \"bob\", \"text\": \"hi\", \"ref\": 5}",
            "{\"to\": \"bob\", \"text\": \"hi\", \"colour\": \"red\"}",
            "{\"to\": \"bob\", \"text\": \"hi\", \"text\": \"ho\"}",
            "{\"To\": \"bob\", \"text\": \"hi\"}",
            "{\"to\": \"bob\", \"text\": \"\\ud800\"}",
            "{\"to\": \"bob\", \"text\": \"hi\"} {}",
            "{\"to\": {\"address\": \"127.0.0.1\", \"password\": \"p\"}, \"text\": \"hi\"}",
            "{\"to\": {\"address\": \"127.0.0.1:0\", \"password\": \"p\"}, \"text\": \"hi\"}",
            "{\"to\": {\"address\": \"::1:5002\", \"password\": \"p\"}, \"text\": \"hi\"}",
            "{\"to\": {\"address\": \"127.0.0.1:5002\", \"password\": \"\"}, \"text\": \"hi\"}",
            "{\"to\": {\"address\": \"127.0.0.1:5002\"}, \"text\": \"hi\"}",
            "   ",
        ];
        await using var node = await StartAloneAsync();
        foreach (var line in malformed)
        {
            await node.TypeAsync(line);
            await node.TypeAsync(""); // an empty line is ignored
        }

        var sent = await node.TellAsync("nobody", "text");
        Assert.Equal("not_delivered", sent.Outcome);
        node.CloseInput();
        Assert.Equal(0, await node.ExitAsync());

        Assert.Equal(1 + malformed.Length + 1, node.Output.Items.Count);
        var errors = node.Output.Items.Skip(1).SkipLast(1).ToArray();
        Assert.All(errors, line => Assert.True(line.IsEvent("error"), line.Text));
        Assert.All(errors, line => Assert.Equal(["event", "message"], line.Event!.Value.EnumerateObject().Select(member => member.Name)));
        Assert.All(errors, line => Assert.NotEmpty(line.Event!.Value.GetProperty("message").GetString()!));
        Assert.Empty(node.Errors.Items);
    }

    [Fact]
    public async Task The_members_of_every_event_are_those_of_the_manual()
    {
        var nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bob"), Plan.Knows("bob", "alice"));
        try
        {
            await nodes[0].TypeAsync("{\"text\": \"no reference\", \"to\": \"bob\"}");
            await Nodes.AssertTalkAsync(nodes[0], nodes[1]);
            foreach (var node in nodes)
            {
                node.CloseInput();
                Assert.Equal(0, await node.ExitAsync());
                Assert.All(node.Output.Items, line => Assert.NotNull(line.Event));
            }

            var outcome = Assert.Single(nodes[0].Output.Items, line => line.IsEvent("sent") && line.Event!.Value.GetProperty("ref").ValueKind == JsonValueKind.Null);
            Assert.Equal(["event", "to", "ref", "id", "outcome", "reason"], outcome.Event!.Value.EnumerateObject().Select(member => member.Name));
            var message = Assert.Single(nodes[1].Output.Items, line => line.Text.Contains("no reference", StringComparison.Ordinal));
            Assert.Equal(["event", "from", "text", "id", "at", "written", "seq", "gap", "late", "cursor"], message.Event!.Value.EnumerateObject().Select(member => member.Name));
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    [Fact]
    public async Task After_the_end_of_input_everything_gets_its_outcome_before_the_node_ends()
    {
        const int messages = 20;
        const string narrow = "actorchat.outbox { max-conversations = 1, max-waiting = 2 }"; // so that input waits for output too
        var nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bob") with { Config = narrow }, Plan.Knows("bob", "alice"));
        try
        {
            foreach (var i in Enumerable.Range(0, messages))
            {
                await nodes[0].SendAsync("bob", $"before the end {i}");
            }

            nodes[0].CloseInput();
            Assert.Equal(0, await nodes[0].ExitAsync());
            Assert.Equal(messages, nodes[0].Output.Items.Count(line => line.IsEvent("sent") && line.Event!.Value.GetProperty("outcome").GetString() == "delivered"));
            var arrived = await nodes[1].MessagesAsync(_ => true, messages);
            Assert.Equal(Enumerable.Range(0, messages).Select(i => $"before the end {i}"), arrived.Select(message => message.Text));
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    private Task<NodeProcess> StartAloneAsync() =>
        NodeProcess.Start(_folder, "--json", "--port", "0", "--name", "alice", "--directory", _folder.WriteDirectory("directory.json")).ListeningAsync();
}
