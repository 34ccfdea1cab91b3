// A node in a real terminal: tmux is the terminal, keeps what was written and is asked what it shows. Each has a tmux server of its own.

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A fact about terminals.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute() => Skip = Terminal.WhyNot;
}

/// <summary>A theory about terminals.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TerminalTheoryAttribute : TheoryAttribute
{
    public TerminalTheoryAttribute() => Skip = Terminal.WhyNot;
}

/// <summary>A program in a terminal of its own, 80 columns wide until it is resized.</summary>
internal sealed partial class Terminal : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);
    private static int _last;

    private readonly string _server = $"actorchat-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}";

    private Terminal()
    {
    }

    /// <summary>Why there are no terminals here; null where there are.</summary>
    public static string? WhyNot { get; } = HasTmux() ? null : "tmux is missing: apt-get install tmux";

    /// <summary>Starts a node.</summary>
    /// <param name="folder">Its working directory.</param>
    /// <param name="variables">Variables of its environment, as NAME=value.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<Terminal> StartAsync(TemporaryFolder folder, IEnumerable<string> variables, params string[] arguments)
    {
        var terminal = new Terminal();
        string[] command = [.. NodeProcess.CommandLine, .. arguments];
        await terminal.TmuxAsync(
        [
            "-f", "/dev/null", "start-server", ";", "set-option", "-g", "history-limit", "100000", ";", "new-session", "-d", "-x", "80", "-y", "24", "-c", folder.Path,
            "env", "LC_ALL=C.UTF-8", "DOTNET_TieredPGO=0", $"XDG_STATE_HOME={Path.Combine(folder.Path, "state")}", $"XDG_CONFIG_HOME={Path.Combine(folder.Path, "config")}", .. variables,
            "sh", "-c", "trap : INT; \"$@\"; echo \"ended with $?\"; stty -a; exec cat", "sh", .. command, // the terminal outlives the node
        ]);
        return terminal;
    }

    /// <summary>Presses keys, in tmux's names: Enter, Left, C-w, M-b.</summary>
    public Task PressAsync(params string[] keys) => TmuxAsync(["send-keys", .. keys]);

    /// <summary>Types text as it is.</summary>
    public Task TypeAsync(string text) => TmuxAsync("send-keys", "-l", "--", text);

    /// <summary>Pastes.</summary>
    /// <param name="text">What.</param>
    /// <param name="isMarked">Whether with the marks that a terminal puts around a paste where the program asked for them.</param>
    public async Task PasteAsync(string text, bool isMarked = true)
    {
        await TmuxAsync("set-buffer", "--", text);
        await TmuxAsync(isMarked ? ["paste-buffer", "-p"] : ["paste-buffer"]);
    }

    /// <summary>Empties the screen, on which a line of the node's may come at any moment. Keys are obeyed in their order: once a mark is there, Ctrl+L was.</summary>
    public async Task EmptyAsync()
    {
        var mark = 0;
        await UntilAsync(
            async () =>
            {
                await PressAsync("C-u", "C-l");
                await TypeAsync($"empty {++mark}");
                var screen = await ShowsLastAsync($"> empty {mark}");
                await PressAsync("C-u");
                return screen.Length == 1 && await ShowsLastAsync(">") is [">"];
            },
            () => "was not empty");
    }

    /// <summary>
    /// Changes the size, and waits until the node's terminal device has it. tmux hands on no more than one size in a quarter of a second, so that
    /// of two at once the first would reach the node in the middle of whatever comes next.
    /// </summary>
    public async Task ResizeAsync(int columns, int rows = 24)
    {
        await TmuxAsync("resize-window", "-x", columns.ToString(CultureInfo.InvariantCulture), "-y", rows.ToString(CultureInfo.InvariantCulture));
        var device = (await TmuxAsync("display-message", "-p", "#{pane_tty}")).TrimEnd('\n');
        var size = "";
        await UntilAsync(
            async () => (size = await RunAsync("sh", "-c", "stty size < \"$1\"", "sh", device)) == $"{rows} {columns}\n",
            () => $"did not become {columns} columns wide, but {size}");
    }

    /// <summary>
    /// Changes the size, and waits until the node knows, which hears of it some time later: a line that fills a row has its cursor at the beginning
    /// of the next one. What is typed must be empty, and is so again.
    /// </summary>
    public async Task FitAsync(int columns)
    {
        await ResizeAsync(columns);
        var line = "> " + new string('x', columns - 2);
        await TypeAsync(line[2..]);
        await ShowsAsync(line);
        await HasCursorAtAsync(0);
        await PressAsync("C-u");
    }

    /// <summary>The rows of the screen, without the empty ones below.</summary>
    public async Task<string[]> ScreenAsync() => (await TmuxAsync("capture-pane", "-p")).TrimEnd('\n').Split('\n');

    /// <summary>The screen with all that has left it at the top.</summary>
    public async Task<string[]> ScrollbackAsync() => (await TmuxAsync("capture-pane", "-p", "-S", "-")).TrimEnd('\n').Split('\n');

    /// <summary>The screen with its colours.</summary>
    public Task<string> ColoursAsync() => TmuxAsync("capture-pane", "-p", "-e");

    /// <summary>Whether the terminal was rung since it began.</summary>
    public async Task<bool> WasRungAsync() => await TmuxAsync("display-message", "-p", "#{window_bell_flag}") == "1\n";

    /// <summary>The window's title, and the cursor as column and row from 0.</summary>
    public async Task<(string Title, int Column, int Row)> StateAsync()
    {
        var state = (await TmuxAsync("display-message", "-p", "#{cursor_x} #{cursor_y} #{pane_title}")).TrimEnd('\n').Split(' ', 3);
        return (state[2], int.Parse(state[0], CultureInfo.InvariantCulture), int.Parse(state[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Looks at the screen until it shows what is wanted.</summary>
    public async Task<string[]> ShowsAsync(Func<string[], bool> isWanted, string what)
    {
        string[] screen = [];
        await UntilAsync(async () => isWanted(screen = await ScreenAsync()), () => $"did not show {what}, but:\n{string.Join('\n', screen)}");
        return screen;
    }

    /// <summary>Looks until a row of the screen is this one.</summary>
    public Task<string[]> ShowsAsync(string row) => ShowsAsync(screen => screen.Contains(row), row);

    /// <summary>Looks until the last row of the screen is this one: the line being typed.</summary>
    public Task<string[]> ShowsLastAsync(string row) => ShowsAsync(screen => screen[^1] == row, $"at the end {row}");

    /// <summary>Looks until the cursor is there.</summary>
    public async Task HasCursorAtAsync(int column)
    {
        var state = ("", 0, 0);
        await UntilAsync(async () => (state = await StateAsync()).Item2 == column, () => $"did not have its cursor in column {column}, but {state}");
    }

    /// <summary>Looks until the title is this one.</summary>
    public async Task HasTitleAsync(Func<string, bool> isWanted)
    {
        var title = "";
        await UntilAsync(async () => isWanted(title = (await StateAsync()).Title), () => $"had another title: {title}");
    }

    /// <summary>Waits until the node listens.</summary>
    /// <returns>Its port.</returns>
    public async Task<int> ListeningAsync()
    {
        var screen = await ShowsAsync(rows => rows.Any(row => ListeningPattern().IsMatch(row)) && (rows[^1] == ">" || rows[^1].EndsWith("] >", StringComparison.Ordinal)), "that it listens");
        return int.Parse(ListeningPattern().Match(screen.First(row => ListeningPattern().IsMatch(row))).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync() => await TmuxAsync("kill-server");

    private static bool HasTmux()
    {
        try
        {
            using var tmux = Process.Start(new ProcessStartInfo("tmux", ["-V"]) { RedirectStandardOutput = true });
            tmux!.WaitForExit();
            return tmux.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<string> disappointment)
    {
        var patience = Stopwatch.StartNew();
        while (!await condition())
        {
            if (patience.Elapsed > NodeProcess.Patience)
            {
                throw new XunitException($"The terminal {disappointment()}");
            }

            await Task.Delay(LookAgain);
        }
    }

    private Task<string> TmuxAsync(params IEnumerable<string> arguments) => RunAsync("tmux", ["-u", "-L", _server, .. arguments]);

    private static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        start.Environment.Remove("TMUX");
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new XunitException($"{program} {string.Join(' ', arguments)}: {await errors}");
    }

    [GeneratedRegex(" listens on port ([0-9]+) of ")]
    private static partial Regex ListeningPattern();
}
