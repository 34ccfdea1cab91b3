// The initiator's half of a conversation: one message to one recipient. Whatever happens, its parent hears the outcome exactly once,
// and never better news than is certain: what was written and not acknowledged is Unknown. Without a message it is a ping: the handshake
// alone, which ends after step 9.

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ActorChat.Node.Consoles;
using ActorChat.Node.Logging;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.Event;
using Akka.IO;

namespace ActorChat.Node.Sessions;

/// <summary>One outgoing conversation (protocol page, section 3).</summary>
/// <remarks>
/// <code>
/// state               waits for               then                                                       next
/// Resolving           the host's addresses    connect to the first                                       Connecting
/// Connecting          the connection          ask for the key agreement to begin                         AwaitingGenerator
///                     its failure             the next address; after the last, report why               the same; Closed
/// AwaitingGenerator   dh_1                    dh_1                                                       AwaitingDh2
/// AwaitingDh2         dh_2                    complete the key agreement; the right name: hello          AwaitingChallenge; Closed
/// AwaitingChallenge   chall                   resp and, where steps go together, chall                   AwaitingAck
/// AwaitingAck         ack or nack             ack: chall, if not sent yet                                AwaitingResponse; Closed
/// AwaitingResponse    resp                    right: ack and text; wrong: nack                           AwaitingReceipt; Closed
///                                             a ping: ack, report how long each step took                Closed
/// AwaitingReceipt     ack or nack             report Delivered or Rejected                               Closed
///
/// anything else       another type, or a PDU that does not check: nack if there are keys                 Closed
///                     a PDU outside the time window: nothing                                             the same
///                     the deadline, or the end of the connection                                         Closed
/// </code>
/// </remarks>
public sealed class InitiatorSession : Session
{
    private const string AtOnce = " at once; is it an ActorChat node there, and is it too busy for another call? Try again in a while";

    private readonly Recipient _recipient;
    private readonly TextMessage? _message;
    private readonly List<Step> _steps = [];
    private byte[] _plaintext = [];
    private byte[] _challenge = [];
    private IInitiation? _initiation;
    private string? _peerName;
    private bool _textSent;
    private bool _reported;
    private long _stepBegan;
    private Queue<IPAddress> _addresses = new();
    private IPEndPoint? _endPoint;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public InitiatorSession(Recipient recipient, TextMessage? message, NodeServices services)
        : base(services)
    {
        _recipient = recipient;
        _message = message;
    }

    /// <inheritdoc/>
    protected override Peer Peer => new(_recipient.Host, $"{_recipient.Address} ({Printable.Line(_recipient.Label)})");

    /// <summary>How to make the session.</summary>
    /// <param name="recipient">Where to connect, and as whom.</param>
    /// <param name="message">The message; null for a ping.</param>
    /// <param name="services">The node's actors and seams.</param>
    public static Props Props(Recipient recipient, TextMessage? message, NodeServices services) =>
        Akka.Actor.Props.Create(() => new InitiatorSession(recipient, message, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _stepBegan = _message is null ? Services.Clock.GetTimestamp() : 0;
        Enter(Resolving, reads: false);
        if (_message is not null && !WritePlaintext(_message))
        {
            Fail(FailureKind.TooLong);
            return;
        }

        SetDeadline(Services.Settings.HandshakeDeadline);
        OutgoingConnection.ResolveAsync(_recipient.Host).PipeTo(Self, success: addresses => new Resolved(addresses), failure: NotConnected.Because);
    }

    private bool WritePlaintext(TextMessage message)
    {
        var plaintext = Profile.WriteText(message, SealedChannel.MaxPlaintextSize(Services.Settings.MaxPduSize));
        _plaintext = plaintext ?? [];
        return plaintext is not null;
    }

    /// <inheritdoc/>
    protected override void OnRefused(Verdict verdict, Pdu? pdu)
    {
        // Before both are authenticated, an HMAC that does not verify means different keys, and different keys mean different passwords.
        // That holds for the other side's nack too, which is sealed under its keys.
        if (verdict == Verdict.BadHmac && !_textSent)
        {
            Services.Keys.Tell(new KeyActor.KeyConfirmation(_recipient, Good: false));
            Report(new Failure(FailureKind.WrongPassword));
        }
        else
        {
            Report(new Failure(FailureKind.ProtocolViolated, $"{verdict}{(pdu is null ? "" : " " + pdu.Type.Word())}"));
        }
    }

    /// <inheritdoc/>
    protected override void OnConnectionLost() => Report(new Failure(
        FailureKind.ConnectionLost,
        State is nameof(AwaitingGenerator) or nameof(AwaitingDh2) ? AtOnce : ""));

    /// <inheritdoc/>
    protected override void OnDeadline() => Report(IgnoredClockDifference is { } seconds
        ? new Failure(FailureKind.ClocksDiffer, $"{Math.Abs(seconds):F0} seconds (theirs is {(seconds > 0 ? "ahead" : "behind")})")
        : new Failure(FailureKind.NoAnswerInTime, State switch
        {
            nameof(Resolving) or nameof(Connecting) => "; no connection came about: is the address right, and does a firewall stand between?",
            nameof(AwaitingDh2) => "; it took the call and said nothing, as a node does whose clock is more than 25 seconds from ours: compare both clocks",
            _ => "",
        }));

    /// <inheritdoc/>
    protected override void OnGivenUp() => Report(new Failure(FailureKind.Stopping));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Report(new Failure(FailureKind.InternalError)); // only if nothing was reported before: the session failed
        _initiation?.Dispose();
        CryptographicOperations.ZeroMemory(_plaintext);
        base.PostStop();
    }

    private bool Resolving(object message)
    {
        switch (message)
        {
            case Resolved { Addresses: var addresses }:
                _addresses = new Queue<IPAddress>(addresses);
                return ConnectToNext();
            case NotConnected { Error: var error }:
                return Fail(ReasonOf(error));
            default:
                return Common(message);
        }
    }

    private bool ConnectToNext()
    {
        _endPoint = new IPEndPoint(_addresses.Dequeue(), _recipient.Port);
        var self = Self;
        var resetAtOnce = new OutgoingConnection.ResetAtOnce(() => self.Tell(new NotConnected(SocketError.ConnectionReset)));
        Services.Tcp.Tell(new Tcp.Connect(_endPoint, options: [resetAtOnce], pullMode: true));
        Enter(Connecting, reads: false);
        return true;
    }

    private bool Connecting(object message)
    {
        switch (message)
        {
            case Tcp.Connected:
                Took("connected");
                Register(Sender);
                Services.Keys.Tell(new KeyActor.Initiate(_recipient));
                Enter(AwaitingGenerator, reads: false);
                return true;
            case Tcp.CommandFailed { Cmd: Tcp.Connect } when _addresses.Count > 0:
                return ConnectToNext();
            case Tcp.CommandFailed { Cmd: Tcp.Connect }:
                OutgoingConnection.WhyNotAsync(_endPoint!).PipeTo(Self, success: error => new NotConnected(error), failure: NotConnected.Because);
                return true;
            case NotConnected { Error: var error }:
                return Fail(ReasonOf(error));
            default:
                return Common(message);
        }
    }

    // Step 1. The generator is made of the password; a fresh private value times the generator is what we send.
    private bool AwaitingGenerator(object message)
    {
        switch (message)
        {
            case KeyActor.Initiated { Initiation: var initiation }:
                Took("password ready");
                _initiation = initiation;
                Send(initiation.Dh1);
                Enter(AwaitingDh2);
                ReadOn();
                return true;
            case KeyActor.Failed failed:
                return Fail(new Failure(FailureKind.CannotConnect, failed.Reason));
            default:
                return Common(message);
        }
    }

    // Step 2. Both dh PDUs, as sent, go into the key, so a byte altered on the way shows as different keys.
    private bool AwaitingDh2(object message)
    {
        if (message is not Pdu { Type: MsgType.Dh2 } pdu)
        {
            return Common(message);
        }

        Took("dh_1 answered");
        if (_initiation!.Complete(pdu) is not { } agreement)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        // Step 3. Two contacts may share a password, so the name is compared too: a message for bob must not reach carol because she sits at bob's address.
        _peerName = agreement.PeerName;
        Secure(sending: agreement.Keys.Initiator, receiving: agreement.Keys.Responder);
        if (_recipient.ExpectedName is { } expected && _peerName is not null && _peerName != expected)
        {
            return Fail(new Failure(FailureKind.SomebodyElseAnswered, Printable.Line(_peerName)));
        }

        Took("keys agreed");
        Send(MsgType.Hello);
        Enter(AwaitingChallenge);
        return true;
    }

    // Steps 4 and 5, and 7 with them where that is allowed: our own challenge need not wait for the responder's verdict on our answer.
    private bool AwaitingChallenge(object message)
    {
        if (message is not Pdu { Type: MsgType.Chall } pdu)
        {
            return Common(message);
        }

        if (AnswerTo(pdu) is not { } answer)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        Services.Keys.Tell(new KeyActor.KeyConfirmation(_recipient, Good: true));
        Took("hello answered");
        Send(MsgType.Resp, answer);
        if (SendsStepsTogether)
        {
            _challenge = SendChallenge();
        }

        Enter(AwaitingAck);
        return true;
    }

    // Step 6: the responder accepts us, or not. Step 7.
    private bool AwaitingAck(object message)
    {
        switch (message)
        {
            case Pdu { Type: MsgType.Ack }:
                Took("accepted there");
                if (!SendsStepsTogether)
                {
                    _challenge = SendChallenge();
                }

                Enter(AwaitingResponse);
                return true;
            case Pdu { Type: MsgType.Nack }:
                return Fail(FailureKind.WrongPassword);
            default:
                return Common(message);
        }
    }

    // Steps 8, 9 and 10: only who has proved to know the password gets the message. From the moment it is written we do not know any more
    // whether it arrived, until a receipt comes.
    private bool AwaitingResponse(object message)
    {
        if (message is not Pdu { Type: MsgType.Resp } pdu)
        {
            return Common(message);
        }

        switch (CheckResponse(pdu, _challenge))
        {
            case true when _message is null:
                Took("accepted here");
                Send(MsgType.Ack);
                Context.Parent.Tell(new Reached(_steps));
                Report(Outcome.Delivered, failure: null);
                Close();
                return true;
            case true:
                AcceptLargePdus();
                Send(MsgType.Ack);
                Send(MsgType.Text, _plaintext);
                _textSent = true;
                SetDeadline(Services.Settings.TextDeadline);
                Enter(AwaitingReceipt);
                return true;
            case false:
                Report(new Failure(FailureKind.WrongPassword));
                return Reject("wrong answer to the challenge");
            default:
                return Refuse(Verdict.Malformed, pdu);
        }
    }

    // Step 11.
    private bool AwaitingReceipt(object message)
    {
        switch (message)
        {
            case Pdu { Type: MsgType.Ack }:
                Report(Outcome.Delivered, failure: null);
                Close();
                return true;
            case Pdu { Type: MsgType.Nack }:
                Report(Outcome.Rejected, new Failure(FailureKind.Refused));
                Close();
                return true;
            default:
                return Common(message);
        }
    }

    private bool SendsStepsTogether => Profile.MaySendStepsTogether && Services.Settings.SendStepsTogether;

    private Failure ReasonOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => new Failure(FailureKind.NobodyListening, _recipient.Address),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown =>
            new Failure(FailureKind.NoRoute, _recipient.Address),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new Failure(FailureKind.HostNotFound, _recipient.Host),
        SocketError.ConnectionReset => new Failure(FailureKind.ConnectionLost, AtOnce),
        SocketError.TimedOut => new Failure(FailureKind.NoAnswerInTime),
        _ => new Failure(FailureKind.CannotConnect, $"{_recipient.Address}: {error}"),
    };

    private bool Fail(FailureKind kind) => Fail(new Failure(kind));

    private bool Fail(Failure failure)
    {
        Report(failure);
        Close();
        return true;
    }

    private void Report(Failure failure) => Report(_textSent ? Outcome.Unknown : Outcome.NotDelivered, failure);

    private void Report(Outcome outcome, Failure? failure)
    {
        if (_reported)
        {
            return;
        }

        _reported = true;
        Log.Info("{0} in {1}: {2} {3}", Peer, State, outcome, failure?.Kind);
        Context.Parent.Tell(new Finished(_message?.Id ?? Guid.Empty, outcome, failure, _peerName));
    }

    // Only a ping is asked how long its steps took.
    private void Took(string step)
    {
        if (_message is not null)
        {
            return;
        }

        _steps.Add(new Step(step, Services.Clock.GetElapsedTime(_stepBegan)));
        _stepBegan = Services.Clock.GetTimestamp();
    }

    /// <summary>The outcome of the message, told to the parent exactly once.</summary>
    /// <param name="Id">The message's id; <see cref="Guid.Empty"/> for a ping.</param>
    /// <param name="Outcome">What is certain.</param>
    /// <param name="Failure">Why, unless it was delivered.</param>
    /// <param name="PeerName">The name that answered; null where nobody did.</param>
    public sealed record Finished(Guid Id, Outcome Outcome, Failure? Failure, string? PeerName) : IRemotable;

    /// <summary>A ping has come to its end: the other side is there and has proved who it is. <see cref="Finished"/> follows.</summary>
    /// <param name="Steps">The steps of the handshake, in order.</param>
    public sealed record Reached(IReadOnlyList<Step> Steps) : ILocalOnly;

    private sealed record Resolved(IReadOnlyList<IPAddress> Addresses) : ILocalOnly;

    private sealed record NotConnected(SocketError Error) : ILocalOnly
    {
        public static NotConnected Because(Exception e) => new((e.GetBaseException() as SocketException)?.SocketErrorCode ?? SocketError.SocketError);
    }
}

/// <summary>A step of a handshake.</summary>
/// <param name="Name">What had happened at its end.</param>
/// <param name="Took">How long it took.</param>
public sealed record Step(string Name, TimeSpan Took);
