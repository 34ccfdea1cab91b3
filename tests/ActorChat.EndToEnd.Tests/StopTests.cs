// How a node ends: it stops accepting, lets what is under way finish, and exits with 0.

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

    // The accepted connections are children of Akka's TcpListener, which Tcp.Unbind stops: so the node must unbind last.
    [UnixTheory]
    [InlineData("chall", true, true)]
    [InlineData("text", false, true)]
    [InlineData("text", false, false)]
    public async Task A_conversation_that_somebody_else_has_begun_is_let_finish(string type, bool isFromResponder, bool bySignal)
    {
        NodeProcess[] nodes = [];
        var held = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var line = new Wiretap(() => nodes[1].Port, async tapped =>
        {
            if (tapped.IsFromResponder == isFromResponder && TypeOf(tapped) == type)
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
            var reference = await alice.SendAsync("bob", "just in time");
            await held.Task.WaitAsync(NodeProcess.Patience);
            if (bySignal)
            {
                bob.Signal(Signal.Terminate);
            }
            else
            {
                bob.CloseInput();
            }

            await Stranger.UntilTurnedAwayAsync(bob.Port);
            release.SetResult();
            Assert.Equal("delivered", Assert.Single(await alice.OutcomesAsync(reference)).Outcome);
            await bob.MessageAsync("just in time");
            Assert.Equal(0, await bob.ExitAsync());
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    private static string TypeOf(Tapped tapped) => JsonElement.Parse(tapped.Text).GetProperty("header").GetProperty("msg_type").GetString()!;

    private Task<NodeProcess> StartAsync(string settings, bool isProgram)
    {
        var directory = _folder.WriteDirectory("directory.json");
        var config = _folder.Write("node.conf", $"actorchat {{ outbox.keep = 0 \n {settings} }}");
        string[] arguments = ["--port", "0", "--name", "alice", "--directory", directory, "--config", config];
        return NodeProcess.Start(_folder, isProgram ? ["--json", .. arguments] : arguments).ListeningAsync();
    }
}
