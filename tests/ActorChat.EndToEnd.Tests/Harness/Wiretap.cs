// Somebody in the middle: sits between two nodes, reads every PDU that passes and may change it, hold it back or cut the line.

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A PDU on its way.</summary>
/// <param name="IsFromResponder">Who sent it.</param>
/// <param name="Number">Its number in its direction, from 1, over all connections.</param>
/// <param name="Text">The PDU as it is on the wire, without the line feed.</param>
internal sealed record Tapped(bool IsFromResponder, int Number, string Text);

/// <summary>A relay on 127.0.0.1 for one conversation after another.</summary>
internal sealed class Wiretap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Tapped, Task<string?>> _pass;
    private readonly Func<int> _target;
    private readonly Task _running;
    private readonly int[] _numbers = new int[2];

    /// <summary>Starts to listen.</summary>
    /// <param name="target">Gives the port to relay to, when the first connection comes.</param>
    /// <param name="pass">What goes on in a PDU's place; null cuts the line. Left out, everything passes.</param>
    public Wiretap(Func<int> target, Func<Tapped, Task<string?>>? pass = null)
    {
        _target = target;
        _pass = pass ?? (tapped => Task.FromResult<string?>(tapped.Text));
        _listener.Start();
        _running = AcceptAsync();
    }

    /// <summary>The port to call.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What was sent, whether it went on or not.</summary>
    public Transcript<Tapped> Seen { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _running;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_end.IsCancellationRequested)
            {
                using var initiator = await _listener.AcceptSocketAsync(_end.Token);
                using var responder = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await responder.ConnectAsync(IPAddress.Loopback, _target(), _end.Token);
                await Task.WhenAll(RelayAsync(initiator, responder, isFromResponder: false), RelayAsync(responder, initiator, isFromResponder: true));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // the end of the test
        }
    }

    private async Task RelayAsync(Socket from, Socket to, bool isFromResponder)
    {
        try
        {
            using var reader = new StreamReader(new NetworkStream(from), Encoding.UTF8);
            while (await reader.ReadLineAsync(_end.Token) is { } pdu)
            {
                var tapped = new Tapped(isFromResponder, ++_numbers[isFromResponder ? 1 : 0], pdu);
                Seen.Add(tapped);
                if (await _pass(tapped).WaitAsync(_end.Token) is not { } passed)
                {
                    Cut(from, to);
                    return;
                }

                using var writer = new NetworkStream(to);
                await writer.WriteAsync(Encoding.UTF8.GetBytes(passed + "\n"), _end.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            Cut(from, to); // one side has reset its connection, and the other has to hear of it; or the test is over
        }
    }

    private static void Cut(params Socket[] both)
    {
        foreach (var socket in both)
        {
            socket.Close();
        }
    }
}
