// The token bucket: it never gives more than its capacity and rate allow, and it loses no token.

using ActorChat.Node.Limits;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests.Limits;

public sealed class TokenBucketTests
{
    private static readonly TimeSpan Start = TimeSpan.FromDays(3);

    [Fact]
    public void A_full_bucket_gives_its_capacity_at_once_and_then_one_at_a_time()
    {
        var bucket = new TokenBucket(perSecond: 2, capacity: 3);
        Assert.Equal(3, TakeAll(bucket, Start));
        Assert.Equal(0, TakeAll(bucket, Start + TimeSpan.FromMilliseconds(499)));
        Assert.Equal(1, TakeAll(bucket, Start + TimeSpan.FromMilliseconds(501)));
        Assert.Equal(3, TakeAll(bucket, Start + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void On_credit_each_waits_for_those_before_it()
    {
        var bucket = new TokenBucket(perSecond: 10, capacity: 1);
        Assert.Equal([0, 100, 200, 300], Enumerable.Range(0, 4).Select(_ => bucket.Take(Start).TotalMilliseconds));
        Assert.False(bucket.HasToken(Start + TimeSpan.FromMilliseconds(390)));
        Assert.True(bucket.HasToken(Start + TimeSpan.FromMilliseconds(410)));
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_and_never_overflows()
    {
        var bucket = new TokenBucket(perSecond: 1, capacity: 2);
        bucket.GiveBack();
        Assert.Equal(2, TakeAll(bucket, Start));
        bucket.GiveBack();
        Assert.Equal(1, TakeAll(bucket, Start));
    }

    [Property]
    public bool In_any_time_it_gives_no_more_than_its_capacity_and_what_came_in(FsCheck.PositiveInt rate, FsCheck.PositiveInt capacity, FsCheck.NonNegativeInt[] pauses)
    {
        ArgumentNullException.ThrowIfNull(pauses);
        var bucket = new TokenBucket(rate.Get, capacity.Get);
        var now = Start;
        var taken = 0;
        foreach (var pause in pauses)
        {
            now += TimeSpan.FromMilliseconds(pause.Get * 10);
            taken += TakeAll(bucket, now);
        }

        var most = capacity.Get + (rate.Get * (now - Start).TotalSeconds);
        return pauses.Length == 0 || (taken <= most + 0.001 && taken >= Math.Min(capacity.Get, most) - 0.001);
    }

    private static int TakeAll(TokenBucket bucket, TimeSpan now)
    {
        var taken = 0;
        while (bucket.HasToken(now))
        {
            bucket.Take(now);
            taken++;
        }

        return taken;
    }
}
