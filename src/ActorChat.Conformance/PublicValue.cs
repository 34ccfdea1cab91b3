// Classic's public value as text, in the forms that implementations send it in.

using System.Buffers.Text;
using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ActorChat.Conformance;

/// <summary>Reads and writes classic's <c>key</c>.</summary>
internal static class PublicValue
{
    private const string DhOid = "1.2.840.113549.1.3.1";
    private const string PemBegin = "-----BEGIN PUBLIC KEY-----";
    private const string PemEnd = "-----END PUBLIC KEY-----";

    /// <summary>The value as a JSON token.</summary>
    public static string Write(BigInteger value, KeyForm form)
    {
        var digits = value.ToString(CultureInfo.InvariantCulture);
        return form switch
        {
            KeyForm.Number => digits,
            KeyForm.Decimal => Codec.Quote(digits),
            KeyForm.Hex => Codec.Quote(Modp14.Hex(value)),
            KeyForm.Base64OfHex => Codec.Quote(Convert.ToBase64String(Encoding.ASCII.GetBytes(Modp14.Hex(value)))),
            KeyForm.Base64OfBytes => Codec.Quote(Convert.ToBase64String(value.ToByteArray(true, true))),
            KeyForm.Pem => Codec.Quote(Pem(value)),
            _ => Codec.Quote(Convert.ToBase64String(Encoding.ASCII.GetBytes(digits))),
        };
    }

    /// <summary>The value, and the form it is written in; null when the form is not known.</summary>
    public static (BigInteger Value, KeyForm Form)? Read(Token token)
    {
        var text = token.Text.Trim();
        if (token.IsNumber || IsDecimal(text))
        {
            return BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (number, token.IsNumber ? KeyForm.Number : KeyForm.Decimal) : null;
        }

        if (text.StartsWith(PemBegin, StringComparison.Ordinal))
        {
            return FromPem(text) is { } outer ? (outer, KeyForm.Pem) : null;
        }

        if (IsHex(text))
        {
            return (FromHex(text), KeyForm.Hex);
        }

        if (!Base64.IsValid(text))
        {
            return null;
        }

        var bytes = Convert.FromBase64String(text);
        var inner = Encoding.Latin1.GetString(bytes);
        return IsDecimal(inner) ? (BigInteger.Parse(inner, CultureInfo.InvariantCulture), KeyForm.Page)
            : IsHex(inner) ? (FromHex(inner), KeyForm.Base64OfHex)
            : inner.StartsWith(PemBegin, StringComparison.Ordinal) ? (FromPem(inner) is { } wrapped ? (wrapped, KeyForm.Pem) : null)
            : (new BigInteger(bytes, isUnsigned: true, isBigEndian: true), KeyForm.Base64OfBytes);
    }

    private static bool IsDecimal(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static bool IsHex(string text) => Digits(text) is { Length: >= 16 } digits && digits.All(char.IsAsciiHexDigit);

    private static string Digits(string text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;

    private static BigInteger FromHex(string text) => BigInteger.Parse("0" + Digits(text), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    // SubjectPublicKeyInfo of PKCS #3 Diffie-Hellman: SEQUENCE { SEQUENCE { OID, SEQUENCE { p, g } }, BIT STRING { INTEGER y } }.
    private static string Pem(BigInteger value)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            using (der.PushSequence())
            {
                der.WriteObjectIdentifier(DhOid);
                using (der.PushSequence())
                {
                    der.WriteInteger(Modp14.P);
                    der.WriteInteger(2);
                }
            }

            var y = new AsnWriter(AsnEncodingRules.DER);
            y.WriteInteger(value);
            der.WriteBitString(y.Encode());
        }

        return $"{PemBegin}\n{Convert.ToBase64String(der.Encode(), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n")}\n{PemEnd}\n";
    }

    private static BigInteger? FromPem(string text)
    {
        try
        {
            var info = new AsnReader(Convert.FromBase64String(text.Replace(PemBegin, "", StringComparison.Ordinal).Replace(PemEnd, "", StringComparison.Ordinal)), AsnEncodingRules.BER).ReadSequence();
            _ = info.ReadEncodedValue();
            return new AsnReader(info.ReadBitString(out _), AsnEncodingRules.BER).ReadInteger();
        }
        catch (Exception e) when (e is AsnContentException or FormatException)
        {
            return null;
        }
    }
}
