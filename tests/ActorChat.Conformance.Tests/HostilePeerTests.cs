// Peers that do not speak the protocol at all: whatever they do, the probe ends within its own limits and reports what it saw.

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorChat.Conformance.Tests;

public sealed class HostilePeerTests : IDisposable
{
    private static readonly Patience Short = new(TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(10));
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task A_peer_that_is_not_there_is_reported()
    {
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _listener.Stop();
        var report = await ProbeAsync(port);
        Assert.False(report.Holds);
        Assert.Equal("Nobody could be reached there.", report.Note);
        Assert.All(report.Results, result => Assert.Equal(Grade.NotReached, result.Grade));
    }

    [Theory]
    [InlineData(Profiles.Modern)]
    [InlineData(Profiles.Classic)]
    public async Task A_peer_that_hangs_ends_in_a_report(Profiles profile)
    {
        var port = Serve(async stream => await Task.Delay(Timeout.Infinite, _stop.Token));
        var hasty = Request(profile) with { Patience = Short with { Step = TimeSpan.FromSeconds(2), Quiet = TimeSpan.FromMilliseconds(10) } };
        var report = await Prober.CallAsync(hasty, "127.0.0.1", port).WaitAsync(Limit);
        Assert.Equal("In place of dh_2, after dh_1, the peer said nothing.", Finding(report, "3.order.1"));
    }

    [Fact]
    public async Task A_peer_that_closes_at_once_ends_in_a_report()
    {
        var report = await ProbeAsync(Serve(_ => Task.CompletedTask));
        Assert.Equal("In place of dh_2, after dh_1, the peer closed the connection.", Finding(report, "3.order.1"));
    }

    [Fact]
    public async Task A_peer_that_sends_10_MB_in_one_object_ends_in_a_report()
    {
        var report = await ProbeAsync(Serve(async stream => await stream.WriteAsync(Encoding.ASCII.GetBytes("{\"header\": \"" + new string('x', 10_000_000)), _stop.Token)));
        Assert.Equal("In place of dh_2, after dh_1, the peer sent more than a conversation can need.", Finding(report, "3.order.1"));
    }

    [Fact]
    public async Task A_peer_that_floods_with_small_objects_ends_in_a_report()
    {
        var report = await ProbeAsync(Serve(async stream =>
        {
            var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{}\n", 1000)));
            while (true)
            {
                await stream.WriteAsync(many, _stop.Token);
            }
        }));
        Assert.Equal(Grade.Fail, report.Results.Single(result => result.Check.Id == "3.order.1").Grade);
        Assert.Equal("The member header/msg_type is not there.", Finding(report, "2.names.1"));
    }

    [Fact]
    public async Task A_peer_that_sends_bytes_of_every_kind_ends_in_a_report()
    {
        var report = await ProbeAsync(Serve(async stream => await stream.WriteAsync(Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7)).ToArray(), _stop.Token)));
        Assert.Equal(Grade.Fail, report.Results.Single(result => result.Check.Id == "1.pdu.1").Grade);
    }

    [Fact]
    public async Task Nobody_who_calls_ends_in_a_report()
    {
        var request = Request(Profiles.Classic) with { Patience = Short with { Total = TimeSpan.FromMilliseconds(200) } };
        var report = await Prober.ListenAsync(request, IPAddress.Loopback, 0, (_, _) => { }).WaitAsync(Limit);
        Assert.False(report.Holds);
        Assert.NotNull(report.Note);
    }

    private static string Finding(Report report, string id) => report.Results.Single(result => result.Check.Id == id).Finding;

    private static ProbeRequest Request(Profiles profile) => new(profile, "alice", "a password of both", [], Short, TimeProvider.System);

    private static Task<Report> ProbeAsync(int port, Profiles profile = Profiles.Classic) => Prober.CallAsync(Request(profile), "127.0.0.1", port).WaitAsync(Limit);

    private int Serve(Func<NetworkStream, Task> serve)
    {
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = Task.Run(async () =>
                {
                    using (client)
                    {
                        try
                        {
                            await serve(client.GetStream());
                        }
                        catch (Exception e) when (e is IOException or OperationCanceledException)
                        {
                            // The probe has gone.
                        }
                    }
                });
            }
        });
        return ((IPEndPoint)_listener.LocalEndpoint).Port;
    }
}
