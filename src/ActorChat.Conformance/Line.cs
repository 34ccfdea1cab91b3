// The TCP connection with the peer, or several where it wants one for each PDU. Everything is bounded: each wait, the bytes of a connection, the size of an
// object. What is not an object, such as a greeting, is handed out as it is.

using System.Net.Sockets;

namespace ActorChat.Conformance;

/// <summary>How long a probe waits.</summary>
/// <param name="Step">For an answer that must come.</param>
/// <param name="Quiet">For something that must not come, and in each further attempt with a peer that was silent once.</param>
/// <param name="Total">For the whole probe.</param>
/// <param name="Piece">Between the pieces of a PDU, so that they arrive as pieces.</param>
public sealed record Patience(TimeSpan Step, TimeSpan Quiet, TimeSpan Total, TimeSpan Piece)
{
    /// <summary>8 s, 2 s, 5 minutes and 60 ms. A step is longer than the 5 s by which a node may delay its answer after wrong passwords.</summary>
    public static Patience Default { get; } = new(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(60));
}

/// <summary>What came off the line.</summary>
internal enum Came
{
    /// <summary>A JSON object, or something else in braces.</summary>
    Object,

    /// <summary>Bytes outside any braces.</summary>
    Other,

    /// <summary>The peer closed.</summary>
    End,

    /// <summary>Nothing in time.</summary>
    Silence,

    /// <summary>More than a conversation can need.</summary>
    TooMuch,
}

/// <summary>A connection.</summary>
/// <param name="open">Opens it, and opens it again.</param>
/// <param name="clock">The clock.</param>
/// <param name="stop">Ends the whole probe.</param>
internal sealed class Line(Func<CancellationToken, Task<Socket>> open, TimeProvider clock, CancellationToken stop) : IAsyncDisposable
{
    private const int MaxObject = 256 * 1024;
    private const int MaxBytes = 1024 * 1024;

    private readonly List<byte> _buffer = [];
    private readonly byte[] _piece = new byte[16 * 1024];
    private Socket? _socket;
    private int _scanned;
    private int _depth;
    private bool _inString;
    private int _total;
    private bool _awaitsLineFeed;

    /// <summary>The number of objects that no line feed followed.</summary>
    public int WithoutLineFeed { get; private set; }

    /// <summary>Opens the connection, or a new one in its place.</summary>
    /// <returns>False when nobody is there.</returns>
    public async Task<bool> OpenAsync(TimeSpan wait)
    {
        _socket?.Dispose();
        _socket = null;
        _buffer.Clear();
        (_scanned, _depth, _inString) = (0, 0, false);
        using var time = Within(wait);
        try
        {
            _socket = await open(time.Token);
            _socket.NoDelay = true;
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Sends bytes, as many as the peer takes in time.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan wait)
    {
        using var time = Within(wait);
        try
        {
            while (_socket is not null && bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, time.Token)..];
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested(); // the next HearAsync shows what became of it
        }
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending()
    {
        try
        {
            _socket?.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is closed already.
        }
    }

    /// <summary>The next thing on the line.</summary>
    public async Task<(Came Came, byte[] Bytes)> HearAsync(TimeSpan wait)
    {
        using var time = Within(wait);
        while (true)
        {
            if (Cut() is { } cut)
            {
                return cut;
            }

            if (_socket is null)
            {
                return (Came.End, []);
            }

            try
            {
                var size = await _socket.ReceiveAsync(_piece.AsMemory(), SocketFlags.None, time.Token);
                if (size == 0)
                {
                    return Ended();
                }

                _total += size;
                _buffer.AddRange(_piece.AsSpan(0, size));
            }
            catch (OperationCanceledException)
            {
                stop.ThrowIfCancellationRequested();
                return (Came.Silence, []);
            }
            catch (SocketException)
            {
                return Ended();
            }

            if (_total > MaxBytes || _buffer.Count > MaxObject)
            {
                return (Came.TooMuch, [.. _buffer.Take(1024)]);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        return ValueTask.CompletedTask;
    }

    private CancellationTokenSource Within(TimeSpan wait)
    {
        var time = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var timer = clock.CreateTimer(_ => Cancel(time), null, wait, Timeout.InfiniteTimeSpan);
        time.Token.Register(timer.Dispose);
        return time;
    }

    private static void Cancel(CancellationTokenSource time)
    {
        try
        {
            time.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // What was waited for has come.
        }
    }

    private (Came, byte[]) Ended()
    {
        WithoutLineFeed += _awaitsLineFeed ? 1 : 0;
        _awaitsLineFeed = false;
        if (_buffer.Count == 0)
        {
            return (Came.End, []);
        }

        byte[] rest = [.. _buffer];
        _buffer.Clear();
        return (Came.Other, rest);
    }

    private (Came, byte[])? Cut()
    {
        if (_depth == 0)
        {
            var blanks = _buffer.TakeWhile(b => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n').Count();
            if (_awaitsLineFeed && (blanks > 0 || _buffer.Count > 0))
            {
                WithoutLineFeed += _buffer[0] == (byte)'\n' ? 0 : 1;
                _awaitsLineFeed = false;
            }

            _buffer.RemoveRange(0, blanks);
            _scanned = 0;
            if (_buffer.Count > 0 && _buffer[0] != (byte)'{')
            {
                var brace = _buffer.IndexOf((byte)'{');
                return Take(Came.Other, brace < 0 ? _buffer.Count : brace);
            }
        }

        for (; _scanned < _buffer.Count; _scanned++)
        {
            switch (_buffer[_scanned])
            {
                case (byte)'\\' when _inString:
                    _scanned++;
                    break;
                case (byte)'"':
                    _inString = !_inString;
                    break;
                case (byte)'{' when !_inString:
                    _depth++;
                    break;
                case (byte)'}' when !_inString && --_depth == 0:
                    _awaitsLineFeed = true;
                    return Take(Came.Object, _scanned + 1);
            }
        }

        return null;
    }

    private (Came, byte[]) Take(Came came, int size)
    {
        byte[] taken = [.. _buffer.Take(size)];
        _buffer.RemoveRange(0, size);
        _scanned = 0;
        return (came, taken);
    }
}
