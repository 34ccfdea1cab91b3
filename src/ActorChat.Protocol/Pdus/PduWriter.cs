// From values to the bytes of a PDU, exactly as Python's json.dumps would spell them (protocol page, section 2).
// The pieces around the two blanked values are laid out once; HMAC and CRC are computed over the pieces and put between them,
// so what is checked and what is sent can not differ.

using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace ActorChat.Protocol.Pdus;

/// <summary>Writes PDUs (protocol page, section 2). The line feed that follows a PDU on the wire is not part of it.</summary>
public static class PduWriter
{
    /// <summary>Writes a <c>dh_1</c> or <c>dh_2</c>: an object as body, a CRC, no security.</summary>
    /// <param name="type"><see cref="MsgType.Dh1"/> or <see cref="MsgType.Dh2"/>.</param>
    /// <param name="timestamp">Seconds since the Unix epoch.</param>
    /// <param name="members">The body's members in their order.</param>
    public static byte[] WriteKeyAgreement(MsgType type, double timestamp, params ReadOnlySpan<BodyMember> members)
    {
        var afterCrc = new ArrayBufferWriter<byte>(256);
        afterCrc.Write("}, \"body\": {"u8);
        var separator = ""u8;
        foreach (var member in members)
        {
            afterCrc.Write(separator);
            member.Write(afterCrc);
            separator = ", "u8;
        }

        afterCrc.Write("}}"u8);
        return WithCrc(UpToCrc(type, timestamp), afterCrc.WrittenSpan);
    }

    /// <summary>Writes a secured PDU around a ciphertext.</summary>
    /// <param name="format">The profile's spelling.</param>
    /// <param name="type">Any type but dh_1 and dh_2.</param>
    /// <param name="timestamp">Seconds since the Unix epoch.</param>
    /// <param name="ciphertext">The body; empty writes JSON null.</param>
    /// <param name="hmac">HMAC-SHA256 under hmac_key, already fed with N (section 5); it is fed with <c>blank(crc, hmac_val)</c> and read.</param>
    internal static byte[] WriteSecured(PduFormat format, MsgType type, double timestamp, ReadOnlySpan<byte> ciphertext, IncrementalHash hmac)
    {
        var upToCrc = UpToCrc(type, timestamp);
        var afterCrc = new ArrayBufferWriter<byte>(Base64.GetMaxEncodedToUtf8Length(ciphertext.Length) + 192);
        afterCrc.Write("}, \"body\": "u8);
        if (ciphertext.IsEmpty)
        {
            afterCrc.Write("null"u8);
        }
        else
        {
            JsonDumps.WriteBase64(afterCrc, ciphertext);
        }

        afterCrc.Write(Encoding.ASCII.GetBytes($", \"security\": {{\"hmac\": {{\"{format.HmacType}\": \"{PduFormat.HmacAlgorithm}\", \"{format.HmacValue}\": "));
        var afterHmac = Encoding.ASCII.GetBytes($"}}, \"enc_type\": \"{format.EncType}\"}}}}");

        hmac.AppendData(upToCrc);
        hmac.AppendData("0"u8);
        hmac.AppendData(afterCrc.WrittenSpan);
        hmac.AppendData("0"u8);
        hmac.AppendData(afterHmac);
        Span<byte> hmacValue = stackalloc byte[SHA256.HashSizeInBytes];
        hmac.GetHashAndReset(hmacValue);

        JsonDumps.WriteBase64(afterCrc, hmacValue);
        afterCrc.Write(afterHmac);
        return WithCrc(upToCrc, afterCrc.WrittenSpan);
    }

    private static byte[] UpToCrc(MsgType type, double timestamp)
    {
        Span<byte> text = stackalloc byte[Timestamp.MaxTextLength];
        var length = Timestamp.Format(timestamp, text);
        return [.. "{\"header\": {\"msg_type\": \""u8, .. Encoding.ASCII.GetBytes(type.Word()), .. "\", \"timestamp\": "u8, .. text[..length], .. ", \"crc\": "u8];
    }

    private static byte[] WithCrc(ReadOnlySpan<byte> upToCrc, ReadOnlySpan<byte> afterCrc)
    {
        var crc = new Crc32();
        crc.Append(upToCrc);
        crc.Append("0"u8);
        crc.Append(afterCrc);
        Span<byte> digits = stackalloc byte[10];
        crc.GetCurrentHashAsUInt32().TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        return [.. upToCrc, .. digits[..length], .. afterCrc];
    }
}
