// One session with probes in place of everything around it: the socket, Akka's TCP manager, the keys, the inbox, its parent.
// The rig plays the peer with the same keys, and tells in words what the session did: "write chall", "close", "deliver".

using System.Net;
using System.Text;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Protocol.Tests;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;

namespace ActorChat.Node.Tests.Sessions;

internal sealed class SessionRig
{
    public const double Start = 1700000000.25;

    public static readonly TextMessage Message = new(Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"), "Hello Bob \u2713");
    public static readonly byte[] Challenge = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly TestProbe _barrier;
    private readonly PduFramer _fromSession = new(1 << 20);
    private SealedChannel? _peer;
    private Queue<string> _written = new();

    /// <param name="kit">Whose actor system it is.</param>
    /// <param name="overrides">Settings that the test changes, in HOCON.</param>
    /// <param name="random">Where the session's challenge comes from.</param>
    /// <param name="keys">The actor in place of the probe <see cref="Keys"/>.</param>
    public SessionRig(TestKit kit, string overrides = "", ScriptedRandom? random = null, Func<NodeSettings, TimeProvider, IActorRef>? keys = null)
    {
        _barrier = kit.CreateTestProbe();
        Connection = kit.CreateTestProbe();
        TcpManager = kit.CreateTestProbe();
        Keys = kit.CreateTestProbe();
        Inbox = kit.CreateTestProbe();
        Parent = kit.CreateTestProbe();
        Parent.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is ListenerActor.Authenticated)
            {
                sender.Tell(new ListenerActor.MayTakeTexts());
            }

            return AutoPilot.KeepRunning;
        }));
        Clock = new WallClock(DateTimeOffset.UnixEpoch.AddSeconds(Start));
        var settings = NodeSettings.Read(NodeSettings.LoadConfig(overrides));
        Services = new NodeServices(
            settings,
            Clock,
            random ?? new ScriptedRandom(Challenge),
            TcpManager,
            Directory: ActorRefs.Nobody,
            keys?.Invoke(settings, Clock) ?? Keys,
            Inbox,
            SecureLog: ActorRefs.Nobody);
    }

    public TestProbe Connection { get; }

    public TestProbe TcpManager { get; }

    public TestProbe Keys { get; }

    public TestProbe Inbox { get; }

    public TestProbe Parent { get; }

    /// <summary>The profile of the conversation.</summary>
    public IProfile Profile { get; init; } = ModernProfile.Instance;

    /// <summary>The name in the responder's dh_2.</summary>
    public string PeerName { get; set; } = "bob";

    /// <summary>How many texts the responder's dh_2 announces.</summary>
    public int Texts { get; set; } = 1;

    /// <summary>Whether the keys are of the hybrid kind.</summary>
    public bool IsPostQuantum { get; set; }

    public FakeTimeProvider Clock { get; }

    public NodeServices Services { get; }

    public IActorRef Session { get; private set; } = ActorRefs.Nobody;

    /// <summary>The keys that the session was given last, which it owns.</summary>
    public SessionKeys? SessionKeys { get; private set; }

    public void StartResponder() =>
        Session = Parent.ChildActorOf(ResponderSession.Props(Connection, new IPEndPoint(IPAddress.Loopback, 40000), Services));

    public void StartInitiator(bool isPing = false, string? expectedName = "bob", string password = "correct horse battery staple", string ownName = "alice") =>
        Session = Parent.ChildActorOf(InitiatorSession.Props(new Recipient("bob", "bob", expectedName, "127.0.0.1", 5002, password, ownName, Profile: Profile.Name), isPing, Services));

    /// <summary>Agreed keys for the session, and from now on the peer's side of the same.</summary>
    public KeyActor.Agreed Agree(string sessionDirection, string peerDirection, string? peerName, byte[] dh2)
    {
        _peer = new SealedChannel(Profile.Format, Chain(peerDirection), Chain(sessionDirection));
        SessionKeys = new SessionKeys(Chain("initiator"), Chain("responder"));
        return new KeyActor.Agreed(new Agreement(dh2, SessionKeys, peerName, TextsIn(sessionDirection), IsPostQuantum), "alice");
    }

    // As the real key agreement says it.
    private int TextsIn(string sessionDirection) =>
        Profile == ModernProfile.Instance && sessionDirection == "responder" ? Services.Settings.TextsPerConversation : Texts;

    public void Connect() => Session.Tell(new Tcp.Connected(new IPEndPoint(IPAddress.Loopback, 5002), new IPEndPoint(IPAddress.Loopback, 40000)), Connection);

    public void Receive(ReadOnlySpan<byte> bytes) => Session.Tell(new Tcp.Received(ByteString.FromBytes(bytes.ToArray())), Connection);

    /// <summary>The peer sends a PDU of this type: a good one, or one a minute old.</summary>
    public void ReceivePdu(MsgType type, byte[]? plaintext = null, bool stale = false) => Receive(Pdu(type, plaintext, stale));

    /// <summary>The peer sends several PDUs in one segment.</summary>
    public void ReceiveTogether(params ReadOnlySpan<byte[]> pdus)
    {
        var segment = new List<byte>();
        foreach (var pdu in pdus)
        {
            segment.AddRange([.. pdu, (byte)'\n']);
        }

        Receive([.. segment]);
    }

    public byte[] Pdu(MsgType type, byte[]? plaintext = null, bool stale = false)
    {
        var timestamp = Timestamp.Now(Clock) - (stale ? 60 : 0);
        return type switch
        {
            MsgType.Dh1 => KeyAgreement(type, "alice", timestamp),
            MsgType.Dh2 => KeyAgreement(type, "bob", timestamp),
            _ => (_peer ??= new SealedChannel(Profile.Format, Chain("initiator"), Chain("responder"))).Seal(type, plaintext ?? Plaintext(type), timestamp),
        };
    }

    /// <summary>A text PDU with the n-th of many texts.</summary>
    public byte[] TextPdu(int n, bool stale = false) => Pdu(MsgType.Text, TextOf(n).ToPlaintext(1000), stale);

    /// <summary>The n-th of many texts.</summary>
    public static TextMessage TextOf(int n) => new(new Guid(n, 0, 0, new byte[8]), $"text {n}");

    /// <summary>A PDU that somebody without the keys has made: its CRC is right and its HMAC is not.</summary>
    public byte[] Forgery(MsgType type, bool stale = false)
    {
        using var secret = new UserSecret("nobody's"u8);
        using var nobody = new SealedChannel(Profile.Format, KeyChain.Derive(secret, [], []), KeyChain.Derive(secret, [], []));
        return nobody.Seal(type, Plaintext(type), Timestamp.Now(Clock) - (stale ? 7200 : 0));
    }

    /// <summary>A dh_1 or dh_2 in this name, with some public value.</summary>
    public byte[] KeyAgreement(MsgType type, string name, double? timestamp = null)
    {
        BodyMember[] members = Profile == ClassicProfile.Instance ? [("key", "Mg=="), ("user", name)]
            : type == MsgType.Dh1 ? [("username", name), ("key", Challenge), ("profile", "modern")]
            : [("username", name), ("key", Challenge)];
        return PduWriter.WriteKeyAgreement(Profile.Format, type, timestamp ?? Timestamp.Now(Clock), members);
    }

    /// <summary>The right answer to the challenge that the session sends.</summary>
    public byte[] Answer(byte[] challenge) => _peer!.Respond(challenge);

    /// <summary>Everything that the session did since the last time, in words, once it has dealt with all that was sent to it.</summary>
    public List<string> Effects()
    {
        Settle();
        List<string> effects = [.. Drain(Connection).SelectMany(WordsOf)];
        effects.AddRange(Drain(Keys).Select(message => message switch
        {
            KeyActor.Agree agree => $"agree from {agree.From}",
            KeyActor.HasProved proved => $"{proved.Name} at {proved.From} has proved it",
            KeyActor.KeyConfirmation confirmation => confirmation.Good ? "keys confirmed" : "keys not confirmed",
            _ => message.GetType().Name.ToLowerInvariant(),
        }));
        effects.AddRange(Drain(Inbox).Select(message => message is InboxActor.Deliver deliver
            ? $"deliver {string.Join(", ", deliver.Texts.Select(text => text.Text))} from {deliver.From}"
            : $"{message}"));
        effects.AddRange(Drain(Parent).Select(message => message switch
        {
            InitiatorSession.Finished finished => Words(
                "report", $"{finished.Outcome}", $"{finished.Failure?.Kind}", finished.PeerName is null ? "" : $"by {finished.PeerName}"),
            InitiatorSession.Reached reached => $"reached {reached.PeerName} in {reached.Steps.Count} steps{(reached.IsPostQuantum ? ", post-quantum" : "")}",
            InitiatorSession.Ended ended => Words("ended", $"{ended.Failure?.Kind}"),
            ListenerActor.Authenticated authenticated => $"{authenticated.Name} is authenticated",
            _ => $"{message}",
        }));
        return effects;
    }

    /// <summary>Waits until the session has dealt with all that was sent to it: it answers Identify after everything before; if it has ended, the system does. And until
    /// its parent has taken what it was told: that supervises the session too, and may be busy with its end.</summary>
    public void Settle()
    {
        foreach (var actor in new[] { Session, Parent.Ref })
        {
            actor.Tell(new Identify(null), _barrier);
            _barrier.ExpectMsg<ActorIdentity>();
        }
    }

    /// <summary>The next PDU that the session wrote, without the line feed.</summary>
    public string Written()
    {
        if (_written.Count == 0)
        {
            var lines = Encoding.UTF8.GetString(Connection.FishForMessage<Tcp.Write>(_ => true).Data.ToArray());
            _written = new Queue<string>(lines.TrimEnd('\n').Split('\n'));
        }

        return _written.Dequeue();
    }

    /// <summary>The length in bytes of the plaintext of the text that the session writes next.</summary>
    public int LengthOfWrittenText()
    {
        var bytes = Encoding.UTF8.GetBytes(Written());
        while (PduReader.Read(bytes, Profile.Format, out var pdu) == Verdict.Accept)
        {
            Assert.True(!pdu!.IsSecured || _peer!.Verify(pdu));
            if (pdu.Type == MsgType.Text)
            {
                Assert.InRange(bytes.Length, 1, Services.Settings.MaxPduSize);
                return _peer!.Open(pdu)!.Length;
            }

            bytes = Encoding.UTF8.GetBytes(Written());
        }

        throw new InvalidOperationException("no PDU");
    }

    /// <summary>Whether these keys have been cleared: then nothing can be sealed with them.</summary>
    public static bool AreCleared(SessionKeys keys)
    {
        try
        {
            _ = new SealedChannel(PduFormat.Modern, keys.Initiator, keys.Responder);
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private static string Words(params ReadOnlySpan<string> words) => string.Join(' ', words.ToArray().Where(word => word.Length > 0));

    private KeyChain Chain(string direction)
    {
        using var secret = new UserSecret(new byte[32]);
        return KeyChain.Derive(secret, new byte[64], Profile == ClassicProfile.Instance ? [] : Encoding.ASCII.GetBytes(direction));
    }

    private byte[] Plaintext(MsgType type) => type switch
    {
        MsgType.Chall or MsgType.Resp => Challenge,
        MsgType.Text => Profile.WriteText(Message, 1000)!,
        _ => [],
    };

    private static IEnumerable<object> Drain(TestProbe probe)
    {
        while (probe.ReceiveOne(TimeSpan.Zero) is { } message)
        {
            yield return message;
        }
    }

    private IEnumerable<string> WordsOf(object message) => message switch
    {
        Tcp.Write write => PdusIn(write).Select(type => $"write {type}"),
        Tcp.ConfirmedClose => ["close"],
        Tcp.Abort => ["abort"],
        Tcp.Register or Tcp.ResumeReading => [],
        _ => [message.ToString()!],
    };

    // A test may make it advance at each reading. Its monotonic time stands still.
    private sealed class WallClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public override long GetTimestamp() => 0;
    }

    // The peer checks what the session writes, as a receiver does.
    private IEnumerable<string> PdusIn(Tcp.Write write)
    {
        _fromSession.Append(write.Data.ToArray());
        while (_fromSession.Read(out var frame) == Framing.Complete)
        {
            Assert.Equal(Verdict.Accept, PduReader.Read(frame, Profile.Format, out var pdu));
            Assert.True(!pdu!.IsSecured || _peer!.Verify(pdu));
            yield return pdu.Type == MsgType.Text ? WordsOf(pdu) : pdu.Type.Word();
        }
    }

    // "text" for the rig's one message; of several, the text itself, so that tests can tell them apart.
    private string WordsOf(Pdu text) =>
        Profile.ReadText(_peer!.Open(text), SystemRandomSource.Instance) is { } message && message.Id != Message.Id && message.Text != Message.Text ? message.Text : text.Type.Word();
}
