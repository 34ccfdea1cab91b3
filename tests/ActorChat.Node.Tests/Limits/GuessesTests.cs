// How long a guess waits, and who must never have to wait.

using System.Net;
using ActorChat.Node.Limits;

namespace ActorChat.Node.Tests.Limits;

public sealed class GuessesTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("192.0.2.66");
    private static readonly IPAddress Home = IPAddress.Parse("198.51.100.7");
    private static readonly TimeSpan Start = TimeSpan.FromDays(3);

    private readonly Guesses _guesses = new(new GuessLimits(Free: 3, ForgetAfter: TimeSpan.FromMinutes(1), MaxWait: TimeSpan.FromSeconds(5), Remembered: 100));

    [Fact]
    public void A_few_are_free_then_each_waits_twice_as_long_up_to_the_bound() =>
        Assert.Equal([0, 0, 0, 250, 500, 1000, 2000, 4000, 5000, 5000], Enumerable.Range(0, 10).Select(_ => Wait("alice", Attacker)));

    [Fact]
    public void The_bound_holds_after_a_million_guesses()
    {
        for (var i = 0; i < 1_000_000; i++)
        {
            Wait("alice", Attacker);
        }

        Assert.Equal(5000, Wait("alice", Attacker));
    }

    [Fact]
    public void Guesses_at_one_name_count_wherever_they_come_from() =>
        Assert.Equal([0, 0, 0, 250, 500], Enumerable.Range(1, 5).Select(i => Wait("alice", IPAddress.Parse($"192.0.2.{i}"))));

    [Fact]
    public void Guesses_from_one_address_count_whatever_the_name() =>
        Assert.Equal([0, 0, 0, 250, 500], Enumerable.Range(1, 5).Select(i => Wait($"name {i}", Attacker)));

    [Fact]
    public void A_peer_that_knows_the_password_may_come_as_often_as_it_likes()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(0, Wait("alice", Home));
            _guesses.Proved("alice", Home);
        }
    }

    [Fact]
    public void The_real_person_does_not_wait_where_she_has_proved_it_before()
    {
        Assert.Equal(0, Wait("alice", Home));
        _guesses.Proved("alice", Home);
        for (var i = 0; i < 50; i++)
        {
            Wait("alice", Attacker);
        }

        Assert.Equal(0, Wait("alice", Home));
        Assert.Equal(5000, Wait("alice", IPAddress.Parse("203.0.113.1"))); // from another address she waits, and still gets through
    }

    [Fact]
    public void A_guesser_behind_the_same_address_waits_after_a_few_too()
    {
        _ = Wait("alice", Home);
        _guesses.Proved("alice", Home);
        Assert.Equal([0, 0, 0, 250, 500], Enumerable.Range(0, 5).Select(_ => Wait("alice", Home)));
    }

    [Fact]
    public void A_contact_that_proves_its_own_name_takes_back_no_guess_at_another()
    {
        for (var i = 0; i < 5; i++)
        {
            Wait("mallory", Attacker);
            _guesses.Proved("mallory", Attacker);
            Wait("alice", Attacker);
        }

        Assert.Equal(1000, Wait("alice", Attacker));
    }

    [Fact]
    public void Guesses_are_forgotten_one_by_one()
    {
        for (var i = 0; i < 5; i++)
        {
            Wait("alice", Attacker);
        }

        Assert.Equal(250, Wait("alice", Attacker, Start + TimeSpan.FromMinutes(2)));
        Assert.Equal(0, Wait("alice", Attacker, Start + TimeSpan.FromMinutes(60)));
    }

    [Fact]
    public void A_name_that_was_guessed_at_all_night_is_free_again_after_a_few_forget_times()
    {
        for (var i = 0; i < 500; i++)
        {
            Wait("alice", Attacker);
        }

        Assert.Equal(0, Wait("alice", Home, Start + TimeSpan.FromMinutes(7)));
    }

    private double Wait(string name, IPAddress address, TimeSpan? now = null) => _guesses.Guess(name, address, now ?? Start).TotalMilliseconds;
}
