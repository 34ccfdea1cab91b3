// Which connections are let in: each limit by itself, what counts and when, and that strangers take no room from contacts.

using System.Net;
using ActorChat.Node.Limits;

namespace ActorChat.Node.Tests.Limits;

public sealed class AdmissionTests
{
    private static readonly ConnectionLimits Wide = new(1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000);
    private static readonly TimeSpan Start = TimeSpan.FromDays(3);

    public static TheoryData<ConnectionLimits, int, int> Limits => new()
    {
        // the limit, how many of one address it lets in at once, how many of different ones
        { Wide with { Max = 3 }, 3, 3 },
        { Wide with { MaxPerAddress = 3 }, 3, 100 },
        { Wide with { MaxUnauthenticated = 3 }, 3, 3 },
        { Wide with { MaxUnauthenticatedPerAddress = 3 }, 3, 100 },
        { Wide with { HandshakeBurst = 3 }, 3, 3 },
        { Wide with { HandshakeBurstPerAddress = 3 }, 3, 100 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Each_limit_lets_in_so_many_and_refuses_the_next(ConnectionLimits limits, int ofOneAddress, int ofDifferentOnes)
    {
        Assert.Equal(ofOneAddress, CountAdmitted(new Admission(limits), _ => "192.0.2.1"));
        Assert.Equal(ofDifferentOnes, CountAdmitted(new Admission(limits), i => $"192.0.2.{i}"));
    }

    [Fact]
    public void An_authenticated_peer_makes_room_for_strangers_and_counts_in_the_other_limits()
    {
        var admission = new Admission(Wide with { MaxUnauthenticatedPerAddress = 1, MaxPerAddress = 2, HandshakeBurstPerAddress = 1 });
        var first = Admit(admission, "192.0.2.1");
        Assert.NotNull(Refuse(admission, "192.0.2.1"));
        admission.Authenticated(first);
        var second = Admit(admission, "192.0.2.1"); // its handshake was given back, too
        admission.Authenticated(second);
        Assert.Equal("2 connections of this address are open", Refuse(admission, "192.0.2.1"));
        admission.Ended(first, wasAuthenticated: true);
        Admit(admission, "192.0.2.1");
    }

    [Fact]
    public void A_peer_that_leaves_unauthenticated_has_used_up_a_handshake()
    {
        var admission = new Admission(Wide with { HandshakesPerSecondPerAddress = 1, HandshakeBurstPerAddress = 2 });
        admission.Ended(Admit(admission, "192.0.2.1"), wasAuthenticated: false);
        admission.Ended(Admit(admission, "192.0.2.1"), wasAuthenticated: false);
        Assert.Equal("too many handshakes from this address", Refuse(admission, "192.0.2.1"));
        Assert.Null(admission.TryAdmit(IPAddress.Parse("192.0.2.1"), Start + TimeSpan.FromSeconds(1.01), out _));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    public void One_subscriber_is_one_address(string one, string other, bool isSame)
    {
        var admission = new Admission(Wide with { MaxPerAddress = 1 });
        Admit(admission, one);
        Assert.Equal(isSame, Refuse(admission, other) is not null);
    }

    [Theory]
    [InlineData("in the directory")]
    [InlineData("met lately")]
    public void Strangers_cannot_crowd_out_an_address_where_a_contact_is(string how)
    {
        var admission = new Admission(Wide with { MaxUnauthenticated = 5, HandshakeBurst = 50, HandshakesPerSecond = 1 });
        if (how == "in the directory")
        {
            admission.Know([IPAddress.Parse("198.51.100.7")]);
        }
        else
        {
            var met = Admit(admission, "198.51.100.7");
            admission.Authenticated(met);
            admission.Ended(met, wasAuthenticated: true);
        }

        Assert.Equal(5, CountAdmitted(admission, i => $"192.0.2.{i}"));
        Assert.NotNull(Refuse(admission, "203.0.113.1"));
        Admit(admission, "198.51.100.7");
    }

    [Fact]
    public void A_contact_has_the_limit_of_its_own_address_all_the_same()
    {
        var admission = new Admission(Wide with { MaxUnauthenticatedPerAddress = 2 });
        admission.Know([IPAddress.Parse("198.51.100.7")]);
        Assert.Equal(2, CountAdmitted(admission, _ => "198.51.100.7"));
    }

    [Fact]
    public void A_flood_leaves_nothing_behind()
    {
        var admission = new Admission(Wide with { RememberedAddresses = 10, HandshakesPerSecond = 1_000_000 });
        for (var i = 0; i < 10_000; i++)
        {
            admission.Ended(Admit(admission, $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", Start + TimeSpan.FromSeconds(i)), wasAuthenticated: false);
        }

        Assert.Equal(0, admission.Open);
        Assert.Equal(100, CountAdmitted(admission, _ => "10.0.0.1", Start + TimeSpan.FromDays(1)));
    }

    private static Admission.Admitted Admit(Admission admission, string address, TimeSpan? now = null)
    {
        Assert.Null(admission.TryAdmit(IPAddress.Parse(address), now ?? Start, out var admitted));
        return admitted;
    }

    private static string? Refuse(Admission admission, string address) => admission.TryAdmit(IPAddress.Parse(address), Start, out _);

    private static int CountAdmitted(Admission admission, Func<int, string> address, TimeSpan? now = null) =>
        Enumerable.Range(1, 100).Count(i => admission.TryAdmit(IPAddress.Parse(address(i)), now ?? Start, out _) is null);
}
