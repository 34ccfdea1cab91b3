// From values to the bytes of a PDU, exactly as Python's json.dumps would spell them (protocol page, section 2).
// A PDU is written once with 0 for both blanked values, which is what the HMAC is computed over. Then the HMAC is put in, which
// makes what the CRC is computed over; then the CRC. So what is checked and what is sent cannot differ.

using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace ActorChat.Protocol.Pdus;

/// <summary>Writes PDUs (protocol page, section 2), each with the line feed that ends it on the wire.</summary>
public static class PduWriter
{
    /// <summary>What a secured PDU has around its body's base64, in bytes, with the longest timestamp, CRC and words; the line feed included.</summary>
    internal const int MaxOverhead = 256;

    private static ReadOnlySpan<byte> CrcMember => ", \"crc\": "u8;

    /// <summary>Writes a <c>dh_1</c> or <c>dh_2</c>: an object as body, a CRC, no security.</summary>
    /// <param name="format">The profile's spelling.</param>
    /// <param name="type"><see cref="MsgType.Dh1"/> or <see cref="MsgType.Dh2"/>.</param>
    /// <param name="timestamp">Seconds since the Unix epoch.</param>
    /// <param name="members">The body's members in their order.</param>
    public static byte[] WriteKeyAgreement(PduFormat format, MsgType type, double timestamp, params ReadOnlySpan<BodyMember> members)
    {
        ArgumentNullException.ThrowIfNull(format);
        using var pdu = new PooledBuffer(512);
        var crcAt = WriteHeader(pdu, type, timestamp);
        pdu.Write("{"u8);
        var separator = ""u8;
        foreach (var member in members)
        {
            pdu.Write(separator);
            member.Write(pdu);
            separator = ", "u8;
        }

        pdu.Write("}}"u8);
        return WithCrc(pdu.Written, crcAt, format.OmitsCrc ? CrcMember.Length + 1 : 0);
    }

    /// <summary>Writes a secured PDU around a ciphertext.</summary>
    /// <param name="format">The profile's spelling.</param>
    /// <param name="type">Any type but dh_1 and dh_2.</param>
    /// <param name="timestamp">Seconds since the Unix epoch.</param>
    /// <param name="ciphertext">The body; empty writes JSON null.</param>
    /// <param name="hmac">HMAC-SHA256 under hmac_key, already fed with N (section 5); it is fed with <c>blank(crc, hmac_val)</c> and read.</param>
    internal static byte[] WriteSecured(PduFormat format, MsgType type, double timestamp, ReadOnlySpan<byte> ciphertext, IncrementalHash hmac)
    {
        using var pdu = new PooledBuffer(Base64.GetMaxEncodedToUtf8Length(ciphertext.Length) + MaxOverhead);
        var crcAt = WriteHeader(pdu, type, timestamp);
        if (ciphertext.IsEmpty)
        {
            pdu.Write("null"u8);
        }
        else
        {
            JsonDumps.WriteBase64(pdu, ciphertext);
        }

        pdu.Write(format.BetweenBodyAndHmac);
        var hmacAt = pdu.Length;
        pdu.Write("0"u8);
        pdu.Write(format.BehindHmac);

        Span<byte> hmacValue = stackalloc byte[SHA256.HashSizeInBytes];
        hmac.AppendData(pdu.Written);
        hmac.GetHashAndReset(hmacValue);

        pdu.Length = hmacAt;
        JsonDumps.WriteBase64(pdu, hmacValue);
        pdu.Write(format.BehindHmac);
        return WithCrc(pdu.Written, crcAt);
    }

    // Writes up to the body, with 0 for the CRC. Returns the offset of that 0.
    private static int WriteHeader(PooledBuffer pdu, MsgType type, double timestamp)
    {
        pdu.Write("{\"header\": {\"msg_type\": \""u8);
        pdu.Write(type.Utf8Word());
        pdu.Write("\", \"timestamp\": "u8);
        pdu.Advance(Timestamp.Format(timestamp, pdu.GetSpan(Timestamp.MaxTextLength)));
        pdu.Write(CrcMember);
        var crcAt = pdu.Length;
        pdu.Write("0}, \"body\": "u8);
        return crcAt;
    }

    // absent: how many bytes, up to and including the 0, are left out while the CRC is computed.
    private static byte[] WithCrc(ReadOnlySpan<byte> blank, int crcAt, int absent = 0)
    {
        var crc = new Crc32();
        crc.Append(blank[..(crcAt + 1 - absent)]);
        crc.Append(blank[(crcAt + 1)..]);
        Span<byte> digits = stackalloc byte[10];
        crc.GetCurrentHashAsUInt32().TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        return [.. blank[..crcAt], .. digits[..length], .. blank[(crcAt + 1)..], (byte)'\n'];
    }
}
