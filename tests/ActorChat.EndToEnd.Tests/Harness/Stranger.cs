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
            await _client.GetStream().WriteAsync(bytes).AsTask().WaitAsync(NodeProcess.Patience);
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

    private static async Task<bool> IsTurnedAwayAsync(int port, CancellationToken patience)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(patience);
        soon.CancelAfter(TimeSpan.FromMilliseconds(200));
        try
        {
            await using var stranger = await CallAsync(port);
            return await stranger._client.GetStream().ReadAsync(new byte[1], soon.Token) == 0;
        }
        catch (OperationCanceledException)
        {
            return false; // it waits for us to speak: it has accepted the call
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return true;
        }
    }

    /// <summary>Goes away without a goodbye: the connection is reset.</summary>
    public void Vanish() => _client.LingerState = new LingerOption(true, 0);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
