// A PDU as it was received: its bytes, and where in them the values stand that the checks blank out.
// Nothing is re-serialised: CRC and HMAC are computed over the received bytes, so a peer may order and space its members as it likes.

using System.IO.Hashing;

namespace ActorChat.Protocol.Pdus;

/// <summary>One well-formed PDU (protocol page, section 2). It refers to the bytes it was read from, which must not change while it is in use.</summary>
public sealed class Pdu
{
    /// <summary>What receives the blanked bytes, piece by piece: a checksum or a MAC.</summary>
    internal delegate void Sink(ReadOnlySpan<byte> bytes);

    private readonly Token _crcToken;
    private readonly Token _hmacToken;

    internal Pdu(ReadOnlyMemory<byte> bytes, MsgType type, double timestamp, uint crc, ReadOnlyMemory<byte>? body, byte[]? hmac, Token crcToken, Token hmacToken)
    {
        Bytes = bytes;
        Type = type;
        Timestamp = timestamp;
        Crc = crc;
        Body = body;
        HmacValue = hmac is null ? default(ReadOnlyMemory<byte>?) : hmac; // a plain null would be converted to an empty value
        _crcToken = crcToken;
        _hmacToken = hmacToken;
    }

    /// <summary>Where a value's token stands in the PDU: first byte, and the byte after the last. The quotes of a string belong to its token.</summary>
    internal readonly record struct Token(int Start, int End);

    /// <summary>The PDU as received, without the line feed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary><c>header.msg_type</c>.</summary>
    public MsgType Type { get; }

    /// <summary><c>header.timestamp</c>: seconds since the Unix epoch.</summary>
    public double Timestamp { get; }

    /// <summary><c>header.crc</c>: the CRC-32 that the sender computed.</summary>
    public uint Crc { get; }

    /// <summary>The body: a JSON object for dh_1 and dh_2, else the base64 text of the ciphertext, or null for JSON null.</summary>
    public ReadOnlyMemory<byte>? Body { get; }

    /// <summary><c>security.hmac.hmac_val</c>, 32 bytes; null in dh_1 and dh_2, which have no <c>security</c> member.</summary>
    public ReadOnlyMemory<byte>? HmacValue { get; }

    /// <summary>Whether the PDU is sealed under the conversation's keys.</summary>
    public bool IsSecured => HmacValue is not null;

    /// <summary><c>crc32(blank(crc))</c> equals the PDU's own value. It finds accidents of transport; against intent there is the HMAC.</summary>
    internal bool HasGoodCrc()
    {
        var crc = new Crc32();
        FeedBlanked(crc.Append, [_crcToken]);
        return crc.GetCurrentHashAsUInt32() == Crc;
    }

    /// <summary>Feeds <c>blank(crc, hmac_val)</c>, which is what the HMAC is computed over, to <paramref name="sink"/>.</summary>
    internal void FeedForHmac(Sink sink) =>
        FeedBlanked(sink, _crcToken.Start < _hmacToken.Start ? [_crcToken, _hmacToken] : [_hmacToken, _crcToken]);

    private void FeedBlanked(Sink sink, ReadOnlySpan<Token> tokensInOrder)
    {
        var bytes = Bytes.Span;
        var position = 0;
        foreach (var token in tokensInOrder)
        {
            sink(bytes[position..token.Start]);
            sink("0"u8);
            position = token.End;
        }

        sink(bytes[position..]);
    }
}
