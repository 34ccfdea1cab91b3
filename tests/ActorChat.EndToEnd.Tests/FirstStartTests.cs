// From nothing to a conversation: init, a line for the other side, import.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class FirstStartTests : IDisposable
{
    private readonly TemporaryFolder _alice = new();
    private readonly TemporaryFolder _bob = new();

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
    }

    [Fact]
    public async Task Two_people_talk_after_one_line_from_one_to_the_other()
    {
        var (alicesPort, bobsPort) = (Ports.TakeFree(), Ports.TakeFree());
        await InitAsync(_alice, "alice", alicesPort);
        await InitAsync(_bob, "bob", bobsPort);
        var (_, add) = await NodeProcess.RunAsync(_alice, "directory", "add", "bob", $"127.0.0.1:{bobsPort}");
        var line = Assert.Single(add.Output.Items).Text;
        Assert.Contains("The other side will know you as alice at 127.0.0.1", string.Join('\n', add.Errors.Items), StringComparison.Ordinal);

        await using var import = NodeProcess.Start(_bob, "directory", "import", "--yes");
        await import.TypeAsync($"  {line}, ");
        Assert.Equal(0, await import.ExitAsync());

        await using var alice = await NodeProcess.Start(_alice, "--json").ListeningAsync();
        await using var bob = await NodeProcess.Start(_bob, "--json").ListeningAsync();
        Assert.Equal((("alice", alicesPort), ("bob", bobsPort)), ((alice.Name, alice.Port), (bob.Name, bob.Port)));
        await Nodes.AssertTalkAsync(alice, bob);
    }

    [Fact]
    public async Task The_plain_start_asks_and_makes_the_directory_and_goes_on()
    {
        await using var node = NodeProcess.Start(_alice);
        foreach (var answer in new[] { "0", "", "a b", "alice", "no address", "127.0.0.1", "n" })
        {
            await node.TypeAsync(answer);
        }

        await node.ListeningAsync();
        Assert.Equal("alice", node.Name);
        Assert.Contains(node.Output.Items, item => item.Text.Contains("This is not a name to be known by: it holds a space", StringComparison.Ordinal));
        Assert.Contains(node.Output.Items, item => item.Text.Contains("An address is an IP address or a host name", StringComparison.Ordinal));
        Assert.Contains(node.Errors.Items, item => item.Contains("actorchat directory add bob HOST:PORT", StringComparison.Ordinal));
        foreach (var file in new[] { "directory.json", "actorchat.conf" })
        {
            AssertPrivate(Path.Combine(_alice.Path, "config", "actorchat", file));
        }

        node.CloseInput();
        Assert.Equal(0, await node.ExitAsync());
    }

    [Fact]
    public async Task A_directory_can_be_sealed_from_the_beginning()
    {
        await using var init = NodeProcess.Start(_alice, "init", "--name", "alice", "--port", "5001");
        foreach (var answer in new[] { "", "y", "a passphrase that nobody guesses" })
        {
            await init.TypeAsync(answer);
        }

        Assert.Equal(0, await init.ExitAsync());
        Assert.StartsWith("ACSEALED", File.ReadAllText(Path.Combine(_alice.Path, "config", "actorchat", "directory.json")), StringComparison.Ordinal);
        Dictionary<string, string> passphrase = new() { ["ACTORCHAT_PASSPHRASE"] = "a passphrase that nobody guesses" };
        await using var add = NodeProcess.Start(_alice, passphrase, ["directory", "add", "bob", "192.0.2.7:5002"]);
        Assert.Equal(0, await add.ExitAsync());
    }

    [Fact]
    public async Task Init_keeps_what_is_there()
    {
        _alice.WriteOwn("actorchat.conf", "actorchat.log.console-level = off");
        await InitAsync(_alice, "alice", 5001);
        Assert.StartsWith("actorchat.log.console-level = off\n\n#", File.ReadAllText(Path.Combine(_alice.Path, "config", "actorchat", "actorchat.conf")), StringComparison.Ordinal);
        var (exitCode, again) = await NodeProcess.RunAsync(_alice, "init");
        Assert.Equal(1, exitCode);
        Assert.Contains("is there already; start with it (actorchat), or name another with --directory", Assert.Single(again.Errors.Items));
    }

    [Fact]
    public async Task Where_the_questions_are_not_answered_nothing_is_made()
    {
        var (exitCode, _) = await NodeProcess.RunAsync(_alice, "init", "--port", "5001");
        Assert.Equal(1, exitCode);
        Assert.False(Directory.Exists(Path.Combine(_alice.Path, "config")));
    }

    [Theory]
    [InlineData("/quit")]
    [InlineData("alice", " /quit")]
    public async Task Quit_in_place_of_an_answer_ends_the_start_and_nothing_is_made(params string[] answers)
    {
        await using var init = NodeProcess.Start(_alice, "init", "--port", "5001");
        foreach (var answer in answers)
        {
            await init.TypeAsync(answer);
        }

        Assert.Equal(1, await init.ExitAsync());
        Assert.False(Directory.Exists(Path.Combine(_alice.Path, "config")));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("hello", "this is not JSON")]
    [InlineData("{\"username\": \"alice\", \"password\": \"p\", \"ip\": \"h\", \"port\": 0}", "port 0 is out of range")]
    [InlineData("{\"username\": \"bob\", \"password\": \"p\", \"ip\": \"h\", \"port\": 1}", "this line is about you, bob: it is for the other side")]
    [InlineData("{\"username\": \"carol\", \"password\": \"p\", \"ip\": \"h\", \"port\": 1}", "the name carol is there already")]
    public async Task A_line_that_cannot_be_taken_in_is_refused_in_one_line(string line, string reason)
    {
        _bob.WriteOwn("directory.json", "[{\"username\": \"carol\", \"password\": \"p\", \"ip\": \"h\", \"port\": 1}]");
        _bob.WriteOwn("actorchat.conf", "actorchat.start.name = bob");
        await using var import = NodeProcess.Start(_bob, "directory", "import", "--yes");
        await import.TypeAsync(line);
        Assert.Equal(1, await import.ExitAsync());
        Assert.Contains(reason, Assert.Single(import.Errors.Items), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_taken_in_is_shown_without_its_password_and_asked_about()
    {
        const string line = "{\"username\": \"alice\", \"password\": \"one two three\", \"ip\": \"192.0.2.1\", \"port\": 5001}";
        await using var import = NodeProcess.Start(_bob, "directory", "import", line);
        await import.TypeAsync("no");
        Assert.Equal(1, await import.ExitAsync());
        var said = string.Join('\n', import.Errors.Items);
        Assert.Contains("alice at 192.0.2.1:5001, with a password of 3 words. Add this contact to", said, StringComparison.Ordinal);
        Assert.DoesNotContain("one two three", said, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_bob.Path, "config", "actorchat", "directory.json")));
    }

    [Theory]
    [InlineData("bob smith", "holds a space, so that @ could not address it")]
    [InlineData("all", "is the word for everybody")]
    [InlineData("a@b", "may not hold control characters, commas or @")]
    [InlineData("alice", "alice is you")]
    public async Task A_name_that_could_not_be_addressed_is_not_added(string name, string reason)
    {
        _alice.WriteOwn("actorchat.conf", "actorchat.start.name = alice");
        var (exitCode, add) = await NodeProcess.RunAsync(_alice, "directory", "add", name, "192.0.2.7:5002");
        Assert.Equal(1, exitCode);
        Assert.Contains(reason, Assert.Single(add.Errors.Items), StringComparison.Ordinal);
    }

    [TerminalFact]
    public async Task The_questions_of_the_start_are_edited_like_every_other_line_and_Tab_knows_files()
    {
        _alice.WriteDirectory("people.json", new Entry("bob", "any secret of theirs", 5002));
        _alice.WriteDirectory("persons.json");
        await using var terminal = await Terminal.StartAsync(_alice, [], "--name", "alice");
        await terminal.ShowsLastAsync("Port for incoming conversations [5001]:");
        await terminal.TypeAsync("10");
        await terminal.PressAsync("C-a", "C-d", "Enter");
        await terminal.ShowsLastAsync(">");
        await terminal.TypeAsync("pe");
        await terminal.PressAsync("Tab");
        await terminal.ShowsAsync(screen => screen is [.., "> pe", "  people.json", "  persons.json"], "both");
        await terminal.TypeAsync("o");
        await terminal.PressAsync("Tab");
        await terminal.ShowsLastAsync("> people.json");
        await terminal.PressAsync("Enter");
        await terminal.ListeningAsync();
    }

    [TerminalFact]
    public async Task Ctrl_C_at_a_question_of_the_start_clears_the_answer_and_then_ends()
    {
        await using var terminal = await Terminal.StartAsync(_alice, []);
        await terminal.ShowsLastAsync("Port for incoming conversations [5001]:");
        await terminal.TypeAsync("55");
        await terminal.PressAsync("C-c");
        await terminal.ShowsLastAsync("Port for incoming conversations [5001]:");
        await terminal.PressAsync("C-c");
        await terminal.ShowsAsync("ended with 1");
    }

    private static void AssertPrivate(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    private static async Task InitAsync(TemporaryFolder folder, string name, int port)
    {
        await using var init = NodeProcess.Start(folder, "init");
        foreach (var answer in new[] { $"{port}", name, "127.0.0.1", "n" })
        {
            await init.TypeAsync(answer);
        }

        Assert.Equal(0, await init.ExitAsync());
    }
}
