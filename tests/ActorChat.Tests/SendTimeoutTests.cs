// "--timeout" is the time for everything: what was spent on waiting for another process's turn is not there for the conversation.

using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Node.Control;
using Microsoft.Extensions.Time.Testing;

namespace ActorChat.Tests;

public sealed class SendTimeoutTests
{
    private static readonly TimeSpan EachTurn = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<TimeSpan> _given = [];

    [Fact]
    public async Task What_another_process_took_is_taken_off()
    {
        var reports = await DeliverAsync(busyFor: TimeSpan.FromSeconds(6));
        Assert.Equal("delivered", Assert.Single(reports).InWords()["bob: ".Length..]);
        Assert.Equal(TimeSpan.FromSeconds(10), _given[0]);
        Assert.True(_given.Count > 1);
        Assert.All(_given.Index(), attempt => Assert.True(attempt.Item <= TimeSpan.FromSeconds(10) - (attempt.Index * EachTurn)));
    }

    [Fact]
    public async Task When_it_is_over_the_reason_is_told() =>
        Assert.Equal("in use", (await Assert.ThrowsAsync<SettingsException>(() => DeliverAsync(busyFor: TimeSpan.FromSeconds(60)))).Message);

    private async Task<IReadOnlyList<SendCommand.Report>> DeliverAsync(TimeSpan busyFor)
    {
        var (config, settings) = NodeSettings.Load(null);
        var bob = new Recipient("bob", "bob", "bob", "127.0.0.1", 1, "any", "alice");
        var state = Path.Combine(Path.GetTempPath(), $"actorchat-no-such-{Guid.NewGuid():N}");
        var call = new ContactCommand.Call([bob], "alice", IsListed: true, state, IsDefaultState: false, Passphrase: null, TimeSpan.FromSeconds(10), settings, config);
        var start = _clock.GetTimestamp();
        var sending = SendCommand.DeliverAsync(call, "hi", OneShotAsync, _clock);
        while (!sending.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await sending;

        Task<OneShot.Result> OneShotAsync(NodeOptions node, TimeSpan timeout)
        {
            _given.Add(timeout);
            _clock.Advance(EachTurn);
            return Task.FromResult(new OneShot.Result(_clock.GetElapsedTime(start) < busyFor
                ? [new NodeEvent.Problem("in use") { IsInUse = true }]
                : [new NodeEvent.MessageStarted(Guid.Empty, "bob", "hi"), new NodeEvent.MessageSent("bob", null, Guid.Empty, Outcome.Delivered, null, null)]));
        }
    }
}
