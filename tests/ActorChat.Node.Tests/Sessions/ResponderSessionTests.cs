// The responder's table of states, complete: every state, every message type, fresh and stale; and what else can happen to it.

using System.Text;
using ActorChat.Protocol.Pdus;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class ResponderSessionTests : TestKit
{
    private static readonly string[] States =
        ["AwaitingDh1", "AwaitingKeys", "AwaitingHello", "AwaitingResponse", "AwaitingChallenge", "AwaitingAck", "AwaitingText", "Storing", "Closed"];

    private static readonly Dictionary<(string State, MsgType Type), string[]> Expected = new()
    {
        [("AwaitingDh1", MsgType.Dh1)] = ["agree from 127.0.0.1"],
        [("AwaitingHello", MsgType.Hello)] = ["write chall"],
        [("AwaitingResponse", MsgType.Resp)] = ["write ack", "alice at 127.0.0.1 has proved it", "authenticated"],
        [("AwaitingChallenge", MsgType.Chall)] = ["write resp"],
        [("AwaitingAck", MsgType.Ack)] = [],
        [("AwaitingAck", MsgType.Nack)] = ["close"],
        [("AwaitingText", MsgType.Text)] = ["deliver Hello Bob \u2713 from alice"],
    };

    private readonly SessionRig _rig;

    public ResponderSessionTests()
        : base(NodeSettings.LoadConfig("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\""))
    {
        _rig = new SessionRig(this);
        _rig.StartResponder();
        _rig.Settle();
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    public static TheoryData<string, MsgType> Table()
    {
        var data = new TheoryData<string, MsgType>();
        foreach (var state in States)
        {
            foreach (var type in Enum.GetValues<MsgType>())
            {
                data.Add(state, type);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_message_in_every_state_does_what_the_table_says(string state, MsgType type)
    {
        DriveTo(state);
        _rig.ReceivePdu(type, PlaintextFor(state, type));
        Assert.Equal(EffectsOf(state, type), _rig.Effects());
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void A_stale_message_does_nothing_in_any_state_and_the_conversation_goes_on(string state, MsgType type)
    {
        DriveTo(state);
        _rig.ReceivePdu(type, stale: true);
        Assert.Empty(_rig.Effects());

        // It changed nothing, and it was counted if it was sealed: the next genuine PDU still has its turn.
        foreach (var next in Enum.GetValues<MsgType>().Where(next => Expected.ContainsKey((state, next))).Take(1))
        {
            _rig.ReceivePdu(next, PlaintextFor(state, next));
            Assert.Equal(Expected[(state, next)], _rig.Effects());
        }
    }

    [Theory]
    [InlineData("AwaitingHello")]
    [InlineData("AwaitingResponse")]
    [InlineData("AwaitingChallenge")]
    [InlineData("AwaitingAck")]
    [InlineData("AwaitingText")]
    public void An_altered_message_in_any_state_is_refused(string state)
    {
        DriveTo(state);
        var type = Expected.Keys.First(key => key.State == state).Type;
        var pdu = _rig.Pdu(type, PlaintextFor(state, type));
        pdu[^10] ^= 1;
        _rig.Receive(pdu);
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingDh1", "{\"header\": 1}", false)]
    [InlineData("AwaitingDh1", "GET / HTTP/1.1", false)]
    [InlineData("AwaitingHello", "{\"header\": 1}", true)]
    [InlineData("AwaitingHello", "[]", true)]
    [InlineData("AwaitingText", "{}", true)]
    public void Malformed_bytes_end_the_conversation_with_a_nack_if_there_are_keys(string state, string bytes, bool hasKeys)
    {
        DriveTo(state);
        _rig.Receive(Encoding.UTF8.GetBytes(bytes));
        Assert.Equal(hasKeys ? ["write nack", "close"] : ["abort"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingDh1", 16_384)]
    [InlineData("AwaitingAck", 16_384)]
    [InlineData("AwaitingText", 131_072)]
    public void A_PDU_that_outgrows_its_limit_ends_the_conversation_before_it_is_whole(string state, int limit)
    {
        DriveTo(state);
        _rig.Receive(Encoding.ASCII.GetBytes("{\"x\": \"" + new string('x', limit - 7)));
        Assert.Empty(_rig.Effects());
        _rig.Receive("x"u8);
        Assert.Contains(state == "AwaitingDh1" ? "abort" : "close", _rig.Effects());
    }

    [Fact]
    public void A_wrong_answer_to_the_challenge_gets_a_nack()
    {
        DriveTo("AwaitingResponse");
        _rig.ReceivePdu(MsgType.Resp, new byte[32]);
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingResponse", MsgType.Resp)]
    [InlineData("AwaitingChallenge", MsgType.Chall)]
    [InlineData("AwaitingText", MsgType.Text)]
    public void A_genuine_message_with_a_wrong_plaintext_is_malformed(string state, MsgType type)
    {
        DriveTo(state);
        _rig.ReceivePdu(type, "short"u8.ToArray());
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingHello", MsgType.Hello)]
    [InlineData("AwaitingAck", MsgType.Ack)]
    public void A_body_where_there_is_nothing_to_say_is_malformed(string state, MsgType type)
    {
        DriveTo(state);
        _rig.ReceivePdu(type, "something"u8.ToArray());
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Fact]
    public void What_comes_before_the_keys_waits_and_is_read_when_they_are_there()
    {
        DriveTo("AwaitingKeys");
        var agreed = _rig.Agree("responder", "initiator", "alice", Dh2());
        _rig.ReceivePdu(MsgType.Hello);
        Assert.Empty(_rig.Effects());
        _rig.Session.Tell(agreed);
        Assert.Equal(["write dh_2", "write chall"], _rig.Effects());
    }

    [Fact]
    public void Two_messages_in_one_segment_are_both_answered()
    {
        DriveTo("AwaitingResponse");
        _rig.Receive([.. _rig.Pdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge)), .. "\n"u8, .. _rig.Pdu(MsgType.Chall)]);
        Assert.Equal(["write ack", "write resp", "alice at 127.0.0.1 has proved it", "authenticated"], _rig.Effects());
    }

    [Fact]
    public void A_large_text_may_come_in_one_segment_with_the_ack_before_it()
    {
        DriveTo("AwaitingAck");
        var text = (SessionRig.Message with { Text = new string('x', 60_000) }).ToPlaintext(100_000);
        _rig.Receive([.. _rig.Pdu(MsgType.Ack), .. "\n"u8, .. _rig.Pdu(MsgType.Text, text)]);
        Assert.StartsWith("deliver xxx", _rig.Effects().Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_receipt_is_sent_only_when_the_inbox_has_the_message()
    {
        DriveTo("Storing");
        _rig.Session.Tell(new InboxActor.Accepted(SessionRig.Message.Id));
        Assert.Equal(["write ack", "close"], _rig.Effects());
    }

    [Fact]
    public void A_message_that_could_not_be_logged_gets_a_nack()
    {
        DriveTo("Storing");
        _rig.Session.Tell(new InboxActor.NotAccepted(SessionRig.Message.Id));
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingDh1", 5)]
    [InlineData("AwaitingResponse", 10)]
    [InlineData("AwaitingAck", 10)]
    [InlineData("AwaitingText", 25)]
    [InlineData("Storing", 25)]
    public void A_phase_ends_at_its_deadline_and_progress_does_not_move_it(string state, int seconds)
    {
        Scheduler.Advance(TimeSpan.FromSeconds(state is "AwaitingText" or "Storing" ? 0 : 4));
        DriveTo(state);
        Scheduler.Advance(TimeSpan.FromSeconds(seconds - 4.1));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(4.1));
        Assert.Equal([state == "AwaitingDh1" ? "abort" : "close"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingDh1")]
    [InlineData("AwaitingHello")]
    [InlineData("AwaitingText")]
    public void A_peer_that_drips_is_cut_off_however_steadily_it_drips(string state)
    {
        DriveTo(state);
        _rig.Receive("{"u8);
        _rig.Settle();
        for (var i = 0; i < 48; i++)
        {
            Scheduler.Advance(TimeSpan.FromMilliseconds(100));
            _rig.Receive("\""u8);
            Assert.Empty(_rig.Effects());
        }

        Scheduler.Advance(TimeSpan.FromMilliseconds(201));
        Assert.Equal([state == "AwaitingDh1" ? "abort" : "close"], _rig.Effects());
    }

    [Fact]
    public void Each_PDU_has_a_deadline_of_its_own()
    {
        DriveTo("AwaitingText");
        var text = _rig.Pdu(MsgType.Text);
        Scheduler.Advance(TimeSpan.FromSeconds(20)); // waiting for its beginning is another matter
        _rig.Receive(text.AsSpan(0, 10));
        _rig.Settle();
        Scheduler.Advance(TimeSpan.FromSeconds(4.5));
        _rig.Receive(text.AsSpan(10));
        Assert.Equal(["deliver Hello Bob \u2713 from alice"], _rig.Effects());
    }

    [Fact]
    public void A_peer_that_takes_nothing_in_is_cut_off()
    {
        DriveTo("AwaitingHello");
        Watch(_rig.Session);
        _rig.Session.Tell(new Tcp.CommandFailed(Tcp.Write.Create(ByteString.FromBytes([1]))));
        ExpectTerminated(_rig.Session);
        Assert.Equal(["abort"], _rig.Effects());
    }

    [Fact]
    public void A_name_that_no_directory_can_hold_is_refused_before_anything_is_computed()
    {
        _rig.Receive(_rig.KeyAgreement(MsgType.Dh1, new string('x', 256)));
        Assert.Equal(["abort"], _rig.Effects());
    }

    [Fact]
    public void Too_many_stale_messages_end_the_conversation()
    {
        DriveTo("AwaitingHello");
        for (var i = 0; i < 9; i++)
        {
            _rig.ReceivePdu(MsgType.Hello, stale: true);
        }

        Assert.Empty(_rig.Effects());
        _rig.ReceivePdu(MsgType.Hello, stale: true);
        Assert.Equal(["close"], _rig.Effects());
    }

    [Fact]
    public void A_peer_that_does_not_close_is_reset_and_the_session_ends()
    {
        DriveTo("Closed");
        Watch(_rig.Session);
        _rig.ReceivePdu(MsgType.Text);
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(2));
        ExpectTerminated(_rig.Session);
        Assert.Equal(["abort"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingDh1")]
    [InlineData("AwaitingKeys")]
    [InlineData("AwaitingText")]
    [InlineData("Storing")]
    [InlineData("Closed")]
    public void A_lost_connection_ends_the_session_in_any_state(string state)
    {
        DriveTo(state);
        Watch(_rig.Session);
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        ExpectTerminated(_rig.Session);
        Assert.Empty(_rig.Effects());
    }

    [Fact]
    public void A_public_value_that_must_be_refused_ends_the_conversation()
    {
        DriveTo("AwaitingKeys");
        _rig.Session.Tell(new KeyActor.Refused());
        Assert.Equal(["abort"], _rig.Effects());
    }

    private static byte[] Dh2() => PduWriter.WriteKeyAgreement(MsgType.Dh2, SessionRig.Start, ("username", "bob"), ("key", "x"));

    private static string[] EffectsOf(string state, MsgType type) =>
        Expected.TryGetValue((state, type), out var effects) ? effects
        : state is "AwaitingKeys" or "Storing" or "Closed" ? [] // nothing is read while something must be there first, nor after the end
        : state == "AwaitingDh1" ? ["abort"]
        : ["write nack", "close"];

    private byte[]? PlaintextFor(string state, MsgType type) =>
        (state, type) == ("AwaitingResponse", MsgType.Resp) ? _rig.Answer(SessionRig.Challenge) : null;

    // Walks the conversation up to a state, each step with a genuine PDU.
    private void DriveTo(string state)
    {
        var steps = new Action[]
        {
            () => _rig.ReceivePdu(MsgType.Dh1),
            () => _rig.Session.Tell(_rig.Agree("responder", "initiator", "alice", Dh2())),
            () => _rig.ReceivePdu(MsgType.Hello),
            () => _rig.ReceivePdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge)),
            () => _rig.ReceivePdu(MsgType.Chall),
            () => _rig.ReceivePdu(MsgType.Ack),
            () => _rig.ReceivePdu(MsgType.Text),
            () => _rig.Session.Tell(new InboxActor.Accepted(SessionRig.Message.Id)),
        };
        foreach (var step in steps.Take(Array.IndexOf(States, state)))
        {
            step();
            Assert.NotNull(_rig.Effects());
        }
    }
}
