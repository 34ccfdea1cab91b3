// The ways to start a node.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class CommandLineTests : IDisposable
{
    private const string Sample = "directory.sample.json";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_arguments_it_asks_for_port_directory_and_name()
    {
        var directory = _folder.WriteDirectory("people.json", new Entry("bob", "any", 5002));
        await using var node = NodeProcess.Start(_folder);
        foreach (var answer in new[] { "http", "65536", "0", directory, "", "  zoe " })
        {
            await node.TypeAsync(answer);
        }

        await node.ListeningAsync();
        Assert.Equal("zoe", node.Name);
        Assert.Equal(
            [
                "Port for incoming conversations [5001]: A port is a number from 0 to 65535.",
                "Port for incoming conversations [5001]: A port is a number from 0 to 65535.",
                $"zoe listens on port {node.Port} of every address of this machine.",
            ],
            node.Output.Items.Take(3).Select(line => line.Text));
        node.CloseInput();
        Assert.Equal(0, await node.ExitAsync());
    }

    [Fact]
    public async Task An_empty_answer_takes_the_directory_of_ones_own()
    {
        _folder.WriteOwn("directory.json", "[{\"username\": \"bob\", \"password\": \"any\", \"ip\": \"127.0.0.1\", \"port\": 5002}]");
        await using var node = NodeProcess.Start(_folder, "--port", "0");
        await node.TypeAsync("\nzoe\nhello");
        await node.LineAsync(line => line.Text == "1 bob", "the people of the directory");
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_asked_for_again()
    {
        _folder.WriteOwn("directory.json", "[]");
        var other = _folder.WriteDirectory("people.json", new Entry("bob", "any", 5002));
        await using var node = NodeProcess.Start(_folder, "--port", "0", "--name", "zoe");
        await node.TypeAsync($"poeple.json\n{other}\nhello");
        await node.LineAsync(line => line.Text.EndsWith("poeple.json: there is no such file; name another.", StringComparison.Ordinal), "the slip");
        await node.LineAsync(line => line.Text == "1 bob", "the people of the directory");
    }

    [Fact]
    public async Task The_settings_of_ones_own_say_what_the_command_line_leaves_out()
    {
        var directory = _folder.WriteDirectory("people.json", new Entry("bob", "any", 5002));
        _folder.WriteOwn("actorchat.conf", $"actorchat.start {{ name = zoe, port = 0, directory = \"{directory}\", state = \"{_folder.Path}/elsewhere\" }}\nactorchat.outbox.keep = 0");
        await using var node = await NodeProcess.Start(_folder, "--json").ListeningAsync();
        Assert.Equal("zoe", node.Name);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "elsewhere", "log.key")));
        Assert.Equal("not_delivered", (await node.TellAsync("bob", "hello")).Outcome);
    }

    [Fact]
    public async Task The_settings_that_the_command_line_names_go_before_those_of_ones_own()
    {
        _folder.WriteOwn("actorchat.conf", "this is no HOCON: {");
        var config = _folder.Write("other.conf", "actorchat.start.name = ann");
        await using var node = await NodeProcess.Start(_folder, "--json", "--port", "0", "--config", config, "--directory", _folder.WriteDirectory("none.json")).ListeningAsync();
        Assert.Equal("ann", node.Name);
        var (exitCode, broken) = await NodeProcess.RunAsync(_folder, "--port", "0");
        Assert.Equal(1, exitCode);
        Assert.Contains(Path.Combine("config", "actorchat", "actorchat.conf"), Assert.Single(broken.Errors.Items));
    }

    [Fact]
    public async Task Where_the_input_ends_instead_of_an_answer_the_exit_code_is_1()
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder);
        Assert.Equal(1, exitCode);
        Assert.Equal("Port for incoming conversations [5001]: ", Assert.Single(node.Output.Items).Text);
        Assert.StartsWith("This is the first start", Assert.Single(node.Errors.Items));
    }

    [Fact]
    public async Task The_sample_directory_works_for_two_nodes()
    {
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var (alicesPort, bobsPort) = (Ports.TakeFree(), Ports.TakeFree());
            CopySample(alicesPort, bobsPort);
            await using var alice = NodeProcess.Start(_folder, "--json", "--port", $"{alicesPort}", "--directory", Sample);
            await using var bob = NodeProcess.Start(_folder, "run", "--json", "-p", $"{bobsPort}", "-d", Sample, "-l", "127.0.0.1");
            try
            {
                await Task.WhenAll(alice.ListeningAsync(), bob.ListeningAsync());
            }
            catch (Xunit.Sdk.XunitException e) when (e.Message.Contains("is in use") && attempt < attempts)
            {
                continue; // another process took one of the ports meanwhile
            }

            Assert.Equal(("alice", "bob"), (alice.Name, bob.Name));
            await Nodes.AssertTalkAsync(alice, bob);
            return;
        }
    }

    [Fact]
    public async Task The_name_that_is_said_goes_before_the_one_of_the_directory()
    {
        var port = Ports.TakeFree();
        var directory = _folder.WriteDirectory("people.json", new Entry("alice", "any", port));
        await using var node = await NodeProcess.Start(_folder, "--json", "-p", $"{port}", "-d", directory, "-n", "zoe").ListeningAsync();
        Assert.Equal(("zoe", port), (node.Name, node.Port));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    public async Task Help_names_every_option(string arguments)
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, arguments.Split(' '));
        var help = string.Join('\n', node.Output.Items.Select(line => line.Text));
        Assert.All(["--port", "--directory", "--name", "--listen", "--config", "--json"], option => Assert.Contains(option, help));
        Assert.Empty(node.Errors.Items);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, "--version");
        Assert.Matches(@"^\d+\.\d+\.\d+(-[0-9a-z.]+)?(\+[0-9a-f]+)?$", Assert.Single(node.Output.Items).Text);
        Assert.Equal(0, exitCode);
    }

    // The sample as it is but for the ports: a real node may listen on 5001.
    private void CopySample(int alicesPort, int bobsPort)
    {
        var sample = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, Sample));
        Assert.Contains("\"port\": 5001", sample);
        Assert.Contains("\"port\": 5002", sample);
        _folder.Write(Sample, sample.Replace("5001", $"{alicesPort}").Replace("5002", $"{bobsPort}"));
    }
}
