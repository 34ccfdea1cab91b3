// Replaces Akka.IO and the listener of one node: it makes real sessions on both sides and carries their bytes in the test's thread. A line
// can be cut at any byte in either direction. The bytes before the cut have arrived, and both sides are told that the connection is gone.

using System.Net;
using System.Net.Sockets;
using ActorChat.Node.Sessions;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;

namespace ActorChat.Node.Tests.Lost;

/// <summary>Connects the sessions of one node to the other node.</summary>
internal static class SimulatedTcp
{
    private static readonly IPEndPoint Here = new(IPAddress.Loopback, 5001);

    // This socket has no peer's address, as that of a connection that was reset at once.
    private static readonly Socket Unconnected = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Replaces Akka.IO's TCP manager.</summary>
    public sealed class Manager : ReceiveActor
    {
        public Manager(SimulatedNetwork network, SimulatedNode to) => Receive<Tcp.Connect>(connect =>
        {
            if (!network.IsConnected || !to.IsUp)
            {
                foreach (var option in connect.Options)
                {
                    option.AfterConnect(Unconnected);
                }

                return;
            }

            var line = new Line(network);
            var (near, far) = (EndOf(line, isNear: true), EndOf(line, isNear: false));
            line.Use(near, far);
            to.Door.Tell(new Tcp.Connected(Here, Here), far);
            Sender.Tell(new Tcp.Connected(Here, Here), near);
        });

        private static IActorRef EndOf(Line line, bool isNear) => Context.ActorOf(Props.Create(() => new End(line, isNear)).WithDispatcher(CallingThreadDispatcher.Id));
    }

    /// <summary>Replaces the listener: it makes a session for each caller, without a limit.</summary>
    public sealed class Door : ReceiveActor
    {
        public Door(SimulatedNode node, NodeServices services)
        {
            Receive<Tcp.Connected>(_ => Context.ActorOf(ResponderSession.Props(Sender, Here, services).WithDispatcher(CallingThreadDispatcher.Id)));
            Receive<ListenerActor.Authenticated>(caller =>
            {
                node.Outbox.Tell(new OutboxActor.IsThere(caller.Name));
                Sender.Tell(new ListenerActor.MayTakeTexts());
            });
        }
    }

    /// <summary>One connection.</summary>
    public sealed class Line(SimulatedNetwork network)
    {
        private IActorRef _near = ActorRefs.Nobody;
        private IActorRef _far = ActorRefs.Nobody;

        public void Use(IActorRef near, IActorRef far)
        {
            (_near, _far) = (near, far);
            network.Lines.Add(this);
        }

        public IActorRef Other(bool isNear) => isNear ? _far : _near;

        /// <summary>How many of these bytes get through.</summary>
        public int Pass(bool isNear, int count)
        {
            if (network.CutAt is not { } cut || cut.IsFromResponder == isNear)
            {
                return count;
            }

            network.CutAt = cut.Bytes > count ? cut with { Bytes = cut.Bytes - count } : null;
            return Math.Min(count, cut.Bytes);
        }

        public void HasEnded() => network.Lines.Remove(this);

        public void Cut()
        {
            if (network.Lines.Remove(this))
            {
                _near.Tell(new End.Reset());
                _far.Tell(new End.Reset());
            }
        }
    }

    /// <summary>One end of a connection. It replaces Akka's connection actor: it hands over what has arrived when the session asks for it.</summary>
    private sealed class End : ReceiveActor
    {
        private readonly Line _line;
        private readonly bool _isNear;
        private IActorRef _session = ActorRefs.Nobody;
        private ByteString _come = ByteString.Empty;
        private bool _isAsked;
        private bool _isClosing; // our half
        private bool _isOver; // the other half

        public End(Line line, bool isNear)
        {
            (_line, _isNear) = (line, isNear);
            Receive<Tcp.Register>(register =>
            {
                _session = register.Handler;
                HandOn();
            });
            Receive<Tcp.ResumeReading>(_ =>
            {
                _isAsked = true;
                HandOn();
            });
            Receive<Tcp.Write>(write =>
            {
                var passed = line.Pass(isNear, write.Data.Count);
                line.Other(isNear).Tell(new Bytes(write.Data.Slice(0, passed)));
                if (passed < write.Data.Count)
                {
                    line.Cut();
                }
            });
            Receive<Bytes>(bytes =>
            {
                _come += bytes.Data;
                HandOn();
            });
            Receive<Tcp.ConfirmedClose>(_ =>
            {
                _isClosing = true;
                line.Other(isNear).Tell(new Over());
                HandOn();
            });
            Receive<Over>(_ =>
            {
                _isOver = true;
                HandOn();
            });
            Receive<Tcp.Abort>(_ => line.Cut());
            Receive<Reset>(_ =>
            {
                _session.Tell(new Tcp.ErrorClosed("reset"));
                Context.Stop(Self);
            });
        }

        private void HandOn()
        {
            if (!_isAsked || _session.IsNobody())
            {
                return;
            }

            if (!_come.IsEmpty)
            {
                _isAsked = false;
                var come = _come;
                _come = ByteString.Empty;
                _session.Tell(new Tcp.Received(come));
            }
            else if (_isOver)
            {
                _session.Tell(_isClosing ? Tcp.ConfirmedClosed.Instance : Tcp.PeerClosed.Instance);
                if (!_isClosing)
                {
                    _line.Other(_isNear).Tell(new Over());
                }

                _line.HasEnded();
                Context.Stop(Self);
            }
        }

        public sealed record Bytes(ByteString Data);

        public sealed record Over;

        public sealed record Reset;
    }
}

/// <summary>Where a line is cut: so many bytes of one side still pass.</summary>
internal sealed record CutAt(bool IsFromResponder, int Bytes);
