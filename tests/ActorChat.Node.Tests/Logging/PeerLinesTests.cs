// How many lines of the diagnostic log peers can cause.

using ActorChat.Node.Logging;

namespace ActorChat.Node.Tests.Logging;

public sealed class PeerLinesTests
{
    private static readonly TimeSpan Start = TimeSpan.FromDays(3);

    [Fact]
    public void Of_one_peer_there_is_one_line_in_a_second()
    {
        var lines = new PeerLines(maxPerSecond: 100);
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(i => lines.Allows(new Peer("192.0.2.1", $"192.0.2.1:{i}"), Start)));
        Assert.True(lines.Allows(Of("192.0.2.2"), Start));
        Assert.False(lines.Allows(Of("192.0.2.1"), Start + TimeSpan.FromMilliseconds(999)));
        Assert.True(lines.Allows(Of("192.0.2.1"), Start + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Of_all_peers_together_there_are_so_many_in_a_second()
    {
        var lines = new PeerLines(maxPerSecond: 20);
        Assert.Equal(20, Enumerable.Range(0, 1000).Count(i => lines.Allows(Of($"peer {i}"), Start)));
        Assert.Equal(20, Enumerable.Range(1000, 1000).Count(i => lines.Allows(Of($"peer {i}"), Start + TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public void What_is_left_out_is_counted_once()
    {
        var lines = new PeerLines(maxPerSecond: 1);
        for (var i = 0; i < 5; i++)
        {
            lines.Allows(Of($"peer {i}"), Start);
        }

        Assert.Equal((4, 0), (lines.TakeLeftOut(), lines.TakeLeftOut()));
    }

    private static Peer Of(string key) => new(key, key);
}
