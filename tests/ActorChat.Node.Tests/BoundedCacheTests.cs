// The bounded cache, compared with a list that does the same slowly.

using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests;

public sealed class BoundedCacheTests
{
    [Property(MaxTest = 500)]
    public Property A_cache_never_outgrows_its_bound_and_the_least_recently_used_goes_first()
    {
        var capacities = Gen.Choose(1, 5);
        var keys = Gen.ListOf(Gen.Choose(0, 8));
        return Prop.ForAll(Arb.From(capacities.Zip(keys)), @case =>
        {
            var (capacity, uses) = @case;
            var cache = new BoundedCache<int, string>(capacity);
            var model = new List<int>(); // by use, the oldest first
            foreach (var key in uses)
            {
                var isKnown = cache.TryGet(key, out var value);
                Assert.Equal(model.Remove(key), isKnown);
                Assert.Equal(isKnown ? $"{key}" : null, value);
                model.Add(key);
                if (!isKnown)
                {
                    var removed = model.Count > capacity ? $"{model[0]}" : null;
                    Assert.Equal(removed, cache.Add(key, $"{key}"));
                    model.RemoveRange(0, Math.Max(0, model.Count - capacity));
                }

                Assert.Equal(model.Select(known => $"{known}"), cache.Values);
            }
        });
    }

    [Fact]
    public void A_key_that_is_there_already_is_not_added_again()
    {
        var cache = new BoundedCache<string, int>(2);
        cache.Add("a", 1);
        Assert.Throws<ArgumentException>(() => cache.Add("a", 2));
        Assert.True(cache.TryGet("a", out var value));
        Assert.Equal(1, value);
    }
}
