// "actorchat send" to several, and for programs: one exit code, one line or event for each recipient, alone and through a node that runs.

using System.Text.Json;
using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed partial class SendToManyTests(BobAndAlicesFiles files) : IClassFixture<BobAndAlicesFiles>
{
    [Theory]
    [InlineData("bob,absent")]
    [InlineData("absent,bob")]
    public async Task Each_has_a_line_and_the_worst_outcome_decides(string recipients)
    {
        var (exitCode, process) = await RunAsync("send", recipients, $"to {recipients}", "--timeout", "60");
        Assert.Equal(3, exitCode);
        Assert.Equal("bob: delivered", Assert.Single(process.Output.Items).Text);
        Assert.StartsWith("actorchat: absent: not delivered: nobody is listening at ", process.Errors.Items[^1], StringComparison.Ordinal);
        await files.Bob.MessageAsync($"to {recipients}");
    }

    [Fact]
    public async Task All_are_all_of_the_directory()
    {
        var (exitCode, process) = await RunAsync("send", "all", "to all", "--json", "--ref", "mine", "--timeout", "20");
        Assert.Equal(3, exitCode);
        var events = process.Output.Items.Select(line => line.Event!.Value).OrderBy(line => line.GetProperty("to").GetString()).ToArray();
        Assert.Equal(["absent", "bob", "silent"], events.Select(line => line.GetProperty("to").GetString()));
        Assert.Equal(["not_delivered", "delivered", "not_delivered"], events.Select(line => line.GetProperty("outcome").GetString()));
        Assert.All(events, line => Assert.Equal(("sent", "mine"), (line.GetProperty("event").GetString(), line.GetProperty("ref").GetString())));
        await files.Bob.MessageAsync("to all");
    }

    [Fact]
    public async Task Errors_are_events_with_their_reference()
    {
        var (exitCode, process) = await RunAsync("send", "eve", "hi", "--json", "--ref", "mine");
        Assert.Equal((2, 0), (exitCode, process.Errors.Items.Count));
        var error = Assert.Single(process.Output.Items).Event!.Value;
        Assert.Equal(("error", "mine"), (error.GetProperty("event").GetString(), error.GetProperty("ref").GetString()));
        Assert.StartsWith("eve is not in ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_running_node_what_cannot_be_delivered_now_waits()
    {
        string[] state = ["--name", "alice", "--directory", files.Directory, "--state", "alice-runs"];
        await using var alice = await NodeProcess.Start(files.Folder, ["--json", "--port", "0", .. state]).ListeningAsync();
        var (exitCode, process) = await NodeProcess.RunAsync(files.Folder, ["send", "bob,absent", "through the node", .. state, "--json", "--ref", "x"]);
        Assert.Equal((6, 0), (exitCode, process.Errors.Items.Count));
        Assert.Equal(["waiting to absent for x", "delivered to bob for x"], process.Output.Items.Select(line => Words(line.Event!.Value)).OrderDescending());
        await files.Bob.MessageAsync("through the node");
        Assert.Equal(["listening", "waiting"], alice.Output.Items.Select(line => line.Event!.Value.GetProperty("event").GetString()));

        static string Words(JsonElement line) =>
            $"{(line.TryGetProperty("outcome", out var outcome) ? outcome : line.GetProperty("event")).GetString()} to {line.GetProperty("to").GetString()} for {line.GetProperty("ref").GetString()}";
    }

    [Theory]
    [InlineData("--")]
    [InlineData("-")]
    public async Task Dashes_have_the_meaning_that_they_have_everywhere(string dashes)
    {
        await using var process = NodeProcess.Start(files.Folder, ["send", "bob", "--name", "alice", "--directory", files.Directory, "--state", $"alice-dashes{dashes}", dashes, .. dashes == "--" ? new[] { "--oops" } : []]);
        await process.TypeAsync("from standard input");
        process.CloseInput();
        Assert.Equal(0, await process.ExitAsync());
        await files.Bob.MessageAsync(dashes == "--" ? "--oops" : "from standard input");
    }

    [Fact]
    public async Task What_is_not_UTF_8_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string[] send = [.. NodeProcess.CommandLine, "send", "bob", "--name", "alice", "--directory", files.Directory, "--state", "alice-bytes"];
        foreach (var (script, problem) in new[]
        {
            ("printf 'a\\377' | \"$@\"", "actorchat: standard input is not UTF-8; convert the text first, for example with iconv"),
            ("\"$@\" \"$(printf 'a\\377')\"", "actorchat: the text is not UTF-8, or holds the character U+FFFD that stands for what is not; send it as UTF-8"),
        })
        {
            await using var process = NodeProcess.Start(files.Folder, "/bin/sh", [], ["-c", script, "sh", .. send]);
            process.CloseInput();
            Assert.Equal(2, await process.ExitAsync());
            Assert.Equal([problem], process.Errors.Items);
        }
    }

    [Fact]
    public async Task A_log_that_it_begins_shows_its_verification_key()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string[] send = [.. NodeProcess.CommandLine, "send", "absent", "hi", "--name", "alice", "--directory", files.Directory, "--state", "alice-key"];
        await using var process = NodeProcess.Start(files.Folder, "/bin/sh", [], ["-c", "\"$@\" 2> errors", "sh", .. send]); // the harness leaves the line out
        process.CloseInput();
        Assert.Equal(3, await process.ExitAsync());
        Assert.Matches(VerificationKey(), (await File.ReadAllLinesAsync(Path.Combine(files.Folder.Path, "errors")))[0]);
    }

    [Fact]
    public async Task A_slip_in_the_name_begins_no_log_beside_another()
    {
        string[] command = ["send", "bob", "hi", "--directory", files.Directory, "--name"];
        var (exitCode, process) = await NodeProcess.RunAsync(files.Folder, [.. command, "alcie"]);
        Assert.Equal(2, exitCode);
        Assert.Equal(
            "actorchat: alcie is not in the directory and has no log here, but there is a log of bob; check --name, or say with --new-log that a new log is meant",
            Assert.Single(process.Errors.Items));
        var (started, node) = await NodeProcess.RunAsync(files.Folder, "--json", "--port", "0", "--directory", files.Directory, "--name", "alcie");
        Assert.Equal(1, started);
        Assert.StartsWith("alcie is not in the directory", Assert.Single(node.Output.Items).Event!.Value.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, (await NodeProcess.RunAsync(files.Folder, "send", "absent", "hi", "--directory", files.Directory, "--name", "alice", "--new-log")).ExitCode);
    }

    [GeneratedRegex("^actorchat: A secure log was begun in .*: ([0-9a-f]{8}-){7}[0-9a-f]{8}$")]
    private static partial Regex VerificationKey();

    private Task<(int ExitCode, NodeProcess Process)> RunAsync(params string[] command) =>
        NodeProcess.RunAsync(files.Folder, [.. command, "--name", "alice", "--directory", files.Directory, "--state", $"alice-{Guid.NewGuid():N}"]);
}
