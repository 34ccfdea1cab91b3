// The outcome of checking a PDU's control information, in the order of the table in section 2 of the protocol page:
// the first check that fails decides. The words are those of the vectors.

namespace ActorChat.Protocol.Pdus;

/// <summary>What a receiver makes of a PDU (protocol page, section 2, "Checking").</summary>
public enum Verdict
{
    /// <summary>Every check so far passed.</summary>
    Accept,

    /// <summary>Wrong size, UTF-8, JSON, members, their types or words, or later padding or plaintext. Answered by <c>nack</c> if there are keys; the connection closes.</summary>
    Malformed,

    /// <summary>The CRC-32 does not match. Answered by <c>nack</c> if there are keys; the connection closes.</summary>
    BadCrc,

    /// <summary>The HMAC does not match. Answered by <c>nack</c>; the connection closes.</summary>
    BadHmac,

    /// <summary>The timestamp is outside the window. No answer; the PDU counts in the numbering, and the deadline goes on running.</summary>
    Ignore,

    /// <summary>The state expects another type. Answered by <c>nack</c> if there are keys; the connection closes.</summary>
    Unexpected,
}
