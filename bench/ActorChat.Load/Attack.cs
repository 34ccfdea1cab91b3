// Strangers at a node's port, each at an address of its own in 127.0.0.0/8 and each doing one thing again and again until it is called off.

using System.Net;
using System.Net.Sockets;

namespace ActorChat.Load;

/// <summary>A crowd of strangers.</summary>
/// <param name="port">The node's port on 127.0.0.1.</param>
internal sealed class Attack(int port) : IAsyncDisposable
{
    // A caller whose connection is closed calls again after this time. The first calls are spread over it.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _strangers = [];
    private long _connections;
    private long _bytes;
    private int _open;

    /// <summary>Connections made so far.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Bytes sent so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Connections open at this moment, as their callers see it.</summary>
    public int Open => _open;

    /// <summary>Callers that connect, say nothing and call again when they are hung up on.</summary>
    public void AddIdle(int count) => Add(count, perAddress: 50, network: 1, (_, _) => Task.CompletedTask);

    /// <summary>Callers that send a PDU's beginning, one byte every 100 ms.</summary>
    public void AddDripping(int count) => Add(count, perAddress: 50, network: 2, async (socket, end) =>
    {
        var text = "{\"header\": {\"msg_type\": \"dh_1\", \"padding\": \""u8.ToArray();
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            await SendAsync(socket, text.AsMemory(Math.Min(i, text.Length - 1), 1), end);
            await Task.Delay(100, end);
        }
    });

    /// <summary>Callers that send garbage as fast as they can: some of it bytes, some JSON, some nearly a PDU. They do not even pause between calls.</summary>
    public void AddGarbage(int count) => Add(count, perAddress: 4, network: 3, async (socket, end) =>
    {
        var kind = Random.Shared.Next(3);
        var garbage = new byte[8192];
        Random.Shared.NextBytes(garbage);
        if (kind > 0)
        {
            garbage.AsSpan().Fill((byte)'x');
            "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 1.5, \"crc\": 7}, \"body\": \""u8.CopyTo(garbage);
            "\"}\n"u8.CopyTo(garbage.AsSpan(kind == 1 ? garbage.Length - 3 : 4000));
        }

        while (!end.IsCancellationRequested)
        {
            await SendAsync(socket, garbage, end);
        }
    }, pause: TimeSpan.Zero);

    /// <summary>A caller that begins calls in bursts and gives them up without waiting for an answer.</summary>
    public void AddHasty(int callsInABurst) => _strangers.Add(Task.Run(() =>
    {
        while (!_end.IsCancellationRequested)
        {
            Socket[] burst = [.. Enumerable.Range(0, callsInABurst).Select(_ => BeginToCall())];
            Interlocked.Add(ref _connections, callsInABurst);
            Array.ForEach(burst, socket => socket.Dispose());
        }
    }));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_strangers);
        _end.Dispose();
    }

    private void Add(int count, int perAddress, byte network, Func<Socket, CancellationToken, Task> behave, TimeSpan? pause = null)
    {
        for (var i = 0; i < count; i++)
        {
            var number = i / perAddress;
            var address = new IPAddress([127, network, (byte)(number >> 8), (byte)(1 + (number & 0xff) % 254)]);
            _strangers.Add(Task.Run(() => CallAgainAndAgainAsync(address, behave, pause ?? Pause)));
        }
    }

    private async Task CallAgainAndAgainAsync(IPAddress from, Func<Socket, CancellationToken, Task> behave, TimeSpan pause)
    {
        var wait = Random.Shared.NextDouble() * pause;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(wait, _end.Token);
                wait = pause;
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(IPAddress.Loopback, port, _end.Token);
                Interlocked.Increment(ref _connections);
                Interlocked.Increment(ref _open);
                try
                {
                    await Task.WhenAny(behave(socket, _end.Token), HearAsync(socket));
                    await HearAsync(socket);
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // refused, hung up on, or called off
            }
        }
    }

    private Socket BeginToCall()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Bind(new IPEndPoint(new IPAddress([127, 4, 0, (byte)Random.Shared.Next(1, 255)]), 0));
            socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            // it is under way, or the system has no free port just now
        }

        return socket;
    }

    private async Task HearAsync(Socket socket)
    {
        var heard = new byte[256];
        while (await socket.ReceiveAsync(heard, _end.Token) > 0)
        {
        }
    }

    private async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken end) =>
        Interlocked.Add(ref _bytes, await socket.SendAsync(bytes, end));
}
