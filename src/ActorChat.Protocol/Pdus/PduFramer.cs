// Cuts the byte stream of a connection into JSON objects, in whatever pieces TCP delivers them (protocol page, section 1).
// It looks only for the brace that closes the object, minding strings; whether the object is a PDU is for PduReader to say.
// Each byte is looked at once, however small the pieces, and a PDU is refused as soon as it outgrows its limit, before any parsing.
// Its buffer is rented with the first byte and given back after the last, so that an idle connection holds none.

using System.Buffers;

namespace ActorChat.Protocol.Pdus;

/// <summary>What <see cref="PduFramer.Read"/> found.</summary>
public enum Framing
{
    /// <summary>No whole PDU is there yet.</summary>
    Incomplete,

    /// <summary>A whole JSON object.</summary>
    Complete,

    /// <summary>Something other than white space or an opening brace stands where a PDU must begin.</summary>
    NotAnObject,

    /// <summary>The PDU is longer than <see cref="PduFramer.MaxPduSize"/>.</summary>
    TooLong,
}

/// <summary>Takes one JSON object after another off a stream. White space between objects is skipped; the line feed after a PDU is not relied on.</summary>
/// <param name="maxPduSize">The initial <see cref="MaxPduSize"/>, in bytes.</param>
public sealed class PduFramer(int maxPduSize)
{
    private byte[] _buffer = [];
    private int _start;     // first byte of the PDU at hand
    private int _scanned;   // first byte not looked at yet
    private int _end;       // first byte not received yet
    private int _depth;
    private bool _inString;

    /// <summary>The largest PDU accepted, in bytes without the line feed. It may be raised once the peer is authenticated.</summary>
    public int MaxPduSize { get; set; } = maxPduSize;

    /// <summary>What may stand between PDUs.</summary>
    internal static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>Whether the beginning of a PDU is here and its end is not.</summary>
    public bool IsWithinPdu => _depth > 0;

    /// <summary>Adds bytes as they came from the connection. What <see cref="Read"/> handed out before is no longer valid.</summary>
    public void Append(ReadOnlySpan<byte> received)
    {
        if (_end + received.Length > _buffer.Length)
        {
            MakeRoom(received.Length);
        }

        received.CopyTo(_buffer.AsSpan(_end));
        _end += received.Length;
    }

    /// <summary>Takes the next whole object off the stream.</summary>
    /// <param name="pdu">On <see cref="Framing.Complete"/> the object's bytes, valid until the next call of <see cref="Append"/> or <see cref="Read"/>; else empty.</param>
    /// <returns>Whether there was one. After <see cref="Framing.NotAnObject"/> and <see cref="Framing.TooLong"/> the stream cannot be used any further.</returns>
    public Framing Read(out ReadOnlyMemory<byte> pdu)
    {
        pdu = default;
        if (_depth == 0 && !FindStart(out var startsWithBrace))
        {
            GiveBackIfEmpty();
            return startsWithBrace ? Framing.Incomplete : Framing.NotAnObject;
        }

        var closed = ScanToClosingBrace();
        if ((closed ? _scanned : _end) - _start > MaxPduSize) // while a PDU is incomplete, all that has come belongs to it
        {
            return Framing.TooLong;
        }

        if (!closed)
        {
            return Framing.Incomplete;
        }

        pdu = _buffer.AsMemory(_start, _scanned - _start);
        _start = _scanned;
        return Framing.Complete;
    }

    // Moves to the brace that opens the next object. False when it has not arrived, or when something else stands there.
    private bool FindStart(out bool startsWithBrace)
    {
        var offset = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAnyExcept(WhiteSpace);
        _start = offset < 0 ? _end : _scanned + offset;
        _scanned = _start;
        startsWithBrace = offset < 0 || _buffer[_start] == (byte)'{';
        return offset >= 0 && startsWithBrace;
    }

    private bool ScanToClosingBrace()
    {
        while (_scanned < _end)
        {
            var rest = _buffer.AsSpan(_scanned, _end - _scanned);
            var offset = _inString ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (offset < 0)
            {
                _scanned = _end;
                return false;
            }

            switch (rest[offset])
            {
                case (byte)'\\' when offset + 1 == rest.Length:
                    _scanned += offset; // the escaped byte has not arrived: look at the backslash again when it has
                    return false;
                case (byte)'\\':
                    _scanned++;
                    break;
                case (byte)'"':
                    _inString = !_inString;
                    break;
                case (byte)'{':
                    _depth++;
                    break;
                default:
                    _depth--;
                    break;
            }

            _scanned += offset + 1;
            if (_depth == 0)
            {
                return true;
            }
        }

        return false;
    }

    private void MakeRoom(int needed)
    {
        var waiting = _end - _start;
        var target = waiting + needed <= _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, waiting + needed));
        _buffer.AsSpan(_start, waiting).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _scanned -= _start;
        _end = waiting;
        _start = 0;
    }

    // A framer that is dropped with something in it leaves its buffer to the garbage collector: a PDU in it may still be in use.
    private void GiveBackIfEmpty()
    {
        if (_start == _end)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            (_start, _scanned, _end) = (0, 0, 0);
        }
    }
}
