// What must follow a mutated PDU, by the protocol page's table alone and read from the tree: an implementation independent of the session's.

using System.Globalization;
using System.Text.Json;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Node.Tests.Sessions.Hostile;

internal static class Oracle
{
    /// <summary>What follows a PDU to which its author, the contact, gave the CRC and HMAC that fit wherever their marks are.</summary>
    /// <param name="mutated">The PDU.</param>
    /// <param name="right">What it should have been.</param>
    /// <param name="m">When.</param>
    public static (Follows Follows, bool IsSealed) Judge(JsonTree mutated, JsonTree right, Moment m)
    {
        if (TypeOf(mutated) is not { } type || !IsWellFormed(mutated, type))
        {
            return (Follows.Malformed, false);
        }

        var header = mutated.Find("header")!;
        var isSealed = !type.IsKeyAgreement();
        if (header.Find("crc")!.Value != $"{Draft.Crc}" || mutated.Count($"{Draft.Crc}") != 1)
        {
            return (Follows.BadCrc, isSealed);
        }

        if (m.HasKeys && !isSealed)
        {
            return (Follows.Unexpected, isSealed);
        }

        if (m.HasKeys && (mutated.Find("security")!.Find("hmac")!.Find("hmac_val")!.Value != $"{Draft.Hmac}" || mutated.Count($"{Draft.Hmac}") != 1))
        {
            return (Follows.BadHmac, isSealed);
        }

        if (Math.Abs(double.Parse(header.Find("timestamp")!.Value!, CultureInfo.InvariantCulture) - m.Now) > 25)
        {
            return (Follows.Ignored, isSealed);
        }

        return (isSealed != m.HasKeys ? Follows.Unexpected : isSealed ? JudgeSealed(mutated, right, type, m) : JudgeKeyAgreement(mutated, right, type, m), isSealed);
    }

    private static Follows JudgeSealed(JsonTree mutated, JsonTree right, MsgType type, Moment m)
    {
        var body = mutated.Find("body")!.Value;
        if (type is MsgType.Hello or MsgType.Ack or MsgType.Nack && body != "null")
        {
            return Follows.Malformed;
        }

        return type != m.Type ? Follows.Unexpected
            : body == right.Find("body")!.Value ? Follows.Success
            : Follows.Malformed;
    }

    private static Follows JudgeKeyAgreement(JsonTree mutated, JsonTree right, MsgType type, Moment m)
    {
        if (type != m.Type)
        {
            return Follows.Unexpected;
        }

        var (body, rightBody) = (mutated.Find("body")!, right.Find("body")!);
        if (body.HasTwice() || body.Find("key")?.Value != rightBody.Find("key")!.Value
            || body.Find("username")?.Value?.StartsWith('"') != true || body.Find("profile")?.Value != rightBody.Find("profile")?.Value)
        {
            return Follows.Malformed;
        }

        if (type == MsgType.Dh1 && JsonSerializer.Deserialize<string>(body.Find("username")!.Value!) is "" or "\0")
        {
            return Follows.Malformed; // no directory can hold such a name
        }

        return body.Find("username")!.Value == rightBody.Find("username")!.Value ? Follows.Success
            : type == MsgType.Dh1 ? Follows.OtherKeys
            : Follows.SomebodyElse;
    }

    /// <summary>The text that arrives with a mutated plaintext; null when it is malformed.</summary>
    public static string? Read(JsonTree plaintext, string id)
    {
        if (plaintext.Value is not null || plaintext.HasTwice() || !plaintext.AllValues().All(IsJson))
        {
            return null;
        }

        return plaintext.Find("id")?.Value == $"\"{id}\"" && plaintext.Find("text")?.Value is { } text && text[0] == '"' ? JsonSerializer.Deserialize<string>(text) : null;
    }

    private static MsgType? TypeOf(JsonTree pdu) => pdu.Find("header")?.Find("msg_type")?.Value is { } word ? MsgTypes.FromWord(word.Trim('"')) : null;

    private static bool IsWellFormed(JsonTree pdu, MsgType type)
    {
        var header = pdu.Find("header")!;
        var (body, security) = (pdu.Find("body"), pdu.Find("security"));
        if (pdu.HasTwice() || header.HasTwice() || !pdu.AllValues().All(IsJson) || body is null
            || !double.TryParse(header.Find("timestamp")?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var timestamp) || !double.IsFinite(timestamp)
            || !(header.Find("crc")?.Value is { } crc && (crc == $"{Draft.Crc}" || uint.TryParse(crc, NumberStyles.None, CultureInfo.InvariantCulture, out _))))
        {
            return false;
        }

        if (type.IsKeyAgreement())
        {
            return body.Value is null or "{}" or "{\"x\": {\"x\": 0}}" && security is null;
        }

        var hmac = security?.Find("hmac");
        return body.Value is { } value && (value == "null" || value[0] == '"')
            && security is { Value: null } && !security.HasTwice() && security.Find("enc_type")?.Value == "\"AES256CBC\""
            && hmac is { Value: null } && !hmac.HasTwice() && hmac.Find("hmac_type")?.Value == "\"SHA256\"" && IsHmac(hmac.Find("hmac_val")?.Value);
    }

    private static bool IsHmac(string? value) => value == $"{Draft.Hmac}" || (value?.Length == 46 && Convert.TryFromBase64String(value.Trim('"'), new byte[33], out var size) && size == 32);

    private static bool IsJson(string value)
    {
        try
        {
            using var json = JsonDocument.Parse(value is [Draft.Crc] or [Draft.Hmac] ? "0" : value);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
