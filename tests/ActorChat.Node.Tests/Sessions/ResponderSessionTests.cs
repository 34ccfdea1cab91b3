// The responder's whole table of states: every state and every message type, fresh, stale and forged. And what else can happen to a responder.

using System.Text;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class ResponderSessionTests : TestKit
{
    // The states by name, and AwaitingText a second time, when the first text has its answer.
    private static readonly string[] States =
    [
        "AwaitingDh1", "AwaitingKeys", "AwaitingHello", "AwaitingResponse", "AwaitingChallenge", "AwaitingAck", "AwaitingText", "Storing", "AwaitingNextText",
        "StoringNext", "Closing",
    ];

    private static readonly string[] StatesThatReadNothing = ["AwaitingKeys", "Storing", "StoringNext", "Closing"];

    private static readonly Dictionary<(string State, MsgType Type), string[]> Expected = new()
    {
        [("AwaitingDh1", MsgType.Dh1)] = ["agree from 127.0.0.1"],
        [("AwaitingHello", MsgType.Hello)] = ["write chall"],
        [("AwaitingResponse", MsgType.Resp)] = ["write ack", "alice at 127.0.0.1 has proved it", "alice is authenticated"],
        [("AwaitingChallenge", MsgType.Chall)] = ["write resp"],
        [("AwaitingAck", MsgType.Ack)] = [],
        [("AwaitingAck", MsgType.Nack)] = ["close"],
        [("AwaitingText", MsgType.Text)] = ["deliver Hello Bob \u2713 from alice"],
        [("AwaitingNextText", MsgType.Text)] = ["deliver Hello Bob \u2713 from alice"],
    };

    private SessionRig _rig;

    public ResponderSessionTests()
        : base(NodeSettings.LoadConfig("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")) => _rig = Started(new SessionRig(this));

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

    public static TheoryData<string> AllStates() => [.. States];

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
        if (type.IsKeyAgreement() && state != "AwaitingDh1")
        {
            Assert.Equal(EffectsOf(state, type), _rig.Effects()); // where there are keys, the time in a PDU that is not sealed says nothing
            return;
        }

        Assert.Empty(_rig.Effects());

        // The stale PDU changed nothing but, where sealed, the count: the next genuine PDU is taken. Only a text behind an ignored text
        // gets no answer, since that would be taken for the answer to the ignored one.
        foreach (var next in Enum.GetValues<MsgType>().Where(next => Expected.ContainsKey((state, next))).Take(1))
        {
            _rig.ReceivePdu(next, PlaintextFor(state, next));
            Assert.Equal(type == MsgType.Text && next == MsgType.Text ? [] : Expected[(state, next)], _rig.Effects());
        }
    }

    // The time is part of the PDU, so it is not believed before the HMAC is checked.
    [Theory]
    [MemberData(nameof(Table))]
    public void A_forged_message_is_refused_as_forged_whatever_its_type_and_its_time(string state, MsgType type)
    {
        foreach (var isStale in new[] { false, true })
        {
            _rig = Started(new SessionRig(this));
            DriveTo(state);
            if (type.IsKeyAgreement())
            {
                return; // it is never sealed; the table has it
            }

            _rig.Receive(_rig.Forgery(type, isStale));
            Assert.Equal(
                StatesThatReadNothing.Contains(state) || (isStale && state == "AwaitingDh1") ? []
                : state == "AwaitingDh1" ? ["abort"]
                : ["write nack", "close"],
                _rig.Effects());
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
        Assert.Equal(["write ack", "write resp", "alice at 127.0.0.1 has proved it", "alice is authenticated"], _rig.Effects());
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
        _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
        Assert.Equal(["write ack"], _rig.Effects());
    }

    [Fact]
    public void A_message_that_could_not_be_logged_gets_a_nack()
    {
        DriveTo("Storing");
        _rig.Session.Tell(new InboxActor.Answer(Taken: 0, "the disk is full"));
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Fact]
    public void No_text_is_read_before_the_conversation_is_counted_so_what_is_refused_was_not_taken()
    {
        _rig.Parent.SetAutoPilot(new DelegateAutoPilot((_, _) => AutoPilot.KeepRunning)); // the listener has not counted it yet
        DriveTo("AwaitingAck");
        _rig.Effects();
        _rig.ReceivePdu(MsgType.Ack);
        _rig.ReceivePdu(MsgType.Text);
        Assert.Empty(_rig.Effects());

        _rig.Session.Tell(new Session.EndNow("more conversations than one contact may have"));
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Fact]
    public void Texts_that_come_together_go_to_the_inbox_together_and_are_acknowledged_one_by_one()
    {
        DriveTo("AwaitingText");
        _rig.ReceiveTogether(_rig.TextPdu(1), _rig.TextPdu(2), _rig.TextPdu(3));
        Assert.Equal(["deliver text 1, text 2, text 3 from alice"], _rig.Effects());
        _rig.Session.Tell(new InboxActor.Answer(Taken: 3, Problem: null));
        Assert.Equal(["write ack", "write ack", "write ack"], _rig.Effects());
    }

    [Fact]
    public void Texts_that_come_with_the_last_of_the_handshake_are_taken_with_it()
    {
        DriveTo("AwaitingAck");
        _rig.ReceiveTogether(_rig.Pdu(MsgType.Ack), _rig.TextPdu(1), _rig.TextPdu(2));
        Assert.Equal(["deliver text 1, text 2 from alice"], _rig.Effects());
    }

    [Fact]
    public void A_text_of_which_only_the_beginning_is_here_does_not_hold_up_those_before_it()
    {
        DriveTo("AwaitingText");
        var (first, second) = (_rig.TextPdu(1), _rig.TextPdu(2));
        _rig.Receive([.. first, .. second[..50]]);
        Assert.Equal(["deliver text 1 from alice"], _rig.Effects());
        _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
        Assert.Equal(["write ack"], _rig.Effects());
        _rig.Receive(second[50..]);
        Assert.Equal(["deliver text 2 from alice"], _rig.Effects());
    }

    [Fact]
    public void While_texts_are_stored_nothing_more_is_read()
    {
        DriveTo("Storing");
        _rig.ReceivePdu(MsgType.Text);
        Assert.Empty(_rig.Effects());
        _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
        Assert.Equal(["write ack", "deliver Hello Bob \u2713 from alice"], _rig.Effects());
    }

    [Fact]
    public void No_more_than_may_be_unanswered_go_to_the_inbox_at_a_time()
    {
        DriveTo("AwaitingText");
        _rig.ReceiveTogether([.. Enumerable.Range(1, 20).Select(n => _rig.TextPdu(n))]);
        Assert.Equal([$"deliver {string.Join(", ", Enumerable.Range(1, 16).Select(n => $"text {n}"))} from alice"], _rig.Effects());
        _rig.Session.Tell(new InboxActor.Answer(Taken: 16, Problem: null));
        Assert.Equal([.. Enumerable.Repeat("write ack", 16), "deliver text 17, text 18, text 19, text 20 from alice"], _rig.Effects());
    }

    [Fact]
    public void The_first_text_that_was_not_taken_gets_a_nack_and_nothing_behind_it_is_read()
    {
        DriveTo("AwaitingText");
        _rig.ReceiveTogether(_rig.TextPdu(1), _rig.TextPdu(2), _rig.TextPdu(3));
        Assert.Single(_rig.Effects());
        _rig.Receive(_rig.TextPdu(4));
        _rig.Session.Tell(new InboxActor.Answer(Taken: 2, "the disk is full"));
        Assert.Equal(["write ack", "write ack", "write nack", "close"], _rig.Effects());
        _rig.Receive(_rig.TextPdu(5));
        Assert.Empty(_rig.Effects());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_last_text_that_was_announced_ends_the_conversation(int announced)
    {
        Restart(announced);
        DriveTo("AwaitingText");
        for (var n = 1; n < announced; n++)
        {
            _rig.Receive(_rig.TextPdu(n));
            Assert.Single(_rig.Effects());
            _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
            Assert.Equal(["write ack"], _rig.Effects());
        }

        _rig.Receive(_rig.TextPdu(announced));
        Assert.Single(_rig.Effects());
        _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
        Assert.Equal(["write ack", "close"], _rig.Effects());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    public void More_texts_than_were_announced_are_unexpected(int announced, int before)
    {
        Restart(announced);
        DriveTo("AwaitingText");
        if (before > 0)
        {
            _rig.ReceiveTogether([.. Enumerable.Range(1, before).Select(n => _rig.TextPdu(n))]);
            Assert.Single(_rig.Effects());
            _rig.Session.Tell(new InboxActor.Answer(before, Problem: null));
            Assert.Equal(before, _rig.Effects().Count);
        }

        _rig.ReceiveTogether([.. Enumerable.Range(before + 1, announced - before + 1).Select(n => _rig.TextPdu(n))]);
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    // The initiator takes an answer for that to its first unanswered text. So a text behind an ignored one must get none.
    [Fact]
    public void Behind_a_text_that_was_ignored_none_is_answered_and_those_before_it_are()
    {
        DriveTo("AwaitingText");
        _rig.ReceiveTogether(_rig.TextPdu(1), _rig.TextPdu(2, stale: true), _rig.TextPdu(3));
        Assert.Equal(["deliver text 1 from alice"], _rig.Effects());
        _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
        Assert.Equal(["write ack"], _rig.Effects());
        _rig.Receive(_rig.TextPdu(4));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(["close"], _rig.Effects());
    }

    [Fact]
    public void The_text_deadline_begins_anew_with_each_answer()
    {
        DriveTo("AwaitingText");
        for (var i = 0; i < 3; i++)
        {
            Scheduler.Advance(TimeSpan.FromSeconds(20));
            _rig.ReceivePdu(MsgType.Text);
            Assert.Single(_rig.Effects());
            _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
            Assert.Equal(["write ack"], _rig.Effects());
        }

        Scheduler.Advance(TimeSpan.FromSeconds(24.9));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(["close"], _rig.Effects());
    }

    [Fact]
    public void Texts_that_are_not_answered_do_not_move_the_deadline()
    {
        DriveTo("AwaitingText");
        Scheduler.Advance(TimeSpan.FromSeconds(20));
        _rig.ReceivePdu(MsgType.Text);
        Assert.Single(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Equal(["close"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingText", true)]
    [InlineData("AwaitingNextText", false)]
    public void A_close_behind_an_answered_text_is_the_end_and_one_before_it_is_a_loss(string state, bool isLoss)
    {
        DriveTo(state);
        var log = CreateTestProbe();
        Sys.EventStream.Subscribe(log, typeof(Akka.Event.Info));
        Watch(_rig.Session);
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        ExpectTerminated(_rig.Session);
        Assert.Empty(_rig.Effects());
        var lines = new List<string>();
        while (log.ReceiveOne(TimeSpan.Zero) is Akka.Event.Info line)
        {
            lines.Add($"{line.Message}");
        }

        Assert.Equal(isLoss, lines.Exists(line => line.Contains("the connection was lost", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_conversation_that_is_to_end_now_says_nack_where_there_are_keys_and_never_to_a_text_that_may_be_stored(string state)
    {
        DriveTo(state);
        _rig.Session.Tell(new Session.EndNow("its entry was removed"));
        Assert.Equal(
            state switch
            {
                "AwaitingDh1" or "AwaitingKeys" => ["abort"],
                "Storing" or "StoringNext" => ["close"],
                "Closing" => [],
                _ => ["write nack", "close"],
            },
            _rig.Effects());
        _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
        _rig.ReceivePdu(MsgType.Text);
        Assert.Empty(_rig.Effects());
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_session_that_fails_resets_its_connection_in_any_state(string state)
    {
        DriveTo(state);
        Watch(_rig.Session);
        _rig.Session.Tell(Kill.Instance);
        ExpectTerminated(_rig.Session);
        Assert.Equal(["abort"], _rig.Effects());
    }

    [Fact]
    public void Keys_that_come_when_nobody_waits_for_them_any_more_are_cleared()
    {
        DriveTo("Closing");
        _rig.Session.Tell(_rig.Agree("responder", "initiator", "alice", Dh2()));
        Assert.Empty(_rig.Effects());
        Assert.True(SessionRig.AreCleared(_rig.SessionKeys!));
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_session_that_ends_clears_its_keys(string state)
    {
        DriveTo(state);
        Watch(_rig.Session);
        Assert.False(_rig.SessionKeys is { } keys && state != "Closing" && SessionRig.AreCleared(keys));
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        ExpectTerminated(_rig.Session);
        Assert.True(_rig.SessionKeys is null || SessionRig.AreCleared(_rig.SessionKeys));
    }

    [Theory]
    [InlineData("AwaitingDh1", 5)]
    [InlineData("AwaitingResponse", 10)]
    [InlineData("AwaitingAck", 10)]
    [InlineData("AwaitingText", 25)]
    [InlineData("Storing", 25)]
    [InlineData("AwaitingNextText", 25)]
    [InlineData("StoringNext", 25)]
    public void A_phase_ends_at_its_deadline_and_progress_does_not_move_it(string state, int seconds)
    {
        Scheduler.Advance(TimeSpan.FromSeconds(state.Contains("Text", StringComparison.Ordinal) || state.StartsWith("Storing", StringComparison.Ordinal) ? 0 : 4));
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
        Scheduler.Advance(TimeSpan.FromSeconds(20)); // the time before its first byte does not count
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
    public void A_peer_gets_nothing_but_the_end_where_its_keys_cannot_be_agreed()
    {
        DriveTo("AwaitingKeys");
        _rig.Session.Tell(new KeyActor.Failed("too many conversations wait for their keys"));
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
        DriveTo("Closing");
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
    [InlineData("AwaitingNextText")]
    [InlineData("StoringNext")]
    [InlineData("Closing")]
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

    private static byte[] Dh2() => PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, SessionRig.Start, ("username", "bob"), ("key", "x"));

    private static string[] EffectsOf(string state, MsgType type) =>
        Expected.TryGetValue((state, type), out var effects) ? effects
        : StatesThatReadNothing.Contains(state) ? [] // nothing is read while another actor's answer is awaited, nor after the end
        : state == "AwaitingDh1" ? ["abort"]
        : ["write nack", "close"];

    private byte[]? PlaintextFor(string state, MsgType type) =>
        (state, type) == ("AwaitingResponse", MsgType.Resp) ? _rig.Answer(SessionRig.Challenge) : null;

    private static SessionRig Started(SessionRig rig)
    {
        rig.StartResponder();
        rig.Settle();
        return rig;
    }

    private void Restart(int texts) => _rig = Started(new SessionRig(this, $"actorchat.texts.per-conversation = {texts}"));

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
            () => _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null)),
            () => _rig.ReceivePdu(MsgType.Text),
            () => _rig.Session.Tell(new InboxActor.Answer(Taken: 0, "the disk is full")),
        };
        foreach (var step in steps.Take(Array.IndexOf(States, state)))
        {
            step();
            Assert.NotNull(_rig.Effects());
        }
    }
}
