// How a connection is made: the name is resolved, its addresses are tried one after another, and a failure is explained.

using System.Net;
using System.Net.Sockets;
using ActorChat.Node.Sessions;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class DialingTests : TestKit
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly TestProbe _tcp;
    private readonly TestProbe _session;

    public DialingTests()
        : base(NodeSettings.LoadConfig()) => (_tcp, _session) = (CreateTestProbe(), CreateTestProbe());

    [Fact]
    public void The_addresses_of_a_name_are_tried_in_order_and_all_but_the_last_for_a_short_time()
    {
        var dialing = Begin("host.example", "192.0.2.1", "2001:db8::2", "192.0.2.3");
        Assert.IsType<Dialing.Progress.UnderWay>(dialing.Take(_session.ExpectMsg<object>(), ActorRefs.Nobody));
        Assert.Equal(("192.0.2.1", Timeout), FailConnect(dialing));
        Assert.Equal(("2001:db8::2", Timeout), FailConnect(dialing));
        var last = _tcp.ExpectMsg<Tcp.Connect>();
        Assert.Equal((IPAddress.Parse("192.0.2.3"), null), (((IPEndPoint)last.RemoteAddress).Address, last.Timeout)); // the last address may take all the time that the session has left
        var connection = CreateTestProbe();
        var connected = dialing.Take(new Tcp.Connected(last.RemoteAddress, new IPEndPoint(IPAddress.Loopback, 1)), connection);
        Assert.Equal(connection.Ref, Assert.IsType<Dialing.Progress.Connected>(connected).Socket);
        _tcp.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void The_first_address_that_answers_is_taken()
    {
        var dialing = Begin("host.example", "192.0.2.1", "192.0.2.2");
        dialing.Take(_session.ExpectMsg<object>(), ActorRefs.Nobody);
        var first = _tcp.ExpectMsg<Tcp.Connect>();
        Assert.IsType<Dialing.Progress.Connected>(dialing.Take(new Tcp.Connected(first.RemoteAddress, new IPEndPoint(IPAddress.Loopback, 1)), TestActor));
        _tcp.ExpectNoMsg(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    public void An_address_is_dialed_without_a_resolver_and_has_all_the_time_there_is(string address)
    {
        Begin(address);
        var connect = _tcp.ExpectMsg<Tcp.Connect>();
        Assert.Equal((new IPEndPoint(IPAddress.Parse(address), 5002), null, true), (connect.RemoteAddress, connect.Timeout, connect.PullMode));
        _session.ExpectNoMsg(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound)]
    [InlineData(SocketError.TryAgain)]
    public void A_name_that_cannot_be_resolved_is_the_failure_that_the_system_says(SocketError error)
    {
        var dialing = new Dialing(_tcp, _session, "nowhere.example", 5002, Timeout, _ => Task.FromException<IPAddress[]>(new SocketException((int)error)));
        dialing.Begin();
        Assert.Equal(error, Failure(dialing));
    }

    [Fact]
    public void A_name_without_an_address_is_not_found()
    {
        var dialing = Begin("nowhere.example");
        Assert.Equal(SocketError.HostNotFound, Failure(dialing));
    }

    // Akka.IO reports the failure without its cause.
    [Fact]
    public void Why_the_last_address_failed_is_asked_of_the_system()
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var dialing = new Dialing(_tcp, _session, "host.example", ((IPEndPoint)free.LocalEndPoint!).Port, Timeout, _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        free.Close();
        dialing.Begin();
        dialing.Take(_session.ExpectMsg<object>(), ActorRefs.Nobody);
        FailConnect(dialing);
        Assert.Equal(SocketError.ConnectionRefused, Failure(dialing));
    }

    [Fact]
    public void What_is_not_about_the_connection_is_left_to_the_session()
    {
        var dialing = Begin("192.0.2.1");
        Assert.Null(dialing.Take(new Session.EndNow("x"), TestActor));
        Assert.Null(dialing.Take(new Tcp.CommandFailed(Tcp.Write.Create(ByteString.Empty)), TestActor));
    }

    private Dialing Begin(string host, params string[] addresses)
    {
        var dialing = new Dialing(_tcp, _session, host, 5002, Timeout, _ => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray()));
        dialing.Begin();
        return dialing;
    }

    private (string Address, TimeSpan? Timeout) FailConnect(Dialing dialing)
    {
        var connect = _tcp.ExpectMsg<Tcp.Connect>();
        Assert.IsType<Dialing.Progress.UnderWay>(dialing.Take(new Tcp.CommandFailed(connect), _tcp));
        return ($"{((IPEndPoint)connect.RemoteAddress).Address}", connect.Timeout);
    }

    private SocketError Failure(Dialing dialing) => Assert.IsType<Dialing.Progress.Failed>(dialing.Take(_session.ExpectMsg<object>(), ActorRefs.Nobody)).Error;
}
