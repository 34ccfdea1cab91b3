// Connections from nobody in particular: a port on a network gets them every day. The node goes on, and its log stays readable.

using System.Globalization;
using System.Text;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

/// <summary>alice and bob, where bob gives a handshake a few seconds.</summary>
public sealed class StrangersAtBobs : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private NodeProcess[] _nodes = [];

    internal NodeProcess Alice => _nodes[0];

    internal NodeProcess Bob => _nodes[1];

    public async Task InitializeAsync()
    {
        _nodes = await Nodes.StartAsync(
            _folder,
            Plan.Knows("alice", "bob"),
            Plan.Knows("bob", "alice") with { Config = "actorchat.conversation.handshake-deadline = 5 s" });
        await Nodes.AssertReachesAsync(Bob, Alice);
    }

    public async Task DisposeAsync()
    {
        await Nodes.StopAsync(_nodes);
        _folder.Dispose();
    }
}

public sealed class StrangerTests(StrangersAtBobs nodes) : IClassFixture<StrangersAtBobs>
{
    private static readonly string HalfAPdu = "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 17000";

    /// <summary>What a stranger says, and whether it then hangs up, vanishes or stays.</summary>
    public static TheoryData<string, string, string> Calls => new()
    {
        { "nothing", "", "hangs up" },
        { "nothing", "", "vanishes" },
        { "half a PDU", HalfAPdu, "hangs up" },
        { "half a PDU", HalfAPdu, "vanishes" },
        { "white space", new string('\n', 100_000), "hangs up" },
        { "a web request", "GET / HTTP/1.1\r\nHost: bob\r\n\r\n", "stays" },
        { "a TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001", "stays" },
        { "an object that is no PDU", "{}", "stays" },
        { "a list", "[]", "stays" },
        { "a PDU for later", "{\"header\": {\"msg_type\": \"hello\", \"timestamp\": 1.5, \"crc\": 0}, \"body\": null}", "stays" },
        { "deep nesting", string.Concat(Enumerable.Repeat("{\"a\":", 2_000)) + "1" + new string('}', 2_000), "stays" },
        { "16 KiB and one byte", "{\"header\": \"" + new string('x', (16 << 10) - 13) + "\"}", "stays" },
        { "a megabyte without an end", "{\"header\": \"" + new string('x', 1 << 20), "stays" },
        { "a thousand objects", string.Concat(Enumerable.Repeat("{} ", 1_000)), "stays" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_stranger_is_left_behind_and_the_node_works_on(string what, string says, string then)
    {
        Assert.NotEmpty(what);
        Assert.Equal("", await CallAsync(nodes.Bob.Port, says, then));
        await Nodes.AssertTalkAsync(nodes.Alice, nodes.Bob);
    }

    [Fact]
    public async Task Who_stays_and_says_nothing_more_is_hung_up_on_at_the_deadline()
    {
        var answers = await Task.WhenAll(CallAsync(nodes.Bob.Port, "", "stays"), CallAsync(nodes.Bob.Port, HalfAPdu, "stays"));
        Assert.Equal(["", ""], answers);
        await Nodes.AssertTalkAsync(nodes.Alice, nodes.Bob);
    }

    [Fact]
    public async Task Random_bytes_do_no_harm()
    {
        var bytes = new byte[4096];
        new Random(Seed: 1).NextBytes(bytes);
        await using var stranger = await Stranger.CallAsync(nodes.Bob.Port);
        await stranger.SendAsync(bytes);
        Assert.Equal("", await stranger.HearToTheEndAsync());
        await Nodes.AssertTalkAsync(nodes.Alice, nodes.Bob);
    }

    [Fact]
    public async Task A_stranger_costs_the_log_one_line_a_second_at_most()
    {
        using var folder = new TemporaryFolder();
        var directory = folder.WriteDirectory("bob.json", new Entry("alice", "any", 5001));
        var config = folder.Write("bob.conf", "actorchat { conversation.pdu-deadline = 1 s \n listen.max-unauthenticated-per-address = 100 \n stop-deadline = 60 s }");
        await using var bob = await NodeProcess.Start(folder, "--json", "--port", "0", "--name", "bob", "--directory", directory, "--config", config).ListeningAsync();

        await Task.WhenAll(Calls.Select(call => CallAsync(bob.Port, (string)call[1], (string)call[2])).Append(CallAsync(bob.Port, HalfAPdu, "stays")));
        bob.CloseInput();
        Assert.Equal(0, await bob.ExitAsync());
        Assert.NotEmpty(bob.Errors.Items);
        Assert.All(bob.Errors.Items, line => Assert.Matches("^[0-9: .-]+ WRN 127\\.0\\.0\\.1:[0-9]+ in AwaitingDh1: ", line));
        var times = bob.Errors.Items.Select(line => DateTime.ParseExact(line[..23], "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)).ToArray();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First > TimeSpan.FromSeconds(0.9), "two lines in one second"));
        Assert.Single(bob.Output.Items); // that it listens
    }

    [Fact]
    public async Task More_connections_than_are_allowed_are_closed_and_those_there_are_stay()
    {
        using var folder = new TemporaryFolder();
        var directory = folder.WriteDirectory("bob.json", new Entry("alice", "any", 5001));
        var config = folder.Write("bob.conf", "actorchat.listen.max-connections = 2 \n actorchat.stop-deadline = 1 ms");
        await using var bob = await NodeProcess.Start(folder, "--json", "--port", "0", "--name", "bob", "--directory", directory, "--config", config).ListeningAsync();
        await using var first = await Stranger.CallAsync(bob.Port);
        await using var second = await Stranger.CallAsync(bob.Port);
        await using var third = await Stranger.CallAsync(bob.Port);
        Assert.Equal("", await third.HearToTheEndAsync());
        await first.SendAsync("{}");
        Assert.Equal("", await first.HearToTheEndAsync());
        bob.CloseInput();
        Assert.Equal(0, await bob.ExitAsync());
        Assert.Contains(bob.Errors.Items, line => line.EndsWith("refused, 2 connections are open", StringComparison.Ordinal));
    }

    // Gives what the node answered; waits until it has hung up where the stranger stays.
    private static async Task<string> CallAsync(int port, string says, string then)
    {
        await using var stranger = await Stranger.CallAsync(port);
        await stranger.SendAsync(Encoding.Latin1.GetBytes(says));
        if (then == "stays")
        {
            return await stranger.HearToTheEndAsync();
        }

        if (then == "vanishes")
        {
            stranger.Vanish();
        }

        return "";
    }
}
