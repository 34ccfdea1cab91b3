// "actorchat probe" as a command: its exit codes, and what it writes where. What it finds is tested beside ActorChat.Conformance.

using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Xml.Linq;

namespace ActorChat.Tests;

[Collection(nameof(OwnConsole))]
public sealed class ProbeCommandTests(Files files) : IClassFixture<Files>
{
    [Fact]
    public async Task Checks_are_listed_without_a_peer()
    {
        var (exitCode, output, _) = await EveryOptionTests.RunAsync(["probe", "--list", "--only", "2.crc", "--profile", "classic"]);
        Assert.Equal(0, exitCode);
        Assert.Equal(["2.crc.1", "2.crc.2", "2.crc.3"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData("probe")]
    [InlineData("probe", "127.0.0.1:1", "--listen", "0")]
    [InlineData("probe", "nowhere")]
    [InlineData("probe", "127.0.0.1:1", "--only", "9.nothing")]
    [InlineData("probe", "--listen", "65536")]
    public async Task Wrong_use_ends_with_2_and_a_line(params string[] words)
    {
        var (exitCode, output, error) = await EveryOptionTests.RunAsync([.. words, "--name", "alice", "--password-file", files.In("password")]);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_peer_that_is_not_there_ends_with_1_and_every_kind_of_report()
    {
        var (exitCode, output, _) = await EveryOptionTests.RunAsync(
            ["probe", Nobody(), "--name", "alice", "--password-file", files.In("password"), "--json", "--junit", files.In("report.xml"), "--html", files.In("report.html")]);
        Assert.Equal(1, exitCode);
        using var json = JsonDocument.Parse(output);
        Assert.False(json.RootElement.GetProperty("holds").GetBoolean());
        Assert.NotEmpty(XDocument.Load(files.In("report.xml")).Descendants("failure"));
        Assert.Contains("Nobody could be reached there.", File.ReadAllText(files.In("report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_peers_have_a_line_each_with_what_they_are_called()
    {
        File.WriteAllText(files.In("class.txt"), $"# the class\n{Nobody()} Ada\n\n  {Nobody()}   Blaise Pascal \n");
        var (exitCode, output, _) = await EveryOptionTests.RunAsync(["probe", "--many", files.In("class.txt"), "--name", "alice", "--password-file", files.In("password")]);
        Assert.Equal(1, exitCode);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains(" Ada ", lines[0], StringComparison.Ordinal);
        Assert.Contains(" Blaise Pascal  does not  ", lines[1], StringComparison.Ordinal);
    }

    // A port that was free a moment ago.
    private static string Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
