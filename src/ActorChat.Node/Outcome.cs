// What became of a message, and why, in a form that a program can act on and in words that a person understands.
// Each sentence ends with what to do next, where there is something to do.

using System.Net.Sockets;
using ActorChat.Node.Serialization;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Node;

/// <summary>What an initiator may tell its user (protocol page, section 3).</summary>
public enum Outcome
{
    /// <summary>A verified ack at step 11: the message is at the other side.</summary>
    Delivered,

    /// <summary>The conversation ended before step 10 was written: the message is certainly not there.</summary>
    NotDelivered,

    /// <summary>A verified nack at step 11: the other side has read the message and refused it.</summary>
    Rejected,

    /// <summary>Lost between steps 10 and 11: the message may be there or not.</summary>
    Unknown,

    /// <summary>It waited for its recipient until its time was over.</summary>
    Expired,

    /// <summary>The user took it back.</summary>
    Cancelled,
}

/// <summary>Outcomes as the secure log has them, and their words.</summary>
public static class Outcomes
{
    /// <summary>The secure log's value for an outcome.</summary>
    public static LogOutcome InTheLog(this Outcome outcome) => outcome switch
    {
        Outcome.Delivered => LogOutcome.Delivered,
        Outcome.NotDelivered => LogOutcome.NotDelivered,
        Outcome.Rejected => LogOutcome.Rejected,
        Outcome.Expired => LogOutcome.Expired,
        Outcome.Cancelled => LogOutcome.Cancelled,
        _ => LogOutcome.Unknown,
    };

    /// <summary>The word that programs read.</summary>
    public static string Word(this Outcome outcome) => outcome.InTheLog().Word();

    /// <summary>The word that people read.</summary>
    public static string InWords(this Outcome outcome) => outcome.InTheLog().InWords();

    /// <summary>The words for <see cref="Outcome.Unknown"/>, which a person may not understand alone.</summary>
    public static string UnknownInWords(string? why) => $"{Outcome.Unknown.InWords()}, it was sent but no receipt came: {why}";
}

/// <summary>Why a message was not delivered, or may not have been.</summary>
public enum FailureKind
{
    /// <summary>The connection was refused.</summary>
    NobodyListening,

    /// <summary>There is no route to the address.</summary>
    NoRoute,

    /// <summary>The host name has no address.</summary>
    HostNotFound,

    /// <summary>The connection could not be made for another reason.</summary>
    CannotConnect,

    /// <summary>The connection was not made before the deadline.</summary>
    NoConnectionInTime,

    /// <summary>The connection was ended before the key agreement was answered.</summary>
    ClosedAtOnce,

    /// <summary>The connection was accepted, but dh_1 was not answered.</summary>
    SilentAfterCall,

    /// <summary>The key agreement was answered, and then the conversation ended before the other side had shown that it knows the password.</summary>
    KeysNotConfirmed,

    /// <summary>The name is not in the directory.</summary>
    NotInDirectory,

    /// <summary>One side could not prove that it knows the password.</summary>
    WrongPassword,

    /// <summary>dh_2 named somebody other than the contact that was called.</summary>
    SomebodyElseAnswered,

    /// <summary>Post-quantum keys are required for this conversation, and the two sides did not agree on any.</summary>
    NoPostQuantum,

    /// <summary>A deadline passed.</summary>
    NoAnswerInTime,

    /// <summary>A deadline passed after a PDU was ignored for its timestamp.</summary>
    ClocksDiffer,

    /// <summary>The other side sent something that the protocol does not allow there.</summary>
    ProtocolViolated,

    /// <summary>The other side refused.</summary>
    Refused,

    /// <summary>The connection ended too early.</summary>
    ConnectionLost,

    /// <summary>The message does not fit a PDU.</summary>
    TooLong,

    /// <summary>The message could not be logged, so it was not sent.</summary>
    NotLogged,

    /// <summary>This node is stopping.</summary>
    Stopping,

    /// <summary>The message was sent before, and no receipt came.</summary>
    MayBeThere,

    /// <summary>Something in this node failed.</summary>
    InternalError,
}

/// <summary>A <see cref="FailureKind"/> with the details of this case.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Detail">A name, a number of seconds or an error text, as the kind needs it.</param>
public sealed record Failure(FailureKind Kind, string Detail = "") : IRemotable
{
    /// <summary>The failure of a connection.</summary>
    public static Failure Of(SocketError error, Recipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return error switch
        {
            SocketError.ConnectionRefused => new Failure(FailureKind.NobodyListening, recipient.Address),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown =>
                new Failure(FailureKind.NoRoute, recipient.Address),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new Failure(FailureKind.HostNotFound, recipient.Host),
            SocketError.ConnectionReset => new Failure(FailureKind.ClosedAtOnce),
            SocketError.TimedOut => new Failure(FailureKind.NoConnectionInTime),
            _ => new Failure(FailureKind.CannotConnect, $"{recipient.Address}: {error}"),
        };
    }

    /// <summary>One sentence for a person, with the remedy.</summary>
    public string InWords() => Kind switch
    {
        FailureKind.NobodyListening => $"nobody is listening at {Detail}; is the other node running?",
        FailureKind.NoRoute => $"there is no route to {Detail}; check the network and the address",
        FailureKind.HostNotFound => $"the host name {Detail} is not known; check its spelling in the directory",
        FailureKind.CannotConnect => $"cannot connect: {Detail}",
        FailureKind.NotInDirectory => $"{Detail} is not in the directory; add an entry, or give host:port",
        FailureKind.WrongPassword => "authentication failed: the two sides do not have the same password for each other; compare both directory entries",
        FailureKind.SomebodyElseAnswered => $"the node there calls itself {Detail}; check address and port in the directory, or say in the entry that it answers_as {Detail}",
        FailureKind.NoPostQuantum =>
            "post-quantum keys are required and were not agreed, so nothing was sent; set conversation.post-quantum = on on both sides, or require them no more (in the settings, or post_quantum in the directory entry)",
        FailureKind.NoConnectionInTime => "no answer in time; no connection came about: is the address right, and is a firewall in the way?",
        FailureKind.ClosedAtOnce =>
            "the connection was lost at once; is it an ActorChat node there, and is it too busy for another call? Try again in a while",
        FailureKind.SilentAfterCall =>
            "no answer in time; it took the call and said nothing: the node there may hang, or its clock may be more than 25 seconds from ours",
        FailureKind.KeysNotConfirmed =>
            "the other side did not show that it knows the password; compare both directory entries, and if they are alike, somebody else may be answering at that address",
        FailureKind.NoAnswerInTime => "no answer in time",
        FailureKind.ClocksDiffer => $"the two clocks differ by {Detail}, and messages more than 25 seconds off are ignored; set both clocks",
        FailureKind.ProtocolViolated => $"the other side does not follow the protocol ({Detail}); is it an ActorChat node?",
        FailureKind.Refused => "the other side refused it; try again later",
        FailureKind.ConnectionLost => "the connection was lost",
        FailureKind.TooLong => "the message is too long for one PDU; send it in parts, or raise conversation.max-pdu-size on both sides",
        FailureKind.NotLogged => $"it could not be logged, so it was not sent ({Detail}); make room on the disk and send it again",
        FailureKind.MayBeThere => "it may already be there",
        FailureKind.Stopping => "this node was stopping",
        _ => "something failed in this node; its diagnostic log says what",
    };
}
