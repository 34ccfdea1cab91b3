// Both sessions replay modern-conversation.json, modern-conversation-hybrid.json and classic-conversation.json byte for byte, with the vectors' random values and clock,
// the real KeyActor behind them and a probe in place of the socket.

using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Protocol.Tests;
using ActorChat.Storage.Contacts;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class ReplayTests() : TestKit(NodeSettings.LoadConfig("akka.test.single-expect-default = 60 s")) // Argon2id takes its time
{
    // The vector sends steps one by one, and has none of the options of section 7.
    private const string AsTheVector =
        "actorchat.conversation { send-steps-together = off, post-quantum = off, pad-texts = off }\nactorchat.texts.per-conversation = 1";

    private static readonly JsonElement Conversation = Vectors.Load("modern-conversation.json");
    private static readonly JsonElement[] Steps = StepsOf(Conversation);
    private static readonly JsonElement Hybrid = Vectors.Load("modern-conversation-hybrid.json");
    private static readonly JsonElement[] HybridSteps = StepsOf(Hybrid);
    private static readonly JsonElement Classic = Vectors.Load("classic-conversation.json");
    private static readonly JsonElement[] ClassicSteps = StepsOf(Classic);
    private static readonly byte[] Seed = [.. Hybrid.GetProperty("kem").Hex("d"), .. Hybrid.GetProperty("kem").Hex("z")];

    [Fact]
    public void The_initiator_says_every_byte_of_the_vector()
    {
        var random = new ScriptedRandom(Conversation.Hex("ya"), ChallengeOf(Steps, "initiator"));
        var rig = new SessionRig(this, AsTheVector, random, (settings, clock) => Sys.ActorOf(KeyActor.Props(settings, clock, random)));
        rig.StartInitiator(password: Conversation.Text("password"));
        rig.TcpManager.ExpectMsg<Tcp.Connect>();
        rig.Connect();
        rig.Session.Tell(new InitiatorSession.SendText(TextOfTheVector()));
        Play(rig, Steps, "initiator");
        var finished = rig.Parent.ExpectMsg<InitiatorSession.Finished>();
        Assert.Equal((Outcome.Delivered, "bob"), (finished.Outcome, finished.PeerName));
        Assert.Null(rig.Parent.ExpectMsg<InitiatorSession.Ended>().Failure);
    }

    [Fact]
    public void The_responder_says_every_byte_of_the_vector()
    {
        var random = new ScriptedRandom(Conversation.Hex("yb"), ChallengeOf(Steps, "responder"));
        var alice = new ContactDirectory([new Contact("alice", Conversation.Text("password"), "h", 1, "modern", null)]);
        var rig = new SessionRig(this, AsTheVector, random, (settings, clock) => Sys.ActorOf(KeyActor.Props(settings, clock, random)));
        rig.Services.Keys.Tell(new KeyActor.UseContacts(alice, "bob", Secrets: null));
        rig.StartResponder();
        rig.Inbox.SetAutoPilot(new Akka.TestKit.DelegateAutoPilot((sender, message) =>
        {
            sender.Tell(new InboxActor.Answer(((InboxActor.Deliver)message).Texts.Count, Problem: null));
            return Akka.TestKit.AutoPilot.KeepRunning;
        }));
        Play(rig, Steps, "responder");
        Assert.Equal(TextOfTheVector(), Assert.Single(rig.Inbox.ExpectMsg<InboxActor.Deliver>().Texts));
    }

    // The vector's first two texts are not padded and the third is, but padding is one setting for all texts. A PDU depends
    // on earlier ones only by its number, so each setting reproduces those texts of the vector that fit it.
    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public void The_initiator_says_every_byte_of_the_hybrid_vector(string padTexts)
    {
        var random = new ScriptedRandom(Hybrid.Hex("ya"), Seed, ChallengeOf(HybridSteps, "initiator"));
        var rig = NewHybridRig(random, $"conversation.pad-texts = {padTexts}");
        rig.StartInitiator(password: Hybrid.Text("password"));
        rig.TcpManager.ExpectMsg<Tcp.Connect>();
        rig.Connect();
        var texts = TextsOf(HybridSteps);
        rig.Session.Tell(new InitiatorSession.SendText(texts[0]));
        rig.Session.Tell(new InitiatorSession.SendText(texts[1]));
        Play(rig, HybridSteps[..11], "initiator", IsAsSet);
        Play(rig, HybridSteps[11..12], "initiator");
        rig.Session.Tell(new InitiatorSession.SendText(texts[2]));
        Play(rig, HybridSteps[12..], "initiator", IsAsSet);
        Assert.Equal(texts.Select(text => (text.Id, Outcome.Delivered)), texts.Select(_ => rig.Parent.ExpectMsg<InitiatorSession.Finished>()).Select(told => (told.Id, told.Outcome)));

        bool IsAsSet(JsonElement step) => !IsText(step) || (padTexts == "on") == Encoding.UTF8.GetString(step.Hex("plaintext")).Contains("\"pad\"", StringComparison.Ordinal);
    }

    // The inbox answers when the vector says so. Until then the second text is not read.
    [Fact]
    public void The_responder_says_every_byte_of_the_hybrid_vector()
    {
        using var dh2 = JsonDocument.Parse(HybridSteps[1].Text("pdu"));
        var perConversation = dh2.RootElement.GetProperty("body").GetProperty("texts").GetInt32();
        var random = new ScriptedRandom(Hybrid.Hex("yb"), Hybrid.GetProperty("kem").Hex("m"), ChallengeOf(HybridSteps, "responder"));
        var rig = NewHybridRig(random, $"texts.per-conversation = {perConversation}");
        var alice = new ContactDirectory([new Contact("alice", Hybrid.Text("password"), "h", 1, "modern", null, RequiresPostQuantum: true)]);
        rig.Services.Keys.Tell(new KeyActor.UseContacts(alice, "bob", Secrets: null));
        rig.StartResponder();
        Play(rig, HybridSteps[..9], "responder");
        rig.Clock.AutoAdvanceAmount = TimeSpan.Zero;
        var arrived = new List<TextMessage>();
        foreach (var step in HybridSteps[9..])
        {
            SetClock(rig, step);
            if (IsText(step))
            {
                rig.Receive(Encoding.UTF8.GetBytes(step.Text("pdu") + "\n"));
                rig.Settle();
            }
            else
            {
                arrived.AddRange(rig.Inbox.ExpectMsg<InboxActor.Deliver>().Texts);
                rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
                Assert.Equal(step.Text("pdu"), rig.Written());
            }
        }

        Assert.Equal(TextsOf(HybridSteps), arrived);
    }

    // With the default settings: steps together, post-quantum keys, padding and several texts do not apply to classic.
    [Fact]
    public void The_initiator_says_every_byte_of_the_classic_vector()
    {
        var random = new ScriptedRandom(Number("xa"), ChallengeOf(ClassicSteps, "initiator"));
        var rig = NewClassicRig(random);
        rig.StartInitiator(password: Classic.Text("password"), ownName: Classic.Text("user"));
        rig.TcpManager.ExpectMsg<Tcp.Connect>();
        rig.Connect();
        rig.Session.Tell(new InitiatorSession.SendText(new TextMessage(Guid.NewGuid(), ClassicText())));
        Play(rig, ClassicSteps, "initiator");
        var finished = rig.Parent.ExpectMsg<InitiatorSession.Finished>();
        Assert.Equal((Outcome.Delivered, null), (finished.Outcome, finished.PeerName));
        Assert.Null(rig.Parent.ExpectMsg<InitiatorSession.Ended>().Failure);
    }

    [Fact]
    public void The_responder_says_every_byte_of_the_classic_vector()
    {
        var random = new ScriptedRandom(Number("xb"), ChallengeOf(ClassicSteps, "responder"), new byte[16]);
        var rig = NewClassicRig(random);
        var contacts = new ContactDirectory([new Contact(Classic.Text("user"), Classic.Text("password"), "h", 1, "classic", null)]);
        rig.Services.Keys.Tell(new KeyActor.UseContacts(contacts, "bob", Secrets: null));
        rig.StartResponder();
        rig.Inbox.SetAutoPilot(new Akka.TestKit.DelegateAutoPilot((sender, message) =>
        {
            sender.Tell(new InboxActor.Answer(((InboxActor.Deliver)message).Texts.Count, Problem: null));
            return Akka.TestKit.AutoPilot.KeepRunning;
        }));
        Play(rig, ClassicSteps, "responder");
        var delivered = rig.Inbox.ExpectMsg<InboxActor.Deliver>();
        Assert.Equal((Classic.Text("user"), ClassicText()), (delivered.From, Assert.Single(delivered.Texts).Text));
    }

    private SessionRig NewClassicRig(ScriptedRandom random) =>
        new(this, random: random, keys: (settings, clock) => Sys.ActorOf(KeyActor.Props(settings, clock, random))) { Profile = ClassicProfile.Instance };

    private static byte[] Number(string name) => BigInteger.Parse(Classic.Text(name), CultureInfo.InvariantCulture).ToByteArray(isUnsigned: true, isBigEndian: true);

    private static string ClassicText() => Encoding.UTF8.GetString(Assert.Single(ClassicSteps, IsText).Hex("plaintext"));

    private SessionRig NewHybridRig(ScriptedRandom random, string setting) => new(
        this, $"actorchat.conversation {{ send-steps-together = off, post-quantum = required }}\nactorchat.{setting}", random,
        (settings, clock) => Sys.ActorOf(KeyActor.Props(settings, clock, random)));

    // Compares what this side sends, and feeds what the other side sends at the time that it says. The clock moves by a millisecond each time it is
    // read, once to check a PDU and once to write one, which is the pace of the vector.
    private static void Play(SessionRig rig, JsonElement[] steps, string ownSide, Func<JsonElement, bool>? isCompared = null)
    {
        rig.Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(1);
        foreach (var step in steps)
        {
            if (step.Text("from") == ownSide)
            {
                var written = rig.Written();
                Assert.True(isCompared?.Invoke(step) == false || step.Text("pdu") == written, $"{step.Text("pdu")}\nis not\n{written}");
            }
            else
            {
                SetClock(rig, step);
                rig.Receive(Encoding.UTF8.GetBytes(step.Text("pdu") + "\n"));
                rig.Settle();
            }
        }
    }

    private static void SetClock(SessionRig rig, JsonElement step) =>
        rig.Clock.SetUtcNow(DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Round(TimestampOf(step) * 1e6)));

    private static JsonElement[] StepsOf(JsonElement conversation) => [.. conversation.GetProperty("pdus").EnumerateArray()];

    private static bool IsText(JsonElement step) => step.TryGetProperty("msg_type", out var type) && type.GetString() == "text";

    private static TextMessage TextOfTheVector() => Assert.Single(TextsOf(Steps));

    private static TextMessage[] TextsOf(JsonElement[] steps) => [.. steps.Where(IsText).Select(step => TextMessage.FromPlaintext(step.Hex("plaintext"))!)];

    private static byte[] ChallengeOf(JsonElement[] steps, string side) =>
        steps.Single(step => step.Text("from") == side && step.TryGetProperty("msg_type", out var type) && type.GetString() == "chall").Hex("plaintext");

    private static double TimestampOf(JsonElement step)
    {
        using var pdu = JsonDocument.Parse(step.Text("pdu"));
        return pdu.RootElement.GetProperty("header").GetProperty("timestamp").GetDouble();
    }
}
