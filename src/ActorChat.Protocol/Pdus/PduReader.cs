// From the bytes of one JSON object to a Pdu, or to the verdict that refuses it: the first two checks of section 2, structure and CRC.
// It reads with Utf8JsonReader straight from the bytes as received and remembers where the values stand that are blanked for CRC and HMAC.

using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace ActorChat.Protocol.Pdus;

/// <summary>Reads PDUs (protocol page, section 2).</summary>
public static class PduReader
{
    private static readonly MemberNames TopNames = new("header", "body", "security");
    private static readonly MemberNames HeaderNames = new("msg_type", "timestamp", "crc");
    private static readonly MemberNames SecurityNames = new("hmac", "enc_type");

    /// <summary>Checks what needs neither key nor clock: the structure, then the CRC.</summary>
    /// <param name="bytes">One JSON object, as <see cref="PduFramer"/> hands it out. White space around it is no part of the PDU.</param>
    /// <param name="format">The profile's spelling.</param>
    /// <param name="pdu">The PDU, when it is well-formed: with <see cref="Verdict.Accept"/> and <see cref="Verdict.BadCrc"/>.</param>
    /// <returns><see cref="Verdict.Accept"/>, <see cref="Verdict.Malformed"/> or <see cref="Verdict.BadCrc"/>.</returns>
    public static Verdict Read(ReadOnlyMemory<byte> bytes, PduFormat format, out Pdu? pdu)
    {
        ArgumentNullException.ThrowIfNull(format);
        var read = new Members { Bytes = bytes.Trim(PduFramer.WhiteSpace), Format = format };
        pdu = StrictJson.Read(read.Bytes.Span, TopNames, ref read, Top) ? ToPdu(in read) : null;
        return pdu is null ? Verdict.Malformed : pdu.HasGoodCrc(format) ? Verdict.Accept : Verdict.BadCrc;
    }

    // What has been read so far.
    private ref struct Members
    {
        public ReadOnlyMemory<byte> Bytes;
        public PduFormat Format;
        public MsgType? Type;
        public double? Timestamp;
        public uint? Crc;
        public Pdu.Token CrcToken;
        public JsonTokenType BodyKind;
        public ReadOnlyMemory<byte>? Body;
        public HmacValue Hmac;
        public Pdu.Token HmacToken;
        public bool HasSecurity;
        public bool HasHmac;
        public bool HasHmacType;
        public bool HasEncType;
    }

    private static bool Top(ref Utf8JsonReader json, ref Members pdu, string name) => name switch
    {
        "header" => StrictJson.ReadObject(ref json, HeaderNames, ref pdu, Header),
        "body" => ReadBody(ref json, ref pdu),
        _ => (pdu.HasSecurity = true) && StrictJson.ReadObject(ref json, SecurityNames, ref pdu, Security),
    };

    private static bool Header(ref Utf8JsonReader json, ref Members pdu, string name) => name switch
    {
        "msg_type" => ReadMsgType(ref json, ref pdu),
        "timestamp" => ReadTimestamp(ref json, ref pdu),
        _ => ReadCrc(ref json, ref pdu),
    };

    private static bool Security(ref Utf8JsonReader json, ref Members pdu, string name) => name == "hmac"
        ? StrictJson.ReadObject(ref json, pdu.Format.HmacNames, ref pdu, Hmac)
        : pdu.HasEncType = IsWord(ref json, pdu.Format.EncType);

    private static bool Hmac(ref Utf8JsonReader json, ref Members pdu, string name) => name == pdu.Format.HmacType
        ? pdu.HasHmacType = IsWord(ref json, PduFormat.HmacAlgorithm)
        : ReadHmacValue(ref json, ref pdu);

    private static bool ReadMsgType(ref Utf8JsonReader json, ref Members pdu)
    {
        pdu.Type = json.TokenType == JsonTokenType.String ? MsgTypes.Read(ref json) : null;
        return pdu.Type is not null;
    }

    private static bool ReadTimestamp(ref Utf8JsonReader json, ref Members pdu)
    {
        if (json.TokenType != JsonTokenType.Number || !json.TryGetDouble(out var seconds) || !double.IsFinite(seconds))
        {
            return false;
        }

        pdu.Timestamp = seconds;
        return true;
    }

    private static bool ReadCrc(ref Utf8JsonReader json, ref Members pdu)
    {
        if (json.TokenType != JsonTokenType.Number || !json.TryGetUInt32(out var crc))
        {
            return false;
        }

        pdu.Crc = crc;
        pdu.CrcToken = TokenAt(ref json);
        return true;
    }

    private static bool ReadHmacValue(ref Utf8JsonReader json, ref Members pdu)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            return false;
        }

        pdu.HmacToken = TokenAt(ref json);
        pdu.HasHmac = Base64.DecodeFromUtf8(Content(ref json, in pdu).Span, pdu.Hmac, out _, out var written) == OperationStatus.Done && written == HmacValue.Size;
        return pdu.HasHmac;
    }

    private static bool ReadBody(ref Utf8JsonReader json, ref Members pdu)
    {
        pdu.BodyKind = json.TokenType;
        switch (json.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                pdu.Body = Content(ref json, in pdu);
                return true;
            case JsonTokenType.StartObject:
                var start = (int)json.TokenStartIndex;
                json.Skip();
                pdu.Body = pdu.Bytes[start..(int)json.BytesConsumed];
                return true;
            default:
                return false;
        }
    }

    // All members must be there, and the body and security must be of the kind that the type requires.
    private static Pdu? ToPdu(in Members pdu)
    {
        if (pdu.Type is not { } type || pdu.Timestamp is not { } timestamp || pdu.Crc is not { } crc)
        {
            return null;
        }

        var fits = type.IsKeyAgreement()
            ? pdu.BodyKind == JsonTokenType.StartObject && !pdu.HasSecurity
            : pdu.BodyKind is JsonTokenType.Null or JsonTokenType.String && pdu.HasHmac && pdu.HasHmacType && pdu.HasEncType;
        return fits ? new Pdu(pdu.Bytes, type, timestamp, crc, pdu.Body, pdu.HasHmac, in pdu.Hmac, pdu.CrcToken, pdu.HmacToken) : null;
    }

    // A string's content without its quotes: a slice of the PDU, unless the sender escaped characters in it.
    private static ReadOnlyMemory<byte> Content(ref Utf8JsonReader json, in Members pdu)
    {
        if (!json.ValueIsEscaped)
        {
            return pdu.Bytes.Slice((int)json.TokenStartIndex + 1, json.ValueSpan.Length);
        }

        var unescaped = new byte[json.ValueSpan.Length];
        return unescaped.AsMemory(0, json.CopyString(unescaped));
    }

    private static Pdu.Token TokenAt(ref Utf8JsonReader json) => new((int)json.TokenStartIndex, (int)json.BytesConsumed);

    private static bool IsWord(ref Utf8JsonReader json, string word) => json.TokenType == JsonTokenType.String && json.ValueTextEquals(word);
}
