// What both halves of a conversation share: the socket, the framing, the seal, the deadlines and the closing. The subclasses read as the conversation.
// Data flows one way: bytes from the socket → framer → reader and its verdicts → the current state → what it does.
// The socket is read in pull mode: nothing more is asked for until the state has dealt with all that came, so a fast sender can not fill a mailbox.

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

    private readonly PduFramer _framer;
    private IActorRef _connection = ActorRefs.Nobody;
    private SealedChannel? _channel;
    private Receive _state;
    private bool _reads;
    private bool _hasWritten;
    private int _ignored;

    /// <summary>Made before it has a state: the subclass enters its first one when it starts.</summary>
    protected Session(NodeServices services)
    {
        ArgumentNullException.ThrowIfNull(services);
        Services = services;
        _framer = new PduFramer(services.Settings.MaxPduSizeBeforeAuthentication);
        _state = Common;
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The node's actors and seams.</summary>
    protected NodeServices Services { get; }

    /// <summary>The diagnostic log.</summary>
    protected ILoggingAdapter Log { get; } = Context.GetLogger();

    /// <summary>The profile of this conversation.</summary>
    protected IProfile Profile { get; set; } = ModernProfile.Instance;

    /// <summary>The state's name, for the log.</summary>
    protected string State => _state.Method.Name;

    /// <summary>By how many seconds the peer's clock was ahead of ours in the last PDU that was ignored for it; null when none was.</summary>
    protected double? IgnoredClockDifference { get; private set; }

    /// <summary>Our clock, in seconds since the Unix epoch.</summary>
    protected double Now => Timestamp.Now(Services.Clock);

    /// <summary>Who is at the other end, for the log: an address, and a name as soon as one was given.</summary>
    protected abstract Peer Peer { get; }

    /// <inheritdoc/>
    protected override bool Receive(object message) => _state(message);

    /// <summary>Enters a state. The method is the behaviour, and its name is what the log says.</summary>
    /// <param name="state">The new behaviour.</param>
    /// <param name="reads">False while nothing may be read, since something must be there first: keys, or a receipt from the inbox.</param>
    protected void Enter(Receive state, bool reads = true)
    {
        ArgumentNullException.ThrowIfNull(state);
        Log.Debug("{0}: {1}", Peer, state.Method.Name);
        _state = state;
        _reads = reads;
        Become(state);
    }

    /// <summary>Takes over a connection and begins to read if the state does.</summary>
    protected void Register(IActorRef connection)
    {
        _connection = connection;
        _connection.Tell(new Tcp.Register(Self));
        ReadOn();
    }

    /// <summary>What every state does with what it does not wait for.</summary>
    protected bool Common(object message)
    {
        switch (message)
        {
            case Tcp.Received received:
                _framer.Append(received.Data.ToReadOnlySpan());
                ReadOn();
                return true;
            case Pdu pdu:
                Refuse(Verdict.Unexpected, pdu);
                return true;
            case Tcp.ConnectionClosed:
                _connection = ActorRefs.Nobody;
                Log.Info("{0} in {1}: the connection was lost", Peer, State);
                OnConnectionLost();
                Context.Stop(Self);
                return true;
            case Tcp.CommandFailed { Cmd: Tcp.Write }: // it does not read what we say, and what waits for it has reached its limit
                Log.Warning("{0} in {1}: it takes nothing in", Peer, State);
                OnConnectionLost();
                Context.Stop(Self);
                return true;
            case Deadline:
                EndAtDeadline();
                return true;
            case GiveUp:
                Log.Info("{0} in {1}: given up, the node is stopping", Peer, State);
                OnGivenUp();
                Close();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads on when the state does: takes one PDU after another from what came, then asks the socket for more.</summary>
    protected void ReadOn()
    {
        while (_reads)
        {
            switch (_framer.Read(out var frame))
            {
                case Framing.Complete:
                    Timers.Cancel(PduDeadlineTimer);
                    OnFrame(frame);
                    break;
                case Framing.Incomplete:
                    if (_framer.IsWithinPdu)
                    {
                        SetPduDeadline();
                    }

                    _connection.Tell(Tcp.ResumeReading.Instance);
                    return;
                case var framing:
                    Log.Debug("{0} in {1}: {2}", Peer, State, framing);
                    Refuse(Verdict.Malformed, pdu: null);
                    return;
            }
        }
    }

    /// <summary>From now on PDUs are sealed; the session owns the keys.</summary>
    protected void Secure(KeyChain sending, KeyChain receiving) => _channel = new SealedChannel(Profile.Format, sending, receiving);

    /// <summary>The peer has proved who it is: its PDUs may be larger now.</summary>
    protected void AcceptLargePdus() => _framer.MaxPduSize = Services.Settings.MaxPduSize;

    /// <summary>Seals and sends a PDU.</summary>
    protected void Send(MsgType type, ReadOnlySpan<byte> plaintext = default) => Send(_channel!.Seal(type, plaintext, Now));

    /// <summary>Sends a PDU as it is.</summary>
    protected void Send(byte[] pdu)
    {
        _hasWritten = true;
        _connection.Tell(Tcp.Write.Create(ByteString.FromBytes(pdu)));
    }

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

        Close();
        return true;
    }

    /// <summary>Sets the deadline of the current phase in place of the one before. Progress does not move it.</summary>
    protected void SetDeadline(TimeSpan timeout) => Timers.StartSingleTimer(DeadlineTimer, Deadline.Passed, timeout);

    /// <summary>Sets the deadline of the PDU that comes next, unless it runs already: it must be here as a whole by then.</summary>
    protected void SetPduDeadline()
    {
        if (!Timers.IsTimerActive(PduDeadlineTimer))
        {
            Timers.StartSingleTimer(PduDeadlineTimer, Deadline.Passed, Services.Settings.PduDeadline);
        }
    }

    /// <summary>Says goodbye: what was written is sent, then our half is closed, then the peer has a moment to close the other.
    /// Closing both halves at once would have the kernel reset the connection over unread bytes, and the last PDU could get lost.
    /// Who was told nothing has nothing to lose, and gets no more of our time.</summary>
    protected void Close()
    {
        Enter(Closed, reads: false);
        if (!_hasWritten)
        {
            Context.Stop(Self);
            return;
        }

        Timers.Cancel(PduDeadlineTimer);
        _connection.Tell(Tcp.ConfirmedClose.Instance);
        _connection.Tell(Tcp.ResumeReading.Instance);
        SetDeadline(Services.Settings.ClosingDeadline);
    }

    /// <summary>A PDU was refused: the subclass notes what that means for its outcome.</summary>
    protected virtual void OnRefused(Verdict verdict, Pdu? pdu)
    {
    }

    /// <summary>The connection ended before the conversation did.</summary>
    protected virtual void OnConnectionLost()
    {
    }

    /// <summary>The phase's deadline passed.</summary>
    protected virtual void OnDeadline()
    {
    }

    /// <summary>The node is stopping and waits no longer.</summary>
    protected virtual void OnGivenUp()
    {
    }

    /// <summary>A session never leaves its connection behind, also when it fails: Akka.IO would notice the end of a responder, and not that of
    /// an initiator, whom it stops watching when it registers.</summary>
    protected override void PostStop()
    {
        _connection.Tell(Tcp.Abort.Instance);
        _channel?.Dispose();
    }

    private void OnFrame(ReadOnlyMemory<byte> frame)
    {
        var verdict = PduChecks.Check(frame, Profile.Format, _channel, Now, out var pdu);
        switch (verdict)
        {
            case Verdict.Accept:
                _state(pdu!);
                break;
            case Verdict.Ignore:
                IgnoredClockDifference = pdu!.Timestamp - Now;
                Log.Info("{0} in {1}: {2} {3}, its clock is {4:F0} s from ours", Peer, State, verdict, pdu.Type.Word(), IgnoredClockDifference);
                if (++_ignored >= Services.Settings.MaxIgnoredPdus)
                {
                    EndAtDeadline(); // nothing better can come of it, and checking them all costs time
                }

                break;
            default:
                Refuse(verdict, pdu);
                break;
        }
    }

    private void EndAtDeadline()
    {
        var why = IgnoredClockDifference is { } seconds ? $"nothing in its time, its clock is {seconds:F0} s from ours" : "no answer in time";
        Log.Warning("{0} in {1}: {2}", Peer, State, why);
        OnDeadline();
        Close();
    }

    private bool Closed(object message)
    {
        switch (message)
        {
            case Tcp.Received:
                _connection.Tell(Tcp.ResumeReading.Instance); // what still comes is read, so that the close is orderly, and dropped
                return true;
            case Tcp.ConnectionClosed:
                _connection = ActorRefs.Nobody;
                Context.Stop(Self);
                return true;
            case Deadline:
                Context.Stop(Self);
                return true;
            case KeyActor.Agreed late:
                late.Agreement.Keys.Dispose();
                return true;
            case KeyActor.Initiated late:
                late.Initiation.Dispose();
                return true;
            default:
                return true;
        }
    }

    /// <summary>End now: the node is stopping and waits no longer.</summary>
    public sealed record GiveUp : IRemotable;

    /// <summary>A phase took too long.</summary>
    private sealed record Deadline : ILocalOnly
    {
        public static Deadline Passed { get; } = new();
    }
}
