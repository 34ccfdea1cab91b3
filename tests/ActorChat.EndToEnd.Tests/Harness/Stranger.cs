// Somebody who connects to a node's port and is no node.

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A bare connection to a node.</summary>
internal sealed class Stranger : IAsyncDisposable
{
    // No stream on it: .NET makes none for a connection that the node has reset already.
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Connects, from an address of this machine where one is given.</summary>
    public static async Task<Stranger> CallAsync(int port, IPAddress? from = null)
    {
        var stranger = new Stranger();
        if (from is not null)
        {
            stranger._socket.Bind(new IPEndPoint(from, 0));
        }

        try
        {
            await stranger._socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(NodeProcess.Patience);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // the node was quicker to hang up than we to see that it took the call; who listens will hear it
        }

        return stranger;
    }

    /// <summary>Waits until calls at a port are refused, or hung up on at once. A node says nothing when it stops accepting, so it is asked again and again.</summary>
    public static async Task UntilTurnedAwayAsync(int port)
    {
        using var patience = new CancellationTokenSource(NodeProcess.Patience);
        while (!await IsTurnedAwayAsync(port, patience.Token))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Sends text. That the node has hung up meanwhile is no error.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes. That the node has hung up meanwhile is no error.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(NodeProcess.Patience);
            }
        }
        catch (SocketException)
        {
            // the test looks at what the node does, not at when
        }
    }

    /// <summary>Waits until the node hangs up, in whatever way.</summary>
    /// <returns>What it said before.</returns>
    public async Task<string> HearToTheEndAsync()
    {
        using var patience = new CancellationTokenSource(NodeProcess.Patience);
        using var heard = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, patience.Token) is var count and > 0)
            {
                heard.Write(buffer, 0, count);
            }
        }
        catch (SocketException)
        {
            // it reset the connection
        }

        return Encoding.UTF8.GetString(heard.ToArray());
    }

    private static async Task<bool> IsTurnedAwayAsync(int port, CancellationToken patience)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(patience);
        soon.CancelAfter(TimeSpan.FromMilliseconds(200));
        try
        {
            await using var stranger = await CallAsync(port);
            return await stranger._socket.ReceiveAsync(new byte[1], soon.Token) == 0;
        }
        catch (OperationCanceledException)
        {
            return false; // it waits for us to speak: it has accepted the call
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Goes away without a goodbye: the connection is reset.</summary>
    public void Vanish() => _socket.LingerState = new LingerOption(true, 0);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
