// Both sessions replay modern-conversation.json byte for byte, with the vector's random values and clock, the real KeyActor behind them
// and a probe in place of the socket.

using System.Text;
using System.Text.Json;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Tests;
using ActorChat.Storage.Contacts;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class ReplayTests() : TestKit(NodeSettings.LoadConfig("akka.test.single-expect-default = 60 s")) // Argon2id takes its time
{
    // Step by step, and with nothing of section 7 in the dh_2.
    private const string AsTheVector = "actorchat { conversation.send-steps-together = off, texts.per-conversation = 1 }";

    private static readonly JsonElement Conversation = Vectors.Load("modern-conversation.json");
    private static readonly JsonElement[] Steps = [.. Conversation.GetProperty("pdus").EnumerateArray()];

    [Fact]
    public void The_initiator_says_every_byte_of_the_vector()
    {
        var random = new ScriptedRandom(Conversation.Hex("ya"), ChallengeOf("initiator"));
        var rig = new SessionRig(this, AsTheVector, random, (settings, clock) => Sys.ActorOf(KeyActor.Props(settings, clock, random)));
        rig.StartInitiator(password: Conversation.Text("password"));
        rig.TcpManager.ExpectMsg<Tcp.Connect>();
        rig.Connect();
        rig.Session.Tell(new InitiatorSession.SendText(TextOfTheVector()));
        Play(rig, "initiator");
        var finished = rig.Parent.ExpectMsg<InitiatorSession.Finished>();
        Assert.Equal((Outcome.Delivered, "bob"), (finished.Outcome, finished.PeerName));
        Assert.Null(rig.Parent.ExpectMsg<InitiatorSession.Ended>().Failure);
    }

    [Fact]
    public void The_responder_says_every_byte_of_the_vector()
    {
        var random = new ScriptedRandom(Conversation.Hex("yb"), ChallengeOf("responder"));
        var alice = new ContactDirectory([new Contact("alice", Conversation.Text("password"), "h", 1, "modern", null)]);
        var rig = new SessionRig(this, AsTheVector, random, (settings, clock) => Sys.ActorOf(KeyActor.Props(settings, clock, random)));
        rig.Services.Keys.Tell(new KeyActor.UseContacts(alice, "bob", Secrets: null));
        rig.StartResponder();
        rig.Inbox.SetAutoPilot(new Akka.TestKit.DelegateAutoPilot((sender, message) =>
        {
            sender.Tell(new InboxActor.Answer(((InboxActor.Deliver)message).Texts.Count, Problem: null));
            return Akka.TestKit.AutoPilot.KeepRunning;
        }));
        Play(rig, "responder");
        Assert.Equal(TextOfTheVector(), Assert.Single(rig.Inbox.ExpectMsg<InboxActor.Deliver>().Texts));
    }

    // What this side says is compared, what the other says is handed in at its own time. The clock moves by a millisecond each time it is
    // read, once to check a PDU and once to write one, which is the pace of the vector.
    private static void Play(SessionRig rig, string ownSide)
    {
        rig.Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(1);
        foreach (var step in Steps)
        {
            if (step.Text("from") == ownSide)
            {
                Assert.Equal(step.Text("pdu"), rig.Written());
            }
            else
            {
                rig.Clock.SetUtcNow(DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Round(TimestampOf(step) * 1e6)));
                rig.Receive(Encoding.UTF8.GetBytes(step.Text("pdu") + "\n"));
                rig.Settle();
            }
        }
    }

    private static TextMessage TextOfTheVector() =>
        TextMessage.FromPlaintext(Steps.Single(step => step.TryGetProperty("msg_type", out var type) && type.GetString() == "text").Hex("plaintext"))!;

    private static byte[] ChallengeOf(string side) =>
        Steps.Single(step => step.Text("from") == side && step.TryGetProperty("msg_type", out var type) && type.GetString() == "chall").Hex("plaintext");

    private static double TimestampOf(JsonElement step)
    {
        using var pdu = JsonDocument.Parse(step.Text("pdu"));
        return pdu.RootElement.GetProperty("header").GetProperty("timestamp").GetDouble();
    }
}
