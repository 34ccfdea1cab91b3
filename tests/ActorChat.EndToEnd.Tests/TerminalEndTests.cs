// How a node leaves its terminal, what the next start shows, and terminals without colours or without cursor movement.

using System.Diagnostics;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class TerminalEndTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TerminalTheory]
    [InlineData("C-c Ctrl+C C-c")] // the second when the first was seen
    [InlineData("C-d")]
    [InlineData("/quit Enter")]
    public async Task A_node_that_ends_gives_the_terminal_back(string keys)
    {
        await using var alice = await StartAsync();
        await alice.HasTitleAsync(title => title == "alice");
        foreach (var key in keys.Split(' '))
        {
            await (key == "Ctrl+C" ? alice.ShowsLastAsync("Ctrl+C again ends.") : alice.PressAsync(key));
        }

        var screen = await alice.ShowsAsync(rows => rows.Any(row => row == "ended with 0") && rows[^1].Contains("echo", StringComparison.Ordinal), "the end");
        var modes = string.Join(' ', screen).Split(' ', ';');
        Assert.Superset(new HashSet<string> { "icanon", "echo", "icrnl", "isig" }, modes.ToHashSet());
        await alice.HasTitleAsync(title => title != "alice");
        await alice.PasteAsync("a paste");
        await alice.ShowsLastAsync("a paste"); // without the marks, which cat would show
    }

    [TerminalFact]
    public async Task One_Ctrl_C_clears_the_line_and_on_an_empty_one_says_that_another_ends()
    {
        await using var alice = await StartAsync();
        await alice.TypeAsync("half a li");
        await alice.ShowsLastAsync("> half a li");
        await alice.PressAsync("C-c");
        await alice.ShowsLastAsync(">");
        await alice.PressAsync("C-c");
        await alice.ShowsAsync(screen => screen is [.., ">", "Ctrl+C again ends."], "the warning");
        await alice.TypeAsync("going on");
        await alice.ShowsLastAsync("> going on"); // and the warning is gone
        await alice.PressAsync("C-c");
        await alice.ShowsLastAsync(">");
        await alice.PressAsync("C-c"); // two signals at once would be one
        await alice.ShowsLastAsync("Ctrl+C again ends.");
        await alice.PressAsync("C-c");
        await alice.ShowsAsync("ended with 0");
    }

    [TerminalFact]
    public async Task Ctrl_C_leaves_a_question_without_sending()
    {
        await using var alice = await StartAsync();
        await alice.TypeAsync("not to be sent");
        await alice.PressAsync("Enter");
        await alice.ShowsAsync(screen => screen.Contains("To:"), "the question");
        await alice.PressAsync("C-c");
        var screen = await alice.ShowsLastAsync(">");
        Assert.DoesNotContain(screen, row => row.Contains("dave", StringComparison.Ordinal));
    }

    [TerminalFact]
    public async Task The_next_start_shows_the_last_messages_and_has_the_lines_that_were_typed()
    {
        await using (var alice = await StartAsync())
        {
            await alice.TypeAsync("@dave are you there?");
            await alice.PressAsync("Enter");
            await alice.ShowsAsync(screen => screen.Any(row => row == "… dave is away: the message waits"), "the failure");
            await alice.TypeAsync("/quit");
            await alice.PressAsync("Enter");
            await alice.ShowsAsync("ended with 0");
        }

        Assert.DoesNotContain("are you there", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(_folder.Path, "state", "actorchat", "alice", "input.sealed"))), StringComparison.Ordinal);
        await using var again = await StartAsync();
        var screen = await again.ScreenAsync();
        Assert.Matches(@"^\[\d\d:\d\d:\d\d\] \? → dave: are you there\?$", screen[0]);
        Assert.Matches("^─+ new ─+$", screen[1]);
        await again.PressAsync("Up", "Up");
        await again.ShowsLastAsync("> @dave are you there?");
    }

    [TerminalFact]
    public async Task The_messages_at_the_start_and_the_kept_lines_can_be_switched_off()
    {
        var config = _folder.Write("none.conf", "actorchat.console { messages-at-start = 0, keep-input = off }");
        foreach (var isSecond in new[] { false, true })
        {
            await using var alice = await StartAsync("", "--config", config);
            Assert.DoesNotContain(await alice.ScreenAsync(), row => row.Contains("dave: hello", StringComparison.Ordinal));
            await alice.PressAsync("Up");
            await alice.TypeAsync("@dave hello");
            await alice.ShowsLastAsync("> @dave hello");
            await alice.PressAsync("Enter");
            await alice.ShowsAsync(screen => screen.Any(row => row == "… dave is away: the message waits"), "the failure");
            await alice.PressAsync("C-d");
            await alice.ShowsAsync("ended with 0");
        }

        Assert.False(File.Exists(Path.Combine(_folder.Path, "state", "actorchat", "alice", "input.sealed")));
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

    private async Task<Terminal> StartAsync(string variable = "", params string[] more)
    {
        var directory = _folder.WriteDirectory("alice.json", new Entry("dave", "only alice and dave know", Ports.TakeFree()));
        string[] variables = variable.Length > 0 ? [variable] : [];
        var terminal = await Terminal.StartAsync(_folder, variables, ["--port", "0", "--name", "alice", "--directory", directory, .. more]);
        await terminal.ListeningAsync();
        return terminal;
    }
}
