// How many texts a contact may send, and how long the next ones wait.

using ActorChat.Node.Limits;

namespace ActorChat.Node.Tests.Limits;

public sealed class TextRatesTests
{
    private readonly TextRates _rates = new(perMinute: 60, remembered: 2);

    [Fact]
    public void A_minutes_texts_may_come_at_once_and_the_next_wait_their_turn()
    {
        Assert.Equal(0, Take("alice", 60));
        Assert.Equal(1, Take("alice", 1));
        Assert.Equal(4, Take("alice", 3));
        Assert.Equal(0, Take("bob", 1)); // bob has a rate of his own
    }

    [Fact]
    public void What_was_not_stored_is_given_back()
    {
        Take("alice", 60);
        Take("alice", 3);
        _rates.GiveBack("alice", 3);
        Assert.Equal(1, Take("alice", 1));
    }

    [Fact]
    public void Of_the_contact_that_wrote_the_longest_time_ago_nothing_is_remembered_beyond_the_bound()
    {
        Array.ForEach(["alice", "bob", "carol"], name => Take(name, 60));
        Assert.Equal(1, Take("carol", 1));
        Assert.Equal(0, Take("alice", 1));
    }

    private double Take(string name, int texts) => _rates.Take(name, texts, TimeSpan.Zero).TotalSeconds;
}
