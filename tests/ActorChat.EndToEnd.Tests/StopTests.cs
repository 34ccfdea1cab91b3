// How a node ends: it stops accepting, lets what is under way finish for as long as the stop deadline allows, and exits with 0.

using System.Diagnostics;
using System.Text.Json;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class StopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData((int)Signal.Interrupt, false)]
    [InlineData((int)Signal.Terminate, true)]
    public async Task A_signal_ends_an_idle_node_with_exit_code_0(int signal, bool isProgram)
    {
        await using var node = await StartAsync("stop-deadline = 1 h", isProgram);
        node.Signal((Signal)signal);
        Assert.Equal(0, await node.ExitAsync());
        await Stranger.UntilTurnedAwayAsync(node.Port);
        Assert.Empty(node.Errors.Items);
    }

    [UnixFact]
    public async Task A_conversation_that_the_node_has_begun_is_let_finish()
    {
        NodeProcess[] nodes = [];
        var held = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var line = new Wiretap(() => nodes[1].Port, async tapped =>
        {
            if (tapped.IsFromResponder && TypeOf(tapped) == "chall")
            {
                held.TrySetResult();
                await release.Task;
            }

            return tapped.Text;
        });
        nodes = await Nodes.StartAsync(
            _folder,
            new Plan("alice", _ => [new Entry("bob", Entry.Secret("alice", "bob"), line.Port)]),
            Plan.Knows("bob", "alice"));
        try
        {
            var (alice, bob) = (nodes[0], nodes[1]);
            var reference = await alice.SendAsync("bob", "in the middle of it");
            await held.Task.WaitAsync(NodeProcess.Patience);
            alice.Signal(Signal.Terminate);
            await Stranger.UntilTurnedAwayAsync(alice.Port);

            release.SetResult();
            Assert.Equal("delivered", Assert.Single(await alice.OutcomesAsync(reference)).Outcome);
            await bob.MessageAsync("in the middle of it");
            Assert.Equal(0, await alice.ExitAsync());
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    [UnixFact]
    public async Task A_message_that_waits_behind_another_is_said_not_to_be_delivered()
    {
        await using var silent = Impostor.Silent();
        await using var alice = await StartAsync("stop-deadline = 3 s \n conversation.handshake-deadline = 1 h", contact: silent);
        await alice.SendAsync("silent", "under way");
        var second = await alice.SendAsync("silent", "waiting for the first");
        await alice.TellAsync("nobody", "when this is answered, both lines before it have been read");

        alice.Signal(Signal.Terminate);
        var waiting = Assert.Single(await alice.OutcomesAsync(second));
        Assert.Equal(("not_delivered", "this node was stopping"), (waiting.Outcome, waiting.Reason));
        Assert.Equal(0, await alice.ExitAsync());
    }

    [UnixFact]
    public async Task The_stop_deadline_ends_what_will_not_end()
    {
        await using var silent = Impostor.Silent();
        await using var alice = await StartAsync("stop-deadline = 3 s \n conversation.handshake-deadline = 1 h", contact: silent);
        await using var stranger = await Stranger.CallAsync(alice.Port);
        await stranger.SendAsync("{");
        await alice.SendAsync("silent", "under way");
        await alice.TellAsync("nobody", "when this is answered, the line before it has been read");

        var watch = Stopwatch.StartNew();
        alice.Signal(Signal.Terminate);
        Assert.Equal(0, await alice.ExitAsync());
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(2.9), $"it ended after {watch.Elapsed}");
        Assert.Equal("", await stranger.HearToTheEndAsync());
    }

    [UnixFact]
    public async Task A_second_signal_ends_the_node_at_once()
    {
        await using var silent = Impostor.Silent();
        await using var alice = await StartAsync("stop-deadline = 1 h \n conversation.handshake-deadline = 1 h", contact: silent);
        await alice.SendAsync("silent", "under way");
        await alice.TellAsync("nobody", "when this is answered, the line before it has been read");
        alice.Signal(Signal.Interrupt);
        await Stranger.UntilTurnedAwayAsync(alice.Port);
        alice.Signal(Signal.Interrupt);
        Assert.Equal(0, await alice.ExitAsync());
    }

    private static string TypeOf(Tapped tapped) => JsonElement.Parse(tapped.Text).GetProperty("header").GetProperty("msg_type").GetString()!;

    private Task<NodeProcess> StartAsync(string settings, bool isProgram = true, Impostor? contact = null)
    {
        var directory = _folder.WriteDirectory("directory.json", contact is null ? [] : [new Entry("silent", "any", contact.Port)]);
        var config = _folder.Write("node.conf", $"actorchat {{ {settings} }}");
        string[] arguments = ["--port", "0", "--name", "alice", "--directory", directory, "--config", config];
        return NodeProcess.Start(_folder, isProgram ? ["--json", .. arguments] : arguments).ListeningAsync();
    }
}
