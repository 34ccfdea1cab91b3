// The checks of section 2 of the protocol page, in the page's order, up to the question whether the state waits for this type.

using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Node.Sessions;

/// <summary>Checks a conversation's PDUs.</summary>
/// <param name="format">The profile's spelling.</param>
internal sealed class PduChecks(PduFormat format)
{
    /// <summary>The keys, as soon as there are some.</summary>
    public SealedChannel? Channel { get; set; }

    /// <summary>Checks the next PDU.</summary>
    public Verdict Check(ReadOnlyMemory<byte> frame, double now, out Pdu? pdu)
    {
        var verdict = PduReader.Read(frame, format, now, out pdu);
        if (verdict is Verdict.Malformed or Verdict.BadCrc)
        {
            return verdict;
        }

        if (Channel is not null && pdu!.IsSecured && !Channel.Verify(pdu))
        {
            return Verdict.BadHmac;
        }

        return verdict == Verdict.Ignore ? Verdict.Ignore
            : pdu!.IsSecured != (Channel is not null) ? Verdict.Unexpected
            : pdu is { Type: MsgType.Hello or MsgType.Ack or MsgType.Nack, Body: not null } ? Verdict.Malformed
            : Verdict.Accept;
    }
}
