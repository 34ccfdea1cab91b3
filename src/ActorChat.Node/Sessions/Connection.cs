// The socket of one session, as far as a conversation needs to know it: PDUs come out, PDUs go in. It reads in pull mode: no more bytes are
// requested until the session has handled all that came, so a fast sender cannot fill a mailbox. All PDUs sent in one turn go out in one write.
// Akka's ByteString is used here and nowhere else.

using ActorChat.Protocol.Pdus;
using Akka.Actor;
using Akka.IO;

namespace ActorChat.Node.Sessions;

/// <summary>One TCP connection, cut into PDUs.</summary>
/// <param name="maxPduSize">The largest PDU taken at first, in bytes.</param>
internal sealed class Connection(int maxPduSize)
{
    private readonly PduFramer _framer = new(maxPduSize);
    private ByteString _toWrite = ByteString.Empty;
    private IActorRef _socket = ActorRefs.Nobody;
    private bool _isAsked;
    private bool _isClosing;

    /// <summary>Whether anything was ever written.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>Whether the beginning of a PDU is here and its end is not.</summary>
    public bool IsWithinPdu => _framer.IsWithinPdu;

    /// <summary>The largest PDU taken, in bytes.</summary>
    public int MaxPduSize
    {
        set => _framer.MaxPduSize = value;
    }

    /// <summary>Takes over a connection that Akka.IO has made.</summary>
    public void Use(IActorRef socket, IActorRef session)
    {
        _socket = socket;
        _socket.Tell(new Tcp.Register(session));
    }

    /// <summary>Takes what came. After our close it is dropped, and reading goes on only so that the close is orderly.</summary>
    public void Append(Tcp.Received received)
    {
        _isAsked = false;
        if (_isClosing)
        {
            ReadMore();
        }
        else
        {
            _framer.Append(received.Data.ToReadOnlySpan());
        }
    }

    /// <summary>Takes the next PDU out of what came. Its bytes are valid until the next <see cref="Append"/> or <see cref="Read"/>.</summary>
    public Framing Read(out ReadOnlyMemory<byte> pdu) => _framer.Read(out pdu);

    /// <summary>Asks the socket for more bytes, unless it has been asked and none have come yet.</summary>
    public void ReadMore()
    {
        if (!_isAsked)
        {
            _isAsked = true;
            _socket.Tell(Tcp.ResumeReading.Instance);
        }
    }

    /// <summary>Queues a PDU, with the line feed that ends it, for the next <see cref="Flush"/>. It is not copied.</summary>
    public void Write(byte[] pdu) => _toWrite += ByteString.FromBytes(pdu);

    /// <summary>Writes what is queued.</summary>
    public void Flush()
    {
        if (!_toWrite.IsEmpty)
        {
            HasWritten = true;
            _socket.Tell(Tcp.Write.Create(_toWrite));
            _toWrite = ByteString.Empty;
        }
    }

    /// <summary>Closes our half after what was written, and reads on until the peer closes the other. If both halves were closed at once, unread bytes
    /// would make the kernel reset the connection, and the last PDU could get lost.</summary>
    public void Close()
    {
        Flush();
        _isClosing = true;
        _socket.Tell(Tcp.ConfirmedClose.Instance);
        ReadMore();
    }

    /// <summary>The socket has ended by itself.</summary>
    public void HasEnded() => _socket = ActorRefs.Nobody;

    /// <summary>Resets the connection if it is still there. Akka.IO would notice the end of a responder, but it stops watching an initiator that has registered.</summary>
    public void Abort() => _socket.Tell(Tcp.Abort.Instance);
}
