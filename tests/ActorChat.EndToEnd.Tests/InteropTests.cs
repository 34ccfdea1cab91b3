// The node and an implementation in another language, both ways and in both profiles.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class InteropTests : IDisposable
{
    private const string Text = "Hello \u2713, gr\u00fc\u00dfe \U0001F600 \"quoted\" \\ \n and a second line";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PythonFact]
    public async Task The_Python_peer_reproduces_every_figure_of_the_vectors()
    {
        var (exitCode, lines) = await PythonPeer.RunAsync(_folder, "--self-test");
        Assert.True(exitCode == 0, string.Join('\n', lines));
        var vectors = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "interop", "vectors")).Select(Path.GetFileName).Order();
        Assert.Equal(vectors, lines.Select(line => line[..line.IndexOf(':')]).Order());
        Assert.All(lines, line => Assert.Contains(": good", line));
    }

    // Also without ML-KEM-768, which is optional.
    [PythonTheory]
    [InlineData("modern", "on")]
    [InlineData("modern", "off")]
    [InlineData("classic", "on")]
    public async Task The_peer_tells_the_node_a_text(string profile, string postQuantum)
    {
        await using var alice = await StartAliceAsync(profile, peerPort: 1, postQuantum);
        var (exitCode, lines) = await PythonPeer.RunAsync(_folder, Send(alice.Port, profile, "the secret", Text));
        Assert.Equal((0, "delivered"), (exitCode, string.Join('\n', lines)));
        Assert.Equal("peer", (await alice.MessageAsync(Text)).From);
    }

    [PythonTheory]
    [InlineData("modern", "on")]
    [InlineData("modern", "off")]
    [InlineData("classic", "on")]
    public async Task The_node_tells_the_peer_texts(string profile, string postQuantum)
    {
        await using var peer = await ListenAsync(profile, "the secret");
        await using var alice = await StartAliceAsync(profile, peer.Port, postQuantum);
        foreach (var text in new[] { Text, "", new string('x', 90_000) })
        {
            Assert.Equal(("delivered", null), await TellAsync(alice, text));
            await peer.Process.LineAsync(line => line.Event is { } json && json.TryGetProperty("from", out var from) && from.GetString() == "alice" && json.GetProperty("text").GetString() == text, "the text");
        }
    }

    [PythonFact]
    public async Task Several_texts_in_one_conversation_each_have_their_outcome()
    {
        await using var alice = await StartAliceAsync("modern", peerPort: 1, "on");
        string[] texts = [.. Enumerable.Range(1, 40).Select(n => $"text {n}")];
        var (exitCode, lines) = await PythonPeer.RunAsync(_folder, Send(alice.Port, "modern", "the secret", texts));
        Assert.Equal((0, 40), (exitCode, lines.Count(line => line == "delivered")));
        Assert.Equal(texts, (await alice.MessagesAsync(_ => true, 40)).Select(message => message.Text));
    }

    [PythonTheory]
    [InlineData("modern")]
    [InlineData("classic")]
    public async Task A_wrong_password_is_found_by_either_side(string profile)
    {
        await using var peer = await ListenAsync(profile, "another secret");
        await using var alice = await StartAliceAsync(profile, peer.Port, "on");
        var (outcome, reason) = await TellAsync(alice, "text");
        Assert.Equal("not_delivered", outcome);
        Assert.Contains("do not have the same password", reason);
        var (exitCode, lines) = await PythonPeer.RunAsync(_folder, Send(alice.Port, profile, "another secret", "text"));
        Assert.Equal((1, "not delivered"), (exitCode, lines[0]));
        Assert.Empty(alice.Messages);
    }

    // The node's entry of the peer has the other profile. So the node answers it as a stranger, and the right password does not help.
    [PythonTheory]
    [InlineData("classic", "modern")]
    [InlineData("modern", "classic")]
    public async Task Nobody_on_the_wire_chooses_the_profile(string spoken, string ofEntry)
    {
        await using var alice = await StartAliceAsync(ofEntry, peerPort: 1, "on");
        var (exitCode, lines) = await PythonPeer.RunAsync(_folder, Send(alice.Port, spoken, "the secret", "text"));
        Assert.Equal((1, "not delivered", "the conversation ended: bad_hmac"), (exitCode, lines[0], lines[1]));
        Assert.Empty(alice.Messages);
    }

    [PythonTheory]
    [InlineData("modern")]
    [InlineData("classic")]
    public async Task The_peer_passes_every_check_of_the_probe(string profile)
    {
        await using var peer = await ListenAsync(profile, "the secret");
        var (exitCode, probe) = await NodeProcess.RunAsync(
            _folder, "probe", $"127.0.0.1:{peer.Port}", "--name", "alice", "--profile", profile, "--password-file", _folder.Write("password", "the secret\n"));
        Assert.True(exitCode == 0, string.Join('\n', probe.Output.Items.Select(line => line.Text)));
    }

    private IEnumerable<string> Send(int port, string profile, string password, params IEnumerable<string> texts) =>
        ["send", $"127.0.0.1:{port}", "--patience", "10", "--name", "peer", "--contact", "alice", "--profile", profile, "--password-file", _folder.Write("password", password + "\n"), .. texts];

    private async Task<Listener> ListenAsync(string profile, string password)
    {
        var peer = PythonPeer.Start(
            _folder, "listen", "--patience", "10", "--port", "0", "--name", "peer", "--contact", "alice", "--profile", profile, "--password-file", _folder.Write("password", password + "\n"));
        var line = await peer.LineAsync(line => line.IsEvent("listening"), "that the peer listens");
        return new Listener(peer, line.Event!.Value.GetProperty("port").GetInt32());
    }

    private async Task<NodeProcess> StartAliceAsync(string profile, int peerPort, string postQuantum) => (await Nodes.StartAsync(
        _folder,
        new Plan("alice", _ => [new Entry("peer", "the secret", peerPort, Profile: profile)], $"{Plan.Patient}actorchat.conversation.post-quantum = {postQuantum}\n")))[0];

    private static async Task<(string Outcome, string? Reason)> TellAsync(NodeProcess node, string text)
    {
        var sent = await node.TellAsync("peer", text);
        return (sent.Outcome, sent.Reason);
    }

    private sealed record Listener(NodeProcess Process, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
