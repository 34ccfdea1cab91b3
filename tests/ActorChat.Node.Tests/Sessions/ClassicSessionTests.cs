// The tables of states of both sessions in the classic profile: the same conversation but for one ack more, in PDUs that are not numbered.

using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Protocol.Tests;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class ClassicSessionTests : TestKit
{
    private static readonly Dictionary<(string State, MsgType Type), string[]> Initiator = new()
    {
        [("AwaitingDh2", MsgType.Dh2)] = ["write hello"],
        [("AwaitingChallenge", MsgType.Chall)] = ["write resp"], // steps are not sent together
        [("AwaitingAck", MsgType.Ack)] = ["write chall"],
        [("AwaitingAck", MsgType.Nack)] = ["close", "keys confirmed", "ended WrongPassword"],
        [("AwaitingResponse", MsgType.Resp)] = ["write ack"],
        [("AwaitingResponse", MsgType.Nack)] = ["close", "keys confirmed", "ended Refused"],
        [("AwaitingGoAhead", MsgType.Ack)] = ["write text"],
        [("AwaitingGoAhead", MsgType.Nack)] = ["close", "keys confirmed", "ended Refused"],
        [("AwaitingReceipt", MsgType.Ack)] = ["close", "keys confirmed", "report Delivered", "ended"], // no name of who answered: classic binds none into the keys
        [("AwaitingReceipt", MsgType.Nack)] = ["close", "keys confirmed", "report Rejected Refused", "ended"],
    };

    private static readonly Dictionary<(string State, MsgType Type), string[]> Responder = new()
    {
        [("AwaitingDh1", MsgType.Dh1)] = ["agree from 127.0.0.1"],
        [("AwaitingHello", MsgType.Hello)] = ["write chall"],
        [("AwaitingResponse", MsgType.Resp)] = ["write ack", "alice at 127.0.0.1 has proved it", "alice is authenticated"],
        [("AwaitingChallenge", MsgType.Chall)] = ["write resp"],
        [("AwaitingAck", MsgType.Ack)] = ["write ack"],
        [("AwaitingAck", MsgType.Nack)] = ["close"],
        [("AwaitingText", MsgType.Text)] = ["deliver Hello Bob \u2713 from alice"],
    };

    private static readonly string[] InitiatorStates = ["AwaitingDh2", "AwaitingChallenge", "AwaitingAck", "AwaitingResponse", "AwaitingGoAhead", "AwaitingReceipt", "Closing"];

    private static readonly string[] ResponderStates =
        ["AwaitingDh1", "AwaitingKeys", "AwaitingHello", "AwaitingResponse", "AwaitingChallenge", "AwaitingAck", "AwaitingText", "Storing", "Closing"];

    private SessionRig _rig;

    public ClassicSessionTests()
        : base(NodeSettings.LoadConfig("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")) => _rig = NewRig();

    public static TheoryData<bool, string, MsgType> Table()
    {
        var data = new TheoryData<bool, string, MsgType>();
        foreach (var (isInitiator, state) in InitiatorStates.Select(state => (true, state)).Concat(ResponderStates.Select(state => (false, state))))
        {
            foreach (var type in Enum.GetValues<MsgType>())
            {
                data.Add(isInitiator, state, type);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_message_in_every_state_does_what_the_table_says(bool isInitiator, string state, MsgType type)
    {
        DriveTo(isInitiator, state);
        _rig.ReceivePdu(type, PlaintextFor(state, type));
        Assert.Equal(EffectsOf(isInitiator, state, type), _rig.Effects());
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void A_stale_message_does_nothing_and_the_conversation_goes_on(bool isInitiator, string state, MsgType type)
    {
        if (type.IsKeyAgreement() != (state is "AwaitingDh1" or "AwaitingDh2") || (state, type) == ("AwaitingDh1", MsgType.Dh2))
        {
            return; // is in the table: without a seal its time says nothing, and with one there are no keys yet to open it; a dh_2 is no profile's first PDU
        }

        DriveTo(isInitiator, state);
        _rig.ReceivePdu(type, stale: true);
        Assert.Empty(_rig.Effects());
        var next = Enum.GetValues<MsgType>().FirstOrDefault(next => TableOf(isInitiator).ContainsKey((state, next)), MsgType.Nack);
        _rig.ReceivePdu(next, PlaintextFor(state, next));
        Assert.Equal(state == "AwaitingText" && type == MsgType.Text ? [] : EffectsOf(isInitiator, state, next), _rig.Effects());
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void A_forged_message_is_refused_as_forged_whatever_its_time(bool isInitiator, string state, MsgType type)
    {
        foreach (var isStale in type.IsKeyAgreement() || state is "AwaitingDh1" or "AwaitingDh2" ? [] : new[] { false, true })
        {
            _rig = NewRig();
            DriveTo(isInitiator, state);
            _rig.Receive(_rig.Forgery(type, isStale));
            var effects = _rig.Effects();
            Assert.Equal(ReadsNothing(state) ? [] : ["write nack", "close"], effects.Take(2));
            Assert.Equal(
                ReadsNothing(state) || !isInitiator ? []
                : state switch
                {
                    "AwaitingChallenge" => ["keys not confirmed", "ended WrongPassword"],
                    "AwaitingGoAhead" => ["keys confirmed", "ended ProtocolViolated"],
                    "AwaitingReceipt" => ["keys confirmed", "report Unknown ProtocolViolated", "ended ProtocolViolated"],
                    _ => ["keys confirmed", "ended WrongPassword"],
                },
                effects.Skip(2));
        }
    }

    // A modern responder announces how many texts it takes; classic cannot.
    [Fact]
    public void A_conversation_has_one_text_and_the_next_goes_in_the_next()
    {
        DriveTo(isInitiator: true, "AwaitingReceipt");
        _rig.Session.Tell(new InitiatorSession.SendText(SessionRig.TextOf(2)));
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Equal(["close", "keys confirmed", "report Delivered", "ended"], _rig.Effects());
    }

    [Fact]
    public void A_second_text_is_refused()
    {
        DriveTo(isInitiator: false, "AwaitingText");
        _rig.ReceiveTogether(_rig.Pdu(MsgType.Text), _rig.Pdu(MsgType.Text));
        Assert.Equal(["write nack", "close"], _rig.Effects());
    }

    [Fact]
    public void A_responder_closes_after_its_receipt()
    {
        DriveTo(isInitiator: false, "Storing");
        _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null));
        Assert.Equal(["write ack", "close"], _rig.Effects());
    }

    // Otherwise the initiator would send its text into a conversation that may be refused.
    [Fact]
    public void The_further_ack_waits_until_the_conversation_is_counted()
    {
        _rig.Parent.SetAutoPilot(new DelegateAutoPilot((_, _) => AutoPilot.KeepRunning)); // the listener has not counted it yet
        DriveTo(isInitiator: false, "AwaitingAck");
        _rig.ReceivePdu(MsgType.Ack);
        Assert.Empty(_rig.Effects());
        _rig.Session.Tell(new ListenerActor.MayTakeTexts());
        Assert.Equal(["write ack"], _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingGoAhead", "ended NoAnswerInTime")]
    [InlineData("AwaitingReceipt", "report Unknown NoAnswerInTime")]
    public void After_step_9_the_second_deadline_runs(string state, string end)
    {
        DriveTo(isInitiator: true, state);
        var scheduler = (TestScheduler)Sys.Scheduler;
        scheduler.Advance(TimeSpan.FromSeconds(24.9));
        Assert.Empty(_rig.Effects());
        scheduler.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Contains(end, _rig.Effects());
    }

    [Fact]
    public void A_ping_ends_after_step_9()
    {
        _rig.StartInitiator(isPing: true);
        DriveInitiator("AwaitingResponse");
        _rig.ReceivePdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge));
        Assert.Equal(["write ack", "close", "keys confirmed", "reached  in 6 steps", "ended"], _rig.Effects());
    }

    [Theory]
    [InlineData(true, "AwaitingGoAhead")]
    [InlineData(false, "AwaitingText")]
    public void A_session_that_ends_clears_its_keys(bool isInitiator, string state)
    {
        DriveTo(isInitiator, state);
        Watch(_rig.Session);
        _rig.Session.Tell(Tcp.PeerClosed.Instance);
        ExpectTerminated(_rig.Session);
        Assert.True(SessionRig.AreCleared(_rig.SessionKeys!));
    }

    private static Dictionary<(string State, MsgType Type), string[]> TableOf(bool isInitiator) => isInitiator ? Initiator : Responder;

    private static bool ReadsNothing(string state) => state is "AwaitingKeys" or "Storing" or "Closing";

    private static string[] EffectsOf(bool isInitiator, string state, MsgType type) =>
        TableOf(isInitiator).TryGetValue((state, type), out var effects) ? effects
        : ReadsNothing(state) ? []
        : state == "AwaitingDh1" ? ["abort"]
        : state == "AwaitingDh2" ? ["close", "ended ProtocolViolated"]
        : !isInitiator ? ["write nack", "close"]
        : state == "AwaitingReceipt" ? ["write nack", "close", "keys confirmed", "report Unknown ProtocolViolated", "ended ProtocolViolated"]
        : ["write nack", "close", state == "AwaitingChallenge" && type.IsKeyAgreement() ? "keys not confirmed" : "keys confirmed", "ended ProtocolViolated"];

    private byte[]? PlaintextFor(string state, MsgType type) =>
        (state, type) == ("AwaitingResponse", MsgType.Resp) ? _rig.Answer(SessionRig.Challenge) : null;

    private SessionRig NewRig() => new(this, random: new ScriptedRandom(SessionRig.Challenge, new byte[16])) { Profile = ClassicProfile.Instance };

    private void DriveTo(bool isInitiator, string state)
    {
        if (isInitiator)
        {
            _rig.StartInitiator();
            _rig.Session.Tell(new InitiatorSession.SendText(SessionRig.Message));
            DriveInitiator(state);
        }
        else
        {
            _rig.StartResponder();
            DriveResponder(state);
        }
    }

    private void DriveInitiator(string state)
    {
        Assert.Contains("initiate", _rig.Effects());
        _rig.Session.Tell(new KeyActor.Initiated(new FakeInitiation(_rig)));
        _rig.TcpManager.ExpectMsg<Tcp.Connect>();
        _rig.Connect();
        Drive(
            InitiatorStates,
            state,
            () => _rig.ReceivePdu(MsgType.Dh2),
            () => _rig.ReceivePdu(MsgType.Chall),
            () => _rig.ReceivePdu(MsgType.Ack),
            () => _rig.ReceivePdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge)),
            () => _rig.ReceivePdu(MsgType.Ack),
            () => _rig.ReceivePdu(MsgType.Ack));
    }

    private void DriveResponder(string state)
    {
        var dh2 = PduWriter.WriteKeyAgreement(PduFormat.Classic, MsgType.Dh2, SessionRig.Start, ("key", "Mg=="));
        Drive(
            ResponderStates,
            state,
            () => _rig.ReceivePdu(MsgType.Dh1),
            () => _rig.Session.Tell(_rig.Agree("responder", "initiator", "alice", dh2)),
            () => _rig.ReceivePdu(MsgType.Hello),
            () => _rig.ReceivePdu(MsgType.Resp, _rig.Answer(SessionRig.Challenge)),
            () => _rig.ReceivePdu(MsgType.Chall),
            () => _rig.ReceivePdu(MsgType.Ack),
            () => _rig.ReceivePdu(MsgType.Text),
            () => _rig.Session.Tell(new InboxActor.Answer(Taken: 1, Problem: null)));
    }

    private void Drive(string[] states, string state, params Action[] steps)
    {
        Assert.NotNull(_rig.Effects());
        foreach (var step in steps.Take(Array.IndexOf(states, state)))
        {
            step();
            Assert.NotNull(_rig.Effects());
        }
    }

    private sealed class FakeInitiation(SessionRig rig) : IInitiation
    {
        public byte[] Dh1 => rig.Pdu(MsgType.Dh1);

        public Agreement? Complete(Pdu dh2) => rig.Agree("initiator", "responder", peerName: null, []).Agreement;

        public void Dispose()
        {
        }
    }
}
