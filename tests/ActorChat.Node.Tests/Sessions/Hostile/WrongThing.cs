// What one wrong thing is: a name, and what it makes of the moment at which the peer should have sent its next right PDU.

using ActorChat.Protocol.Pdus;

namespace ActorChat.Node.Tests.Sessions.Hostile;

/// <summary>What must follow (protocol page, section 2, "Checking", and section 3).</summary>
internal enum Follows
{
    /// <summary>It was harmless: the conversation goes on and the message is delivered.</summary>
    Success,

    /// <summary>Nothing at all: the right PDU afterwards is taken and the message is delivered.</summary>
    Ignored,

    /// <summary>Nothing at all until the deadline. Texts behind it get no answer either, since that would be taken for the answer to the ignored one.</summary>
    Unanswered,

    /// <summary>The four verdicts that end a conversation, with a nack if there are keys.</summary>
    Malformed,
    BadCrc,
    BadHmac,
    Unexpected,

    /// <summary>A nack: the answer to the challenge proves nothing.</summary>
    WrongAnswer,

    /// <summary>The conversation goes on as with everybody, and the next sealed PDU does not verify.</summary>
    OtherKeys,

    /// <summary>An initiator closes without a word: this is not whom it called.</summary>
    SomebodyElse,

    /// <summary>The peer's own nack where the conversation has a place for one: the session closes and says nothing.</summary>
    Declined,

    /// <summary>The session closes and says nothing, though no deadline has passed.</summary>
    GivenUp,

    /// <summary>The connection ended.</summary>
    Lost,

    /// <summary>The deadline ends the conversation.</summary>
    Silence,
}

/// <summary>What the peer sends in place of the right PDU, and what must follow.</summary>
/// <param name="Follows">What must follow.</param>
/// <param name="Segments">The TCP segments.</param>
internal sealed record Deed(Follows Follows, params byte[][] Segments)
{
    /// <summary>How many steps of the conversation the segments hold, which the session takes.</summary>
    public int RightSteps { get; init; }

    /// <summary>How many PDUs the session ignores before anything else.</summary>
    public int Ignored { get; init; }

    /// <summary>Whether those are sealed, so that the session counts them.</summary>
    public bool Counted { get; init; }

    /// <summary>The text that must arrive, where it is not the conversation's.</summary>
    public string? Text { get; init; }

    /// <summary>The dh PDU that the peer goes on with, where it is not the right one.</summary>
    public byte[]? OwnDh { get; init; }

    /// <summary>How the connection ends after the segments: a FIN, a RST, or not at all.</summary>
    public Ending Ending { get; init; }
}

internal enum Ending
{
    None,
    Fin,
    Rst,
}

/// <summary>One wrong thing.</summary>
/// <param name="Name">What is wrong and, where that matters, who did it.</param>
/// <param name="Applies">To which half and step.</param>
/// <param name="Do">Null where it does not apply to the moment after all.</param>
internal sealed record WrongThing(string Name, Func<Half, int, bool> Applies, Func<Moment, Deed?> Do)
{
    public override string ToString() => Name;
}

/// <summary>A conversation, right so far, at the step where the peer is about to send its next PDU.</summary>
/// <param name="Conversation">This conversation.</param>
/// <param name="Step">The step, counted over the peer's PDUs from 0.</param>
/// <param name="Recent">Another whole conversation between the same two, a moment ago.</param>
/// <param name="Old">The same, a minute ago.</param>
/// <param name="SizeLimit">The largest PDU that the session takes now.</param>
/// <param name="MaxIgnored">With so many PDUs ignored the session ends.</param>
/// <param name="Now">The clock, the same for both sides.</param>
internal sealed record Moment(Conversation Conversation, int Step, Transcript Recent, Transcript Old, int SizeLimit, int MaxIgnored, double Now)
{
    private string? _draft;

    /// <summary>The right PDU before its checks.</summary>
    public string RightDraft => _draft ??= Conversation.DraftOf(Step);

    /// <summary>The right PDU.</summary>
    public byte[] Right => Conversation.Seal(RightDraft);

    public MsgType Type => Conversation.StepsOf(Conversation.Half)[Step];

    public bool HasKeys => Step > 0;

    /// <summary>Whether a nack has a place here: in place of an ack, and of the responder's answer to the challenge.</summary>
    public bool MayBeDeclined => Type == MsgType.Ack || (Type == MsgType.Resp && !PeerInitiates);

    /// <summary>What follows when a PDU of this type is ignored here.</summary>
    public Follows WhereIgnored(MsgType type) => Type == MsgType.Text && type == MsgType.Text ? Follows.Unanswered : Follows.Ignored;

    public bool PeerInitiates => Conversation.Half == Half.Initiator;

    public ulong Number => Conversation.Number;
}
