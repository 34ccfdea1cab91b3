// The responder's half of a conversation: somebody connected to our port. Until step 6 it could be anybody, and nothing that it can do
// costs more than one key agreement or tells it whether a name is known here. The checks stand in the order of their cost.

using System.Net;
using ActorChat.Node.Logging;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Sessions;

/// <summary>One incoming conversation (protocol page, sections 3, 6 and 7).</summary>
/// <remarks>
/// <code>
/// state               waits for               then                                                       next
/// AwaitingDh1         dh_1                    have the KeyActor agree keys for the name in it            AwaitingKeys
/// AwaitingKeys        the keys                dh_2                                                       AwaitingHello
/// AwaitingHello       hello                   chall                                                      AwaitingResponse
/// AwaitingResponse    resp                    right: ack; wrong: nack                                    AwaitingChallenge; Closing
/// AwaitingChallenge   chall                   resp                                                       AwaitingAck
/// AwaitingAck         ack or nack             ack: both are authenticated                                AwaitingPlace; Closing
/// AwaitingPlace       the listener's leave    it has mostly come already; in classic: ack                AwaitingText
/// AwaitingText        text                    when all that came is taken: give them to the inbox        Storing
///                     the peer's close        that was all it had to say                                 the end
/// Storing             how many were taken     an ack for each; nack for the first that was not           AwaitingText; Closing
///
/// anything else       another type, or a PDU that does not check: nack if there are keys                 Closing
///                     a PDU outside the time window: nothing                                             the same
///                     the deadline, or the end of the connection                                         Closing; the end
/// </code>
/// </remarks>
public sealed class ResponderSession : Session
{
    /// <summary>How many texts may be unanswered (section 7), and so how many are stored at once.</summary>
    public const int MaxUnanswered = 16;

    private readonly IActorRef _socket;
    private readonly IPEndPoint _remote;
    private readonly List<TextMessage> _texts = [];
    private Offer? _offer;
    private string? _initiatorName;
    private byte[] _challenge = [];
    private bool _isPostQuantum;
    private int _maxTexts;
    private int _answered;
    private bool _ignoredText;
    private bool _mayTakeTexts;

    /// <summary>A session over a connection that Akka.IO has accepted.</summary>
    /// <param name="socket">Akka's connection actor, not yet registered with.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="services">The node's actors and seams.</param>
    public ResponderSession(IActorRef socket, IPEndPoint remote, NodeServices services)
        : base(services, KnownProfiles.All.Default)
    {
        _socket = socket;
        _remote = remote;
    }

    /// <inheritdoc/>
    protected override Peer Peer => new($"{_remote.Address}", _initiatorName is null ? $"{_remote}" : $"{_remote} ({Printable.Line(_initiatorName)})");

    /// <inheritdoc cref="ResponderSession(IActorRef, IPEndPoint, NodeServices)"/>
    public static Props Props(IActorRef socket, IPEndPoint remote, NodeServices services) =>
        PropsOf(() => new ResponderSession(socket, remote, services));

    /// <inheritdoc/>
    protected override void Begin()
    {
        SetDeadline(Services.Settings.HandshakeDeadline);
        Use(_socket);
        SetPduDeadline(); // a peer that connects and sends nothing gets no more time than one that sends too slowly
        AwaitPdu(SessionState.AwaitingDh1, AwaitingDh1);
    }

    // A name that is not proved yet is revoked too: its keys may have been agreed under the old password.
    /// <inheritdoc/>
    protected override bool OnAny(object message)
    {
        switch (message)
        {
            case ListenerActor.MayTakeTexts:
                _mayTakeTexts = true;
                TakePlace();
                return true;
            case ListenerActor.Revoke { Names: var names }:
                if (State != SessionState.Closing && _initiatorName is { } name && names.Contains(name))
                {
                    OnEndNow("its entry in the directory was changed or removed");
                }

                return true;
            default:
                return false;
        }
    }

    // While texts are being stored a nack could be untrue: it would say that they were certainly not taken.
    /// <inheritdoc/>
    protected override void OnEndNow(string reason)
    {
        if (State == SessionState.Storing)
        {
            Log.Warning("{0} in {1}: {2}", Peer, State, reason);
            Close();
        }
        else
        {
            Reject(reason);
        }
    }

    /// <inheritdoc/>
    protected override void OnConnectionLost()
    {
        if (State != SessionState.AwaitingText || _answered == 0) // else the initiator has closed after its last answer
        {
            base.OnConnectionLost();
        }
    }

    // The first PDU says which profile the initiator speaks. The KeyActor checks it against the directory.
    /// <inheritdoc/>
    protected override Verdict Check(ReadOnlyMemory<byte> frame, out Pdu? pdu)
    {
        if (State != SessionState.AwaitingDh1)
        {
            return base.Check(frame, out pdu);
        }

        var verdict = KnownProfiles.All.CheckFirst(frame, Now, out pdu, out _offer);
        Profile = _offer is null ? KnownProfiles.All.Default : KnownProfiles.All.Named(_offer.Profile);
        return verdict;
    }

    // Step 1. The user name selects the key. Whether it is known makes no difference to what follows.
    private bool AwaitingDh1(Pdu pdu)
    {
        if (pdu.Type != MsgType.Dh1)
        {
            return false;
        }

        if (_offer is not { } offer)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        _offer = null;
        _initiatorName = offer.InitiatorName; // for the log; the KeyActor judges it
        Services.Keys.Tell(new KeyActor.Agree(offer, _remote.Address));
        AwaitAnswer(SessionState.AwaitingKeys, AwaitingKeys);
        return true;
    }

    // Step 2. After many wrong guesses the answer takes a while. Meanwhile nothing is read, so the dh_1 stays where it is in the buffer.
    private bool AwaitingKeys(object message)
    {
        switch (message)
        {
            case KeyActor.Agreed { Agreement: var agreement }:
                _isPostQuantum = agreement.IsPostQuantum;
                _maxTexts = agreement.Texts;
                Send(agreement.Dh2);
                Secure(sending: agreement.Keys.Responder, receiving: agreement.Keys.Initiator);
                AwaitPdu(SessionState.AwaitingHello, AwaitingHello);
                return true;
            case KeyActor.Refused:
                return Refuse(Verdict.Malformed, pdu: null);
            case KeyActor.Failed { Reason: var reason }:
                return Reject(reason);
            default:
                return false;
        }
    }

    // Steps 3 and 4. A hello that verifies shows that the initiator has the same keys, so the same password. The challenge is sent all the
    // same: it is fresh, so the answer proves that the initiator holds chap_secret now.
    private bool AwaitingHello(Pdu pdu)
    {
        if (pdu.Type != MsgType.Hello)
        {
            return false;
        }

        _challenge = SendChallenge();
        AwaitPdu(SessionState.AwaitingResponse, AwaitingResponse);
        return true;
    }

    // Steps 5 and 6: the initiator is authenticated, or not. The listener is told, and may still refuse: a contact has a limited number of conversations.
    private bool AwaitingResponse(Pdu pdu)
    {
        if (pdu.Type != MsgType.Resp)
        {
            return false;
        }

        switch (CheckResponse(pdu, _challenge))
        {
            case true:
                Services.Keys.Tell(new KeyActor.HasProved(_initiatorName!, _remote.Address));
                Context.Parent.Tell(new ListenerActor.Authenticated(_initiatorName!));
                Send(MsgType.Ack);
                AwaitPdu(SessionState.AwaitingChallenge, AwaitingChallenge);
                return true;
            case false:
                return Reject("wrong answer to the challenge");
            default:
                return Refuse(Verdict.Malformed, pdu);
        }
    }

    // Steps 7 and 8: the initiator sends a challenge of its own.
    private bool AwaitingChallenge(Pdu pdu)
    {
        if (pdu.Type != MsgType.Chall)
        {
            return false;
        }

        if (AnswerTo(pdu) is not { } answer)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        Send(MsgType.Resp, answer);
        AwaitPdu(SessionState.AwaitingAck, AwaitingAck);
        return true;
    }

    // Step 9: the initiator has accepted us, and the second phase begins with its own deadline and its larger PDUs.
    private bool AwaitingAck(Pdu pdu)
    {
        switch (pdu.Type)
        {
            case MsgType.Ack:
                Log.Info("{0} in {1}: authenticated, keys {2}", Peer, State, Profile.KeysInWords(_isPostQuantum));
                AcceptLargePdus();
                AwaitAnswer(SessionState.AwaitingPlace, _ => false);
                TakePlace();
                return true;
            case MsgType.Nack:
                Log.Warning("{0} in {1}: it does not accept our answer to its challenge", Peer, State);
                return Close();
            default:
                return false;
        }
    }

    // A contact with too many conversations is refused before a text of this one is read, so nothing of it was taken.
    private void TakePlace()
    {
        if (State == SessionState.AwaitingPlace && _mayTakeTexts)
        {
            if (Profile.AcknowledgesStep9)
            {
                Send(MsgType.Ack);
            }

            AwaitText();
        }
    }

    private void AwaitText()
    {
        SetDeadline(Services.Settings.TextDeadline);
        AwaitPdu(SessionState.AwaitingText, AwaitingText);
    }

    // Step 10. Texts that came together go to the inbox together, so that they share one flush of the log.
    private bool AwaitingText(Pdu pdu)
    {
        if (pdu.Type != MsgType.Text || _answered + _texts.Count == _maxTexts)
        {
            return false;
        }

        if (_ignoredText)
        {
            return true; // an answer to this one would be taken for the answer to the one that was ignored
        }

        if (Open(pdu) is not { } plaintext || Profile.ReadText(plaintext, Services.Random) is not { } text)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        _texts.Add(text);
        if (_texts.Count == MaxUnanswered)
        {
            Store();
        }

        return true;
    }

    /// <inheritdoc/>
    protected override void OnIgnored(Pdu pdu) => _ignoredText |= State == SessionState.AwaitingText && pdu.Type == MsgType.Text;

    /// <inheritdoc/>
    protected override void OnAllTaken()
    {
        if (_texts.Count > 0)
        {
            Store();
        }
    }

    private void Store()
    {
        Services.Inbox.Tell(new InboxActor.Deliver(_initiatorName!, $"{_remote}", [.. _texts]) { IsPostQuantum = _isPostQuantum });
        AwaitAnswer(SessionState.Storing, Storing);
    }

    // Step 11. An ack is a receipt: it is sent only once its message is on disk and in the inbox. After a nack nothing more is read.
    private bool Storing(object message)
    {
        if (message is not InboxActor.Answer { Taken: var taken, Problem: var problem })
        {
            return false;
        }

        for (var i = 0; i < taken; i++)
        {
            Send(MsgType.Ack);
        }

        if (problem is not null)
        {
            return Reject(problem);
        }

        Log.Info("{0}: {1} messages arrived", Peer, taken);
        _answered += taken;
        _texts.Clear();
        if (_answered == _maxTexts)
        {
            return Close();
        }

        AwaitText();
        return true;
    }
}
