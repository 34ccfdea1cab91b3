// The socket of one session, as far as a conversation needs to know it: PDUs come out, PDUs go in. It reads in pull mode, so that nothing more is
// asked for until the session has dealt with all that came: a fast sender cannot fill a mailbox. What a session says in one turn is one write.
// Akka's ByteString is known here and nowhere else.

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

    /// <summary>Takes what came. Behind our last word it is dropped, and read only so that the close is orderly.</summary>
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

    /// <summary>Takes the next PDU out of what came. Its bytes are good until the next <see cref="Append"/>.</summary>
    public Framing Read(out ReadOnlyMemory<byte> pdu) => _framer.Read(out pdu);

    /// <summary>Asks the socket for more, once until more has come.</summary>
    public void ReadMore()
    {
        if (!_isAsked)
        {
            _isAsked = true;
            _socket.Tell(Tcp.ResumeReading.Instance);
        }
    }

    /// <summary>Puts a PDU, with the line feed that ends it, behind what is to be written. It is not copied.</summary>
    public void Write(byte[] pdu) => _toWrite += ByteString.FromBytes(pdu);

    /// <summary>Writes it.</summary>
    public void Flush()
    {
        if (!_toWrite.IsEmpty)
        {
            HasWritten = true;
            _socket.Tell(Tcp.Write.Create(_toWrite));
            _toWrite = ByteString.Empty;
        }
    }

    /// <summary>Closes our half behind what was written, and reads on until the peer closes the other. Closing both halves at once would have the
    /// kernel reset the connection over unread bytes, and the last PDU could get lost.</summary>
    public void Close()
    {
        Flush();
        _isClosing = true;
        _socket.Tell(Tcp.ConfirmedClose.Instance);
        ReadMore();
    }

    /// <summary>The socket has ended by itself.</summary>
    public void HasEnded() => _socket = ActorRefs.Nobody;

    /// <summary>Leaves no connection behind. Akka.IO would notice the end of a responder, and not that of an initiator, whom it stops watching when it registers.</summary>
    public void Abort() => _socket.Tell(Tcp.Abort.Instance);
}
