// What a stopping node cuts off: at the stop deadline, or at a second signal. Each message still has its outcome.

using System.Diagnostics;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class StopDeadlineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task A_message_that_waits_behind_another_is_said_not_to_be_delivered()
    {
        await using var silent = Impostor.Silent();
        await using var alice = await StartAsync("stop-deadline = 1 s \n conversation.handshake-deadline = 1 h", silent);
        await alice.SendAsync("silent", "under way");
        var second = await alice.SendAsync("silent", "waiting for the first");
        await alice.TellAsync("nobody", "when this is answered, both lines before it have been read");

        alice.Signal(Signal.Terminate);
        var waiting = Assert.Single(await alice.OutcomesAsync(second));
        Assert.Equal(("not_delivered", "this node was stopping"), (waiting.Outcome, waiting.Reason));
        Assert.Equal(0, await alice.ExitAsync());
    }

    [UnixFact]
    public async Task The_stop_deadline_ends_what_will_not_end()
    {
        await using var silent = Impostor.Silent();
        await using var alice = await StartAsync("stop-deadline = 1 s \n conversation.handshake-deadline = 1 h", silent);
        await using var stranger = await Stranger.CallAsync(alice.Port);
        await stranger.SendAsync("{");
        await alice.SendAsync("silent", "under way");
        await alice.TellAsync("nobody", "when this is answered, the line before it has been read");

        var watch = Stopwatch.StartNew();
        alice.Signal(Signal.Terminate);
        Assert.Equal(0, await alice.ExitAsync());
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(0.9), $"it ended after {watch.Elapsed}");
        Assert.Equal("", await stranger.HearToTheEndAsync());
    }

    [UnixTheory]
    [InlineData("1 s", (int)Signal.Terminate, 1)]
    [InlineData("1 h", (int)Signal.Terminate, 2)]
    [InlineData("1 h", (int)Signal.Interrupt, 2)]
    public async Task A_message_that_the_stop_deadline_or_a_second_signal_cuts_off_has_its_outcome_too(string stopDeadline, int signal, int times)
    {
        await using var silent = Impostor.Silent();
        await using var alice = await StartAsync($"stop-deadline = {stopDeadline} \n conversation.handshake-deadline = 1 h", silent);
        var reference = await alice.SendAsync("silent", "under way");
        await alice.TellAsync("nobody", "when this is answered, the line before it has been read");
        for (var i = 0; i < times; i++)
        {
            alice.Signal((Signal)signal);
            await Stranger.UntilTurnedAwayAsync(alice.Port);
        }

        Assert.Equal(0, await alice.ExitAsync());
        Assert.Equal("not_delivered", Assert.Single(await alice.OutcomesAsync(reference)).Outcome);
    }

    private Task<NodeProcess> StartAsync(string settings, Impostor silent)
    {
        var directory = _folder.WriteDirectory("directory.json", new Entry("silent", "any", silent.Port));
        var config = _folder.Write("node.conf", $"actorchat {{ outbox.keep = 0 \n {settings} }}");
        return NodeProcess.Start(_folder, "--json", "--port", "0", "--name", "alice", "--directory", directory, "--config", config).ListeningAsync();
    }
}
