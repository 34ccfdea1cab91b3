// Values as Python's json.dumps writes them. The protocol page prescribes that spelling, because checks are computed over bytes.
// .NET's own encoders escape other characters (+, ', <) and write hexadecimal digits in capitals.

using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ActorChat.Protocol.Pdus;

/// <summary>JSON strings and numbers in the spelling of Python's <c>json.dumps</c>.</summary>
internal static class JsonDumps
{
    private static ReadOnlySpan<byte> HexDigits => "0123456789abcdef"u8;

    /// <summary>Writes <paramref name="text"/> as a JSON string, quotes included.</summary>
    /// <param name="output">Receives the UTF-8 bytes.</param>
    /// <param name="text">Any string of Unicode scalar values.</param>
    /// <param name="ensureAscii">As in Python: true writes every non-ASCII character as <c>\uXXXX</c>, false writes it as itself.</param>
    public static void WriteString(IBufferWriter<byte> output, ReadOnlySpan<char> text, bool ensureAscii = true)
    {
        output.Write("\""u8);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var escape = rune.Value switch
            {
                '"' => "\\\""u8,
                '\\' => "\\\\"u8,
                '\n' => "\\n"u8,
                '\r' => "\\r"u8,
                '\t' => "\\t"u8,
                '\b' => "\\b"u8,
                '\f' => "\\f"u8,
                _ => default,
            };
            if (!escape.IsEmpty)
            {
                output.Write(escape);
            }
            else if (rune.Value < 0x20 || (ensureAscii && rune.Value > 0x7e))
            {
                WriteUtf16Escapes(output, rune);
            }
            else
            {
                output.Write(utf8[..rune.EncodeToUtf8(utf8)]);
            }
        }

        output.Write("\""u8);
    }

    /// <summary>Writes <paramref name="bytes"/> in base64 as a JSON string, quotes included.</summary>
    public static void WriteBase64(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        output.Write("\""u8);
        Base64.EncodeToUtf8(bytes, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        output.Advance(written);
        output.Write("\""u8);
    }

    /// <summary>Writes a whole number.</summary>
    public static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        number.TryFormat(output.GetSpan(20), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private static void WriteUtf16Escapes(IBufferWriter<byte> output, Rune rune)
    {
        Span<char> units = stackalloc char[2];
        foreach (var unit in units[..rune.EncodeToUtf16(units)])
        {
            output.Write([(byte)'\\', (byte)'u', HexDigits[unit >> 12], HexDigits[(unit >> 8) & 15], HexDigits[(unit >> 4) & 15], HexDigits[unit & 15]]);
        }
    }
}
