// The responder's half of a conversation: somebody connected to our port. Until step 6 it could be anybody, and nothing that it can do
// costs more than one key agreement or tells it whether a name is known here. The checks stand in the order of their cost.

using System.Net;
using ActorChat.Node.Consoles;
using ActorChat.Node.Logging;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Sessions;

/// <summary>One incoming conversation (protocol page, section 3).</summary>
/// <remarks>
/// <code>
/// state               waits for               then                                                       next
/// AwaitingDh1         dh_1                    ask for the keys                                           AwaitingKeys
/// AwaitingKeys        the keys                dh_2                                                       AwaitingHello
/// AwaitingHello       hello                   chall                                                      AwaitingResponse
/// AwaitingResponse    resp                    right: ack; wrong: nack                                    AwaitingChallenge; Closed
/// AwaitingChallenge   chall                   resp                                                       AwaitingAck
/// AwaitingAck         ack or nack             ack: both are authenticated                                AwaitingText; Closed
/// AwaitingText        text                    give it to the inbox, which has it logged                  Storing
/// Storing             the inbox's receipt     it is on disk: ack; it could not be logged: nack           Closed
///
/// anything else       another type, or a PDU that does not check: nack if there are keys                 Closed
///                     a PDU outside the time window: nothing                                             the same
///                     the deadline, or the end of the connection                                         Closed
/// </code>
/// </remarks>
public sealed class ResponderSession : Session
{
    private readonly IActorRef _connection;
    private readonly IPEndPoint _remote;
    private string? _initiatorName;
    private Pdu? _dh1;
    private byte[] _challenge = [];

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ResponderSession(IActorRef connection, IPEndPoint remote, NodeServices services)
        : base(services)
    {
        _connection = connection;
        _remote = remote;
    }

    /// <inheritdoc/>
    protected override Peer Peer => new($"{_remote.Address}", _initiatorName is null ? $"{_remote}" : $"{_remote} ({Printable.Line(_initiatorName)})");

    /// <summary>How to make the session.</summary>
    /// <param name="connection">Akka's connection actor, not yet registered with.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="services">The node's actors and seams.</param>
    public static Props Props(IActorRef connection, IPEndPoint remote, NodeServices services) =>
        Akka.Actor.Props.Create(() => new ResponderSession(connection, remote, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        SetDeadline(Services.Settings.HandshakeDeadline);
        SetPduDeadline(); // who connects and says nothing is not waited for any longer than who speaks too slowly
        Enter(AwaitingDh1);
        Register(_connection);
    }

    // Step 1. The user name selects the key (R9). Whether it is known makes no difference to what follows.
    private bool AwaitingDh1(object message)
    {
        if (message is not Pdu { Type: MsgType.Dh1 } pdu)
        {
            return Common(message);
        }

        if (Profile.ReadInitiatorName(pdu) is not { } name || DirectoryReader.ProblemWithName(name) is not null)
        {
            return Refuse(Verdict.Malformed, pdu); // a name that no directory can hold, whoever has it
        }

        _initiatorName = name;
        _dh1 = pdu;
        Services.Keys.Tell(new KeyActor.Agree(pdu, _remote.Address));
        Enter(AwaitingKeys, reads: false);
        return true;
    }

    // Step 2. After many wrong guesses this one waits first. The key agreement runs behind the KeyActor; meanwhile nothing is read, so the
    // dh_1 stays where it is in the buffer.
    private bool AwaitingKeys(object message)
    {
        switch (message)
        {
            case KeyActor.Agreed { Agreement: var agreement }:
                Send(agreement.Dh2);
                Secure(sending: agreement.Keys.Responder, receiving: agreement.Keys.Initiator);
                Enter(AwaitingHello);
                ReadOn();
                return true;
            case KeyActor.Refused:
                return Refuse(Verdict.Malformed, _dh1);
            case KeyActor.Failed failed:
                return Reject(failed.Reason);
            default:
                return Common(message);
        }
    }

    // Steps 3 and 4. A hello that verifies shows that the initiator has the same keys, so the same password. The challenge is asked all the
    // same: it is fresh, so the answer proves that the initiator holds chap_secret now.
    private bool AwaitingHello(object message)
    {
        if (message is not Pdu { Type: MsgType.Hello })
        {
            return Common(message);
        }

        _challenge = SendChallenge();
        Enter(AwaitingResponse);
        return true;
    }

    // Steps 5 and 6: the initiator is authenticated, or not.
    private bool AwaitingResponse(object message)
    {
        if (message is not Pdu { Type: MsgType.Resp } pdu)
        {
            return Common(message);
        }

        switch (CheckResponse(pdu, _challenge))
        {
            case true:
                Services.Keys.Tell(new KeyActor.HasProved(_initiatorName!, _remote.Address));
                Context.Parent.Tell(new ListenerActor.Authenticated());
                Send(MsgType.Ack);
                Enter(AwaitingChallenge);
                return true;
            case false:
                return Reject("wrong answer to the challenge");
            default:
                return Refuse(Verdict.Malformed, pdu);
        }
    }

    // Steps 7 and 8: now the initiator asks, with a challenge of its own.
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

        Send(MsgType.Resp, answer);
        Enter(AwaitingAck);
        return true;
    }

    // Step 9: the initiator has accepted us, and the second phase begins with its own deadline and its larger PDUs.
    private bool AwaitingAck(object message)
    {
        switch (message)
        {
            case Pdu { Type: MsgType.Ack }:
                AcceptLargePdus();
                SetDeadline(Services.Settings.TextDeadline);
                Enter(AwaitingText);
                return true;
            case Pdu { Type: MsgType.Nack }:
                Log.Warning("{0} in {1}: it does not accept our answer to its challenge", Peer, State);
                Close();
                return true;
            default:
                return Common(message);
        }
    }

    // Step 10.
    private bool AwaitingText(object message)
    {
        if (message is not Pdu { Type: MsgType.Text } pdu)
        {
            return Common(message);
        }

        if (Open(pdu) is not { } plaintext || Profile.ReadText(plaintext) is not { } text)
        {
            return Refuse(Verdict.Malformed, pdu);
        }

        Services.Inbox.Tell(new InboxActor.Deliver(_initiatorName!, $"{_remote}", text.Id, text.Text));
        Enter(Storing, reads: false);
        return true;
    }

    // Step 11. The ack is a receipt: it is sent only now that the message is on disk and in the inbox.
    private bool Storing(object message)
    {
        switch (message)
        {
            case InboxActor.Accepted:
                Send(MsgType.Ack);
                Log.Info("{0}: a message arrived", Peer);
                Close();
                return true;
            case InboxActor.NotAccepted:
                return Reject("the message could not be logged");
            default:
                return Common(message);
        }
    }
}
