// A listener that stands at a node's address and is no node.

using System.Net;
using System.Net.Sockets;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A listener on 127.0.0.1 that does the same to every connection.</summary>
internal sealed class Impostor : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private int _connections;

    /// <summary>Starts to listen.</summary>
    /// <param name="behave">What to do with a connection, which is closed when this has ended.</param>
    public Impostor(Func<NetworkStream, CancellationToken, Task> behave)
    {
        _listener.Start();
        _running = AcceptAsync(behave);
    }

    /// <summary>The port to call.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many called.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Takes the call and stays silent.</summary>
    public static Impostor Silent() => new((_, end) => Task.Delay(Timeout.Infinite, end));

    /// <summary>Hangs up at once.</summary>
    public static Impostor HangsUp() => new((_, _) => Task.CompletedTask);

    /// <summary>Answers with something that is no PDU, once it has heard a word.</summary>
    public static Impostor Answers(string answer) => new(async (stream, end) =>
    {
        var heard = new byte[4096];
        await stream.ReadAtLeastAsync(heard, 1, throwOnEndOfStream: false, end);
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer), end);
        await stream.ReadAtLeastAsync(heard, heard.Length, throwOnEndOfStream: false, end);
    });

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _running;
        _end.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> behave)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                try
                {
                    await behave(client.GetStream(), _end.Token);
                }
                catch (IOException)
                {
                    // the caller has gone
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the end of the test
        }
    }
}
