// The states of both halves of a conversation, by name. A session enters a behaviour and its name together: see Session.AwaitPdu and
// Session.AwaitAnswer. The log gives the name, and the failure that the user is told depends on it.

namespace ActorChat.Node.Sessions;

/// <summary>Where a conversation stands. The tables over <see cref="InitiatorSession"/> and <see cref="ResponderSession"/> say what follows what.</summary>
public enum SessionState
{
    /// <summary>Initiator: the key agreement is being begun.</summary>
    AwaitingGenerator,

    /// <summary>Initiator: the connection is being made.</summary>
    Connecting,

    /// <summary>Initiator: before step 2.</summary>
    AwaitingDh2,

    /// <summary>Responder: before step 1.</summary>
    AwaitingDh1,

    /// <summary>Responder: between steps 1 and 2.</summary>
    AwaitingKeys,

    /// <summary>Responder: before step 3.</summary>
    AwaitingHello,

    /// <summary>Before step 4 (initiator) or 7 (responder).</summary>
    AwaitingChallenge,

    /// <summary>Before step 5 (responder) or 8 (initiator).</summary>
    AwaitingResponse,

    /// <summary>Before step 6 (initiator) or 9 (responder).</summary>
    AwaitingAck,

    /// <summary>Initiator, in classic: after step 9, before the responder's further ack.</summary>
    AwaitingGoAhead,

    /// <summary>Responder: after step 9, until it is counted among its contact's conversations.</summary>
    AwaitingPlace,

    /// <summary>Responder: before step 10.</summary>
    AwaitingText,

    /// <summary>Responder: between steps 10 and 11.</summary>
    Storing,

    /// <summary>Initiator: before step 11.</summary>
    AwaitingReceipt,

    /// <summary>The conversation is over; the peer has until the closing deadline to close its half too.</summary>
    Closing,
}
