// Messages to a contact who is away, delivered when both nodes run again, also after either was stopped or killed.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class WaitingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _alicesPort = Ports.TakeFree();
    private readonly int _bobsPort = Ports.TakeFree();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_written_while_both_took_turns_in_being_away_is_read_once_and_in_order(bool isKilled)
    {
        var ids = new List<Guid>();
        for (var turn = 1; turn <= 2; turn++)
        {
            await using var before = await Alice().ListeningAsync();
            Assert.Equal(ids, (await before.LinesAsync(line => line.IsEvent("waiting"), ids.Count, "what waits from before")).Select(IdOf));
            var reference = await before.SendAsync("bob", $"turn {turn}");
            ids.Add(IdOf(await before.LineAsync(line => line.IsEvent("waiting") && line.Event!.Value.GetProperty("ref").GetString() == reference, "that it waits")));
            if (isKilled)
            {
                before.Signal(Signal.Kill);
                await before.ExitAsync();
            }
            else
            {
                before.CloseInput();
                Assert.Equal(0, await before.ExitAsync());
                Assert.Contains(before.Errors.Items, line => line.Contains("until this node runs again", StringComparison.Ordinal));
            }
        }

        await using (var alice = await Alice().ListeningAsync())
        await using (var bob = await Bob().ListeningAsync())
        {
            Assert.Equal(["turn 1", "turn 2"], (await bob.MessagesAsync(_ => true, 2)).Select(message => message.Text));
            var sent = await alice.LinesAsync(line => line.IsEvent("sent"), 2, "the outcomes");
            Assert.Equal(ids, sent.Select(IdOf));
            Assert.All(sent, line => Assert.Equal("delivered", line.Event!.Value.GetProperty("outcome").GetString()));
            alice.CloseInput();
            bob.CloseInput();
            Assert.Equal(0, await alice.ExitAsync());
            Assert.Equal(0, await bob.ExitAsync());
        }

        await using var again = await Alice().ListeningAsync();
        await using var bobAgain = await Bob().ListeningAsync();
        Assert.Equal("delivered", (await again.TellAsync("bob", "turn 3")).Outcome);
        await bobAgain.MessageAsync("turn 3");
        Assert.Equal("turn 3", Assert.Single(bobAgain.Messages).Text);
        Assert.DoesNotContain(again.Output.Items, line => line.IsEvent("waiting"));
    }

    [UnixFact]
    public async Task A_node_that_is_stopped_keeps_what_is_not_delivered()
    {
        await using (var alice = await Alice().ListeningAsync())
        {
            await alice.SendAsync("bob", "later");
            await alice.LineAsync(line => line.IsEvent("waiting"), "that it waits");
            alice.Signal(Signal.Terminate);
            Assert.Equal(0, await alice.ExitAsync());
            Assert.DoesNotContain(alice.Output.Items, line => line.IsEvent("sent"));
        }

        await using var next = await Alice().ListeningAsync();
        await using var bob = await Bob().ListeningAsync();
        await bob.MessageAsync("later");
    }

    [Fact]
    public async Task What_waits_can_be_asked_for_and_taken_back()
    {
        await using var alice = await Alice().ListeningAsync();
        await alice.SendAsync("bob", "never mind");
        var id = IdOf(await alice.LineAsync(line => line.IsEvent("waiting"), "that it waits"));
        await alice.TypeAsync("{\"waiting\": true}");
        await alice.LineAsync(line => line.IsEvent("waiting_listed") && line.Event!.Value.GetProperty("count").GetInt32() == 1, "the end of the list");
        await alice.TypeAsync($"{{\"cancel\": \"{id}\"}}");
        var sent = await alice.LineAsync(line => line.IsEvent("sent"), "its outcome");
        Assert.Equal("cancelled", sent.Event!.Value.GetProperty("outcome").GetString());
        await using var bob = await Bob().ListeningAsync();
        Assert.Equal("delivered", (await alice.TellAsync("bob", "hello")).Outcome);
        await bob.MessageAsync("hello");
        Assert.Equal("hello", Assert.Single(bob.Messages).Text);
    }

    [Fact]
    public async Task Send_through_a_running_node_ends_with_6_where_the_message_waits()
    {
        await using var alice = await Alice().ListeningAsync();
        var (exitCode, send) = await SendAsync("bob", "hello");
        Assert.Equal(6, exitCode);
        Assert.Contains("The message waits, and the running node goes on trying", Assert.Single(send.Errors.Items), StringComparison.Ordinal);
        await using var bob = await Bob().ListeningAsync();
        await bob.MessageAsync("hello");
        await alice.LineAsync(line => line.IsEvent("sent"), "the outcome, which the running node shows");
    }

    [Fact]
    public async Task Send_without_a_node_tries_once_or_as_long_as_it_is_told_to()
    {
        Assert.Equal(3, (await SendAsync("bob", "once")).ExitCode);
        Assert.Equal(3, (await SendAsync("bob", "for a moment", "--wait", "0.5s")).ExitCode);
        var sending = SendAsync("bob", "until he comes", "--wait", "60s");
        await using var bob = await Bob().ListeningAsync();
        Assert.Equal(0, (await sending).ExitCode);
        await bob.MessageAsync("until he comes");
        Assert.Single(bob.Messages);
    }

    [Fact]
    public async Task Send_without_a_node_carries_what_waits_for_the_same_contact_first()
    {
        await using (var alice = await Alice().ListeningAsync())
        {
            await alice.SendAsync("bob", "one");
            await alice.LineAsync(line => line.IsEvent("waiting"), "that it waits");
            alice.CloseInput();
            Assert.Equal(0, await alice.ExitAsync());
        }

        await using var bob = await Bob().ListeningAsync();
        Assert.Equal(0, (await SendAsync("bob", "two")).ExitCode);
        Assert.Equal(["one", "two"], (await bob.MessagesAsync(_ => true, 2)).Select(message => message.Text));
    }

    private static Guid IdOf(OutputLine line) => line.Event!.Value.GetProperty("id").GetGuid();

    private NodeProcess Alice() => Start("alice", _alicesPort, new Entry("bob", Entry.Secret("alice", "bob"), _bobsPort));

    private NodeProcess Bob() => Start("bob", _bobsPort, new Entry("alice", Entry.Secret("alice", "bob"), _alicesPort));

    private NodeProcess Start(string name, int port, params Entry[] contacts) => NodeProcess.Start(
        _folder, "--json", "--new-log", "--port", $"{port}", "--name", name, "--directory", _folder.WriteDirectory($"{name}.json", contacts), "--config", Config());

    private Task<(int ExitCode, NodeProcess Process)> SendAsync(params IEnumerable<string> arguments) => NodeProcess.RunAsync(
        _folder,
        [
            "send", .. arguments, "--name", "alice", "--config", Config(), "--new-log",
            "--directory", _folder.WriteDirectory("alice.json", new Entry("bob", Entry.Secret("alice", "bob"), _bobsPort)),
        ]);

    private string Config() => _folder.Write("waiting.conf", Plan.Waiting);
}
