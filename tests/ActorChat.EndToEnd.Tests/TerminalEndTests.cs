// How a terminal is left, and terminals that are to have no colours or can do nothing.

using System.Diagnostics;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class TerminalEndTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TerminalTheory]
    [InlineData("C-c")]
    [InlineData("C-d")]
    [InlineData("/quit Enter")]
    public async Task A_node_that_ends_gives_the_terminal_back(string keys)
    {
        await using var alice = await StartAsync();
        await alice.HasTitleAsync(title => title == "alice");
        foreach (var key in keys.Split(' '))
        {
            await alice.PressAsync(key);
        }

        var screen = await alice.ShowsAsync(rows => rows.Any(row => row == "ended with 0") && rows[^1].Contains("echo", StringComparison.Ordinal), "the end");
        var modes = string.Join(' ', screen).Split(' ', ';');
        Assert.Superset(new HashSet<string> { "icanon", "echo", "icrnl", "isig" }, modes.ToHashSet());
        await alice.HasTitleAsync(title => title != "alice");
        await alice.PasteAsync("a paste");
        await alice.ShowsLastAsync("a paste"); // without the marks, which cat would show
    }

    [TerminalFact]
    public async Task A_node_whose_terminal_goes_away_ends()
    {
        await using (await StartAsync())
        {
        }

        // The lock on its state folder goes with its process.
        var patience = Stopwatch.StartNew();
        while (!IsFree(Path.Combine(_folder.Path, "state", "actorchat", "alice", "node.lock")))
        {
            Assert.True(patience.Elapsed < NodeProcess.Patience, "the node did not end");
            await Task.Delay(50);
        }

        await using var another = await StartAsync();
    }

    [TerminalFact]
    public async Task Without_colours_there_are_none()
    {
        await using var alice = await StartAsync("NO_COLOR=1");
        await alice.TypeAsync("@dave hello");
        await alice.PressAsync("Enter");
        await alice.ShowsAsync(screen => screen.Any(row => row == "… dave is away: the message waits"), "that it waits");
        Assert.DoesNotContain("\u001b", await alice.ColoursAsync(), StringComparison.Ordinal);
    }

    [TerminalFact]
    public async Task A_dumb_terminal_has_plain_lines()
    {
        await using var alice = await StartAsync("TERM=dumb");
        await alice.TypeAsync("/to dave");
        await alice.PressAsync("Enter");
        await alice.ShowsLastAsync("dave>");
        await alice.TypeAsync("hello");
        await alice.PressAsync("Enter");
        await alice.ShowsAsync(screen => screen.Any(row => row == "… dave is away: the message waits"), "that it waits");
        Assert.NotEqual("alice", (await alice.StateAsync()).Title);
        Assert.DoesNotContain("\u001b", await alice.ColoursAsync(), StringComparison.Ordinal);
    }

    private static bool IsFree(string lockFile)
    {
        try
        {
            using var taken = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<Terminal> StartAsync(params string[] variables)
    {
        var directory = _folder.WriteDirectory("alice.json", new Entry("dave", "only alice and dave know", Ports.TakeFree()));
        var terminal = await Terminal.StartAsync(_folder, variables, "--port", "0", "--name", "alice", "--directory", directory);
        await terminal.ListeningAsync();
        return terminal;
    }
}
