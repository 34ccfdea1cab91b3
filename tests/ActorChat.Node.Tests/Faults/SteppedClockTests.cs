// The wall clock is set forward or back by an hour while a node is running. While the two clocks differ nothing gets through, and the users
// are told why. Nothing else depends on the wall clock.

using ActorChat.Node.Consoles;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Node.Tests.Faults;

public sealed class SteppedClockTests : IDisposable
{
    private const string Password = "a long secret that only alice and bob know";
    private const int TextsPerMinute = 8;

    private static readonly TimeSpan ShortDeadline = TimeSpan.FromSeconds(3);

    private static readonly string FewTexts = $$"""
        actorchat.texts { per-minute = {{TextsPerMinute}}, max-wait = 1 ms }

        """;

    private static readonly FailureKind[] DeadlinePassed =
    [
        FailureKind.NoAnswerInTime, FailureKind.NoConnectionInTime, FailureKind.SilentAfterCall, FailureKind.KeysNotConfirmed, FailureKind.ClosedAtOnce, FailureKind.ConnectionLost,
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly SetClock _alicesClock = new();
    private readonly SetClock _bobsClock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // In both directions alice's deadline passes first. So she knows that bob was silent, and he knows only that she hung up.
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task While_the_clocks_differ_nothing_gets_through_and_it_is_said_why(int hours)
    {
        await using var pair = await StartAsync($"actorchat.conversation.handshake-deadline = {ShortDeadline.TotalSeconds} s\n");
        var (alice, bob) = (pair.Alice, pair.Bob);
        _bobsClock.Set(TimeSpan.FromHours(hours));
        var sent = await Task.WhenAll(alice.TellAsync("bob", "not now"), bob.TellAsync("alice", "not now"));
        Assert.All(sent, told => Assert.Equal(Outcome.NotDelivered, told.Outcome));
        Assert.Equal(FailureKind.SilentAfterCall, sent[0].Failure!.Kind);
        Assert.Contains("its clock may be more than 25 seconds from ours", sent[0].Failure!.InWords(), StringComparison.Ordinal);
        Assert.Equal(FailureKind.ClosedAtOnce, sent[1].Failure!.Kind);

        _bobsClock.Set(TimeSpan.Zero);
        await AssertTalkAsync(alice, bob, "hello again");
        foreach (var node in new[] { alice, bob })
        {
            var log = await node.StopAsync();
            Assert.Equal(["hello", "hello again"], log.Where(record => record.Direction == LogDirection.Received).Select(record => record.Text));
            var notNow = Assert.Single(log, record => record.Text == "not now").MessageId;
            Assert.Equal([null, LogOutcome.NotDelivered], log.Where(record => record.MessageId == notNow).Select(record => record.Outcome));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_is_set_in_the_middle_of_a_conversation_ends_that_one_only(int hours)
    {
        const int halfWay = 900;
        await using var pair = await StartAsync();
        await using var initiator = new Initiator("alice", Password);
        Assert.Equal(Outcome.Delivered, (await initiator.SendAsync("bob", pair.Bob.Port, new TextMessage(Guid.NewGuid(), "before"))).Outcome); // so that Argon2id is done before a short deadline runs
        var released = new TaskCompletionSource();
        await using var line = new FaultProxy(pair.Bob.Port) { Next = new Fault(FaultKind.Delay, IsFromResponder: false, halfWay), DelayUntil = released.Task };
        var services = initiator.Services with { Settings = initiator.Services.Settings with { HandshakeDeadline = ShortDeadline } };
        var sending = initiator.SendAsync("bob", line.Port, new TextMessage(Guid.NewGuid(), "meanwhile"), services);
        Assert.True(SpinWait.SpinUntil(() => line.HasHappened, Support.ScriptedConsole.Patience));
        _bobsClock.Set(TimeSpan.FromHours(hours));
        released.SetResult();
        Assert.Equal(Outcome.NotDelivered, (await sending).Outcome);
        _bobsClock.Set(TimeSpan.Zero);
        await AssertTalkAsync(pair.Alice, pair.Bob, "hello again");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Where_both_are_set_nobody_notices_and_no_limit_begins_anew(int hours)
    {
        await using var pair = await StartAsync();
        var (alice, bob) = (pair.Alice, pair.Bob);
        for (var i = 1; i < TextsPerMinute; i++)
        {
            Assert.Equal(Outcome.Delivered, (await alice.TellAsync("bob", $"text {i}")).Outcome);
        }

        Assert.Equal(Outcome.Rejected, (await alice.TellAsync("bob", "one too many")).Outcome);
        _alicesClock.Set(TimeSpan.FromHours(hours));
        _bobsClock.Set(TimeSpan.FromHours(hours));
        Assert.Equal(Outcome.Rejected, (await alice.TellAsync("bob", "still one too many")).Outcome);
        Assert.Equal(Outcome.Delivered, (await bob.TellAsync("alice", "as before")).Outcome);

        // The texts stand in the log in the order in which they were written, and the time jumps where the clock was set.
        var log = await bob.StopAsync();
        var delivered = log.Where(record => record.Direction == LogDirection.Received).ToList();
        Assert.Equal(["hello", .. Enumerable.Range(1, TextsPerMinute - 1).Select(i => $"text {i}")], delivered.Select(record => record.Text));
        Assert.Equal(hours, Math.Round((log[^1].Time - delivered[^1].Time).TotalHours));
    }

    // alice starts first. bob is told her port, and her directory file is written again when bob's port is known.
    private async Task<Pair> StartAsync(string alicesSettings = "")
    {
        var alice = await InProcessNode.StartAsync(_folder, "alice", "[]", FewTexts + alicesSettings, _alicesClock);
        var bob = await InProcessNode.StartAsync(_folder, "bob", InProcessNode.Contact("alice", Password, alice.Port), FewTexts, _bobsClock);
        File.WriteAllText(Path.Combine(_folder, "alice.json"), InProcessNode.Contact("bob", Password, bob.Port));
        await alice.Console.WaitFor<NodeEvent.Notice>(notice => notice.Message.Contains("loaded again", StringComparison.Ordinal));
        await AssertTalkAsync(alice, bob, "hello");
        return new Pair(alice, bob);
    }

    private static Task AssertTalkAsync(InProcessNode alice, InProcessNode bob, string text) =>
        Task.WhenAll(AssertReachesAsync(alice, "bob", text), AssertReachesAsync(bob, "alice", text));

    // On a busy machine a short deadline may pass at either end. The message was then not delivered, and is sent again.
    private static async Task AssertReachesAsync(InProcessNode node, string to, string text)
    {
        const int attempts = 20;
        var told = await node.TellAsync(to, text);
        for (var i = 1; i < attempts && told.Outcome == Outcome.NotDelivered && DeadlinePassed.Contains(told.Failure!.Kind); i++)
        {
            told = await node.TellAsync(to, text);
        }

        Assert.True(told.Outcome == Outcome.Delivered, $"{told}");
    }

    private sealed record Pair(InProcessNode Alice, InProcessNode Bob) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Alice.DisposeAsync();
            await Bob.DisposeAsync();
        }
    }
}
