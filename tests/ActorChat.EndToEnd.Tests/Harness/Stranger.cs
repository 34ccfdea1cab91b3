// Somebody who connects to a node's port and is no node.

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A bare connection to a node.</summary>
internal sealed class Stranger : IAsyncDisposable
{
    private readonly TcpClient _client = new();

    /// <summary>Connects.</summary>
    public static async Task<Stranger> CallAsync(int port)
    {
        var stranger = new Stranger();
        await stranger._client.ConnectAsync(IPAddress.Loopback, port).WaitAsync(NodeProcess.Patience);
        return stranger;
    }

    /// <summary>Whether nobody takes a call at this port any more.</summary>
    public static async Task<bool> IsRefusedAsync(int port)
    {
        try
        {
            await using var stranger = await CallAsync(port);
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return true;
        }
    }

    /// <summary>Sends text. That the node has hung up meanwhile is no error.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes. That the node has hung up meanwhile is no error.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _client.GetStream().WriteAsync(bytes);
        }
        catch (IOException)
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
        try
        {
            await _client.GetStream().CopyToAsync(heard, patience.Token);
        }
        catch (IOException)
        {
            // it reset the connection
        }

        return Encoding.UTF8.GetString(heard.ToArray());
    }

    /// <summary>Goes away without a goodbye: the connection is reset.</summary>
    public void Vanish() => _client.LingerState = new LingerOption(true, 0);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
