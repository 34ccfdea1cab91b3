// "actorchat send" and "actorchat ping" as scripts use them: every exit code, every error, alone and beside a node of the same name.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

/// <summary>bob runs, and alice's directory knows him: rightly, with a wrong password, and where nobody is.</summary>
public sealed class BobAndAlicesFiles : IAsyncLifetime
{
    private readonly System.Net.Sockets.Socket _unused = Ports.HoldWithoutListening();
    private readonly Impostor _silent = Impostor.Silent();

    internal TemporaryFolder Folder { get; } = new();

    internal NodeProcess Bob { get; private set; } = null!;

    internal string Directory { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var secret = Entry.Secret("alice", "bob");
        var bobs = Folder.WriteDirectory("bob.json", new Entry("alice", secret, 5001));
        Folder.WriteOwn("actorchat.conf", Plan.PatientDeadlines);
        Bob = await NodeProcess.Start(Folder, "--json", "--port", "0", "--name", "bob", "--directory", bobs, "--config", Folder.Write("bob.conf", Plan.Patient)).ListeningAsync();
        Folder.Write("shared", secret + "\n");
        Folder.Write("password", "any\n");
        Folder.WriteDirectory("wrong.json", new Entry("bob", "not what bob knows", Bob.Port));
        Directory = Folder.WriteDirectory(
            "alice.json",
            new Entry("bob", secret, Bob.Port),
            new Entry("absent", "any", Ports.PortOf(_unused)),
            new Entry("silent", "any", _silent.Port));
    }

    /// <summary>Runs a command with alice's directory file, unless it names another, and a state folder of its own.</summary>
    internal Task<(int ExitCode, NodeProcess Process)> RunAsync(params string[] command) => RunWithStateAsync($"alice-{Guid.NewGuid():N}", command);

    /// <summary>The same with a state folder that other commands may share.</summary>
    internal Task<(int ExitCode, NodeProcess Process)> RunWithStateAsync(string state, params string[] command) => NodeProcess.RunAsync(
        Folder,
        [
            .. command.Take(1), "--state", state,
            .. command.Contains("--directory") ? [] : new[] { "--directory", "alice.json" },
            .. command[0] is "send" or "ping" && !command.Any(word => word.StartsWith("--time", StringComparison.Ordinal)) ? new[] { "--timeout", "100" } : [],
            .. command.Skip(1),
        ]);

    public async Task DisposeAsync()
    {
        await Bob.DisposeAsync();
        await _silent.DisposeAsync();
        _unused.Dispose();
        Folder.Dispose();
    }
}

/// <summary>What does not succeed. The commands that do are a class of their own, so that the two run side by side.</summary>
public sealed class SendFailureTests(BobAndAlicesFiles files) : IClassFixture<BobAndAlicesFiles>
{
    public static TheoryData<string, int, string> Failures => new()
    {
        { "send absent hi", 3, "actorchat: absent: not delivered: nobody is listening at 127.0.0.1:{absent}; is the other node running?" },
        { "send bob hi --directory wrong.json", 3, "actorchat: bob: not delivered: authentication failed: the two sides do not have the same password for each other; compare both directory entries" },
        { "send silent hi --timeout 0.5", 3, "actorchat: silent: not delivered: no answer within 0.5 seconds (--timeout)" },
        { "send eve hi", 2, "actorchat: eve is not in alice.json; add an entry (actorchat directory add), or give an address with --to" },
        { "send", 2, "actorchat: who is to be called? Give a contact's name, or an address with --to" },
        { "send bob", 2, "actorchat: there is nothing to send; give the text as an argument or on standard input" },
        { "send bob hi --bogus", 2, "actorchat: --bogus is no option of actorchat send; behind -- a text may begin with a dash. See: actorchat send --help" },
        { "send bob hi --timeot 5", 2, "actorchat: --timeot is no option of actorchat send; did you mean --timeout? See: actorchat send --help" },
        { "send bob --oops", 2, "actorchat: --oops is no option of actorchat send; behind -- a text may begin with a dash. See: actorchat send --help" },
        { "send bob hi there", 2, "actorchat: the message must be one argument; put it in quotes: \"hi there\"" },
        { "send bob,eve hi", 2, "actorchat: eve is not in alice.json; add an entry (actorchat directory add), or give an address with --to" },
        { "send bob hi --timeout 0", 2, "actorchat: --timeout 0 is no time to wait; give seconds, more than 0 and at most 86400. See: actorchat send --help" },
        { "send bob hi --directory missing.json", 2, "actorchat: missing.json: there is no such file or folder; check the name" },
        { "send bob hi --config missing.conf", 2, "actorchat: missing.conf: there is no such settings file; check --config" },
        { "send --to 127.0.0.1:1 hi", 2, "actorchat: --to needs the shared password; give its file with --password-file" },
        { "send --to nowhere hi --password-file password", 2, "actorchat: --to nowhere is not host:port (an IPv6 address as [::1]:5002)" },
        { "send --to 127.0.0.1:1 hi --password-file missing", 2, "actorchat: *missing: there is no such file or folder; check the name" },
        { "ping absent", 3, "actorchat: absent: not reached: nobody is listening at 127.0.0.1:{absent}; is the other node running?" },
        { "ping bob --directory wrong.json", 3, "actorchat: bob: not reached: authentication failed: *" },
        { "ping silent --timeout 0.5", 3, "actorchat: silent: not reached: no answer within 0.5 seconds (--timeout)" },
        { "ping eve", 2, "actorchat: eve is not in alice.json; *" },
        { "ping", 2, "actorchat: who is to be called? *" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Each_failure_has_its_exit_code_and_one_line_that_says_what_to_do(string command, int exitCode, string error)
    {
        ArgumentNullException.ThrowIfNull(command);
        var (actual, process) = await files.RunAsync([.. command.Split(' '), "--name", "alice"]);
        Assert.Equal(exitCode, actual);
        Assert.Empty(process.Output.Items);
        var line = Assert.Single(process.Errors.Items);
        Assert.Matches("^" + string.Join(".*", error.Split('*').Select(System.Text.RegularExpressions.Regex.Escape)).Replace("\\{absent}", "[0-9]+", StringComparison.Ordinal) + "$", line);
    }
}

public sealed class SendTests(BobAndAlicesFiles files) : IClassFixture<BobAndAlicesFiles>
{
    [Fact]
    public async Task A_delivered_message_is_all_that_happens()
    {
        var (exitCode, process) = await RunAsync("send", "bob", "by its argument", "--name", "alice");
        Assert.Equal((0, 0, 0), (exitCode, process.Output.Items.Count, process.Errors.Items.Count));
        Assert.Equal("alice", (await files.Bob.MessageAsync("by its argument")).From);
    }

    [Fact]
    public async Task Without_a_text_standard_input_is_the_text()
    {
        await using var process = NodeProcess.Start(files.Folder, "send", "bob", "--name", "alice", "--directory", files.Directory, "--state", "alice-stdin");
        await process.TypeAsync("one line");
        await process.TypeAsync("and \"another\" ✓");
        process.CloseInput();
        Assert.Equal(0, await process.ExitAsync());
        await files.Bob.MessageAsync("one line\nand \"another\" ✓");
    }

    [Fact]
    public async Task An_address_needs_no_directory()
    {
        string[] address = ["--to", $"127.0.0.1:{files.Bob.Port}", "--password-file", "shared", "--name", "alice", "--directory", "missing.json", "--state", "alice-to"];
        var (exitCode, _) = await NodeProcess.RunAsync(files.Folder, ["send", "to an address", .. address]);
        Assert.Equal(0, exitCode);
        await files.Bob.MessageAsync("to an address");
        var (pinged, process) = await NodeProcess.RunAsync(files.Folder, ["ping", .. address]);
        Assert.Equal(0, pinged);
        Assert.StartsWith($"bob at 127.0.0.1:{files.Bob.Port} is there and has proved who it is, in ", process.Output.Items.Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_name_may_stand_in_the_directory()
    {
        var directory = files.Folder.WriteDirectory(
            "own.json", new Entry("alice", "nobody needs to know", 5001), new Entry("bob", Entry.Secret("alice", "bob"), files.Bob.Port));
        Assert.Equal(0, (await NodeProcess.RunAsync(files.Folder, "send", "bob", "found my name", "--directory", directory, "--state", "alice-own")).ExitCode);
        await files.Bob.MessageAsync("found my name");
        var (exitCode, process) = await NodeProcess.RunAsync(files.Folder, "send", "bob", "hi", "--directory", "wrong.json", "--state", "alice-own");
        Assert.Equal(2, exitCode);
        Assert.Equal("actorchat: wrong.json does not tell which entry is this node; say who it is with --name", process.Errors.Items.Single());
    }

    [Fact]
    public async Task A_lost_receipt_is_unknown()
    {
        await using var line = new Wiretap(() => files.Bob.Port, tapped => Task.FromResult(tapped is { IsFromResponder: true, Number: 5 } ? null : tapped.Text));
        var (exitCode, process) = await SendByAsync(line, "its receipt is lost");
        Assert.Equal(5, exitCode);
        Assert.Equal($"actorchat: 127.0.0.1:{line.Port}: unknown, it was sent but no receipt came: the connection was lost", Assert.Single(process.Errors.Items));
        await files.Bob.MessageAsync("its receipt is lost");
    }

    [Fact]
    public async Task What_the_other_side_refuses_is_rejected()
    {
        await using var line = new Wiretap(() => files.Bob.Port, tapped => Task.FromResult<string?>(
            tapped.Text.Contains("\"text\"", StringComparison.Ordinal) ? tapped.Text.Replace("\"AES256CBC\"", "\"AES128CBC\"", StringComparison.Ordinal) : tapped.Text));
        var (exitCode, process) = await SendByAsync(line, "altered on its way");
        Assert.Equal(4, exitCode);
        Assert.Equal($"actorchat: 127.0.0.1:{line.Port}: rejected: the other side refused it; try again later", Assert.Single(process.Errors.Items));
    }

    [Fact]
    public async Task A_ping_shows_and_logs_nothing()
    {
        var before = files.Bob.Messages.Count;
        var (exitCode, process) = await RunAsync("ping", "bob", "--steps", "--name", "alice");
        Assert.Equal(0, exitCode);
        Assert.Matches(
            @"^bob at 127\.0\.0\.1:\d+ is there and has proved who it is, in [\d.]+ ms \(password ready [\d.]+, connected [\d.]+, keys agreed [\d.]+, hello answered [\d.]+, accepted there [\d.]+, accepted here [\d.]+\); keys: post-quantum \(X25519 and ML-KEM-768\)$",
            Assert.Single(process.Output.Items).Text);
        Assert.Equal(before, files.Bob.Messages.Count);
    }

    [Fact]
    public async Task Many_at_once_share_the_log_and_none_is_lost()
    {
        var texts = Enumerable.Range(0, 4).Select(i => $"at once {i}").ToArray();
        var runs = await Task.WhenAll(texts.Select(text => RunWithStateAsync("alice-many", "send", "bob", text, "--name", "alice")));
        Assert.All(runs, run => Assert.Equal((0, 0), (run.ExitCode, run.Process.Errors.Items.Count)));
        await AssertLogAsync("alice-many", texts);
    }

    [Fact]
    public async Task Beside_a_running_node_it_goes_through_that_node()
    {
        await using var alice = await NodeProcess.Start(
            files.Folder, "--json", "--port", "0", "--name", "alice", "--directory", files.Directory, "--state", "alice-running",
            "--config", files.Folder.Write("alice.conf", Plan.Patient)).ListeningAsync();
        Assert.Equal("delivered", (await alice.TellAsync("bob", "from the node")).Outcome);
        var texts = Enumerable.Range(0, 4).Select(i => $"beside it {i}").ToArray();
        var runs = await Task.WhenAll(texts.Select(text => RunWithStateAsync("alice-running", "send", "bob", text, "--name", "alice")));
        Assert.All(runs, run => Assert.Equal((0, 0), (run.ExitCode, run.Process.Errors.Items.Count)));
        var (exitCode, process) = await RunWithStateAsync("alice-running", "send", "absent", "hi", "--name", "alice");
        Assert.Equal(3, exitCode);
        Assert.StartsWith("actorchat: absent: not delivered: nobody is listening at ", process.Errors.Items.Single(), StringComparison.Ordinal);

        Assert.Equal(2, alice.Output.Items.Count); // that it listens, and what became of its own message
        alice.CloseInput();
        Assert.Equal(0, await alice.ExitAsync());
        await AssertLogAsync("alice-running", [.. texts, "from the node", "hi"]);
    }

    [Fact]
    public async Task A_text_that_begins_with_an_at_sign_is_a_text_and_no_file_of_arguments()
    {
        var text = "@" + files.Folder.Write("arguments", "not this");
        Assert.Equal(0, (await RunAsync("send", "bob", text, "--name", "alice")).ExitCode);
        await files.Bob.MessageAsync(text);
    }

    [Fact]
    public async Task A_node_that_was_killed_leaves_nothing_in_the_way()
    {
        await using (var alice = await NodeProcess.Start(files.Folder, "--json", "--port", "0", "--name", "alice", "--directory", files.Directory, "--state", "alice-killed").ListeningAsync())
        {
            Assert.Equal(0, (await RunWithStateAsync("alice-killed", "send", "bob", "before the kill", "--name", "alice")).ExitCode);
        }

        Assert.True(File.Exists(Path.Combine(files.Folder.Path, "alice-killed", "node.socket"))); // it could not clean up
        var (exitCode, process) = await RunWithStateAsync("alice-killed", "send", "bob", "after the kill", "--name", "alice");
        Assert.Equal((0, 0), (exitCode, process.Errors.Items.Count));
        await files.Bob.MessageAsync("after the kill");
    }

    private Task<(int ExitCode, NodeProcess Process)> SendByAsync(Wiretap line, string text) =>
        RunAsync("send", "--to", $"127.0.0.1:{line.Port}", "--password-file", "shared", "--name", "alice", text);

    private Task<(int ExitCode, NodeProcess Process)> RunAsync(params string[] command) => files.RunAsync(command);

    private Task<(int ExitCode, NodeProcess Process)> RunWithStateAsync(string state, params string[] command) => files.RunWithStateAsync(state, command);

    private async Task AssertLogAsync(string state, string[] texts)
    {
        var (exitCode, process) = await NodeProcess.RunAsync(files.Folder, "log", "export", "--state", state);
        Assert.Equal(0, exitCode);
        var lines = process.Output.Items.Select(line => line.Text).ToArray();
        Assert.All(texts, text => Assert.Single(lines, line => line.Contains($"\"{text}\"", StringComparison.Ordinal)));
    }
}
