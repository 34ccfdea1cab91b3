// Which entry of the directory describes this node.

using System.Net;
using System.Net.NetworkInformation;
using ActorChat.Storage.Contacts;

namespace ActorChat.Node.Tests;

public sealed class OwnNameTests
{
    [Fact]
    public void The_entry_with_our_port_and_our_address_is_ours() =>
        Assert.Equal("alice", Find([At("here", 5001, "alice"), At("here", 5002, "bob"), At("elsewhere", 5001, "carol")], port: 5001));

    [Fact]
    public void Nobody_is_ours_when_no_entry_has_our_port_or_none_our_address()
    {
        Assert.Null(Find([At("here", 5002, "bob")], port: 5001));
        Assert.Null(Find([At("elsewhere", 5001, "carol")], port: 5001));
        Assert.Null(Find([], port: 5001));
    }

    [Fact]
    public void Nobody_is_ours_when_two_entries_could_be() =>
        Assert.Null(Find([At("here", 5001, "alice"), At("here", 5001, "bob")], port: 5001));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("::1")]
    [InlineData("localhost")]
    [InlineData("LocalHost")]
    public void A_loopback_address_is_this_machine(string host) => Assert.True(OwnName.IsThisMachine(host));

    [Fact]
    public void Every_address_of_a_network_card_and_the_host_name_are_this_machine()
    {
        Assert.True(OwnName.IsThisMachine(Dns.GetHostName().ToUpperInvariant()));
        var addresses = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses);
        Assert.All(addresses, own => Assert.True(OwnName.IsThisMachine(own.Address.ToString())));
    }

    [Theory]
    [InlineData("192.0.2.1")] // TEST-NET-1 and 2001:db8::/32 are nobody's
    [InlineData("2001:db8::1")]
    [InlineData("nowhere.invalid")]
    [InlineData("")]
    public void Any_other_address_is_not_this_machine(string host) => Assert.False(OwnName.IsThisMachine(host));

    private static string? Find(Contact[] contacts, int port) => OwnName.Find(new ContactDirectory(contacts), port, host => host == "here");

    private static Contact At(string host, int port, string name) => new(name, "p", host, port, Contact.DefaultProfile, null);
}
