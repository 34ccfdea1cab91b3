// The secure log of real nodes: nothing acknowledged is lost however a node ends, nothing readable is left on disk, and the commands tell the truth.

using System.Text;
using System.Text.Json;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class SecureLogTests : IDisposable
{
    private const string Passphrase = "thepassphrase-4715";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_of_a_message_or_a_password_stands_readable_in_the_state_folder(bool hasPassphrase)
    {
        const string text = "thesecrettext-4713";
        const string password = "thepassword-4711";
        var port = Ports.TakeFree();
        string[] key = hasPassphrase ? ["--passphrase-file", PassphraseFile()] : [];
        await using var bob = await NodeProcess.Start(_folder, [.. Arguments("bob", port, new Entry("alice", password, 1)), .. key]).ListeningAsync();
        await using var alice = await NodeProcess.Start(_folder, [.. Arguments("alice", 0, new Entry("bob", password, port)), .. key]).ListeningAsync();
        Assert.Equal("delivered", (await alice.TellAsync("bob", text)).Outcome);
        foreach (var node in new[] { alice, bob })
        {
            node.CloseInput();
            Assert.Equal(0, await node.ExitAsync());
        }

        var files = Directory.GetFiles(Path.Combine(_folder.Path, "state"), "*", SearchOption.AllDirectories);
        Assert.True(files.Length >= 8);
        Assert.All(files, file =>
        {
            var bytes = File.ReadAllBytes(file);
            foreach (var secret in new[] { text, password, Passphrase })
            {
                Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)));
                Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)));
            }

            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        });
    }

    [LinuxFact]
    public async Task The_passphrase_does_not_stay_in_the_environment_block()
    {
        await using var node = NodeProcess.Start(
            _folder, new Dictionary<string, string> { ["ACTORCHAT_PASSPHRASE"] = Passphrase, ["BESIDE_IT"] = "still there", ["DOTNET_EnableDiagnostics"] = "1" }, Arguments("alice", 0));
        await node.ListeningAsync();
        var block = File.ReadAllText($"/proc/{node.Id}/environ");
        Assert.Contains("BESIDE_IT=still there", block, StringComparison.Ordinal);
        Assert.DoesNotContain(Passphrase, block, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public async Task The_log_says_which_kind_of_keys_a_conversation_had(string setting, bool isPostQuantum)
    {
        var port = Ports.TakeFree();
        var config = _folder.Write("config", $"actorchat.conversation.post-quantum = {setting}\n");
        await using var bob = await NodeProcess.Start(_folder, [.. Arguments("bob", port, new Entry("alice", "secret", 1))]).ListeningAsync();
        await using var alice = await NodeProcess.Start(_folder, [.. Arguments("alice", 0, new Entry("bob", "secret", port)), "--config", config]).ListeningAsync();
        Assert.Equal("delivered", (await alice.TellAsync("bob", "hello")).Outcome);
        alice.CloseInput();
        Assert.Equal(0, await alice.ExitAsync());

        foreach (var name in new[] { "alice", "bob" })
        {
            var row = JsonElement.Parse((await Run("log", "show", "--json", "--name", name)).Single());
            Assert.Equal(isPostQuantum, row.TryGetProperty("post_quantum", out var told) && told.GetBoolean());
        }
    }

    [Fact]
    public async Task The_log_is_shown_filtered_and_verified_beside_the_running_node()
    {
        var port = Ports.TakeFree();
        await using var bob = await Bob(port).ListeningAsync();
        await using var alice = await NodeProcess.Start(
            _folder,
            [
                .. Arguments("alice", 0, new Entry("bob", "secret", port), new Entry("carol", "other", 1)), "--passphrase-file", PassphraseFile(), "--verification-key-out", "alice.verification",
                "--config", _folder.Write("patient.conf", Plan.Patient),
            ]).ListeningAsync();
        await alice.TellAsync("bob", "to bob\u001b[2J");
        await alice.TellAsync("carol", "to carol");
        string[] log = ["--name", "alice", "--passphrase-file", PassphraseFile()];
        while ((await Run(["log", "export", .. log])).Count < 5) // two messages, two outcomes, which are written a moment later, and what was shown
        {
            await Task.Yield();
        }

        var table = await Run(["log", "show", .. log]);
        Assert.Equal(3, table.Count);
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ->  bob +delivered +to bob␛\[2J$", table[1]);
        Assert.Matches(@"->  carol +not delivered +to carol   \(nobody is listening", table[2]);
        Assert.Equal("to carol", JsonElement.Parse((await Run(["log", "show", "--peer", "carol", "--since", "1h", "--json", .. log])).Single()).GetProperty("text").GetString());
        Assert.Empty(await Run(["log", "show", "--until", "1h", "--json", .. log]));
        var (_, slip) = await NodeProcess.RunAsync(_folder, ["log", "show", "--peer", "crol", .. log]);
        Assert.Equal(["actorchat: the log has nothing from or to crol; did you mean carol?"], slip.Errors.Items);
        Assert.Equal("to carol", JsonElement.Parse((await Run(["log", "show", "-n", "1", "--json", .. log])).Single()).GetProperty("text").GetString());
        string[] verification = ["--verification-key-file", "alice.verification"];
        Assert.StartsWith("The log is whole: 5 records", (await Run(["log", "verify", .. log, .. verification])).Single(), StringComparison.Ordinal);
        var unproved = await Run(["log", "verify", .. log]);
        Assert.Equal("All 5 records open with the log key and stand in their places, as far as log.head says.", unproved[0]);
        Assert.StartsWith("The verification key was not given, so the MACs were not checked", unproved[1], StringComparison.Ordinal);

        // A byte altered behind the node's back.
        var segment = Path.Combine(_folder.Path, "state", "actorchat", "alice", "00000001.log");
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[200] ^= 1; // in the first record
        await File.WriteAllBytesAsync(segment, bytes);
        var (exitCode, verify) = await NodeProcess.RunAsync(_folder, ["log", "verify", .. log, .. verification]);
        Assert.Equal(1, exitCode);
        Assert.Contains("can still be trusted", verify.Output.Items[^1].Text, StringComparison.Ordinal);
        foreach (var command in new[] { "show", "export" })
        {
            (exitCode, var read) = await NodeProcess.RunAsync(_folder, ["log", command, .. log]);
            Assert.Equal(1, exitCode);
            Assert.Contains(read.Output.Items, line => line.Text.Contains("Record 1 cannot be read.", StringComparison.Ordinal));
            Assert.Contains(read.Output.Items, line => line.Text.Contains("to carol", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_passphrase_of_the_log_can_be_changed_and_the_old_one_opens_it_no_more()
    {
        await using (var node = await NodeProcess.Start(_folder, [.. Arguments("alice", 0), "--passphrase-file", PassphraseFile()]).ListeningAsync())
        {
            node.CloseInput();
            await node.ExitAsync();
        }

        var renewed = _folder.Write("new", "anotherpassphrase\n");
        await Run("log", "rekey", "--passphrase-file", PassphraseFile(), "--new-passphrase-file", renewed);
        await Run("log", "verify", "--passphrase-file", renewed);
        var (exitCode, refused) = await NodeProcess.RunAsync(_folder, "log", "verify", "--passphrase-file", PassphraseFile());
        Assert.Equal(1, exitCode);
        Assert.Contains("log.key: The passphrase is wrong", Assert.Single(refused.Errors.Items), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_with_a_new_key_is_shown_verified_and_continued()
    {
        _folder.WriteOwn("actorchat.conf", "actorchat.outbox.keep = 0");
        string[] start = [.. Arguments("alice", 0, new Entry("carol", "other", 1)), "--passphrase-file", PassphraseFile(), "--verification-key-out", "alice.verification"];
        string[] log = ["--name", "alice", "--passphrase-file", PassphraseFile()];
        for (var epoch = 2; epoch <= 3; epoch++)
        {
            await using (var node = await NodeProcess.Start(_folder, start).ListeningAsync())
            {
                var (refused, rekey) = await NodeProcess.RunAsync(_folder, ["log", "rekey", "--new-key", .. log]);
                Assert.Equal(1, refused);
                Assert.Contains("is being written by another process. Stop that one first", Assert.Single(rekey.Errors.Items), StringComparison.Ordinal);
                await node.TellAsync("carol", $"before key {epoch}");
                node.CloseInput();
                Assert.Equal(0, await node.ExitAsync());
            }

            Assert.StartsWith($"From here on the log has another key, its number {epoch}.", (await Run(["log", "rekey", "--new-key", .. log]))[0], StringComparison.Ordinal);
        }

        Assert.Equal(["before key 2", "before key 3"], (await Run(["log", "show", "--json", "--peer", "carol", .. log])).Select(row => JsonElement.Parse(row).GetProperty("text").GetString()));
        Assert.StartsWith("The log is whole", (await Run(["log", "verify", "--verification-key-file", "alice.verification", .. log])).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_passphrase_of_the_log_and_of_a_sealed_directory_is_changed_in_one_go()
    {
        string[] old = ["--passphrase-file", PassphraseFile()];
        string[] renewed = ["--passphrase-file", _folder.Write("new", "anotherpassphrase\n")];
        var directory = Path.Combine(_folder.Path, "alice.sealed");
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder, ["directory", "seal", _folder.WriteDirectory("alice.json"), "--out", directory, .. old])).ExitCode);
        string[] node = ["--json", "--name", "alice", "--port", "0", "--directory", directory];
        await StartAndStop([.. node, .. old]);
        Assert.Contains("--directory", (await Run(["log", "rekey", .. old, "--new-passphrase-file", PassphraseFile()]))[0], StringComparison.Ordinal);

        var told = await Run(["log", "rekey", .. old, "--new-passphrase-file", renewed[1], "--directory", directory]);
        Assert.Equal($"{directory} is sealed under the new passphrase.", told[0]);
        await StartAndStop([.. node, .. renewed]);

        async Task StartAndStop(string[] arguments)
        {
            await using var process = await NodeProcess.Start(_folder, arguments).ListeningAsync();
            process.CloseInput();
            await process.ExitAsync();
        }
    }

    [Fact]
    public async Task A_contact_added_to_the_file_of_a_running_node_can_be_called()
    {
        var port = Ports.TakeFree();
        await using var bob = await Bob(port).ListeningAsync();
        await using var alice = await Alice().ListeningAsync();
        Assert.Equal("not_delivered", (await alice.TellAsync("bob", "too early")).Outcome);
        _folder.WriteDirectory("alice.json", new Entry("bob", "secret", port));
        Assert.NotNull(await alice.Errors.WaitAsync(line => line.Contains("The directory was loaded again: 1 contact", StringComparison.Ordinal), 1, NodeProcess.Patience));
        Assert.Equal("delivered", (await alice.TellAsync("bob", "now")).Outcome);
    }

    private string PassphraseFile() => _folder.Write("passphrase", Passphrase + "\n");

    private NodeProcess Alice(params Entry[] contacts) => NodeProcess.Start(_folder, Arguments("alice", 0, contacts));

    private NodeProcess Bob(int port) =>
        NodeProcess.Start(_folder, [.. Arguments("bob", port, new Entry("alice", "secret", 1)), "--passphrase-file", PassphraseFile()]);

    private string[] Arguments(string name, int port, params Entry[] contacts) =>
        ["--json", "--new-log", "--name", name, "--port", $"{port}", "--directory", _folder.WriteDirectory($"{name}.json", contacts)];

    private async Task<IReadOnlyList<string>> Run(params string[] arguments)
    {
        var (exitCode, process) = await NodeProcess.RunAsync(_folder, arguments);
        Assert.Empty(process.Errors.Items);
        Assert.Equal(0, exitCode);
        return [.. process.Output.Items.Select(line => line.Text)];
    }
}
