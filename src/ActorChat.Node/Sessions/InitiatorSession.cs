// The initiator's half of a conversation: it sends the texts that wait for one recipient. Each text gets at most one Finished, and none that says
// more than is certain: what was written and not acknowledged is Unknown. A ping is the handshake alone, which ends after step 9.

using ActorChat.Node.Logging;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Sessions;

/// <summary>One outgoing conversation (protocol page, sections 3, 6 and 7).</summary>
/// <remarks>
/// <code>
/// state               waits for               then                                                       next
/// AwaitingGenerator   dh_1                    connect                                                    Connecting
/// Connecting          the connection          dh_1                                                       AwaitingDh2
///                     its failure             report why                                                 Closing
/// AwaitingDh2         dh_2                    the keys, of the kind required, and the right name: hello  AwaitingChallenge; Closing
/// AwaitingChallenge   chall                   resp and, where steps go together, chall                   AwaitingAck
/// AwaitingAck         ack or nack             ack: chall, if not sent yet                                AwaitingResponse; Closing
/// AwaitingResponse    resp                    right: ack and texts; wrong: nack                          AwaitingReceipt; Closing
///                                             right, in classic: ack                                     AwaitingGoAhead
///                                             a ping: ack, report how long each step took                Closing
/// AwaitingGoAhead     ack or nack             ack: the text                                              AwaitingReceipt; Closing
/// AwaitingReceipt     ack or nack             report Delivered or Rejected; after ack the next text      the same; Closing
///
/// any                 Send                    keep the text until step 9, then send it                   the same
/// anything else       another type, or a PDU that does not check: nack if there are keys                 Closing
///                     a PDU outside the time window: nothing                                             the same
///                     the deadline, or the end of the connection                                         Closing; the end
/// </code>
/// </remarks>
public sealed class InitiatorSession : Session
{
    private readonly Recipient _recipient;
    private readonly bool _isPing;
    private readonly Dialing _dialing;
    private readonly List<Step> _steps = [];
    private readonly Queue<(Guid Id, byte[] Plaintext)> _toSend = new();
    private readonly Queue<(Guid Id, int Size)> _unanswered = new();
    private byte[] _challenge = [];
    private IInitiation? _initiation;
    private bool _requiresPostQuantum;
    private bool _isPostQuantum;
    private string? _peerName;
    private int _mayBeSent;
    private bool _isAuthenticated;
    private bool _isConcluded;
    private bool? _hasSameKeys;
    private Failure? _failure;
    private long _stepBegan;

    /// <summary>A session that connects as soon as it starts.</summary>
    /// <param name="recipient">Where to connect, and as whom.</param>
    /// <param name="isPing">Whether it ends after step 9; else it waits there for the first <see cref="SendText"/>.</param>
    /// <param name="services">The node's actors and seams.</param>
    public InitiatorSession(Recipient recipient, bool isPing, NodeServices services)
        : base(services, KnownProfiles.All.Named(recipient.Profile))
    {
        _recipient = recipient;
        _isPing = isPing;
        _dialing = new Dialing(Services.Tcp, Self, recipient.Host, recipient.Port, Services.Settings.ConnectTimeout);
    }

    /// <inheritdoc/>
    protected override Peer Peer => new(_recipient.Host, $"{_recipient.Address} ({Printable.Line(_recipient.Label)})");

    /// <inheritdoc cref="InitiatorSession(Recipient, bool, NodeServices)"/>
    public static Props Props(Recipient recipient, bool isPing, NodeServices services) =>
        PropsOf(() => new InitiatorSession(recipient, isPing, services));

    // The key agreement begins before the connection: after failed ones it may have to wait longer than a peer waits for dh_1.
    /// <inheritdoc/>
    protected override void Begin()
    {
        _stepBegan = Services.Clock.GetTimestamp();
        SetDeadline(Services.Settings.HandshakeDeadline);
        Services.Keys.Tell(new KeyActor.Initiate(_recipient));
        AwaitAnswer(SessionState.AwaitingGenerator, AwaitingGenerator);
    }

    // Before both sides are authenticated, an HMAC that does not verify means different keys, and different keys mean different passwords. That holds
    // for the responder's nack too, which is sealed under its keys.
    /// <inheritdoc/>
    protected override void OnRefused(Verdict verdict, Pdu? pdu) => _failure ??= verdict == Verdict.BadHmac && !_isAuthenticated
        ? new Failure(FailureKind.WrongPassword)
        : new Failure(FailureKind.ProtocolViolated, $"{verdict}{(pdu is null ? "" : " " + pdu.Type.Word())}");

    // Where there are keys, the HMAC of an ignored PDU has been verified.
    /// <inheritdoc/>
    protected override void OnIgnored(Pdu pdu) => _hasSameKeys = _hasSameKeys is null ? null : true;

    /// <inheritdoc/>
    protected override void OnConnectionLost()
    {
        base.OnConnectionLost();
        _failure ??= new Failure(State switch
        {
            SessionState.AwaitingDh2 => FailureKind.ClosedAtOnce,
            SessionState.AwaitingChallenge => FailureKind.KeysNotConfirmed,
            _ => FailureKind.ConnectionLost,
        });
    }

    /// <inheritdoc/>
    protected override void OnDeadline() => _failure ??= State == SessionState.AwaitingReceipt && _unanswered.Count == 0
        ? null // nobody owes an answer: what was to be sent is not on disk yet
        : IgnoredClockDifference is { } seconds
        ? new Failure(FailureKind.ClocksDiffer, $"{Math.Abs(seconds):F0} seconds (theirs is {(seconds > 0 ? "ahead" : "behind")})")
        : new Failure(State switch
        {
            SessionState.Connecting => FailureKind.NoConnectionInTime,
            SessionState.AwaitingDh2 => FailureKind.SilentAfterCall,
            SessionState.AwaitingChallenge => FailureKind.KeysNotConfirmed,
            _ => FailureKind.NoAnswerInTime,
        });

    /// <inheritdoc/>
    protected override void OnEndNow(string reason)
    {
        Log.Info("{0} in {1}: {2}", Peer, State, reason);
        _failure ??= _isPing || _toSend.Count + _unanswered.Count > 0 ? new Failure(FailureKind.Stopping) : null;
        Close();
    }

    /// <inheritdoc/>
    protected override void OnEnding() => Conclude(_failure);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Conclude(new Failure(FailureKind.InternalError)); // only where nothing else ended it: the session failed
        _initiation?.Dispose();
        base.PostStop();
    }

    // The KeyActor has made dh_1: the password's generator times a fresh private value (in classic, plain Diffie-Hellman).
    private bool AwaitingGenerator(object message)
    {
        switch (message)
        {
            case KeyActor.Initiated { Initiation: var initiation, RequiresPostQuantum: var required }:
                Took("password ready");
                _initiation = initiation;
                _requiresPostQuantum = required;
                AwaitAnswer(SessionState.Connecting, Connecting);
                _dialing.Begin();
                return true;
            case KeyActor.Failed { Reason: var reason }:
                return Fail(new Failure(FailureKind.CannotConnect, reason));
            default:
                return Keep(message);
        }
    }

    // Step 1.
    private bool Connecting(object message)
    {
        switch (_dialing.Take(message, Sender))
        {
            case Dialing.Progress.Connected { Socket: var socket }:
                Took("connected");
                Use(socket);
                Send(_initiation!.Dh1);
                AwaitPdu(SessionState.AwaitingDh2, AwaitingDh2, Keep);
                return true;
            case Dialing.Progress.Failed { Error: var error }:
                return Fail(Failure.Of(error, _recipient));
            case Dialing.Progress.UnderWay:
                return true;
            default:
                return Keep(message);
        }
    }

    // Steps 2 and 3. In modern both dh PDUs, as sent, go into the keys, so a byte altered on the way shows as different keys. Two contacts may share a
    // password, so the name is compared too: a message for bob must not reach carol because she sits at bob's address. Keys without ML-KEM-768, where
    // it is required, are given up before they seal anything.
    private bool AwaitingDh2(Pdu pdu)
    {
        if (pdu.Type != MsgType.Dh2)
        {
            return false;
        }

        if (_initiation!.Complete(pdu) is not { } agreement)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        Secure(sending: agreement.Keys.Initiator, receiving: agreement.Keys.Responder);
        _peerName = agreement.PeerName;
        _mayBeSent = agreement.Texts;
        _isPostQuantum = agreement.IsPostQuantum;
        if (_requiresPostQuantum && !_isPostQuantum)
        {
            return Fail(FailureKind.NoPostQuantum);
        }

        if (_recipient.ExpectedName is { } expected && _peerName is not null && _peerName != expected)
        {
            return Fail(new Failure(FailureKind.SomebodyElseAnswered, Printable.Line(_peerName)));
        }

        Took("keys agreed");
        _hasSameKeys = false;
        Send(MsgType.Hello);
        AwaitPdu(SessionState.AwaitingChallenge, AwaitingChallenge, Keep);
        return true;
    }

    // Steps 4 and 5, and 7 with them where that is allowed: our own challenge need not wait for the responder's verdict on our answer. A PDU that
    // verifies shows that the responder has the same keys, so knows the password or sits between us and somebody who does.
    private bool AwaitingChallenge(Pdu pdu)
    {
        _hasSameKeys = true;
        if (pdu.Type != MsgType.Chall)
        {
            return false;
        }

        if (AnswerTo(pdu) is not { } answer)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        Took("hello answered");
        Send(MsgType.Resp, answer);
        if (SendsStepsTogether)
        {
            _challenge = SendChallenge();
        }

        AwaitPdu(SessionState.AwaitingAck, AwaitingAck, Keep);
        return true;
    }

    // Step 6: the responder accepts us, or not. Step 7.
    private bool AwaitingAck(Pdu pdu)
    {
        switch (pdu.Type)
        {
            case MsgType.Ack:
                Took("accepted there");
                if (!SendsStepsTogether)
                {
                    _challenge = SendChallenge();
                }

                AwaitPdu(SessionState.AwaitingResponse, AwaitingResponse, Keep);
                return true;
            case MsgType.Nack:
                return Fail(FailureKind.WrongPassword);
            default:
                return false;
        }
    }

    // Steps 8 and 9: only a responder that has proved to know the password gets a message.
    private bool AwaitingResponse(Pdu pdu)
    {
        if (pdu.Type == MsgType.Nack)
        {
            return Fail(FailureKind.Refused); // it accepted us in step 6, so the password is not the reason
        }

        if (pdu.Type != MsgType.Resp)
        {
            return false;
        }

        switch (CheckResponse(pdu, _challenge))
        {
            case true:
                _isAuthenticated = true;
                Log.Info("{0} in {1}: authenticated, keys {2}", Peer, State, Profile.KeysInWords(_isPostQuantum));
                AcceptLargePdus();
                SetDeadline(Services.Settings.TextDeadline);
                Send(MsgType.Ack);
                return _isPing ? EndPing() : Profile.AcknowledgesStep9 ? AwaitGoAhead() : SendTexts();
            case false:
                _failure = new Failure(FailureKind.WrongPassword);
                return Reject("wrong answer to the challenge");
            default:
                return Refuse(Verdict.Malformed, pdu);
        }
    }

    private bool EndPing()
    {
        Took("accepted here");
        Context.Parent.Tell(new Reached(_steps, _peerName, _isPostQuantum));
        return Close();
    }

    private bool AwaitGoAhead()
    {
        AwaitPdu(SessionState.AwaitingGoAhead, AwaitingGoAhead, Keep);
        return true;
    }

    // Classic: the responder says that it waits for the text, or that it takes none.
    private bool AwaitingGoAhead(Pdu pdu) => pdu.Type switch
    {
        MsgType.Ack => SendTexts(),
        MsgType.Nack => Fail(FailureKind.Refused),
        _ => false,
    };

    // Step 10. Once a text is written, we do not know whether it arrived until its receipt comes.
    private bool SendTexts()
    {
        while (_mayBeSent > 0 && _toSend.TryPeek(out var text) && MayBeUnanswered(text.Plaintext))
        {
            _mayBeSent--;
            Send(MsgType.Text, text.Plaintext);
            _unanswered.Enqueue((text.Id, SealedChannel.MaxPduSize(text.Plaintext.Length)));
            _toSend.Dequeue();
        }

        AwaitPdu(SessionState.AwaitingReceipt, AwaitingReceipt, SendNow);
        return true;
    }

    // The texts are bounded in number by section 7, and in bytes so that they fit the queue of what is written: beyond it the write fails.
    private bool MayBeUnanswered(byte[] plaintext) => _unanswered.Count == 0
        || (_unanswered.Count < ResponderSession.MaxUnanswered
            && _unanswered.Sum(text => text.Size) + SealedChannel.MaxPduSize(plaintext.Length) <= Services.Settings.MaxPduSize);

    // Step 11. Receipts come in the order of the texts. The texts after a rejected one were certainly not taken.
    private bool AwaitingReceipt(Pdu pdu)
    {
        switch (pdu.Type)
        {
            case MsgType.Ack when _unanswered.TryDequeue(out var text):
                Report(text.Id, Outcome.Delivered, failure: null);
                SetDeadline(Services.Settings.TextDeadline);
                return _unanswered.Count > 0 || (_toSend.Count > 0 && _mayBeSent > 0) ? SendTexts() : Close();
            case MsgType.Nack when _unanswered.TryDequeue(out var text):
                Report(text.Id, Outcome.Rejected, new Failure(FailureKind.Refused));
                _unanswered.Clear();
                return Close();
            case MsgType.Nack:
                return Fail(FailureKind.Refused);
            default:
                return false;
        }
    }

    // A text that comes after step 9 need not wait.
    private bool SendNow(object message) => Keep(message) && SendTexts();

    // Keeps a text until it may be sent.
    private bool Keep(object message)
    {
        if (message is not SendText { Message: var text })
        {
            return false;
        }

        if (Profile.WriteText(text, SealedChannel.MaxPlaintextSize(Services.Settings.MaxPduSize), Services.Settings.PadsTexts) is { } plaintext)
        {
            _toSend.Enqueue((text.Id, plaintext));
        }
        else
        {
            Report(text.Id, Outcome.NotDelivered, new Failure(FailureKind.TooLong));
        }

        return true;
    }

    private bool SendsStepsTogether => Profile.MaySendStepsTogether && Services.Settings.SendStepsTogether;

    private bool Fail(FailureKind kind) => Fail(new Failure(kind));

    private bool Fail(Failure failure)
    {
        _failure ??= failure;
        return Close();
    }

    // Every end of a conversation passes here, once. A text that was written and has no answer is Unknown; one that was not written did not arrive.
    private void Conclude(Failure? failure)
    {
        if (_isConcluded)
        {
            return;
        }

        _isConcluded = true;
        while (_unanswered.TryDequeue(out var text))
        {
            Report(text.Id, Outcome.Unknown, failure);
        }

        if (_hasSameKeys is { } same)
        {
            Services.Keys.Tell(new KeyActor.KeyConfirmation(_recipient, same));
        }

        Log.Info("{0} in {1}: ended {2}", Peer, State, failure?.Kind);
        Context.Parent.Tell(new Ended(failure));
    }

    // Only an authenticated name is reported: before that, it is only a claim.
    private void Report(Guid id, Outcome outcome, Failure? failure) =>
        Context.Parent.Tell(new Finished(id, outcome, failure, _isAuthenticated ? _peerName : null) { IsPostQuantum = _isPostQuantum });

    // Only a ping reports how long its steps took.
    private void Took(string step)
    {
        if (_isPing)
        {
            _steps.Add(new Step(step, Services.Clock.GetElapsedTime(_stepBegan)));
            _stepBegan = Services.Clock.GetTimestamp();
        }
    }

    /// <summary>Send this text too. Answered by <see cref="Finished"/> when its outcome is known; a text without one when <see cref="Ended"/> comes was not sent.</summary>
    public sealed record SendText(TextMessage Message) : ILocalOnly;

    /// <summary>The outcome of a text.</summary>
    /// <param name="Id">The text's id.</param>
    /// <param name="Outcome">What is certain.</param>
    /// <param name="Failure">Why, unless it was delivered.</param>
    /// <param name="PeerName">The name that answered, once it has proved that it knows the password.</param>
    public sealed record Finished(Guid Id, Outcome Outcome, Failure? Failure, string? PeerName) : IRemotable
    {
        /// <summary>Whether ML-KEM-768 went into the keys; false where there were no keys.</summary>
        public bool IsPostQuantum { get; init; }
    }

    /// <summary>A ping succeeded: the other side is there and has proved who it is. <see cref="Ended"/> follows.</summary>
    /// <param name="Steps">The steps of the handshake, in order.</param>
    /// <param name="PeerName">The name that answered.</param>
    /// <param name="IsPostQuantum">Whether ML-KEM-768 went into the keys.</param>
    public sealed record Reached(IReadOnlyList<Step> Steps, string? PeerName, bool IsPostQuantum = false) : ILocalOnly;

    /// <summary>The conversation is over.</summary>
    /// <param name="Failure">Why it ended before everything was sent; null when everything was, or when the responder takes no more texts in one conversation.</param>
    public sealed record Ended(Failure? Failure) : IRemotable;
}

/// <summary>A step of a handshake.</summary>
/// <param name="Name">What had happened at its end.</param>
/// <param name="Took">How long it took.</param>
public sealed record Step(string Name, TimeSpan Took);
