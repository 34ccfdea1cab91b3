// Connections from strangers, as every port on a network gets them. The node goes on, and its diagnostic log stays readable.

using System.Diagnostics;
using System.Net;
using System.Text;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

/// <summary>alice and bob, who have all the time they need.</summary>
public sealed class StrangersAtBobs : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private NodeProcess[] _nodes = [];

    internal NodeProcess Alice => _nodes[0];

    internal NodeProcess Bob => _nodes[1];

    public async Task InitializeAsync() => _nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bob"), Plan.Knows("bob", "alice"));

    public async Task DisposeAsync()
    {
        await Nodes.StopAsync(_nodes);
        _folder.Dispose();
    }
}

public sealed class StrangerTests(StrangersAtBobs nodes) : IClassFixture<StrangersAtBobs>
{
    private static readonly string HalfAPdu = "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 17000";

    private static int _lastAddress;

    /// <summary>What a stranger says, whether it then hangs up, vanishes or stays, and what the node's log says of it.</summary>
    public static TheoryData<string, string, string, string?> Calls => new()
    {
        { "nothing", "", "hangs up", null },
        { "nothing", "", "vanishes", null },
        { "half a PDU", HalfAPdu, "hangs up", null },
        { "half a PDU", HalfAPdu, "vanishes", null },
        { "white space", new string('\n', 100_000), "hangs up", null },
        { "a web request", "GET / HTTP/1.1\r\nHost: bob\r\n\r\n", "stays", "Malformed" },
        { "a TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001", "stays", "Malformed" },
        { "an object that is no PDU", "{}", "stays", "Malformed" },
        { "a list", "[]", "stays", "Malformed" },
        { "a PDU for later", "{\"header\": {\"msg_type\": \"hello\", \"timestamp\": 1.5, \"crc\": 0}, \"body\": null}", "stays", "Malformed" },
        { "deep nesting", string.Concat(Enumerable.Repeat("{\"a\":", 2_000)) + "1" + new string('}', 2_000), "stays", "Malformed" },
        { "16 KiB and one byte", "{\"header\": \"" + new string('x', (16 << 10) - 13) + "\"}", "stays", "Malformed" },
        { "a megabyte without an end", "{\"header\": \"" + new string('x', 1 << 20), "stays", "Malformed" },
        { "a thousand objects", string.Concat(Enumerable.Repeat("{} ", 1_000)), "stays", "Malformed" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_stranger_is_left_behind_and_the_node_works_on(string what, string says, string then, string? verdict)
    {
        var from = NextAddress();
        Assert.Equal("", await CallAsync(nodes.Bob.Port, says, then, from));
        if (verdict is not null)
        {
            await AssertSaysAsync(nodes.Bob, from, verdict);
        }

        await Nodes.AssertTalkAsync(nodes.Alice, nodes.Bob);
        var lines = nodes.Bob.Errors.Items.Count(line => line.Contains($" {from}:", StringComparison.Ordinal));
        Assert.True(OperatingSystem.IsMacOS() || lines == (verdict is null ? 0 : 1), $"{what}: {lines} lines");
    }

    [Fact]
    public async Task A_stranger_who_says_nothing_more_is_hung_up_on_at_the_deadline()
    {
        using var folder = new TemporaryFolder();
        await using var bob = await StartBobAsync(
            folder, nodes.Alice.Port, "actorchat.conversation { handshake-deadline = 60 s, text-deadline = 60 s, pdu-deadline = 1 s }");
        var (silent, halting) = (NextAddress(), NextAddress());
        Assert.Equal(["", ""], await Task.WhenAll(CallAsync(bob.Port, "", "stays", silent), CallAsync(bob.Port, HalfAPdu, "stays", halting)));
        await AssertSaysAsync(bob, silent, "no answer in time");
        await AssertSaysAsync(bob, halting, "no answer in time");
        Assert.Equal("delivered", (await bob.TellAsync("alice", "still here")).Outcome);
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
        await using var bob = await StartBobAsync(
            folder, 5001, "actorchat { conversation.pdu-deadline = 1 s \n listen.max-unauthenticated-per-address = 100 \n stop-deadline = 60 s }");

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Calls.Select(call => CallAsync(bob.Port, (string)call[1]!, (string)call[2]!)).Append(CallAsync(bob.Port, HalfAPdu, "stays")));
        bob.CloseInput();
        Assert.Equal(0, await bob.ExitAsync());
        Assert.InRange(bob.Errors.Items.Count, 1, 1 + (int)watch.Elapsed.TotalSeconds);
        Assert.All(bob.Errors.Items, line => Assert.Matches("^[0-9: .-]+ WRN 127\\.0\\.0\\.1:[0-9]+ in AwaitingDh1: ", line));
        Assert.Single(bob.Output.Items); // that it listens
    }

    [Fact]
    public async Task More_connections_than_are_allowed_are_closed_and_those_there_are_stay()
    {
        using var folder = new TemporaryFolder();
        await using var bob = await StartBobAsync(folder, 5001, "actorchat.listen.max-connections = 2 \n actorchat.stop-deadline = 1 ms");
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

    // At most one line a second is written about one peer, so each stranger whose line a test wants to see calls from an address of its own.
    // macOS has only one loopback address.
    private static IPAddress NextAddress() =>
        OperatingSystem.IsMacOS() ? IPAddress.Loopback : new IPAddress([127, 0, 1, checked((byte)Interlocked.Increment(ref _lastAddress))]);

    private static async Task AssertSaysAsync(NodeProcess node, IPAddress peer, string verdict)
    {
        if (!OperatingSystem.IsMacOS())
        {
            var lines = await node.Errors.WaitAsync(line => line.Contains($" WRN {peer}:", StringComparison.Ordinal), 1, NodeProcess.Patience);
            Assert.EndsWith($" in AwaitingDh1: {verdict}", Assert.Single(lines!), StringComparison.Ordinal);
        }
    }

    private static Task<NodeProcess> StartBobAsync(TemporaryFolder folder, int alicesPort, string config) => NodeProcess.Start(
        folder,
        "--json", "--port", "0", "--name", "bob",
        "--directory", folder.WriteDirectory("bob.json", new Entry("alice", Entry.Secret("alice", "bob"), alicesPort)),
        "--config", folder.Write("bob.conf", config)).ListeningAsync();

    // Returns what the node answered. If the stranger stays, it waits until the node hangs up.
    private static async Task<string> CallAsync(int port, string says, string then, IPAddress? from = null)
    {
        await using var stranger = await Stranger.CallAsync(port, from);
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
