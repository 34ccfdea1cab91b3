// The initiator's whole table of states, and the outcome that each text gets, exactly once, however the conversation ends.

using System.Net.Sockets;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class InitiatorSessionTests : TestKit
{
    // The states by name. AwaitingFirstText is AwaitingReceipt before there is a text to send.
    private static readonly string[] States =
        ["AwaitingGenerator", "Connecting", "AwaitingDh2", "AwaitingChallenge", "AwaitingAck", "AwaitingResponse", "AwaitingReceipt", "AwaitingFirstText", "Closing"];

    private static readonly Dictionary<(string State, MsgType Type), string[]> Expected = new()
    {
        [("AwaitingDh2", MsgType.Dh2)] = ["write hello"],
        [("AwaitingChallenge", MsgType.Chall)] = ["write resp", "write chall"],
        [("AwaitingAck", MsgType.Ack)] = [],
        [("AwaitingAck", MsgType.Nack)] = ["close", "keys confirmed", "ended WrongPassword"],
        [("AwaitingResponse", MsgType.Resp)] = ["write ack", "write text"],
        [("AwaitingResponse", MsgType.Nack)] = ["close", "keys confirmed", "ended Refused"], // it had accepted us before, so it is not the password
        [("AwaitingReceipt", MsgType.Ack)] = ["close", "keys confirmed", "report Delivered by bob", "ended"],
        [("AwaitingReceipt", MsgType.Nack)] = ["close", "keys confirmed", "report Rejected Refused by bob", "ended"],
        [("AwaitingFirstText", MsgType.Nack)] = ["close", "keys confirmed", "ended Refused"],
    };

    private SessionRig _rig;

    public InitiatorSessionTests()
        : base(NodeSettings.LoadConfig("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")) => _rig = new SessionRig(this);

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
        if (type.IsKeyAgreement() && state != "AwaitingDh2")
        {
            Assert.Equal(EffectsOf(state, type), _rig.Effects()); // where there are keys, the time in a PDU that is not sealed says nothing
            return;
        }

        Assert.Empty(_rig.Effects());
        foreach (var next in Enum.GetValues<MsgType>().Where(next => Expected.ContainsKey((state, next))).Take(1))
        {
            _rig.ReceivePdu(next, PlaintextFor(state, next));
            Assert.Equal(Expected[(state, next)], _rig.Effects());
        }
    }

    // The time is part of the PDU, so it is not believed before the HMAC is checked. A forged time is not reported as a difference of the clocks.
    [Theory]
    [MemberData(nameof(Table))]
    public void A_forged_message_is_refused_as_forged_whatever_its_type_and_its_time(string state, MsgType type)
    {
        foreach (var isStale in type.IsKeyAgreement() ? [] : new[] { false, true })
        {
            _rig = new SessionRig(this);
            DriveTo(state);
            _rig.Receive(_rig.Forgery(type, isStale));
            Assert.Equal(
                state switch
                {
                    "Connecting" or "AwaitingGenerator" or "Closing" => [],
                    "AwaitingDh2" => isStale ? [] : ["close", "ended ProtocolViolated"],
                    "AwaitingChallenge" => ["write nack", "close", "keys not confirmed", "ended WrongPassword"],
                    "AwaitingReceipt" => ["write nack", "close", "keys confirmed", "report Unknown ProtocolViolated by bob", "ended ProtocolViolated"],
                    "AwaitingFirstText" => ["write nack", "close", "keys confirmed", "ended ProtocolViolated"],
                    _ => ["write nack", "close", "keys confirmed", "ended WrongPassword"],
                },
                _rig.Effects());
        }
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_lost_connection_is_reported_once_as_what_is_certain(string state)
    {
        DriveTo(state);
        Watch(_rig.Session);
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        ExpectTerminated(_rig.Session);
        Assert.Equal(
            state switch
            {
                "Closing" => [],
                "AwaitingDh2" => ["ended ClosedAtOnce"],
                "AwaitingChallenge" => ["keys not confirmed", "ended KeysNotConfirmed"],
                _ => EndOf(state, "ConnectionLost"),
            },
            _rig.Effects());
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_session_that_fails_resets_its_connection_and_reports_once_too(string state)
    {
        DriveTo(state);
        Watch(_rig.Session);
        _rig.Session.Tell(Kill.Instance);
        ExpectTerminated(_rig.Session);
        Assert.Equal(
            state switch
            {
                "Closing" => ["abort"],
                "AwaitingGenerator" or "Connecting" => ["ended InternalError"],
                _ => ["abort", .. EndOf(state, "InternalError")],
            },
            _rig.Effects());
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_conversation_that_is_to_end_now_closes_and_reports_once_too(string state)
    {
        DriveTo(state);
        _rig.Session.Tell(new Session.EndNow("given up"));
        Assert.Equal(
            state switch
            {
                "Closing" => [],
                "AwaitingGenerator" or "Connecting" => ["ended Stopping"],
                "AwaitingFirstText" => ["close", "keys confirmed", "ended"], // nothing was left to say
                _ => ["close", .. EndOf(state, "Stopping")],
            },
            _rig.Effects());
        _rig.Session.Tell(new Session.EndNow("given up"));
        Assert.Empty(_rig.Effects());
    }

    [Fact]
    public void Long_texts_are_under_way_together_only_as_far_as_they_surely_fit()
    {
        _rig.Texts = 3;
        DriveTo("AwaitingFirstText");
        _rig.Effects();
        foreach (var letter in "abc")
        {
            _rig.Session.Tell(new InitiatorSession.SendText(new TextMessage(Guid.NewGuid(), new string(letter, 60_000))));
        }

        Assert.StartsWith("write aaa", Assert.Single(_rig.Effects()), StringComparison.Ordinal); // two of them would be longer than max-pdu-size
        _rig.ReceivePdu(MsgType.Ack);
        var effects = _rig.Effects();
        Assert.StartsWith("write bbb", effects[0], StringComparison.Ordinal);
        Assert.Equal("report Delivered by bob", Assert.Single(effects[1..]));
    }

    // There are two deadlines: from the connection to step 9, and from there to the receipt. PDUs in between move neither.
    [Theory]
    [InlineData("Connecting", 10, "ended NoConnectionInTime")]
    [InlineData("AwaitingGenerator", 10, "ended NoAnswerInTime")]
    [InlineData("AwaitingDh2", 10, "ended SilentAfterCall")]
    [InlineData("AwaitingChallenge", 10, "ended KeysNotConfirmed")]
    [InlineData("AwaitingAck", 10, "ended NoAnswerInTime")]
    [InlineData("AwaitingResponse", 10, "ended NoAnswerInTime")]
    [InlineData("AwaitingReceipt", 25, "ended NoAnswerInTime")]
    [InlineData("AwaitingFirstText", 25, "ended")] // no answer was due
    public void A_phase_ends_at_its_deadline_and_progress_does_not_move_it(string state, int seconds, string end)
    {
        _rig.StartInitiator();
        _rig.Settle();
        Scheduler.Advance(TimeSpan.FromSeconds(seconds == 25 ? 0 : 4));
        DriveTo(state);
        Scheduler.Advance(TimeSpan.FromSeconds(seconds - 4.1));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(4.1));
        Assert.Equal(
            [
                .. state is "AwaitingGenerator" or "Connecting" ? Array.Empty<string>() : ["close"],
                .. state switch { "Connecting" or "AwaitingGenerator" or "AwaitingDh2" => [], "AwaitingChallenge" => ["keys not confirmed"], _ => new[] { "keys confirmed" } },
                .. state == "AwaitingReceipt" ? ["report Unknown NoAnswerInTime by bob"] : Array.Empty<string>(),
                end,
            ],
            _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingDh2")]
    [InlineData("AwaitingAck")]
    [InlineData("AwaitingReceipt")]
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
        Assert.Equal("close", _rig.Effects()[0]);
    }

    [Theory]
    [InlineData(-60, "60 seconds (theirs is behind)")]
    [InlineData(3600, "3600 seconds (theirs is ahead)")]
    public void Where_a_message_was_ignored_the_difference_of_the_clocks_is_the_reason(int seconds, string difference)
    {
        DriveTo("AwaitingDh2");
        var clock = Timestamp.Now(_rig.Clock) + seconds;
        _rig.Receive(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, clock, ("username", "bob"), ("key", Convert.ToBase64String(SessionRig.Challenge))));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new Failure(FailureKind.ClocksDiffer, difference), _rig.Parent.ExpectMsg<InitiatorSession.Ended>().Failure);
    }

    // A good HMAC shows that the other side has the same keys, whatever the PDU's time.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_first_message_that_verifies_confirms_the_keys(bool isStale)
    {
        DriveTo("AwaitingChallenge");
        _rig.ReceivePdu(MsgType.Chall, isStale ? null : "short"u8.ToArray(), isStale);
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        Assert.Contains("keys confirmed", _rig.Effects());
    }

    [Fact]
    public void A_responder_that_answers_the_challenge_wrong_never_gets_the_message()
    {
        DriveTo("AwaitingResponse");
        _rig.ReceivePdu(MsgType.Resp, new byte[32]);
        Assert.Equal(["write nack", "close", "keys confirmed", "ended WrongPassword"], _rig.Effects());
    }

    [Fact]
    public void Somebody_else_who_knows_the_password_never_gets_the_message()
    {
        _rig.PeerName = "carol\u001b";
        DriveTo("AwaitingDh2");
        _rig.ReceivePdu(MsgType.Dh2);
        Assert.Equal(["close", "ended SomebodyElseAnswered"], _rig.Effects());
    }

    [Theory]
    [InlineData(false, false, "write hello")]
    [InlineData(false, true, "write hello")]
    [InlineData(true, true, "write hello")]
    [InlineData(true, false, "close", "ended NoPostQuantum")]
    public void Keys_that_are_not_post_quantum_where_that_is_required_seal_nothing(bool isRequired, bool isPostQuantum, params string[] effects)
    {
        _rig.IsPostQuantum = isPostQuantum;
        DriveTo("AwaitingGenerator");
        _rig.Session.Tell(new KeyActor.Initiated(new FakeInitiation(_rig), isRequired));
        DriveOn("Connecting", "AwaitingDh2");
        _rig.ReceivePdu(MsgType.Dh2);
        Assert.Equal(effects, _rig.Effects());
    }

    // The length on the wire says the text's length only to within 256 bytes or 12 %. The longest text still fits a PDU.
    [Theory]
    [InlineData("on", 1, 256)]
    [InlineData("on", 100, 256)]
    [InlineData("on", 1000, 1088)]
    [InlineData("off", 1, 59)]
    [InlineData("on", 65_536, 67_584)]
    public void A_text_is_padded_before_it_is_sealed(string setting, int length, int expected)
    {
        _rig = new SessionRig(this, $"actorchat.conversation.pad-texts = {setting}");
        DriveTo("AwaitingFirstText");
        _rig.Session.Tell(new InitiatorSession.SendText(SessionRig.Message with { Text = new string('a', length) }));
        Assert.Equal(expected, _rig.LengthOfWrittenText());
    }

    [Fact]
    public void The_longest_text_that_fits_without_padding_fits_with_it()
    {
        DriveTo("AwaitingFirstText");
        var longest = SealedChannel.MaxPlaintextSize(_rig.Services.Settings.MaxPduSize);
        var text = SessionRig.Message with { Text = "" };
        text = text with { Text = new string('a', longest - text.ToPlaintext(1000)!.Length) };
        _rig.Session.Tell(new InitiatorSession.SendText(text));
        Assert.Equal(longest, _rig.LengthOfWrittenText());
    }

    // At an address typed by hand anybody may answer, under any name.
    [Theory]
    [InlineData("AwaitingChallenge")]
    [InlineData("AwaitingAck")]
    [InlineData("AwaitingResponse")]
    public void The_name_that_a_peer_claims_and_has_not_proved_is_never_reported(string state)
    {
        _rig.PeerName = "somebody";
        _rig.StartInitiator(expectedName: null);
        DriveTo(state);
        var tooLong = SessionRig.Message with { Id = Guid.NewGuid(), Text = new string('\u0001', 50_000) };
        _rig.Session.Tell(new InitiatorSession.SendText(tooLong));
        Assert.Equal(["report NotDelivered TooLong"], _rig.Effects());
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        _rig.Settle();
        Assert.DoesNotContain("somebody", $"{_rig.Parent.FishForMessage<InitiatorSession.Ended>(_ => true)}", StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_that_answered_a_typed_address_is_reported_once_it_is_proved()
    {
        _rig.PeerName = "somebody";
        _rig.StartInitiator(expectedName: null);
        DriveTo("AwaitingReceipt");
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal(["close", "keys confirmed", "report Delivered by somebody", "ended"], _rig.Effects());
    }

    [Fact]
    public void Without_steps_together_the_challenge_waits_for_the_ack()
    {
        _rig = new SessionRig(this, "actorchat.conversation.send-steps-together = off");
        DriveTo("AwaitingChallenge");
        _rig.ReceivePdu(MsgType.Chall);
        Assert.Equal(["write resp"], _rig.Effects());
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal(["write chall"], _rig.Effects());
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_message_that_fits_no_PDU_is_not_sent_and_the_others_are(string state)
    {
        DriveTo(state);
        _rig.Session.Tell(new InitiatorSession.SendText(SessionRig.TextOf(1) with { Text = new string('\u0001', 50_000) }));
        var isAuthenticated = state is "AwaitingReceipt" or "AwaitingFirstText";
        Assert.Equal(state == "Closing" ? [] : [isAuthenticated ? "report NotDelivered TooLong by bob" : "report NotDelivered TooLong"], _rig.Effects());
    }

    [Fact]
    public void Texts_that_come_before_the_handshake_is_over_go_with_its_last_step()
    {
        Start(texts: 64);
        Hand(1);
        DriveTo("AwaitingChallenge", withText: false);
        Hand(2);
        DriveOn("AwaitingChallenge", "AwaitingResponse");
        Hand(3);
        _rig.ReceivePdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge));
        Assert.Equal(["write ack", "write text 1", "write text 2", "write text 3"], _rig.Effects());
    }

    [Fact]
    public void A_text_that_comes_later_goes_at_once()
    {
        Start(texts: 64);
        DriveTo("AwaitingFirstText");
        Hand(1);
        Assert.Equal(["write text 1"], _rig.Effects());
        Hand(2);
        Assert.Equal(["write text 2"], _rig.Effects());
    }

    [Fact]
    public void Receipts_belong_to_the_texts_in_their_order_and_after_the_last_the_conversation_closes()
    {
        Start(texts: 64);
        DriveTo("AwaitingFirstText");
        Hand(1, 2);
        Assert.Equal(["write text 1", "write text 2"], _rig.Effects());
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal([(1, Outcome.Delivered)], Reports());
        _rig.ReceivePdu(MsgType.Ack);
        _rig.Settle();
        Assert.Equal([(2, Outcome.Delivered)], Reports(until: 1));
        Assert.Equal(["close", "keys confirmed", "ended"], _rig.Effects());
        Hand(3);
        Assert.Empty(_rig.Effects());
    }

    [Fact]
    public void No_more_than_16_texts_are_unanswered()
    {
        Start(texts: 64);
        DriveTo("AwaitingFirstText");
        Hand([.. Enumerable.Range(1, 20)]);
        Assert.Equal(Enumerable.Range(1, 16).Select(n => $"write text {n}"), _rig.Effects());
        for (var n = 17; n <= 20; n++)
        {
            _rig.ReceivePdu(MsgType.Ack);
            Assert.Equal([$"write text {n}", "report Delivered by bob"], _rig.Effects());
        }

        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal(["report Delivered by bob"], _rig.Effects());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(18)]
    public void No_more_texts_go_than_the_responder_takes_and_the_rest_has_no_outcome(int announced)
    {
        Start(announced);
        DriveTo("AwaitingFirstText");
        Hand([.. Enumerable.Range(1, announced + 5)]);
        var written = _rig.Effects();
        for (var n = 1; n < announced; n++)
        {
            _rig.ReceivePdu(MsgType.Ack);
            var effects = _rig.Effects();
            written.AddRange(effects.SkipLast(1));
            Assert.Equal("report Delivered by bob", effects[^1]);
        }

        Assert.Equal(Enumerable.Range(1, announced).Select(n => $"write text {n}"), written);
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal(["close", "keys confirmed", "report Delivered by bob", "ended"], _rig.Effects());
    }

    [Fact]
    public void Texts_behind_a_nack_were_not_taken_and_have_no_outcome_yet()
    {
        Start(texts: 4);
        DriveTo("AwaitingFirstText");
        Hand(1, 2, 3, 4, 5);
        Assert.Equal(4, _rig.Effects().Count);
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal([(1, Outcome.Delivered)], Reports());
        _rig.ReceivePdu(MsgType.Nack);
        _rig.Settle();
        Assert.Equal([(2, Outcome.Rejected)], Reports(until: 1));
        Assert.Equal(["close", "keys confirmed", "ended"], _rig.Effects());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Texts_that_were_written_end_as_unknown_and_nothing_is_said_of_the_others(bool isFailure)
    {
        Start(texts: 3);
        DriveTo("AwaitingFirstText");
        Hand(1, 2, 3, 4, 5);
        Assert.Equal(3, _rig.Effects().Count);
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal([(1, Outcome.Delivered)], Reports());
        Watch(_rig.Session);
        _rig.Session.Tell(isFailure ? Kill.Instance : Tcp.PeerClosed.Instance);
        ExpectTerminated(_rig.Session);
        _rig.Settle();
        Assert.Equal([(2, Outcome.Unknown), (3, Outcome.Unknown)], Reports(until: 2));
        var why = isFailure ? FailureKind.InternalError : FailureKind.ConnectionLost;
        Assert.Equal([.. isFailure ? ["abort"] : Array.Empty<string>(), "keys confirmed", $"ended {why}"], _rig.Effects());
    }

    [Fact]
    public void The_text_deadline_begins_anew_with_each_answer_and_not_with_each_text()
    {
        Start(texts: 64);
        DriveTo("AwaitingFirstText");
        Scheduler.Advance(TimeSpan.FromSeconds(10));
        Hand(1, 2);
        Assert.Equal(2, _rig.Effects().Count);
        Scheduler.Advance(TimeSpan.FromSeconds(10));
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Single(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(20));
        Hand(3);
        Assert.Equal(["write text 3"], _rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(
            ["close", "keys confirmed", "report Unknown NoAnswerInTime by bob", "report Unknown NoAnswerInTime by bob", "ended NoAnswerInTime"], _rig.Effects());
    }

    // An ack while no text is unanswered.
    [Fact]
    public void A_receipt_for_nothing_is_unexpected()
    {
        DriveTo("AwaitingFirstText");
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal(["write nack", "close", "keys confirmed", "ended ProtocolViolated"], _rig.Effects());
    }

    [Fact]
    public void A_ping_ends_after_step_9_and_tells_its_steps_and_who_answered()
    {
        _rig.StartInitiator(isPing: true);
        DriveTo("AwaitingResponse", withText: false);
        _rig.ReceivePdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge));
        Assert.Equal(["write ack", "close", "keys confirmed", "reached bob in 6 steps", "ended"], _rig.Effects());
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_ping_that_is_given_up_was_stopped(string state)
    {
        if (state is "AwaitingReceipt" or "AwaitingFirstText" or "Closing")
        {
            return; // where a ping never comes
        }

        _rig.StartInitiator(isPing: true);
        DriveTo(state, withText: false);
        _rig.Session.Tell(new Session.EndNow("given up"));
        Assert.Equal("ended Stopping", _rig.Effects()[^1]);
    }

    // Akka.IO asks a socket that has just connected for its peer's address. If the connection is gone by then, it reports nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_that_was_reset_before_Akka_looked_at_it_is_lost(bool isReset)
    {
        DriveTo("Connecting", withText: false);
        var connect = _rig.TcpManager.ExpectMsg<Tcp.Connect>();
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, port: 0);
        listener.Start();
        using var ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var connected = new ManualResetEventSlim();
        using var connecting = new SocketAsyncEventArgs { RemoteEndPoint = listener.LocalEndpoint };
        connecting.Completed += (_, _) => connected.Set();
        Assert.True(!ours.ConnectAsync(connecting) || connected.Wait(TimeSpan.FromSeconds(10))); // as Akka.IO does it
        using var theirs = listener.AcceptSocket();
        if (isReset)
        {
            theirs.LingerState = new LingerOption(true, 0);
            theirs.Dispose();
            Assert.True(ours.Poll(TimeSpan.FromSeconds(10), SelectMode.SelectRead));
        }

        connect.Options.Single().AfterConnect(ours);
        Assert.Equal(isReset ? ["ended ClosedAtOnce"] : [], _rig.Effects());
    }

    [Fact]
    public void A_refused_connection_is_explained()
    {
        // A port that was just free: the system itself is asked why nothing answers.
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        var port = ((System.Net.IPEndPoint)free.LocalEndPoint!).Port;
        free.Close();

        var recipient = new Recipient("bob", "bob", "bob", "127.0.0.1", port, "p", "alice");
        _rig.Parent.ChildActorOf(InitiatorSession.Props(recipient, isPing: false, _rig.Services)).Tell(new KeyActor.Initiated(new FakeInitiation(_rig)));
        var connect = _rig.TcpManager.ExpectMsg<Tcp.Connect>();
        _rig.TcpManager.Reply(new Tcp.CommandFailed(connect));
        Assert.Equal(new Failure(FailureKind.NobodyListening, $"127.0.0.1:{port}"), _rig.Parent.ExpectMsg<InitiatorSession.Ended>().Failure);
    }

    [Fact]
    public void A_key_agreement_that_fails_here_is_reported()
    {
        DriveTo("AwaitingGenerator");
        _rig.Session.Tell(new KeyActor.Failed("no ICU"));
        Assert.Equal(["ended CannotConnect"], _rig.Effects());
        _rig.TcpManager.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_key_agreement_that_comes_when_nobody_waits_for_it_any_more_is_cleared()
    {
        DriveTo("Closing");
        var late = new FakeInitiation(_rig);
        _rig.Session.Tell(new KeyActor.Initiated(late));
        Assert.Empty(_rig.Effects());
        Assert.True(late.IsDisposed);
    }

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_session_that_ends_clears_its_keys(string state)
    {
        var initiation = new FakeInitiation(_rig);
        DriveTo(state, initiation: initiation);
        Watch(_rig.Session);
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        ExpectTerminated(_rig.Session);
        Assert.Equal(state != "AwaitingGenerator", initiation.IsDisposed);
        Assert.True(_rig.SessionKeys is null || SessionRig.AreCleared(_rig.SessionKeys));
    }

    private static string[] EndOf(string state, string failure) => state switch
    {
        "Connecting" or "AwaitingGenerator" or "AwaitingDh2" => [$"ended {failure}"],
        "AwaitingChallenge" => ["keys not confirmed", $"ended {failure}"],
        "AwaitingReceipt" => ["keys confirmed", $"report Unknown {failure} by bob", $"ended {failure}"],
        _ => ["keys confirmed", $"ended {failure}"],
    };

    private static string[] EffectsOf(string state, MsgType type) =>
        Expected.TryGetValue((state, type), out var effects) ? effects
        : state is "Connecting" or "AwaitingGenerator" or "Closing" ? []
        : state == "AwaitingDh2" ? ["close", "ended ProtocolViolated"]
        : state == "AwaitingChallenge" && !type.IsKeyAgreement() ? ["write nack", "close", "keys confirmed", "ended ProtocolViolated"]
        : ["write nack", "close", .. EndOf(state, "ProtocolViolated")];

    private byte[]? PlaintextFor(string state, MsgType type) =>
        (state, type) == ("AwaitingResponse", MsgType.Resp) ? _rig.Answer(SessionRig.Challenge) : null;

    private void Start(int texts)
    {
        _rig.Texts = texts;
        _rig.StartInitiator();
    }

    private void Hand(params ReadOnlySpan<int> texts)
    {
        foreach (var n in texts)
        {
            _rig.Session.Tell(new InitiatorSession.SendText(SessionRig.TextOf(n)));
        }
    }

    // The outcomes told next, by the number of the text.
    private List<(int Text, Outcome Outcome)> Reports(int until = 1) =>
        [.. Enumerable.Range(0, until).Select(_ => _rig.Parent.ExpectMsg<InitiatorSession.Finished>()).Select(told => (BitConverter.ToInt32(told.Id.ToByteArray()), told.Outcome))];

    // Drives the session to a state. A text waits from the beginning, except for AwaitingFirstText.
    private void DriveTo(string state, bool withText = true, FakeInitiation? initiation = null)
    {
        if (_rig.Session.IsNobody())
        {
            _rig.StartInitiator();
        }

        if (withText && state != "AwaitingFirstText")
        {
            _rig.Session.Tell(new InitiatorSession.SendText(SessionRig.Message));
        }

        Assert.Contains("initiate", _rig.Effects());
        DriveOn(States[0], state, initiation);
    }

    private void DriveOn(string from, string to, FakeInitiation? initiation = null)
    {
        (string From, Action Do)[] steps =
        [
            ("AwaitingGenerator", () => _rig.Session.Tell(new KeyActor.Initiated(initiation ?? new FakeInitiation(_rig)))),
            ("Connecting", () =>
            {
                _rig.TcpManager.ExpectMsg<Tcp.Connect>();
                _rig.Connect();
            }),
            ("AwaitingDh2", () => _rig.ReceivePdu(MsgType.Dh2)),
            ("AwaitingChallenge", () => _rig.ReceivePdu(MsgType.Chall)),
            ("AwaitingAck", () => _rig.ReceivePdu(MsgType.Ack)),
            ("AwaitingResponse", () => _rig.ReceivePdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge))),
            ("AwaitingReceipt", () => _rig.ReceivePdu(MsgType.Ack)),
        ];
        var last = to switch { "AwaitingFirstText" => "AwaitingReceipt", "Closing" => "", _ => to };
        foreach (var (_, step) in steps.SkipWhile(step => step.From != from).TakeWhile(step => step.From != last))
        {
            step();
            Assert.NotNull(_rig.Effects());
        }
    }

    private sealed class FakeInitiation(SessionRig rig) : IInitiation
    {
        public bool IsDisposed { get; private set; }

        public byte[] Dh1 => rig.Pdu(MsgType.Dh1);

        public Agreement? Complete(Pdu dh2) => rig.Agree("initiator", "responder", rig.PeerName, []).Agreement;

        public void Dispose() => IsDisposed = true;
    }
}
