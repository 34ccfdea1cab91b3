// From the bytes of one JSON object to a Pdu, or to the verdict that refuses it: the first two checks of section 2, structure and CRC.
// It reads with Utf8JsonReader straight from the bytes as received and remembers where the values stand that are blanked for CRC and HMAC.

using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace ActorChat.Protocol.Pdus;

/// <summary>Reads PDUs (protocol page, section 2).</summary>
public static class PduReader
{
    /// <summary>The length of an HMAC-SHA256, in bytes.</summary>
    private const int HmacSize = 32;

    /// <summary>Checks what needs neither key nor clock: the structure, then the CRC.</summary>
    /// <param name="bytes">One JSON object, as <see cref="PduFramer"/> hands it out.</param>
    /// <param name="format">The profile's spelling.</param>
    /// <param name="pdu">The PDU, when it is well-formed: with <see cref="Verdict.Accept"/> and <see cref="Verdict.BadCrc"/>.</param>
    /// <returns><see cref="Verdict.Accept"/>, <see cref="Verdict.Malformed"/> or <see cref="Verdict.BadCrc"/>.</returns>
    public static Verdict Read(ReadOnlyMemory<byte> bytes, PduFormat format, out Pdu? pdu)
    {
        ArgumentNullException.ThrowIfNull(format);
        var members = new Members(bytes, format);
        pdu = StrictJson.Read(bytes.Span, members.Top) ? members.ToPdu() : null;
        return pdu is null ? Verdict.Malformed : pdu.HasGoodCrc() ? Verdict.Accept : Verdict.BadCrc;
    }

    // What has been read so far; one function for the members of each object of a PDU.
    private sealed class Members(ReadOnlyMemory<byte> bytes, PduFormat format)
    {
        private MsgType? _type;
        private double? _timestamp;
        private uint? _crc;
        private Pdu.Token _crcToken;
        private JsonTokenType _bodyKind;
        private ReadOnlyMemory<byte>? _body;
        private byte[]? _hmac;
        private Pdu.Token _hmacToken;
        private bool _hasSecurity;
        private bool _hasHmacType;
        private bool _hasEncType;

        public bool Top(ref Utf8JsonReader json, string name) => name switch
        {
            "header" => StrictJson.ReadObject(ref json, Header),
            "body" => ReadBody(ref json),
            "security" => (_hasSecurity = true) && StrictJson.ReadObject(ref json, Security),
            _ => StrictJson.Skip(ref json),
        };

        private bool Header(ref Utf8JsonReader json, string name) => name switch
        {
            "msg_type" => ReadMsgType(ref json),
            "timestamp" => ReadTimestamp(ref json),
            "crc" => ReadCrc(ref json),
            _ => StrictJson.Skip(ref json),
        };

        private bool Security(ref Utf8JsonReader json, string name) =>
            name == "hmac" ? StrictJson.ReadObject(ref json, Hmac) :
            name == "enc_type" ? _hasEncType = IsWord(ref json, format.EncType) :
            StrictJson.Skip(ref json);

        private bool Hmac(ref Utf8JsonReader json, string name) =>
            name == format.HmacType ? _hasHmacType = IsWord(ref json, PduFormat.HmacAlgorithm) :
            name == format.HmacValue ? ReadHmacValue(ref json) :
            StrictJson.Skip(ref json);

        private bool ReadMsgType(ref Utf8JsonReader json)
        {
            _type = json.TokenType == JsonTokenType.String ? MsgTypes.FromWord(json.GetString()) : null;
            return _type is not null;
        }

        private bool ReadTimestamp(ref Utf8JsonReader json)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetDouble(out var seconds) || !double.IsFinite(seconds))
            {
                return false;
            }

            _timestamp = seconds;
            return true;
        }

        private bool ReadCrc(ref Utf8JsonReader json)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetUInt32(out var crc))
            {
                return false;
            }

            _crc = crc;
            _crcToken = TokenAt(ref json);
            return true;
        }

        private bool ReadHmacValue(ref Utf8JsonReader json)
        {
            if (json.TokenType != JsonTokenType.String)
            {
                return false;
            }

            _hmac = new byte[HmacSize];
            _hmacToken = TokenAt(ref json);
            return Base64.DecodeFromUtf8(Content(ref json).Span, _hmac, out _, out var written) == OperationStatus.Done && written == HmacSize;
        }

        private bool ReadBody(ref Utf8JsonReader json)
        {
            _bodyKind = json.TokenType;
            switch (json.TokenType)
            {
                case JsonTokenType.Null:
                    return true;
                case JsonTokenType.String:
                    _body = Content(ref json);
                    return true;
                case JsonTokenType.StartObject:
                    var start = (int)json.TokenStartIndex;
                    json.Skip();
                    _body = bytes[start..(int)json.BytesConsumed];
                    return true;
                default:
                    return false;
            }
        }

        // All the members must be there, and the body and security must be of the kind that the type calls for.
        public Pdu? ToPdu()
        {
            if (_type is not { } type || _timestamp is not { } timestamp || _crc is not { } crc)
            {
                return null;
            }

            var fits = type.IsKeyAgreement()
                ? _bodyKind == JsonTokenType.StartObject && !_hasSecurity
                : _bodyKind is JsonTokenType.Null or JsonTokenType.String && _hmac is not null && _hasHmacType && _hasEncType;
            return fits ? new Pdu(bytes, type, timestamp, crc, _body, _hmac, _crcToken, _hmacToken) : null;
        }

        // A string's content without its quotes: a slice of the PDU, but where the sender escaped characters that need no escape.
        private ReadOnlyMemory<byte> Content(ref Utf8JsonReader json)
        {
            if (!json.ValueIsEscaped)
            {
                return bytes.Slice((int)json.TokenStartIndex + 1, json.ValueSpan.Length);
            }

            var unescaped = new byte[json.ValueSpan.Length];
            return unescaped.AsMemory(0, json.CopyString(unescaped));
        }

        private static Pdu.Token TokenAt(ref Utf8JsonReader json) => new((int)json.TokenStartIndex, (int)json.BytesConsumed);

        private static bool IsWord(ref Utf8JsonReader json, string word) => json.TokenType == JsonTokenType.String && json.ValueTextEquals(word);
    }
}
