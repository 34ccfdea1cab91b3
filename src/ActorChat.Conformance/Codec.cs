// PDUs written and checked in every dialect. What is written in the page's own dialect equals the page's, byte for byte (the vectors prove it). Checks are
// computed over the bytes as received: nothing is serialised again.

using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Conformance;

/// <summary>What a trial does wrong on purpose.</summary>
/// <param name="Crc">Another CRC.</param>
/// <param name="Hmac">Another HMAC.</param>
/// <param name="Stranger">An unknown member in the header.</param>
/// <param name="Twice">A header's member twice.</param>
/// <param name="Respelled">Not wrong: the members in another order, and no blanks between them.</param>
internal sealed record Tampering(bool Crc = false, bool Hmac = false, bool Stranger = false, bool Twice = false, bool Respelled = false)
{
    public static Tampering None { get; } = new();
}

/// <summary>Writes and checks PDUs.</summary>
internal static class Codec
{
    private const int BlockSize = 16;

    /// <summary>A string in the spelling of <c>json.dumps</c>.</summary>
    public static string Quote(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonDumps.WriteString(output, text);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    /// <summary>A dh_1 or dh_2.</summary>
    /// <param name="dialect">The way to speak.</param>
    /// <param name="type">The page's word.</param>
    /// <param name="timestamp">Seconds since the Unix epoch, UTC.</param>
    /// <param name="members">The body's members, each with its value as a JSON token.</param>
    /// <param name="tampering">What is wrong on purpose.</param>
    /// <returns>The PDU, without the line feed.</returns>
    public static byte[] WriteKeyAgreement(Dialect dialect, string type, double timestamp, IEnumerable<(Member Member, string Value)> members, Tampering? tampering = null)
    {
        var body = "{" + string.Join(", ", members.Select(member => $"{Quote(member.Member.NameIn(dialect))}: {member.Value}")) + "}";
        var page = dialect.IsModern ? "0" : null; // classic computes it while the member is absent
        return Finish(dialect, type, timestamp, body, security: null, page, tampering ?? Tampering.None);
    }

    /// <summary>Any other PDU.</summary>
    /// <param name="dialect">The way to speak.</param>
    /// <param name="keys">The keys of our direction.</param>
    /// <param name="number">N.</param>
    /// <param name="password">The password, which some use as a key.</param>
    /// <param name="type">The page's word.</param>
    /// <param name="timestamp">Seconds since the Unix epoch, UTC.</param>
    /// <param name="plaintext">What the body says; null for nothing.</param>
    /// <param name="tampering">What is wrong on purpose.</param>
    /// <returns>The PDU, without the line feed.</returns>
    public static byte[] WriteSealed(Dialect dialect, Keys keys, ulong number, string password, string type, double timestamp, byte[]? plaintext, Tampering? tampering = null)
    {
        var ciphertext = plaintext is null ? null : Encrypt(dialect, keys, number, plaintext);
        var body = ciphertext is null ? "null" : Quote(ToText(ciphertext, dialect.BodyForm));
        var (hmacType, hmacValue) = (Member.HmacType.NameIn(dialect), Member.HmacValue.NameIn(dialect));
        var (hmacWord, encWord) = (dialect.Words.Of(Member.HmacWord) ?? Member.HmacWord, dialect.Words.Of(Member.EncWord) ?? Member.PageWord(Member.EncWord, dialect.Profile));
        string Security(string? hmac) => $"{{{Quote(Member.Hmac.NameIn(dialect))}: {{{Quote(hmacType)}: {Quote(hmacWord)}{(hmac is null ? "" : $", {Quote(hmacValue)}: {hmac}")}}}, "
            + $"{Quote(Member.EncType.NameIn(dialect))}: {Quote(encWord)}}}";

        tampering ??= Tampering.None;
        var (crcBlank, hmacBlank) = Blanks(dialect.HmacOver);
        var over = dialect.HmacOver switch
        {
            HmacOver.Ciphertext => ciphertext ?? [],
            HmacOver.CiphertextText => ciphertext is null ? [] : Encoding.ASCII.GetBytes(ToText(ciphertext, dialect.BodyForm)),
            HmacOver.Plaintext => plaintext ?? [],
            _ => Encoding.UTF8.GetBytes(Compose(dialect, type, timestamp, crcBlank, body, Security(hmacBlank), tampering)),
        };
        var value = Mac(dialect, keys, number, password, over);
        value[0] ^= tampering.Hmac ? (byte)1 : (byte)0;
        return Finish(dialect, type, timestamp, body, Security(Quote(ToText(value, dialect.HmacForm))), "0", tampering, Security("0"));
    }

    /// <summary>The CRC that a dialect puts into a PDU as received; null where it is computed over nothing.</summary>
    public static uint Crc(Wire pdu, Dialect dialect, CrcOver over)
    {
        var crc = pdu.At(Member.Crc, dialect);
        return Crc32.HashToUInt32(over switch
        {
            CrcOver.Absent => pdu.With((crc, null)),
            CrcOver.Null => pdu.With((crc, "null")),
            CrcOver.EmptyString => pdu.With((crc, "\"\"")),
            CrcOver.BodyOnly => Encoding.UTF8.GetBytes(pdu.At(Member.Body, dialect)?.Text ?? ""),
            CrcOver.BeforeHmac => pdu.With((crc, "0"), (pdu.At(Member.HmacValue, dialect), "0")),
            _ => pdu.With((crc, "0")),
        });
    }

    /// <summary>The CRC and the form it is written in; null when it is absent or cannot be a CRC.</summary>
    public static (uint Value, CrcForm Form)? ReadCrc(Wire pdu, Dialect dialect) => pdu.At(Member.Crc, dialect) switch
    {
        { IsNumber: true } token when uint.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) => (value, CrcForm.Number),
        { IsNumber: true } token when int.TryParse(token.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => ((uint)value, CrcForm.SignedNumber),
        { IsString: true } token when uint.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && IsDecimal(token.Text, value, pdu, dialect) => (value, CrcForm.DecimalString),
        { IsString: true } token when uint.TryParse(token.Text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? token.Text[2..] : token.Text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            => (value, CrcForm.HexString),
        { IsString: true } token when uint.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) => (value, CrcForm.DecimalString),
        _ => null,
    };

    // Up to eight digits may be decimal or hexadecimal. What is known of the peer decides, or else which of the two is the PDU's CRC.
    private static bool IsDecimal(string digits, uint value, Wire pdu, Dialect dialect) =>
        digits.Length > 8 || dialect.CrcForm == CrcForm.DecimalString || Enum.GetValues<CrcOver>().Any(over => Crc(pdu, dialect, over) == value);

    /// <summary>The HMAC that a dialect puts into a PDU as received.</summary>
    /// <param name="pdu">The PDU.</param>
    /// <param name="dialect">The way to speak.</param>
    /// <param name="keys">The keys of the sender's direction.</param>
    /// <param name="number">N.</param>
    /// <param name="password">The password.</param>
    /// <param name="plaintext">What the body says, where the HMAC is computed over it.</param>
    public static byte[] Hmac(Wire pdu, Dialect dialect, Keys keys, ulong number, string password, byte[]? plaintext)
    {
        var (crcBlank, hmacBlank) = Blanks(dialect.HmacOver);
        return Mac(dialect, keys, number, password, dialect.HmacOver switch
        {
            HmacOver.Ciphertext => Body(pdu, dialect) ?? [],
            HmacOver.CiphertextText => Encoding.UTF8.GetBytes(pdu.At(Member.Body, dialect) is { IsString: true } body ? body.Text : ""),
            HmacOver.Plaintext => plaintext ?? [],
            _ => pdu.With((pdu.At(Member.Crc, dialect), crcBlank), (pdu.At(Member.HmacValue, dialect), hmacBlank)),
        });
    }

    /// <summary>The body's ciphertext, padding included; null where there is none.</summary>
    public static byte[]? Body(Wire pdu, Dialect dialect) => pdu.At(Member.Body, dialect) is { IsString: true } body ? FromText(body.Text, BlockSize)?.Bytes : null;

    /// <summary>What a body says; null when it cannot be decrypted.</summary>
    public static byte[]? Decrypt(Dialect dialect, Keys keys, ulong number, byte[] body)
    {
        if (body.Length == 0 || body.Length % BlockSize != 0 || (dialect.Cipher == Cipher.IvInFront && body.Length < 2 * BlockSize))
        {
            return null;
        }

        using var aes = Aes.Create();
        aes.Key = keys.EncKey;
        var plaintext = dialect.Cipher switch
        {
            Cipher.Ecb => aes.DecryptEcb(body, PaddingMode.None),
            Cipher.IvInFront => aes.DecryptCbc(body.AsSpan(BlockSize), body.AsSpan(0, BlockSize), PaddingMode.None),
            _ => aes.DecryptCbc(body, Iv(dialect, keys, number), PaddingMode.None),
        };
        var padding = plaintext[^1];
        return padding is >= 1 and <= BlockSize && plaintext.AsSpan(^padding..).IndexOfAnyExcept(padding) < 0 ? plaintext[..^padding] : null;
    }

    /// <summary>The answer to a challenge.</summary>
    /// <param name="dialect">The way to speak.</param>
    /// <param name="own">The keys of the answering side's direction.</param>
    /// <param name="other">The keys of the other direction.</param>
    /// <param name="challenge">The challenge.</param>
    public static byte[] Answer(Dialect dialect, Keys own, Keys other, byte[] challenge) => dialect.Answer switch
    {
        Conformance.Answer.HexText => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(own.ChapSecret, challenge))),
        Conformance.Answer.PlainHash => SHA256.HashData([.. own.ChapSecret, .. challenge]),
        Conformance.Answer.Swapped => HMACSHA256.HashData(challenge, own.ChapSecret),
        Conformance.Answer.HmacKey => HMACSHA256.HashData(own.HmacKey, challenge),
        Conformance.Answer.OtherDirection => HMACSHA256.HashData(other.ChapSecret, challenge),
        _ => HMACSHA256.HashData(own.ChapSecret, challenge),
    };

    /// <summary>Bytes of base64, hexadecimal digits or both; null where the text is neither.</summary>
    /// <param name="text">The text.</param>
    /// <param name="unit">What the number of bytes is a multiple of.</param>
    public static (byte[] Bytes, ByteForm Form)? FromText(string text, int unit)
    {
        if (text.Length > 0 && text.Length % (2 * unit) == 0 && text.All(char.IsAsciiHexDigit))
        {
            return (Convert.FromHexString(text), ByteForm.Hex);
        }

        if (!Base64.IsValid(text) || text.Any(char.IsWhiteSpace))
        {
            return null;
        }

        var bytes = Convert.FromBase64String(text);
        return bytes.Length > 0 && bytes.Length % (2 * unit) == 0 && bytes.All(b => char.IsAsciiHexDigit((char)b)) ? (Convert.FromHexString(Encoding.ASCII.GetString(bytes)), ByteForm.Base64OfHex)
            : bytes.Length % unit == 0 ? (bytes, ByteForm.Base64)
            : null;
    }

    /// <summary>The timestamp in seconds, and the form it is written in; null when it is not a number.</summary>
    public static (double Seconds, TimeForm Form)? ReadTime(Wire pdu, Dialect dialect) =>
        pdu.At(Member.Timestamp, dialect) is { } token && double.TryParse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds)
            ? token.IsString ? (seconds, TimeForm.String) : seconds > 1e11 ? (seconds / 1000, TimeForm.Milliseconds) : (seconds, TimeForm.Seconds)
            : null;

    private static byte[] Finish(Dialect dialect, string type, double timestamp, string body, string? security, string? pageBlank, Tampering tampering, string? blankSecurity = null)
    {
        var over = dialect.CrcOver switch
        {
            CrcOver.Absent => Compose(dialect, type, timestamp, null, body, security, tampering),
            CrcOver.Null => Compose(dialect, type, timestamp, "null", body, security, tampering),
            CrcOver.EmptyString => Compose(dialect, type, timestamp, "\"\"", body, security, tampering),
            CrcOver.BodyOnly => body.Trim('"'),
            CrcOver.BeforeHmac when security is not null => Compose(dialect, type, timestamp, "0", body, blankSecurity, tampering),
            CrcOver.Zero => Compose(dialect, type, timestamp, "0", body, security, tampering),
            _ => Compose(dialect, type, timestamp, pageBlank, body, security, tampering),
        };
        var crc = Crc32.HashToUInt32(Encoding.UTF8.GetBytes(over)) ^ (tampering.Crc ? 1u : 0);
        var token = dialect.CrcForm switch
        {
            CrcForm.SignedNumber => ((int)crc).ToString(CultureInfo.InvariantCulture),
            CrcForm.DecimalString => $"\"{crc}\"",
            CrcForm.HexString => $"\"{crc:x8}\"",
            _ => crc.ToString(CultureInfo.InvariantCulture),
        };
        return Encoding.UTF8.GetBytes(Compose(dialect, type, timestamp, token, body, security, tampering));
    }

    private static string Compose(Dialect dialect, string type, double timestamp, string? crc, string body, string? security, Tampering tampering)
    {
        var header = new List<string> { $"{Quote(Member.MsgType.NameIn(dialect))}: {Quote(dialect.Words.Of(type) ?? type)}", $"{Quote(Member.Timestamp.NameIn(dialect))}: {Time(dialect, timestamp)}" };
        if (tampering.Stranger)
        {
            header.Add("\"stranger\": {\"crc\": [1, \"}\"]}");
        }

        if (tampering.Twice)
        {
            header.Add(header[0]);
        }

        if (crc is not null)
        {
            header.Add($"{Quote(Member.Crc.NameIn(dialect))}: {crc}");
        }

        var parts = new List<string> { Respell($"{Quote(Member.Header.NameIn(dialect))}: {{{string.Join(", ", header)}}}"), $"{Quote(Member.Body.NameIn(dialect))}: {body}" };
        if (security is not null)
        {
            parts.Add(Respell($"{Quote(Member.Security.NameIn(dialect))}: {security}"));
        }

        if (tampering.Respelled)
        {
            parts.Reverse();
        }

        return $"{{{string.Join(tampering.Respelled ? "," : ", ", parts)}}}";

        string Respell(string part) => tampering.Respelled ? part.Replace("\": ", "\":", StringComparison.Ordinal).Replace(", \"", ",\"", StringComparison.Ordinal) : part;
    }

    private static string Time(Dialect dialect, double utc)
    {
        var seconds = utc - (dialect.MinutesFromUtc * 60);
        var text = seconds.ToString("R", CultureInfo.InvariantCulture);
        text = text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
        return dialect.TimeForm switch
        {
            TimeForm.String => $"\"{text}\"",
            TimeForm.Milliseconds => ((long)(seconds * 1000)).ToString(CultureInfo.InvariantCulture),
            _ => text,
        };
    }

    private static (string? Crc, string? Hmac) Blanks(HmacOver over) => over switch
    {
        HmacOver.Null => ("null", "null"),
        HmacOver.EmptyString => ("\"\"", "\"\""),
        HmacOver.Absent => (null, null),
        _ => ("0", "0"),
    };

    private static byte[] Mac(Dialect dialect, Keys keys, ulong number, string password, byte[] over)
    {
        var key = dialect.HmacBy switch
        {
            HmacBy.Password => Encoding.UTF8.GetBytes(password),
            HmacBy.EncKey => keys.EncKey,
            HmacBy.ChapSecret => keys.ChapSecret,
            _ => keys.HmacKey,
        };
        byte[] fed = [.. N(dialect, number), .. over];
        return dialect.HmacBy == HmacBy.KeyItself ? [.. key] : HMACSHA256.HashData(key, fed);
    }

    private static byte[] N(Dialect dialect, ulong number)
    {
        var n = new byte[dialect.IsModern && dialect.Numbering != Numbering.Absent ? sizeof(ulong) : 0];
        switch (n.Length, dialect.Numbering)
        {
            case (0, _):
                break;
            case (_, Numbering.LittleEndian):
                BinaryPrimitives.WriteUInt64LittleEndian(n, number);
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(n, number + (dialect.Numbering == Numbering.FromOne ? 1u : 0u));
                break;
        }

        return n;
    }

    private static byte[] Iv(Dialect dialect, Keys keys, ulong number) =>
        !dialect.IsModern || dialect.IvBy == IvBy.Fixed ? keys.Iv : HMACSHA256.HashData(keys.Iv, N(dialect with { Numbering = dialect.Numbering == Numbering.Absent ? Numbering.Page : dialect.Numbering }, number))[..BlockSize];

    private static byte[] Encrypt(Dialect dialect, Keys keys, ulong number, byte[] plaintext)
    {
        using var aes = Aes.Create();
        aes.Key = keys.EncKey;
        if (dialect.Cipher == Cipher.Ecb)
        {
            return aes.EncryptEcb(plaintext, PaddingMode.PKCS7);
        }

        if (dialect.Cipher == Cipher.IvInFront)
        {
            var iv = RandomNumberGenerator.GetBytes(BlockSize);
            return [.. iv, .. aes.EncryptCbc(plaintext, iv)];
        }

        return aes.EncryptCbc(plaintext, Iv(dialect, keys, number));
    }

    private static string ToText(byte[] bytes, ByteForm form) => form switch
    {
        ByteForm.Hex => Convert.ToHexStringLower(bytes),
        ByteForm.Base64OfHex => Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes))),
        _ => Convert.ToBase64String(bytes),
    };
}
