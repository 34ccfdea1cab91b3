// A PDU as it was received: its bytes, and where in them the values stand that the checks blank out.
// Nothing is re-serialised: CRC and HMAC are computed over the received bytes, so a peer may order and space its members as it likes.

using System.IO.Hashing;
using System.Security.Cryptography;

namespace ActorChat.Protocol.Pdus;

/// <summary>One well-formed PDU (protocol page, section 2). It refers to the bytes it was read from, which must not change while it is in use.</summary>
public sealed class Pdu
{
    private readonly HmacValue _hmac;
    private readonly Token _crcToken;
    private readonly Token _hmacToken;

    internal Pdu(
        ReadOnlyMemory<byte> bytes, MsgType type, double timestamp, uint crc, ReadOnlyMemory<byte>? body, bool isSecured, in HmacValue hmac, Token crcToken, Token hmacToken)
    {
        Bytes = bytes;
        Type = type;
        Timestamp = timestamp;
        Crc = crc;
        Body = body;
        IsSecured = isSecured;
        _hmac = hmac;
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

    /// <summary>Whether the PDU is sealed under the conversation's keys: all but dh_1 and dh_2.</summary>
    public bool IsSecured { get; }

    /// <summary><c>security.hmac.hmac_val</c>, 32 bytes; empty in dh_1 and dh_2, which have no <c>security</c> member.</summary>
    public ReadOnlySpan<byte> HmacValue => IsSecured ? _hmac : default(ReadOnlySpan<byte>);

    /// <summary>Whether the PDU's own value is <c>crc32(blank(crc))</c> or, where the format omits the member, the CRC-32 of the PDU without it. The CRC finds
    /// accidents of transport; the HMAC is what protects against intent.</summary>
    internal bool HasGoodCrc(PduFormat format) => CrcWith("0"u8, _crcToken) == Crc || (format.OmitsCrc && CrcWith([], CrcMember()) == Crc);

    private uint CrcWith(ReadOnlySpan<byte> value, Token token)
    {
        var crc = new Crc32();
        crc.Append(Bytes.Span[..token.Start]);
        crc.Append(value);
        crc.Append(Bytes.Span[token.End..]);
        return crc.GetCurrentHashAsUInt32();
    }

    // The whole member, with the comma that separates it from its neighbour: the one before it or, where it comes first, the one after it. Between
    // tokens there is only white space, and no escape in the name "crc" holds a quote, so the quotes found are those of the name.
    private Token CrcMember()
    {
        var bytes = Bytes.Span;
        var nameEnd = bytes[.._crcToken.Start].LastIndexOf((byte)'"');
        var nameStart = bytes[..nameEnd].LastIndexOf((byte)'"');
        var before = bytes[..nameStart].TrimEnd(PduFramer.WhiteSpace).Length - 1;
        if (bytes[before] == (byte)',')
        {
            return new Token(bytes[..before].TrimEnd(PduFramer.WhiteSpace).Length, _crcToken.End);
        }

        var comma = _crcToken.End + bytes[_crcToken.End..].IndexOf((byte)',');
        return new Token(nameStart, bytes.Length - bytes[(comma + 1)..].TrimStart(PduFramer.WhiteSpace).Length);
    }

    /// <summary>Feeds <c>blank(crc, hmac_val)</c>, which is what the HMAC is computed over.</summary>
    internal void FeedForHmac(IncrementalHash hmac)
    {
        var bytes = Bytes.Span;
        var (first, second) = _crcToken.Start < _hmacToken.Start ? (_crcToken, _hmacToken) : (_hmacToken, _crcToken);
        hmac.AppendData(bytes[..first.Start]);
        hmac.AppendData("0"u8);
        hmac.AppendData(bytes[first.End..second.Start]);
        hmac.AppendData("0"u8);
        hmac.AppendData(bytes[second.End..]);
    }
}
