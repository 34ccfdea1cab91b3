// A connection without a network: an actor that keeps Akka.IO's rules for pull mode towards a session, and a test at the other end that
// chooses each segment and reads what the session wrote.

using System.Collections.Concurrent;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Pdus;
using Akka.Actor;
using Akka.IO;

namespace ActorChat.Node.Tests.Sessions.Hostile;

/// <summary>The peer's end of a connection. <see cref="Connection"/> is what a session takes for Akka's connection actor.</summary>
internal sealed class Wire
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly BlockingCollection<byte[]> _written = [];
    private readonly TaskCompletionSource<IActorRef> _session = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PduFramer _framer = new(1 << 20);

    public Wire(IActorRefFactory actors) => Connection = actors.ActorOf(Props.Create(() => new Socket(this)));

    public IActorRef Connection { get; }

    /// <summary>The session that took this connection.</summary>
    public IActorRef Session => _session.Task.Wait(Patience) ? _session.Task.Result : throw new TimeoutException("no session took the connection");

    public void Send(params ReadOnlySpan<byte[]> segments)
    {
        foreach (var segment in segments)
        {
            Connection.Tell(new Segment(segment));
        }
    }

    /// <summary>The peer sends no more: a FIN.</summary>
    public void End() => Connection.Tell(new NoMore());

    /// <summary>The peer is gone: a RST.</summary>
    public void Reset() => Connection.Tell(new Gone());

    /// <summary>The next PDU that the session wrote; null when it has closed its half.</summary>
    public byte[]? Read()
    {
        ReadOnlyMemory<byte> frame;
        while (_framer.Read(out frame) != Framing.Complete)
        {
            if (!_written.TryTake(out var bytes, Patience))
            {
                return _written.IsCompleted ? null : throw new TimeoutException("the session neither answered nor closed");
            }

            _framer.Append(bytes);
        }

        return frame.ToArray();
    }

    private sealed record Segment(byte[] Bytes) : ILocalOnly;

    private sealed record NoMore : ILocalOnly;

    private sealed record Gone : ILocalOnly;

    private sealed class Socket : UntypedActor
    {
        private readonly Wire _wire;
        private readonly Queue<byte[]> _segments = new();
        private IActorRef _session = ActorRefs.Nobody;
        private bool _wanted;
        private bool _noMore;
        private bool _closed;

        public Socket(Wire wire) => _wire = wire;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Tcp.Register register:
                    _session = register.Handler;
                    _wire._session.SetResult(_session);
                    break;
                case Tcp.ResumeReading:
                    _wanted = true;
                    break;
                case Tcp.Write write:
                    _wire._written.Add(write.Data.ToArray());
                    if (write.WantsAck)
                    {
                        Sender.Tell(write.Ack);
                    }

                    break;
                case Tcp.CloseCommand close:
                    _closed = true;
                    _wire._written.CompleteAdding();
                    if (close is not Tcp.ConfirmedClose)
                    {
                        Finish(close.Event);
                    }

                    break;
                case Segment segment:
                    _segments.Enqueue(segment.Bytes);
                    break;
                case NoMore:
                    _noMore = true;
                    break;
                case Gone:
                    Finish(Tcp.Aborted.Instance);
                    break;
            }

            Deliver();
        }

        // One segment each time that the session asks; the end of the stream is read like a segment.
        private void Deliver()
        {
            if (!_wanted)
            {
                return;
            }

            if (_segments.TryDequeue(out var bytes))
            {
                _wanted = false;
                _session.Tell(new Tcp.Received(ByteString.FromBytes(bytes)));
            }
            else if (_noMore)
            {
                Finish(_closed ? Tcp.ConfirmedClosed.Instance : Tcp.PeerClosed.Instance);
            }
        }

        private void Finish(Tcp.Event ending)
        {
            _session.Tell(ending);
            if (!_closed)
            {
                _wire._written.CompleteAdding();
            }

            Context.Stop(Self);
        }
    }
}
