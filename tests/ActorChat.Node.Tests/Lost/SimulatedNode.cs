// One node of the simulated network: the real outbox and inbox over a log in memory. A kill loses what was not flushed, as on a disk.

using ActorChat.Node.Consoles;
using ActorChat.Node.Outgoing;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests.Lost;

/// <summary>A clock that can be set, which does not move its monotonic time.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private TimeSpan _elapsed = TimeSpan.FromHours(1);

    public TimeSpan Step { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => _elapsed += time;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => Start + _elapsed + Step;
}

/// <param name="network">The network between this node and the other.</param>
/// <param name="name">Its name.</param>
/// <param name="contact">The one contact it has.</param>
internal sealed class SimulatedNode(SimulatedNetwork network, string name, string contact)
{
    private static readonly KnownProfiles Profiles = new(new QuickProfile());

    private readonly List<IActorRef> _actors = [];
    private IActorRef _log = ActorRefs.Nobody;
    private IActorRef _keys = ActorRefs.Nobody;
    private ContactDirectory _directory = new([new Contact(contact, "secret", "127.0.0.1", 5002, Contact.DefaultProfile, null)]);

    public string Name { get; } = name;

    public SteppedClock Clock { get; } = new();

    public bool IsUp { get; private set; }

    public IActorRef Outbox { get; private set; } = ActorRefs.Nobody;

    public IActorRef Inbox { get; private set; } = ActorRefs.Nobody;

    /// <summary>Where the other node's sessions connect to, if they are real.</summary>
    public IActorRef Door { get; private set; } = ActorRefs.Nobody;

    /// <summary>What is on disk.</summary>
    public List<LogRecord> Disk { get; } = [];

    /// <summary>The snapshot, which may be older than the disk.</summary>
    public Ledger? Snapshot { get; set; }

    /// <summary>Whether the disk flushes nothing for now.</summary>
    public bool IsDiskSlow { get; set; }

    /// <summary>The messages that were shown to the user, in all runs and in this one.</summary>
    public List<NodeEvent.MessageArrived> Shown { get; } = [];

    public List<NodeEvent.MessageArrived> ShownInThisLife { get; } = [];

    /// <summary>The outcomes that were shown.</summary>
    public List<NodeEvent.MessageSent> Outcomes { get; } = [];

    /// <summary>The messages that the user cancelled. If the node was killed before that was on disk, the message arrives all the same, and late.</summary>
    public HashSet<Guid> TakenBack { get; } = [];

    public Ledger Ledger()
    {
        var ledger = Snapshot?.Copy() ?? new Ledger();
        for (var number = (int)ledger.UpTo + 1; number <= Disk.Count; number++)
        {
            ledger.Add(new LogEntry(number, Disk[number - 1]));
        }

        return ledger;
    }

    public void Start()
    {
        var ledger = Ledger();
        var notShown = ledger.ShownUpTo is { } shown
            ? Disk.Select((record, index) => new LogEntry(index + 1, record)).Where(entry => entry.Number > shown && entry.Record.Direction == LogDirection.Received).ToArray()
            : [];
        var settings = network.Settings;
        var console = new Console(this);
        ShownInThisLife.Clear();
        _log = network.ActorOf(Akka.Actor.Props.Create(() => new Log(this)));
        Inbox = network.ActorOf(InboxActor.Props(settings, console, Clock, _log, ActorRefs.Nobody));
        var services = new NodeServices(settings, Clock, SystemRandomSource.Instance, ActorRefs.Nobody, ActorRefs.Nobody, ActorRefs.Nobody, Inbox, _log);
        Func<Recipient, bool, Props> session = (recipient, isPing) => network.SessionFrom(this, recipient, isPing);
        _actors.AddRange([_log, Inbox]);
        if (network.HasRealSessions)
        {
            _keys = network.ActorOf(KeyActor.Props(settings, Clock, SystemRandomSource.Instance, Profiles));
            _keys.Tell(new KeyActor.UseContacts(_directory, Name, Secrets: null));
            var tcp = network.ActorOf(Akka.Actor.Props.Create(() => new SimulatedTcp.Manager(network, network.Other(this))));
            services = services with { Tcp = tcp, Keys = _keys };
            Door = network.ActorOf(Akka.Actor.Props.Create(() => new SimulatedTcp.Door(this, services)));
            _actors.AddRange([Door, tcp, _keys]);
            session = (recipient, isPing) => InitiatorSession.Props(recipient, isPing, services).WithDispatcher(CallingThreadDispatcher.Id);
        }

        var sent = SentBefore.Of(ledger);
        Inbox.Tell(new InboxActor.Begin(ledger, notShown));
        IsUp = true;
        Outbox = network.ActorOf(OutboxActor.Props(
            services, console, Name, _directory, sent, session));
        _actors.Insert(0, Outbox);
    }

    /// <summary>SIGKILL: what was not flushed is gone, and nothing is reported.</summary>
    public void Kill()
    {
        IsUp = false;
        _actors.ForEach(network.Stop);
        _actors.Clear();
        network.Cut(); // the other node's sessions with this one
    }

    /// <summary>Ctrl+C, twice: what is under way ends, and everything is flushed.</summary>
    public void StopInOrder()
    {
        Outbox.Tell(new OutboxActor.Stop());
        Outbox.Tell(new OutboxActor.GiveUp());
        Flush();
        Kill();
    }

    public void Flush()
    {
        _log.Tell(new Log.FlushNow());
        _log.Tell(new Log.FlushNow()); // what the first flush led to
    }

    /// <summary>Its contact is in its directory, or is not.</summary>
    public void Know(bool isKnown)
    {
        _directory = isKnown ? new([new Contact(contact, "secret", "127.0.0.1", 5002, Contact.DefaultProfile, null)]) : ContactDirectory.Empty;
        if (IsUp)
        {
            _keys.Tell(new KeyActor.UseContacts(_directory, Name, Secrets: null));
            Outbox.Tell(new OutboxActor.UseDirectory(_directory));
        }
    }

    private sealed class Console(SimulatedNode node) : IConsole
    {
        public void Show(NodeEvent nodeEvent)
        {
            switch (nodeEvent)
            {
                case NodeEvent.MessageArrived arrived:
                    node.Shown.Add(arrived);
                    node.ShownInThisLife.Add(arrived);
                    node.Inbox.Tell(new ConsoleQueue.Shown(arrived.Number));
                    break;
                case NodeEvent.MessageSent sent:
                    node.Outcomes.Add(sent);
                    break;
            }
        }

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
        }
    }

    // Replaces the SecureLogActor. An append waits for a flush, which comes at once unless the disk is slow. A record that nobody waits for
    // goes with the next one.
    private sealed class Log : ReceiveActor
    {
        private readonly SimulatedNode _node;
        private readonly List<(SecureLogActor.Append Request, IActorRef From)> _waiting = [];
        private readonly List<LogRecord> _later = [];

        public Log(SimulatedNode node)
        {
            _node = node;
            Receive<SecureLogActor.Append>(request =>
            {
                _waiting.Add((request with { Records = [.. _later, .. request.Records] }, Sender));
                _later.Clear();
                if (!node.IsDiskSlow)
                {
                    Flush();
                }
            });
            Receive<SecureLogActor.AppendLater>(request => _later.Add(request.Record));
            Receive<FlushNow>(_ =>
            {
                Flush();
                node.Disk.AddRange(_later);
                _later.Clear();
            });
        }

        private void Flush()
        {
            foreach (var (request, from) in _waiting)
            {
                _node.Disk.AddRange(request.Records);
                from.Tell(new SecureLogActor.Stored(request.Id, _node.Disk.Count));
            }

            _waiting.Clear();
        }

        public sealed record FlushNow;
    }
}
