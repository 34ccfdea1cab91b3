// Reads a PDU of the modern profile a second time, from a document tree and in the words of section 2. PduReader must read the same.
// It also finds the values that are blanked, so that a target can put in the CRC and the HMAC that the sender would have computed.

using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Fuzzing.Targets;

/// <summary>What a PDU says; of a dh_1 or dh_2 also what its body says, null when that is none of the modern profile.</summary>
internal sealed record PduByDom(MsgType Type, double Timestamp, uint Crc, string? Body, byte[]? Hmac, KeyAgreementBody? KeyAgreement)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <summary>Null when the bytes are malformed.</summary>
    public static PduByDom? Read(byte[] bytes) => Parse(bytes, root =>
        Members(root) is { } pdu
        && Members(pdu.GetValueOrDefault("header")) is { } header
        && header.TryGetValue("msg_type", out var word) && MsgTypes.FromWord(Text(word)) is { } type
        && header.TryGetValue("timestamp", out var seconds) && seconds.ValueKind == JsonValueKind.Number
        && seconds.TryGetDouble(out var timestamp) && double.IsFinite(timestamp)
        && header.TryGetValue("crc", out var sum) && sum.ValueKind == JsonValueKind.Number && sum.TryGetUInt32(out var crc)
            ? type.IsKeyAgreement()
                ? pdu.TryGetValue("body", out var body) && body.ValueKind == JsonValueKind.Object && !pdu.ContainsKey("security")
                    ? new PduByDom(type, timestamp, crc, null, null, KeyAgreementBody.Read(body, type))
                    : null
                : pdu.TryGetValue("body", out var text) && text.ValueKind is JsonValueKind.String or JsonValueKind.Null
                    && HmacValue(pdu) is { } hmac
                    ? new PduByDom(type, timestamp, crc, text.GetString(), hmac, null)
                    : null
            : null);

    /// <summary><c>crc32(blank(crc))</c>; white space around the object is no part of the PDU.</summary>
    public static uint CrcOf(byte[] pdu) => Crc32.HashToUInt32(Trim(Replace(pdu, "0", "header", "crc")));

    /// <summary>The object without the white space around it.</summary>
    public static ReadOnlySpan<byte> Trim(byte[] pdu) => pdu.AsSpan().Trim(" \t\r\n"u8);

    /// <summary>The PDU with the CRC that its sender would have computed.</summary>
    public static byte[] WithCrc(byte[] pdu) => Replace(pdu, $"{CrcOf(pdu)}", "header", "crc");

    /// <summary>The PDU with the HMAC of its sender as PDU number <paramref name="n"/>, and then the CRC.</summary>
    public static byte[] WithHmac(byte[] pdu, ReadOnlySpan<byte> hmacKey, byte n)
    {
        var blank = Replace(Replace(pdu, "0", "header", "crc"), "0", "security", "hmac", "hmac_val");
        var hmac = HMACSHA256.HashData(hmacKey, [0, 0, 0, 0, 0, 0, 0, n, .. Trim(blank)]);
        return WithCrc(Replace(pdu, $"\"{Convert.ToBase64String(hmac)}\"", "security", "hmac", "hmac_val"));
    }

    /// <summary>The members of an object, by name; null when it is none, or when a name stands there twice.</summary>
    public static Dictionary<string, JsonElement>? Members(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            if (!members.TryAdd(member.Name, member.Value))
            {
                return null;
            }
        }

        return members;
    }

    /// <summary>The text of a string; null for anything else.</summary>
    public static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>Reads UTF-8 that must be one JSON value; null when it is not, or <paramref name="read"/> met a string that cannot be.</summary>
    public static T? Parse<T>(byte[] utf8, Func<JsonElement, T?> read)
        where T : class
    {
        if (!Utf8.IsValid(utf8))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[]? HmacValue(Dictionary<string, JsonElement> pdu) =>
        Members(pdu.GetValueOrDefault("security")) is { } security
        && Text(security.GetValueOrDefault("enc_type")) == "AES256CBC"
        && Members(security.GetValueOrDefault("hmac")) is { } hmac
        && Text(hmac.GetValueOrDefault("hmac_type")) == "SHA256"
        && hmac.TryGetValue("hmac_val", out var value) && value.ValueKind == JsonValueKind.String
        && value.TryGetBytesFromBase64(out var bytes) && bytes.Length == SHA256.HashSizeInBytes
            ? bytes
            : null;

    // The bytes with another value at the end of this path of names.
    private static byte[] Replace(byte[] json, string value, params string[] path)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        reader.Read();
        foreach (var name in path)
        {
            while (reader.Read() && !reader.ValueTextEquals(name))
            {
                reader.Read();
                reader.Skip();
            }

            reader.Read();
        }

        return [.. json[..(int)reader.TokenStartIndex], .. Encoding.ASCII.GetBytes(value), .. json[(int)reader.BytesConsumed..]];
    }
}

/// <summary>What the body of a dh_1 or dh_2 says (sections 4 and 7).</summary>
internal sealed record KeyAgreementBody(string Username, byte[] Key, string? Profile, int Texts, bool HasKem)
{
    public static KeyAgreementBody? Read(JsonElement body, MsgType type)
    {
        try
        {
            var texts = 1;
            var kemSize = type == MsgType.Dh1 ? 1184 : 1088;
            return PduByDom.Members(body) is { } members
                && PduByDom.Text(members.GetValueOrDefault("username")) is { } username
                && members.TryGetValue("key", out var key) && key.ValueKind == JsonValueKind.String
                && key.TryGetBytesFromBase64(out var bytes) && bytes.Length == 32
                && (type == MsgType.Dh2 || !members.TryGetValue("profile", out var profile) || profile.ValueKind == JsonValueKind.String)
                && (type == MsgType.Dh1 || !members.TryGetValue("texts", out var number)
                    || (number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out texts) && texts is >= 1 and <= 1000))
                && (!members.TryGetValue("kem", out var kem)
                    || (kem.ValueKind == JsonValueKind.String && kem.TryGetBytesFromBase64(out var kemBytes) && kemBytes.Length == kemSize))
                ? new KeyAgreementBody(
                    username, bytes, type == MsgType.Dh1 ? PduByDom.Text(members.GetValueOrDefault("profile")) : null, texts, members.ContainsKey("kem"))
                : null;
        }
        catch (InvalidOperationException)
        {
            return null; // a lone surrogate: the PDU is well-formed, its body is not one of ours
        }
    }
}
