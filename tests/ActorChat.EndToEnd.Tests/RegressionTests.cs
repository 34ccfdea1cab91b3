// Behaviours that were wrong once: each test failed before its bug was mended.

using System.Text.Json;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class RegressionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Tcp.Unbind stops Akka's TcpListener, whose children the accepted connections are.
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

    [UnixTheory]
    [InlineData("1 s", 1)]
    [InlineData("1 h", 2)]
    public async Task A_message_that_the_stop_deadline_or_a_second_signal_cuts_off_has_its_outcome_too(string stopDeadline, int signals)
    {
        await using var silent = Impostor.Silent();
        await using var alice = await StartAsync($"actorchat.stop-deadline = {stopDeadline} \n actorchat.conversation.handshake-deadline = 1 h", new Entry("silent", "any", silent.Port));
        var reference = await alice.SendAsync("silent", "under way");
        await alice.TellAsync("nobody", "when this is answered, the line before it has been read");
        for (var i = 0; i < signals; i++)
        {
            alice.Signal(Signal.Terminate);
            await Stranger.UntilTurnedAwayAsync(alice.Port);
        }

        Assert.Equal(0, await alice.ExitAsync());
        Assert.Equal("not_delivered", Assert.Single(await alice.OutcomesAsync(reference)).Outcome);
    }

    [Fact]
    public async Task A_message_just_after_the_start_does_not_wait_for_the_secrets_of_a_large_directory()
    {
        const int contacts = 150;
        var others = Enumerable.Range(0, contacts).Select(i => new Entry($"contact {i}", $"password {i}", 5001));
        var nodes = await Nodes.StartAsync(
            _folder,
            new Plan("alice", ports => [.. others, new Entry("bob", Entry.Secret("alice", "bob"), ports["bob"])], "actorchat.conversation.handshake-deadline = 10 s"),
            Plan.Knows("bob", "alice"));
        try
        {
            var sent = await nodes[0].TellAsync("bob", "good morning");
            Assert.Equal(("delivered", null), (sent.Outcome, sent.Reason));
            sent = await nodes[1].TellAsync("alice", "good morning to you");
            Assert.Equal(("delivered", null), (sent.Outcome, sent.Reason));
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    [Fact]
    public async Task A_port_that_is_no_number_is_said_on_standard_error()
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, "--port", "http");
        Assert.Contains("http", string.Join('\n', node.Errors.Items));
        Assert.DoesNotContain("Unhandled exception", string.Join('\n', node.Errors.Items));
        Assert.Equal(1, exitCode);
    }

    [Theory]
    [InlineData("--json --colour red")]
    [InlineData("--json --port 65536")]
    [InlineData("run walk --json")]
    public async Task A_wrong_command_line_leaves_standard_output_to_JSON(string arguments)
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, arguments.Split(' '));
        Assert.All(node.Output.Items, line => Assert.NotNull(line.Event));
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task Words_between_colons_are_not_made_into_pictures()
    {
        var nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bob") with { IsPlain = true }, Plan.Knows("bob", "alice"));
        try
        {
            await nodes[1].TellAsync("alice", "ratio 1:fire:2 :warning: :no_entry: end");
            var line = await nodes[0].LineAsync(line => line.Text.EndsWith(" end", StringComparison.Ordinal), "the message");
            Assert.EndsWith("bob: ratio 1:fire:2 :warning: :no_entry: end", line.Text, StringComparison.Ordinal);
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    [Fact]
    public async Task A_folder_in_place_of_the_directory_file_is_said_to_be_one()
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, "--json", "--port", "0", "--name", "alice", "--directory", ".");
        var message = Assert.Single(node.Output.Items).Event!.Value.GetProperty("message").GetString();
        Assert.StartsWith(".: it cannot be read: it is a folder", message);
        Assert.Equal(1, exitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a\u001b[2Jb")]
    public async Task A_name_that_no_directory_could_hold_stops_the_start(string name)
    {
        var directory = _folder.WriteDirectory("directory.json");
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, "--json", "--port", "0", "--name", name, "--directory", directory);
        Assert.True(Assert.Single(node.Output.Items).IsEvent("error"));
        Assert.Equal(1, exitCode);
    }

    private static string TypeOf(Tapped tapped) => JsonElement.Parse(tapped.Text).GetProperty("header").GetProperty("msg_type").GetString()!;

    private Task<NodeProcess> StartAsync(string settings, params Entry[] contacts) => NodeProcess.Start(
        _folder,
        "--json", "--port", "0", "--name", "alice", "--directory", _folder.WriteDirectory("directory.json", contacts), "--config", _folder.Write("node.conf", settings)).ListeningAsync();
}
