// The wall clock is set by an hour, either way, while a node is running. As long as the two clocks differ nothing gets through, and the users
// read why; nothing else depends on it.

using System.Diagnostics;
using ActorChat.Node.Consoles;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Node.Tests.Faults;

public sealed class SteppedClockTests : IAsyncLifetime
{
    private const string Password = "a long secret that only alice and bob know";
    private const int HandshakeDeadline = 3;
    private const int TextsPerMinute = 8;

    // alice's patience ends first, in both directions: then she knows what bob's silence means, and he only that she hung up.
    private const string BobsPatience = "actorchat.conversation.handshake-deadline = 20 s\n";

    private static readonly string Settings = $$"""
        actorchat.conversation.handshake-deadline = {{HandshakeDeadline}} s
        actorchat.texts { per-minute = {{TextsPerMinute}}, max-wait = 1 ms }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly SetClock _alicesClock = new();
    private readonly SetClock _bobsClock = new();
    private InProcessNode _alice = null!;
    private InProcessNode _bob = null!;

    public async Task InitializeAsync()
    {
        // bob finds alice through a line that is laid to her when her port is known.
        _alice = await InProcessNode.StartAsync(_folder, "alice", "[]", Settings, _alicesClock);
        _bob = await InProcessNode.StartAsync(_folder, "bob", InProcessNode.Contact("alice", Password, _alice.Port), Settings + BobsPatience, _bobsClock);
        File.WriteAllText(Path.Combine(_folder, "alice.json"), InProcessNode.Contact("bob", Password, _bob.Port));
        await _alice.Console.WaitFor<NodeEvent.Notice>(notice => notice.Message.Contains("loaded again", StringComparison.Ordinal));
        await AssertTalkAsync();
    }

    public async Task DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task While_the_clocks_differ_nothing_gets_through_and_it_is_said_why(int hours)
    {
        _bobsClock.Set(TimeSpan.FromHours(hours));
        var waiting = Stopwatch.StartNew();
        var sent = await Task.WhenAll(_alice.TellAsync("bob", "not now"), _bob.TellAsync("alice", "not now"));
        Assert.True(waiting.Elapsed > TimeSpan.FromSeconds(HandshakeDeadline - 1), $"told after {waiting.Elapsed}");
        Assert.All(sent, told => Assert.Equal(Outcome.NotDelivered, told.Outcome));
        Assert.Contains("compare both clocks", sent[0].Failure!.InWords(), StringComparison.Ordinal);
        Assert.Equal(FailureKind.ConnectionLost, sent[1].Failure!.Kind);

        _bobsClock.Set(TimeSpan.Zero);
        await AssertTalkAsync();
        foreach (var node in new[] { _alice, _bob })
        {
            var log = await node.StopAsync();
            Assert.Equal(["hello", "hello again"], log.Where(record => record.Direction == LogDirection.Received).Select(record => record.Text));
            Assert.Equal([LogOutcome.Delivered, LogOutcome.NotDelivered, LogOutcome.Delivered], log.Select(record => record.Outcome).OfType<LogOutcome>());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_is_set_in_the_middle_of_a_conversation_ends_that_one_only(int hours)
    {
        const int halfWay = 900;
        await using var initiator = new Initiator("alice", Password);
        var released = new TaskCompletionSource();
        await using var line = new FaultProxy(_bob.Port) { Next = new Fault(FaultKind.Delay, IsFromResponder: false, halfWay), DelayUntil = released.Task };
        var services = initiator.Services with { Settings = initiator.Services.Settings with { HandshakeDeadline = TimeSpan.FromSeconds(HandshakeDeadline) } };
        var sending = initiator.SendAsync("bob", line.Port, new TextMessage(Guid.NewGuid(), "meanwhile"), services);
        Assert.True(SpinWait.SpinUntil(() => line.HasHappened, Support.ScriptedConsole.Patience));
        _bobsClock.Set(TimeSpan.FromHours(hours));
        released.SetResult();
        Assert.Equal(Outcome.NotDelivered, (await sending).Outcome);
        _bobsClock.Set(TimeSpan.Zero);
        await AssertTalkAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Where_both_are_set_nobody_notices_and_no_limit_begins_anew(int hours)
    {
        for (var i = 1; i < TextsPerMinute; i++)
        {
            Assert.Equal(Outcome.Delivered, (await _alice.TellAsync("bob", $"text {i}")).Outcome);
        }

        Assert.Equal(Outcome.Rejected, (await _alice.TellAsync("bob", "one too many")).Outcome);
        _alicesClock.Set(TimeSpan.FromHours(hours));
        _bobsClock.Set(TimeSpan.FromHours(hours));
        Assert.Equal(Outcome.Rejected, (await _alice.TellAsync("bob", "still one too many")).Outcome);
        Assert.Equal(Outcome.Delivered, (await _bob.TellAsync("alice", "as before")).Outcome);

        // In the order in which they were written, each with the time that was shown.
        var log = await _bob.StopAsync();
        var delivered = log.Where(record => record.Direction == LogDirection.Received).ToList();
        Assert.Equal(["hello", .. Enumerable.Range(1, TextsPerMinute - 1).Select(i => $"text {i}")], delivered.Select(record => record.Text));
        Assert.Equal(hours, Math.Round((log[^1].Time - delivered[^1].Time).TotalHours));
    }

    private async Task AssertTalkAsync()
    {
        var text = _alice.Shown.Any() ? "hello again" : "hello";
        var sent = await Task.WhenAll(_alice.TellAsync("bob", text), _bob.TellAsync("alice", text));
        Assert.All(sent, told => Assert.True(told.Outcome == Outcome.Delivered, $"{told}"));
    }
}
