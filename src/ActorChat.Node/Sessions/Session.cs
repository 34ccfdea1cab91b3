// What both halves of a conversation share: the seal, the deadlines and the closing. The subclasses read as the conversation.
// Data flows one way: bytes → Connection → checks → the current state → what it does. A state waits either for a PDU or for another actor's
// answer. Which of the two is fixed when the state is entered, and decides whether the socket is read.

using ActorChat.Node.Logging;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.Event;
using Akka.IO;

namespace ActorChat.Node.Sessions;

/// <summary>One conversation over one connection, a finite state machine made of behaviours.</summary>
public abstract class Session : ActorBase, IWithTimers
{
    private const string DeadlineTimer = "deadline";
    private const string PduDeadlineTimer = "PDU deadline";

    private static readonly Receive NoAnswer = _ => false;

    private readonly Connection _connection;
    private SealedChannel? _channel;
    private Func<Pdu, bool>? _onPdu;
    private bool _hasPduDeadline;
    private int _ignored;

    /// <summary>A session that has no state yet: the subclass enters its first one in <see cref="Begin"/>.</summary>
    protected Session(NodeServices services, IProfile profile)
    {
        ArgumentNullException.ThrowIfNull(services);
        Services = services;
        Profile = profile;
        _connection = new Connection(services.Settings.MaxPduSizeBeforeAuthentication);
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The node's actors and seams.</summary>
    protected NodeServices Services { get; }

    /// <summary>The diagnostic log.</summary>
    protected ILoggingAdapter Log { get; } = Context.GetLogger();

    /// <summary>The profile of this conversation.</summary>
    protected IProfile Profile { get; set; }

    /// <summary>Where the conversation stands.</summary>
    protected SessionState State { get; private set; }

    /// <summary>By how many seconds the peer's clock was ahead of ours in the last PDU that was ignored for it; null when none was.</summary>
    protected double? IgnoredClockDifference { get; private set; }

    /// <summary>Our clock, in seconds since the Unix epoch.</summary>
    protected double Now => Timestamp.Now(Services.Clock);

    /// <summary>Who is at the other end, for the log: an address, and a name as soon as one was given.</summary>
    protected abstract Peer Peer { get; }

    /// <summary>Props for a session. Akka's own way analyses an expression tree each time, and each conversation needs Props of its own.</summary>
    protected static Props PropsOf<T>(Func<T> make)
        where T : Session => Props.CreateBy(new Producer<T>(make));

    /// <inheritdoc/>
    protected sealed override bool Receive(object message) => Common(message);

    /// <inheritdoc/>
    protected sealed override void PreStart()
    {
        Begin();
        TakePdus();
    }

    /// <summary>Enters the first state.</summary>
    protected abstract void Begin();

    /// <summary>Every message passes here, and the base method unwraps the timers' messages. Then the PDUs that have come are handled, for as long
    /// as the state waits for one. All that was sent meanwhile is written in one piece.</summary>
    protected sealed override bool AroundReceive(Receive receive, object message)
    {
        var isKnown = base.AroundReceive(receive, message);
        TakePdus();
        _connection.Flush();
        return isKnown;
    }

    /// <summary>Enters a state that waits for a PDU.</summary>
    /// <param name="state">Its name.</param>
    /// <param name="onPdu">What it does with a PDU whose control information is good; false when it does not wait for this type.</param>
    /// <param name="onMessage">What it does with a message from another actor besides; null for nothing.</param>
    protected void AwaitPdu(SessionState state, Func<Pdu, bool> onPdu, Receive? onMessage = null) => Enter(state, onPdu, onMessage ?? NoAnswer);

    /// <summary>Enters a state that waits for another actor's answer. What the peer sends meanwhile stays where it is.</summary>
    /// <param name="state">Its name.</param>
    /// <param name="onAnswer">What it does with an answer; false when it does not wait for it.</param>
    protected void AwaitAnswer(SessionState state, Receive onAnswer) => Enter(state, onPdu: null, onAnswer);

    /// <summary>Takes over a connection.</summary>
    protected void Use(IActorRef socket) => _connection.Use(socket, Self);

    /// <summary>Sets the deadline for the whole of a PDU, counted from its first byte. It is set once per PDU: bytes that trickle in do not move it.</summary>
    protected void SetPduDeadline()
    {
        if (!_hasPduDeadline)
        {
            _hasPduDeadline = true;
            Timers.StartSingleTimer(PduDeadlineTimer, Deadline.Passed, Services.Settings.PduDeadline);
        }
    }

    /// <summary>From now on PDUs are sealed; the session owns the keys.</summary>
    protected void Secure(KeyChain sending, KeyChain receiving) => _channel = new SealedChannel(Profile.Format, sending, receiving);

    /// <summary>The peer has proved who it is: its PDUs may be larger now.</summary>
    protected void AcceptLargePdus() => _connection.MaxPduSize = Services.Settings.MaxPduSize;

    /// <summary>Seals and sends a PDU.</summary>
    protected void Send(MsgType type, ReadOnlySpan<byte> plaintext = default) => Send(_channel!.Seal(type, plaintext, Now));

    /// <summary>Sends a PDU as it is.</summary>
    protected void Send(byte[] pdu) => _connection.Write(pdu);

    /// <summary>32 random bytes for the peer to answer (steps 4 and 7).</summary>
    protected byte[] SendChallenge()
    {
        var challenge = new byte[SealedChannel.ChallengeSize];
        Services.Random.Fill(challenge);
        Send(MsgType.Chall, challenge);
        return challenge;
    }

    /// <summary>The answer to the peer's challenge, HMAC-SHA256(chap_secret, challenge); null when its body is no challenge.</summary>
    protected byte[]? AnswerTo(Pdu challenge) =>
        Open(challenge) is { Length: SealedChannel.ChallengeSize } bytes ? _channel!.Respond(bytes) : null;

    /// <summary>Whether the peer's answer to our challenge proves that it knows the password. Null when the body is not an answer at all.</summary>
    protected bool? CheckResponse(Pdu response, byte[] challenge) =>
        Open(response) is { Length: SealedChannel.ChallengeSize } bytes ? _channel!.VerifyResponse(challenge, bytes) : null;

    /// <summary>The plaintext of a PDU's body; null when there is none or it does not open.</summary>
    protected byte[]? Open(Pdu pdu) => _channel!.Open(pdu);

    /// <summary>Refuses what came: one line in the log, a <c>nack</c> if there are keys to seal it with, and the end.</summary>
    /// <returns>True: the message is dealt with.</returns>
    protected bool Refuse(Verdict verdict, Pdu? pdu)
    {
        OnRefused(verdict, pdu);
        return Reject($"{verdict}{(pdu is null ? "" : " " + pdu.Type.Word())}");
    }

    /// <summary>Ends the conversation with a line in the log and, if there are keys, a <c>nack</c>.</summary>
    /// <returns>True: the message is dealt with.</returns>
    protected bool Reject(string reason)
    {
        Log.Warning("{0} in {1}: {2}", Peer, State, reason);
        if (_channel is not null)
        {
            Send(MsgType.Nack);
        }

        return Close();
    }

    /// <summary>Sets the deadline of the current phase in place of the one before. Progress does not move it.</summary>
    protected void SetDeadline(TimeSpan timeout) => Timers.StartSingleTimer(DeadlineTimer, Deadline.Passed, timeout);

    /// <summary>Ends the conversation: what is queued is sent, our half is closed, and the peer has until the closing deadline to close the other.
    /// A peer that we have sent nothing gets no closing handshake.</summary>
    /// <returns>True: the message is dealt with.</returns>
    protected bool Close()
    {
        OnEnding();
        Enter(SessionState.Closing, onPdu: null, NoAnswer);
        EndPduDeadline();
        _connection.Flush();
        if (_connection.HasWritten)
        {
            _connection.Close();
            SetDeadline(Services.Settings.ClosingDeadline);
        }
        else
        {
            Context.Stop(Self);
        }

        return true;
    }

    /// <summary>Checks what came.</summary>
    protected virtual Verdict Check(ReadOnlyMemory<byte> frame, out Pdu? pdu) => PduChecks.Check(frame, Profile.Format, _channel, Now, out pdu);

    /// <summary>All that has come so far is taken, and the state waits for more.</summary>
    protected virtual void OnAllTaken()
    {
    }

    /// <summary>A PDU was ignored for its timestamp.</summary>
    protected virtual void OnIgnored(Pdu pdu)
    {
    }

    /// <summary>A PDU was refused: the subclass notes what that means for its outcome.</summary>
    protected virtual void OnRefused(Verdict verdict, Pdu? pdu)
    {
    }

    /// <summary>The connection ended before the conversation did.</summary>
    protected virtual void OnConnectionLost() => Log.Info("{0} in {1}: the connection was lost", Peer, State);

    /// <summary>The phase's deadline passed.</summary>
    protected virtual void OnDeadline()
    {
    }

    /// <summary>What a subclass does in every state.</summary>
    /// <returns>False when the message is for the state.</returns>
    protected virtual bool OnAny(object message) => false;

    /// <summary>The conversation is over, but for the closing of the connection.</summary>
    protected virtual void OnEnding()
    {
    }

    /// <summary>The conversation is to end now.</summary>
    /// <param name="reason">Why.</param>
    protected abstract void OnEndNow(string reason);

    /// <summary>A session never leaves its connection behind, even when it fails.</summary>
    protected override void PostStop()
    {
        _connection.Abort();
        _channel?.Dispose();
    }

    private void Enter(SessionState state, Func<Pdu, bool>? onPdu, Receive onAnswer)
    {
        State = state;
        _onPdu = onPdu;
        Become(message => Common(message) || onAnswer(message));
        if (Log.IsDebugEnabled)
        {
            Log.Debug("{0}: {1}", Peer, state);
        }
    }

    // What every state does alike.
    private bool Common(object message)
    {
        switch (message)
        {
            case Tcp.Received received:
                _connection.Append(received);
                return true;
            case Tcp.ConnectionClosed:
                _connection.HasEnded();
                End();
                return true;
            case Tcp.CommandFailed { Cmd: Tcp.Write }: // the peer does not read, and the queue of what we write is full
                Log.Warning("{0} in {1}: the peer does not read", Peer, State);
                End();
                return true;
            case Deadline when State == SessionState.Closing:
                Context.Stop(Self);
                return true;
            case Deadline:
                EndAtDeadline();
                return true;
            case EndNow { Reason: var reason }:
                if (State != SessionState.Closing)
                {
                    OnEndNow(reason);
                }

                return true;
            case IDisposable late when State == SessionState.Closing: // keys that nobody waits for any more
                late.Dispose();
                return true;
            default:
                return OnAny(message);
        }
    }

    private void End()
    {
        if (State != SessionState.Closing)
        {
            OnConnectionLost();
            OnEnding();
        }

        _onPdu = null;
        Context.Stop(Self);
    }

    private void TakePdus()
    {
        while (_onPdu is not null)
        {
            switch (_connection.Read(out var frame))
            {
                case Framing.Complete:
                    EndPduDeadline();
                    OnFrame(frame);
                    break;
                case Framing.Incomplete:
                    AfterAllTaken();
                    return;
                case var framing:
                    Log.Debug("{0} in {1}: {2}", Peer, State, framing);
                    Refuse(Verdict.Malformed, pdu: null);
                    return;
            }
        }
    }

    private void OnFrame(ReadOnlyMemory<byte> frame)
    {
        switch (Check(frame, out var pdu))
        {
            case Verdict.Accept when !_onPdu!(pdu!):
                Refuse(Verdict.Unexpected, pdu);
                break;
            case Verdict.Accept:
                break;
            case Verdict.Ignore:
                Ignore(pdu!);
                break;
            case var verdict:
                Refuse(verdict, pdu);
                break;
        }
    }

    private void Ignore(Pdu pdu)
    {
        IgnoredClockDifference = pdu.Timestamp - Now;
        Log.Info("{0} in {1}: {2} ignored, its clock is {3:F0} s from ours", Peer, State, pdu.Type.Word(), IgnoredClockDifference);
        OnIgnored(pdu);
        if (++_ignored >= Services.Settings.MaxIgnoredPdus)
        {
            EndAtDeadline(); // the peer's clock will not change, and each check costs time
        }
    }

    private void AfterAllTaken()
    {
        OnAllTaken();
        if (_onPdu is null)
        {
            return;
        }

        if (_connection.IsWithinPdu)
        {
            SetPduDeadline();
        }

        _connection.ReadMore();
    }

    private void EndPduDeadline()
    {
        if (_hasPduDeadline)
        {
            _hasPduDeadline = false;
            Timers.Cancel(PduDeadlineTimer);
        }
    }

    private void EndAtDeadline()
    {
        var why = IgnoredClockDifference is { } seconds ? $"nothing in its time, its clock is {seconds:F0} s from ours" : "no answer in time";
        Log.Warning("{0} in {1}: {2}", Peer, State, why);
        OnDeadline();
        Close();
    }

    /// <summary>End the conversation now.</summary>
    /// <param name="Reason">Why, for the log.</param>
    public sealed record EndNow(string Reason) : IRemotable;

    private sealed class Producer<T>(Func<T> make) : IIndirectActorProducer
        where T : Session
    {
        public Type ActorType => typeof(T);

        public ActorBase Produce() => make();

        public void Release(ActorBase actor)
        {
        }
    }

    private sealed record Deadline : ILocalOnly
    {
        public static Deadline Passed { get; } = new();
    }
}
