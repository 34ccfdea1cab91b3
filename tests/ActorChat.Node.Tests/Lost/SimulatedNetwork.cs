// Two nodes and the network between them. A simulated conversation is one actor that replaces both sessions: it carries texts to the other inbox and receipts
// back until it is cut. A real one is two sessions and their bytes (SimulatedTcp). Everything runs in the test's thread, so a schedule that fails can be run again.

using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests.Lost;

internal sealed class SimulatedNetwork
{
    private readonly ActorSystem _system;
    private readonly IActorRef _root;
    private readonly List<IActorRef> _actors = [];
    private readonly HashSet<IActorRef> _sessions = [];

    public SimulatedNetwork(ActorSystem system, IActorRef root, NodeSettings settings)
    {
        (_system, _root) = (system, root);
        Settings = settings;
        Alice = new SimulatedNode(this, "alice", "bob");
        Bob = new SimulatedNode(this, "bob", "alice");
    }

    public NodeSettings Settings { get; }

    public SimulatedNode Alice { get; }

    public SimulatedNode Bob { get; }

    public SimulatedNode Other(SimulatedNode node) => node == Alice ? Bob : Alice;

    /// <summary>Whether a conversation can begin.</summary>
    public bool IsConnected { get; set; } = true;

    /// <summary>After so many texts the conversation is cut; null for never.</summary>
    public int? CutAfter { get; set; }

    /// <summary>Whether the cut loses only the receipt: the other side has the text.</summary>
    public bool LosesReceipt { get; set; }

    /// <summary>How many texts a conversation takes.</summary>
    public int TextsPerConversation { get; set; } = 64;

    /// <summary>Whether conversations are real sessions that speak over <see cref="SimulatedTcp"/>.</summary>
    public bool HasRealSessions { get; init; }

    /// <summary>Where the next line of real sessions is cut; null for nowhere.</summary>
    public CutAt? CutAt { get; set; }

    /// <summary>The lines of real sessions.</summary>
    public List<SimulatedTcp.Line> Lines { get; } = [];

    /// <summary>The exceptions of actors that failed.</summary>
    public List<Exception> Failures { get; } = [];

    /// <summary>The parent of the nodes' actors. Without it they would start in another thread.</summary>
    public static IActorRef NewRoot(ActorSystem system) => system.ActorOf(Props.Create(() => new Root()).WithDispatcher(CallingThreadDispatcher.Id));

    public IActorRef ActorOf(Props props)
    {
        var request = new Root.Make(props.WithDispatcher(CallingThreadDispatcher.Id), Failures);
        _root.Tell(request);
        _actors.Add(request.Made!);
        return request.Made!;
    }

    public void Stop(IActorRef actor)
    {
        _root.Tell(new Root.End(actor));
        _actors.Remove(actor);
    }

    public void StopAll() => _actors.ToList().ForEach(Stop);

    public void Advance(TimeSpan time)
    {
        Alice.Clock.Advance(time);
        Bob.Clock.Advance(time);
        ((TestScheduler)_system.Scheduler).Advance(time);
    }

    /// <summary>Cuts every line.</summary>
    public void Cut()
    {
        foreach (var session in _sessions.ToArray())
        {
            session.Tell(new Line.Lost());
        }

        Lines.ToList().ForEach(line => line.Cut());
    }

    public Props SessionFrom(SimulatedNode from, Recipient recipient, bool isPing) =>
        Props.Create(() => new Line(this, from, recipient.Label == Alice.Name ? Alice : Bob, isPing)).WithDispatcher(CallingThreadDispatcher.Id);

    private sealed class Root : ReceiveActor
    {
        private List<Exception> _failures = [];

        public Root()
        {
            Receive<Make>(request =>
            {
                _failures = request.Failures;
                request.Made = Context.ActorOf(request.Props);
            });
            Receive<End>(request => Context.Stop(request.Actor));
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
        {
            _failures.Add(e);
            return Directive.Stop;
        });

        public sealed record Make(Props Props, List<Exception> Failures)
        {
            public IActorRef? Made { get; set; }
        }

        public sealed record End(IActorRef Actor);
    }

    private sealed class Line : ReceiveActor
    {
        private readonly SimulatedNetwork _network;
        private readonly SimulatedNode _from;
        private readonly SimulatedNode _to;
        private readonly Queue<TextMessage> _toSend = new();
        private readonly List<TextMessage> _unanswered = [];
        private int _sent;

        public Line(SimulatedNetwork network, SimulatedNode from, SimulatedNode to, bool isPing)
        {
            (_network, _from, _to) = (network, from, to);
            Receive<InitiatorSession.SendText>(request =>
            {
                _toSend.Enqueue(request.Message);
                Self.Tell(new Pump());
            });
            Receive<Pump>(_ => SendTexts());
            Receive<InboxActor.Answer>(OnAnswer);
            Receive<Lost>(_ => End(new Failure(FailureKind.ConnectionLost)));
            Receive<Session.EndNow>(_ => End(new Failure(FailureKind.Stopping)));
            Receive<Begin>(_ =>
            {
                if (!network.IsConnected || !to.IsUp)
                {
                    End(new Failure(FailureKind.NobodyListening, "there"));
                }
                else
                {
                    to.Outbox.Tell(new OutboxActor.IsThere(from.Name));
                    if (isPing)
                    {
                        End(null);
                    }
                }
            });
        }

        protected override void PreStart()
        {
            _network._sessions.Add(Self);
            Self.Tell(new Begin());
        }

        protected override void PostStop() => _network._sessions.Remove(Self);

        private void SendTexts()
        {
            while (_unanswered.Count == 0 && _sent < _network.TextsPerConversation && _toSend.TryPeek(out var text))
            {
                if (_network.CutAfter is { } left && left-- == 0)
                {
                    _network.CutAfter = null;
                    _unanswered.Add(_toSend.Dequeue());
                    if (_network.LosesReceipt)
                    {
                        _to.Inbox.Tell(new InboxActor.Deliver(_from.Name, "there", [text]), ActorRefs.NoSender);
                    }

                    End(new Failure(FailureKind.ConnectionLost));
                    return;
                }

                _network.CutAfter = _network.CutAfter is null ? null : _network.CutAfter - 1;
                _sent++;
                _unanswered.Add(_toSend.Dequeue());
                _to.Inbox.Tell(new InboxActor.Deliver(_from.Name, "there", [text]));
            }
        }

        private void OnAnswer(InboxActor.Answer answer)
        {
            var text = _unanswered[0];
            _unanswered.Clear();
            Context.Parent.Tell(answer.Taken == 1
                ? new InitiatorSession.Finished(text.Id, Outcome.Delivered, null, null)
                : new InitiatorSession.Finished(text.Id, Outcome.Rejected, new Failure(FailureKind.Refused), null));
            if (answer.Taken == 0 || _toSend.Count == 0 || _sent == _network.TextsPerConversation)
            {
                End(null);
            }
            else
            {
                SendTexts();
            }
        }

        private void End(Failure? failure)
        {
            _unanswered.ForEach(text => Context.Parent.Tell(new InitiatorSession.Finished(text.Id, Outcome.Unknown, failure, null)));
            Context.Parent.Tell(new InitiatorSession.Ended(failure));
            Become(() => ReceiveAny(_ => { }));
            Context.Stop(Self);
        }

        public sealed record Lost;

        private sealed record Begin;

        private sealed record Pump;
    }
}
