// The checks of the protocol page, section 2. The session makes the last two: whether the state expects the type, and what the plaintext holds.
// Once there are keys, nothing in a PDU is believed before its HMAC is checked, its timestamp included: else anybody on the line could
// have a PDU ignored as late, or make two clocks seem to differ.

using ActorChat.Protocol.Cryptography;

namespace ActorChat.Protocol.Pdus;

/// <summary>Judges what came off the stream (protocol page, section 2, "Checking"), for both halves of a conversation.</summary>
public static class PduChecks
{
    /// <summary>Checks the structure and the CRC. With keys, then: the PDU is sealed, the HMAC, the time window, no body in <c>hello</c>, <c>ack</c> and <c>nack</c>.
    /// Without keys: the time window, and the PDU is not sealed.</summary>
    /// <param name="frame">One JSON object, as <see cref="PduFramer"/> hands it out.</param>
    /// <param name="format">The profile's spelling.</param>
    /// <param name="channel">The conversation's keys; null before they are agreed. It counts every sealed PDU that is read, the ignored ones too.</param>
    /// <param name="now">The receiver's clock, in seconds since the Unix epoch.</param>
    /// <param name="pdu">The PDU, with every verdict but a <see cref="Verdict.Malformed"/> for its structure. Only after <see cref="Verdict.Accept"/> and,
    /// with keys, <see cref="Verdict.Ignore"/> is it certain who made it.</param>
    /// <returns><see cref="Verdict.Accept"/> where every check passed; else the verdict of the first that failed.</returns>
    public static Verdict Check(ReadOnlyMemory<byte> frame, PduFormat format, SealedChannel? channel, double now, out Pdu? pdu)
    {
        var verdict = PduReader.Read(frame, format, out pdu);
        if (verdict != Verdict.Accept)
        {
            return verdict;
        }

        if (channel is not null)
        {
            return !pdu!.IsSecured ? Verdict.Unexpected // a second key agreement
                : !channel.Verify(pdu) ? Verdict.BadHmac
                : !Timestamp.IsFresh(pdu.Timestamp, now) ? Verdict.Ignore
                : pdu is { Type: MsgType.Hello or MsgType.Ack or MsgType.Nack, Body: not null } ? Verdict.Malformed
                : Verdict.Accept;
        }

        return !Timestamp.IsFresh(pdu!.Timestamp, now) ? Verdict.Ignore
            : pdu.IsSecured ? Verdict.Unexpected // sealed before there are keys
            : Verdict.Accept;
    }
}
