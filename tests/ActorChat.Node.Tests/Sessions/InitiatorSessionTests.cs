// The initiator's table of states, complete; the outcome that each end of a conversation is reported with, exactly once.

using System.Net.Sockets;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.IO;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorChat.Node.Tests.Sessions;

public sealed class InitiatorSessionTests : TestKit
{
    private static readonly string[] States =
        ["Connecting", "AwaitingGenerator", "AwaitingDh2", "AwaitingChallenge", "AwaitingAck", "AwaitingResponse", "AwaitingReceipt", "Closed"];

    private static readonly Dictionary<(string State, MsgType Type), string[]> Expected = new()
    {
        [("AwaitingDh2", MsgType.Dh2)] = ["write hello"],
        [("AwaitingChallenge", MsgType.Chall)] = ["write resp", "write chall", "keys confirmed"],
        [("AwaitingAck", MsgType.Ack)] = [],
        [("AwaitingAck", MsgType.Nack)] = ["close", "report NotDelivered WrongPassword"],
        [("AwaitingResponse", MsgType.Resp)] = ["write ack", "write text"],
        [("AwaitingReceipt", MsgType.Ack)] = ["close", "report Delivered"],
        [("AwaitingReceipt", MsgType.Nack)] = ["close", "report Rejected Refused"],
    };

    private readonly SessionRig _rig;

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
                "Closed" => [],
                "AwaitingReceipt" => ["report Unknown ConnectionLost"],
                _ => ["report NotDelivered ConnectionLost"],
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
                "Closed" => ["abort"],
                "AwaitingReceipt" => ["abort", "report Unknown InternalError"],
                "Connecting" => ["report NotDelivered InternalError"],
                _ => ["abort", "report NotDelivered InternalError"],
            },
            _rig.Effects());
    }

    [Theory]
    [InlineData("AwaitingGenerator", 10, "report NotDelivered NoAnswerInTime")]
    [InlineData("AwaitingDh2", 10, "report NotDelivered NoAnswerInTime")]
    [InlineData("AwaitingResponse", 10, "report NotDelivered NoAnswerInTime")]
    [InlineData("AwaitingReceipt", 25, "report Unknown NoAnswerInTime")]
    public void A_phase_ends_at_its_deadline_and_progress_does_not_move_it(string state, int seconds, string report)
    {
        _rig.StartInitiator();
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(state == "AwaitingReceipt" ? 0 : 4));
        DriveTo(state);
        Scheduler.Advance(TimeSpan.FromSeconds(seconds - 4.1));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(4.1));
        Assert.Equal([state == "AwaitingGenerator" ? "abort" : "close", report], _rig.Effects());
    }

    [Theory]
    [InlineData(-60, "60 seconds (theirs is behind)")]
    [InlineData(3600, "3600 seconds (theirs is ahead)")]
    public void Where_a_message_was_ignored_the_difference_of_the_clocks_is_the_reason(int seconds, string difference)
    {
        DriveTo("AwaitingDh2");
        var clock = Timestamp.Now(_rig.Clock) + seconds;
        _rig.Receive(PduWriter.WriteKeyAgreement(MsgType.Dh2, clock, ("username", "bob"), ("key", Convert.ToBase64String(SessionRig.Challenge))));
        Assert.Empty(_rig.Effects());
        Scheduler.Advance(TimeSpan.FromSeconds(10));
        var finished = _rig.Parent.ExpectMsg<InitiatorSession.Finished>();
        Assert.Equal(new Failure(FailureKind.ClocksDiffer, difference), finished.Failure);
    }

    [Theory]
    [InlineData("AwaitingChallenge", "report NotDelivered WrongPassword")]
    [InlineData("AwaitingAck", "report NotDelivered WrongPassword")]
    [InlineData("AwaitingReceipt", "report Unknown ProtocolViolated")]
    public void A_nack_that_does_not_verify_means_different_passwords_until_both_are_authenticated(string state, string report)
    {
        DriveTo(state);
        var forged = new SessionRig(this);
        forged.Pdu(MsgType.Hello);
        _rig.Receive(forged.Pdu(MsgType.Nack)); // sealed under other keys and in another place
        string[] confirmation = report.EndsWith("WrongPassword", StringComparison.Ordinal) ? ["keys not confirmed"] : [];
        Assert.Equal(["write nack", "close", .. confirmation, report], _rig.Effects());
    }

    [Fact]
    public void A_responder_that_answers_the_challenge_wrong_never_gets_the_message()
    {
        DriveTo("AwaitingResponse");
        _rig.ReceivePdu(MsgType.Resp, new byte[32]);
        Assert.Equal(["write nack", "close", "report NotDelivered WrongPassword"], _rig.Effects());
    }

    [Fact]
    public void Somebody_else_who_knows_the_password_never_gets_the_message()
    {
        _rig.PeerName = "carol\u001b";
        DriveTo("AwaitingDh2");
        _rig.ReceivePdu(MsgType.Dh2);
        Assert.Equal(["close", "report NotDelivered SomebodyElseAnswered"], _rig.Effects());
    }

    [Fact]
    public void Without_steps_together_the_challenge_waits_for_the_ack()
    {
        var rig = new SessionRig(this, sendStepsTogether: false);
        DriveTo(rig, "AwaitingChallenge");
        rig.ReceivePdu(MsgType.Chall);
        Assert.Equal(["write resp", "keys confirmed"], rig.Effects());
        rig.ReceivePdu(MsgType.Ack);
        Assert.Equal(["write chall"], rig.Effects());
    }

    [Fact]
    public void A_message_that_fits_no_PDU_is_refused_before_any_connection()
    {
        _rig.StartInitiator(new string('\u0001', 50_000));
        Assert.Equal(["report NotDelivered TooLong"], _rig.Effects());
        _rig.TcpManager.ExpectNoMsg(TimeSpan.Zero);
    }

    // Akka.IO asks a socket that has just connected for its peer's address, and when there is none any more tells nobody.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_that_was_reset_before_Akka_looked_at_it_is_lost(bool isReset)
    {
        _rig.StartInitiator();
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
        Assert.Equal(isReset ? ["report NotDelivered ConnectionLost"] : [], _rig.Effects());
    }

    [Fact]
    public void A_refused_connection_is_explained()
    {
        // A port that was just free: the system itself is asked why nothing answers.
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        var port = ((System.Net.IPEndPoint)free.LocalEndPoint!).Port;
        free.Close();

        var recipient = new ActorChat.Node.Consoles.Recipient("bob", "bob", "bob", "127.0.0.1", port, "p", "alice");
        _rig.Parent.ChildActorOf(InitiatorSession.Props(recipient, SessionRig.Message, _rig.Services));
        var connect = _rig.TcpManager.ExpectMsg<Tcp.Connect>();
        _rig.TcpManager.Reply(new Tcp.CommandFailed(connect));
        Assert.Equal(new Failure(FailureKind.NobodyListening, $"127.0.0.1:{port}"), _rig.Parent.ExpectMsg<InitiatorSession.Finished>().Failure);
    }

    [Fact]
    public void A_key_agreement_that_fails_here_is_reported()
    {
        DriveTo("AwaitingGenerator");
        _rig.Session.Tell(new KeyActor.Failed("no ICU"));
        Assert.Equal(["abort", "report NotDelivered CannotConnect"], _rig.Effects());
    }

    private static string[] EffectsOf(string state, MsgType type) =>
        Expected.TryGetValue((state, type), out var effects) ? effects
        : state is "Connecting" or "AwaitingGenerator" or "Closed" ? []
        : state == "AwaitingDh2" ? ["close", "report NotDelivered ProtocolViolated"]
        : state == "AwaitingReceipt" ? ["write nack", "close", "report Unknown ProtocolViolated"]
        : ["write nack", "close", "report NotDelivered ProtocolViolated"];

    private byte[]? PlaintextFor(string state, MsgType type) =>
        (state, type) == ("AwaitingResponse", MsgType.Resp) ? _rig.Answer(SessionRig.Challenge) : null;

    private void DriveTo(string state) => DriveTo(_rig, state);

    private static void DriveTo(SessionRig rig, string state)
    {
        if (rig.Session.IsNobody())
        {
            rig.StartInitiator();
        }

        rig.TcpManager.ExpectMsg<Tcp.Connect>();
        var steps = new Action[]
        {
            rig.Connect,
            () => rig.Session.Tell(new KeyActor.Initiated(new FakeInitiation(rig))),
            () => rig.ReceivePdu(MsgType.Dh2),
            () => rig.ReceivePdu(MsgType.Chall),
            () => rig.ReceivePdu(MsgType.Ack),
            () => rig.ReceivePdu(MsgType.Resp, rig.Answer(SessionRig.Challenge)),
            () => rig.ReceivePdu(MsgType.Ack),
        };
        foreach (var step in steps.Take(Array.IndexOf(States, state)))
        {
            step();
            Assert.NotNull(rig.Effects());
        }
    }

    private sealed class FakeInitiation(SessionRig rig) : IInitiation
    {
        public byte[] Dh1 => rig.Pdu(MsgType.Dh1);

        public Agreement? Complete(Pdu dh2) => rig.Agree("initiator", "responder", rig.PeerName, []).Agreement;

        public void Dispose()
        {
        }
    }
}
