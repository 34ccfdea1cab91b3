// A bad network between two nodes: a relay on loopback that does one thing wrong, once, at a given byte of a conversation. It knows nothing
// of PDUs, so the fault can fall anywhere, as a real one can.

using System.Net;
using System.Net.Sockets;

namespace ActorChat.Node.Tests.Faults;

/// <summary>What goes wrong.</summary>
internal enum FaultKind
{
    /// <summary>Both connections are reset.</summary>
    Reset,

    /// <summary>Both connections are closed in order, and what still comes is swallowed.</summary>
    Close,

    /// <summary>One byte is lost.</summary>
    DropByte,

    /// <summary>The rest of what came in one piece is lost.</summary>
    DropPiece,

    /// <summary>One byte comes twice.</summary>
    RepeatByte,

    /// <summary>What came in one piece comes twice.</summary>
    RepeatPiece,

    /// <summary>Everything from there on is late. The conversation must survive this.</summary>
    Delay,

    /// <summary>Everything arrives byte by byte. The conversation must survive this.</summary>
    Split,
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="IsFromResponder">Whether the bytes are counted that the responder sends; else those that the initiator sends.</param>
/// <param name="At">How many bytes pass before the fault.</param>
internal sealed record Fault(FaultKind Kind, bool IsFromResponder, int At);

/// <summary>A relay for one conversation after another.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(5);

    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Task _running;

    /// <summary>Starts to listen.</summary>
    /// <param name="target">The port to relay to.</param>
    public FaultProxy(int target)
    {
        _target = target;
        _listener.Start();
        _running = AcceptAsync();
    }

    /// <summary>The port to call.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The fault of the next connection; null for none.</summary>
    public Fault? Next { get; set; }

    /// <summary>Whether the last connection came to its fault: a conversation may be shorter.</summary>
    public bool HasHappened { get; private set; }

    /// <summary>What a delay waits for; some milliseconds when null.</summary>
    public Task? DelayUntil { get; set; }

    /// <summary>How many bytes came from the initiator and from the responder of the last connection.</summary>
    public int[] Passed { get; } = new int[2];

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
            while (true)
            {
                using var initiator = await _listener.AcceptSocketAsync(_end.Token);
                using var responder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await responder.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
                initiator.NoDelay = responder.NoDelay = true;
                (HasHappened, Passed[0], Passed[1]) = (false, 0, 0);
                await Task.WhenAll(RelayAsync(initiator, responder, isFromResponder: false), RelayAsync(responder, initiator, isFromResponder: true));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // the end of the test
        }
    }

    private async Task RelayAsync(Socket from, Socket to, bool isFromResponder)
    {
        var fault = Next?.IsFromResponder == isFromResponder ? Next : null;
        try
        {
            var buffer = new byte[64 << 10];
            if (fault is { At: 0, Kind: FaultKind.Reset or FaultKind.Close })
            {
                Cut();
            }

            while (await from.ReceiveAsync(buffer, _end.Token) is var count and > 0)
            {
                var before = Passed[isFromResponder ? 1 : 0];
                Passed[isFromResponder ? 1 : 0] += count;
                if (!(HasHappened && Next?.Kind == FaultKind.Close))
                {
                    await PassAsync(buffer.AsMemory(0, count), before);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            Reset(from, to); // one side has reset its connection and the other has to hear of it; or the fault; or the end of the test
        }

        async Task PassAsync(ReadOnlyMemory<byte> piece, int before)
        {
            var at = (fault?.At ?? 0) - before;
            switch (fault?.Kind)
            {
                case FaultKind.Reset or FaultKind.Close when at <= piece.Length:
                    await SendAsync(piece[..at]);
                    Cut();
                    break;
                case FaultKind.Split:
                    HasHappened = true;
                    for (var i = 0; i < piece.Length; i++)
                    {
                        await SendAsync(piece.Slice(i, 1));
                    }

                    break;
                case FaultKind.Reset or FaultKind.Close or null:
                case not null when at < 0 || at >= piece.Length:
                    await SendAsync(piece);
                    break;
                default:
                    HasHappened = true;
                    await SendAsync(piece[..at]);
                    if (fault.Kind == FaultKind.Delay)
                    {
                        await (DelayUntil ?? Task.Delay(Late)).WaitAsync(_end.Token);
                    }

                    await SendAsync(fault.Kind switch
                    {
                        FaultKind.DropByte => piece[(at + 1)..],
                        FaultKind.DropPiece => default,
                        FaultKind.RepeatByte => (byte[])[piece.Span[at], .. piece.Span[at..]],
                        FaultKind.RepeatPiece => (byte[])[.. piece.Span[at..], .. piece.Span],
                        _ => piece[at..],
                    });
                    break;
            }
        }

        async Task SendAsync(ReadOnlyMemory<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await to.SendAsync(bytes, _end.Token)..];
            }
        }

        void Cut()
        {
            HasHappened = true;
            if (fault.Kind == FaultKind.Reset)
            {
                Reset(from, to);
            }
            else
            {
                from.Shutdown(SocketShutdown.Send);
                to.Shutdown(SocketShutdown.Send);
            }
        }
    }

    private static void Reset(params Socket[] both)
    {
        foreach (var socket in both)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // it is closed already
            }

            socket.Dispose();
        }
    }
}
