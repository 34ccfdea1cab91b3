// A node that cannot start says why, in a sentence with the remedy, and exits with 1.

using System.Net;
using System.Net.Sockets;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class StartTests : IDisposable
{
    private const string Alice = "{\"username\": \"alice\", \"password\": \"p\", \"ip\": \"127.0.0.1\", \"port\": 5001}";

    private readonly TemporaryFolder _folder = new();

    public StartTests()
    {
        _folder.Write("good.json", $"[{Alice}]");
        _folder.Write("unlist.json", "{}");
        _folder.Write("unknown.json", "[\n{\"username\": \"alice\",\n\"colour\": \"red\"}]");
        _folder.Write("upper.json", $"[{Alice},\n{{\n\"Username\": \"bob\"}}]");
        _folder.Write("twice.json", $"[{Alice},\n{Alice}]");
        _folder.Write("wrong.conf", "actorchat.conversation.handshake-deadline = soon");
        _folder.Write("unknown.conf", "actorchat { conversation { handshake-dedline = 1 s } }");
        _folder.Write("elsewhere.conf", "handshake-deadline = 1 s");
        _folder.Write("no.conf", "actorchat.stop-deadline = ${nowhere}");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--listen here", "--listen here is not an IP address; give one of this machine's, or \"any\"")]
    [InlineData("--listen 192.0.2.1", "192.0.2.1 is not an address of this machine; choose one of its own with --listen")]
    [InlineData("--directory absent.json", "absent.json: there is no such file; give the directory file's name with --directory")]
    [InlineData("--directory .", ".: it cannot be read: it is a folder")]
    [InlineData("--directory unlist.json", "unlist.json, line 1: the file must be a list of dictionaries")]
    [InlineData("--directory unknown.json", "unknown.json, line 3, entry 1: the key \"colour\" is unknown; the keys are username, password, port, ip, profile, as")]
    [InlineData("--directory upper.json", "upper.json, line 3, entry 2: the key \"Username\" must be in lower case: \"username\"")]
    [InlineData("--directory twice.json", "twice.json, line 2, entry 2: the name \"alice\" is already that of entry 1")]
    [InlineData("--directory good.json", "no entry of the directory is this node; say who it is with --name")]
    [InlineData("--config absent.conf", "absent.conf")]
    [InlineData("--config wrong.conf", "The setting actorchat.conversation.handshake-deadline = soon is wrong. Allowed: a duration from 1 ms to 24 h")]
    [InlineData("--config unknown.conf", "The setting actorchat.conversation.handshake-dedline = 1 s is unknown. Allowed here: actorchat.conversation.handshake-deadline,")]
    [InlineData("--config elsewhere.conf", "The setting handshake-deadline is unknown: settings go under actorchat")]
    [InlineData("--config no.conf", "The configuration file is not HOCON")]
    public async Task What_stops_a_start_is_said_in_an_error_event(string arguments, string error)
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, ["--json", "--port", "0", .. Complete(arguments)]);
        var line = Assert.Single(node.Output.Items);
        Assert.True(line.IsEvent("error"), line.Text);
        Assert.Contains(error, line.Event!.Value.GetProperty("message").GetString());
        Assert.Empty(node.Errors.Items);
        Assert.Equal(1, exitCode);
    }

    [Theory]
    [InlineData("--directory twice.json", "actorchat: twice.json, line 2, entry 2: the name \"alice\" is already that of entry 1: a name may appear only once")]
    [InlineData("--config elsewhere.conf", "actorchat: elsewhere.conf, line 1: The setting handshake-deadline is unknown: settings go under actorchat (and Akka's own under akka).")]
    public async Task A_person_reads_on_standard_error_what_stops_a_start(string arguments, string error)
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, ["--port", "0", .. Complete(arguments)]);
        Assert.Equal([error], node.Errors.Items);
        Assert.Empty(node.Output.Items);
        Assert.Equal(1, exitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_port_in_use_is_said_with_its_number(bool byAnother)
    {
        using var other = new TcpListener(IPAddress.IPv6Any, port: 0) { Server = { DualMode = true } };
        using var loopback = new TcpListener(IPAddress.Loopback, port: 0);
        var listener = byAnother ? loopback : other;
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, "--json", "--port", $"{port}", "--name", "alice", "--directory", "good.json", "--listen", byAnother ? "127.0.0.1" : "any");
        var line = Assert.Single(node.Output.Items);
        Assert.True(line.IsEvent("error"), line.Text);
        Assert.Equal(
            $"port {port} is in use; stop the program that has it, or choose another with --port",
            line.Event!.Value.GetProperty("message").GetString());
        Assert.Equal(1, exitCode);
    }

    [Theory]
    [InlineData("--colour red", "--colour is no option of actorchat. See: actorchat --help")]
    [InlineData("walk", "walk is no command of actorchat. See: actorchat --help")]
    [InlineData("--port 65536", "is not a port: give a number from 0 to 65535.")]
    [InlineData("--port -1", "is not a port: give a number from 0 to 65535.")]
    [InlineData("--port 1 --port 2", "--port")]
    [InlineData("--name", "--name")]
    [InlineData("run --port 65536", "is not a port: give a number from 0 to 65535.")]
    public async Task A_wrong_command_line_is_said_on_standard_error(string arguments, string error)
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, arguments.Split(' '));
        Assert.Contains(error, string.Join('\n', node.Errors.Items));
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

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a\u001b[2Jb")]
    public async Task A_name_that_no_directory_could_hold_stops_the_start(string name)
    {
        var (exitCode, node) = await NodeProcess.RunAsync(_folder, "--json", "--port", "0", "--name", name, "--directory", "good.json");
        Assert.True(Assert.Single(node.Output.Items).IsEvent("error"));
        Assert.Equal(1, exitCode);
    }

    // Adds good values for what a case leaves out. A case about the directory gets no name.
    private static IEnumerable<string> Complete(string arguments)
    {
        foreach (var word in arguments.Split(' '))
        {
            yield return word;
        }

        if (!arguments.Contains("--directory"))
        {
            yield return "--directory";
            yield return "good.json";
            yield return "--name";
            yield return "alice";
        }
    }
}
