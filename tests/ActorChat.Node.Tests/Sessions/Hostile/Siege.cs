// The node under attack: the real listener, sessions, key agreement and inbox behind wires that a hostile peer holds. This is the one
// place that knows how the node is put together; the attacks know the wire and the outcome.

using System.Collections.Concurrent;
using System.Net;
using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using Akka.Actor;
using Akka.Event;
using Akka.IO;
using Akka.TestKit;

namespace ActorChat.Node.Tests.Sessions.Hostile;

public abstract class Siege : NodeTestKit
{
    internal const string Password = "tulip-gravel-marker-password";
    internal const string OtherPassword = "another-marker-password";
    internal const string Text = "the marker text of the message";

    /// <summary>Argon2id is run once for all the tests.</summary>
    internal static readonly byte[] UserSecret = DirectionKeys.UserSecret(Password, Conversation.Initiator);

    private readonly IActorRef _inbox;
    private readonly IActorRef _listener;
    private readonly IActorRef _log;
    private readonly TestProbe _guardian;
    private readonly NodeServices _services;
    private readonly ConcurrentQueue<LogEvent> _logged = new();
    private readonly Arrivals _arrivals = new();
    private int _peers;

    // Thousands of conversations go through one node here while time stands still. So limits on their number are out of reach;
    // other tests are about them. Messages are not serialized, which would take most of the time; other tests do that too.
    private const string Unlimited = """
        akka.loglevel = DEBUG
        akka.actor.serialize-messages = off
        actorchat.listen { handshake-burst = 1000000, max-unauthenticated = 1024 }
        actorchat.guesses.free = 1000000
        actorchat.texts.per-minute = 1000000

        """;

    protected Siege()
        : base(Unlimited)
    {
        Clock.Advance(TimeSpan.FromMilliseconds(250)); // a time with a fraction, and one that a double holds exactly
        _guardian = CreateTestProbe();
        _guardian.IgnoreMessages(message => message is ListenerActor.Authenticated);
        _log = Sys.ActorOf(Props.Create(() => new LogReader(_logged)));
        Sys.EventStream.Subscribe(_log, typeof(LogEvent));

        var keys = Sys.ActorOf(KeyActor.Props(Services.Settings, Clock, SystemRandomSource.Instance));
        keys.Tell(new KeyActor.UseContacts(
            new ContactDirectory([new Contact(Conversation.Initiator, Password, "10.0.0.1", 5000, "modern", null)]), Conversation.Responder, Secrets: null));
        _inbox = Sys.ActorOf(InboxActor.Props(Services.Settings, _arrivals, Clock, SecureLog, ActorRefs.Nobody));
        _services = Services with { Keys = keys, Inbox = _inbox };

        _listener = Sys.ActorOf(ListenerActor.Props(_services));
        _listener.Tell(new ListenerActor.Bind(0), _guardian);
        TcpManager.ExpectMsg<Tcp.Bind>();
        _listener.Tell(new Tcp.Bound(new IPEndPoint(IPAddress.Loopback, 5000)), CreateTestProbe());
        _guardian.ExpectMsg<ListenerActor.Listening>();
        _listener.Tell(new ListenerActor.Accept());
    }

    /// <summary>The clock that both sides have, in seconds since the Unix epoch.</summary>
    protected double Time => Timestamp.Now(Clock);

    /// <summary>The largest PDU that the session takes when the peer is about to send the PDU of a step.</summary>
    internal int SizeLimitAt(Half half, int step) =>
        step == Conversation.StepsOf(half).Count - 1 ? _services.Settings.MaxPduSize : _services.Settings.MaxPduSizeBeforeAuthentication;

    /// <summary>With so many PDUs ignored a session ends.</summary>
    protected int MaxIgnored => _services.Settings.MaxIgnoredPdus;

    /// <summary>A session with this peer, at its first step. Every peer has an address of its own.</summary>
    private protected Attack Begin(Half half)
    {
        while (_logged.TryDequeue(out _) || _arrivals.Shown.TryDequeue(out _))
        {
            // what an earlier conversation left
        }

        var parent = CreateTestProbe();
        var wire = new Wire(Sys);
        var n = ++_peers;
        var peer = new IPEndPoint(new IPAddress([10, (byte)(n >> 16), (byte)(n >> 8), (byte)n]), 40_000);
        var conversation = new Conversation(half, wire, UserSecret, Text, () => Time);
        if (half == Half.Initiator)
        {
            _listener.Tell(new Tcp.Connected(peer, new IPEndPoint(IPAddress.Loopback, 5000)), wire.Connection);
        }
        else
        {
            var recipient = new Recipient(
                Conversation.Responder, Conversation.Responder, Conversation.Responder, $"{peer.Address}", peer.Port, Password, Conversation.Initiator);
            parent.ChildActorOf(InitiatorSession.Props(recipient, isPing: false, _services)).Tell(
                new InitiatorSession.SendText(new TextMessage(conversation.Id, Text)));
            TcpManager.ExpectMsg<Tcp.Connect>();
            TcpManager.LastSender.Tell(new Tcp.Connected(peer, new IPEndPoint(IPAddress.Loopback, 40_001)), wire.Connection);
        }

        Watch(wire.Session);
        conversation.Begin();
        return new Attack(wire, conversation, parent);
    }

    /// <summary>Time goes by, after the session has dealt with what it was sent: it takes one segment, and asks for another.</summary>
    private protected void Wait(Attack attack, TimeSpan time)
    {
        foreach (var actor in new[] { attack.Wire.Connection, attack.Wire.Session, attack.Wire.Connection, attack.Wire.Session })
        {
            WaitUntilQuiet(actor);
        }

        ((TestScheduler)Sys.Scheduler).Advance(time);
    }

    /// <summary>The peer closes, and the session must be gone. Returns what it came to.</summary>
    private protected Aftermath End(Attack attack)
    {
        attack.Wire.End();
        WaitForItsEnd(attack);
        List<InitiatorSession.Finished> reports = [];
        if (attack.Conversation.Half == Half.Responder)
        {
            attack.Parent.Tell(new NoMoreReports());
            List<object> told = [];
            while (attack.Parent.ExpectMsg<object>() is var message and not NoMoreReports)
            {
                told.Add(message);
            }

            reports.AddRange(told.OfType<InitiatorSession.Finished>());
            var end = Assert.IsType<InitiatorSession.Ended>(Assert.Single(told.Skip(reports.Count))); // once, and behind everything else
            if (reports.Count == 0)
            {
                reports.Add(new InitiatorSession.Finished(attack.Conversation.Id, Outcome.NotDelivered, end.Failure, PeerName: null)); // as the outbox does
            }
        }

        return new Aftermath(
            [.. _arrivals.Shown],
            reports,
            [.. _logged.Where(line => line.LogLevel() == LogLevel.WarningLevel).Select(line => $"{line}")],
            [.. _logged.Where(line => line.LogLevel() == LogLevel.ErrorLevel).Select(line => $"{line}")],
            [.. _logged.Select(line => $"{line}")]);
    }

    /// <summary>The peer goes away without a word.</summary>
    private protected void Abandon(Attack attack)
    {
        attack.Wire.Reset();
        if (!attack.HasEnded)
        {
            WaitForItsEnd(attack);
        }
    }

    /// <summary>The listener reports that no session is left.</summary>
    protected void NoSessionMustBeLeft()
    {
        _listener.Tell(new ListenerActor.Drain());
        _guardian.ExpectMsg<ListenerActor.Drained>();
    }

    // A session sends nothing after its end. So when each of these actors has answered, it has handled all that the session sent it.
    private void WaitForItsEnd(Attack attack)
    {
        ExpectTerminated(attack.Wire.Session);
        attack.HasEnded = true;
        foreach (var actor in new[] { _inbox, SecureLog.Ref, _inbox, _log })
        {
            WaitUntilQuiet(actor);
        }
    }

    /// <summary>A wire, the hostile peer at its end, and whom an initiator session reports to.</summary>
    internal sealed record Attack(Wire Wire, Conversation Conversation, TestProbe Parent)
    {
        public bool HasEnded { get; set; }
    }

    /// <summary>What a conversation came to.</summary>
    internal sealed record Aftermath(
        IReadOnlyList<NodeEvent.MessageArrived> Arrived,
        IReadOnlyList<InitiatorSession.Finished> Reports,
        IReadOnlyList<string> Warnings,
        IReadOnlyList<string> Errors,
        IReadOnlyList<string> Log);

    private sealed record NoMoreReports : ILocalOnly;

    private sealed class LogReader : ReceiveActor
    {
        public LogReader(ConcurrentQueue<LogEvent> logged) => Receive<LogEvent>(logged.Enqueue);
    }

    private sealed class Arrivals : IConsole
    {
        public ConcurrentQueue<NodeEvent.MessageArrived> Shown { get; } = new();

        public void Show(NodeEvent nodeEvent)
        {
            if (nodeEvent is NodeEvent.MessageArrived arrived)
            {
                Shown.Enqueue(arrived);
            }
        }

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
        }
    }
}
