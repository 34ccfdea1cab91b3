// A PDU before its checks are computed: its text with a mark where the CRC goes and one where the HMAC goes. A wrong thing is an edit
// of that text, and since the marks stay, its author can still put right values in: so the check behind CRC and HMAC is reached too.
// Every other character is one byte (Latin-1), so that an edit can write any byte at all.

using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace ActorChat.Node.Tests.Sessions.Hostile;

internal static class Draft
{
    /// <summary>Stands for the value of <c>crc</c>.</summary>
    public const char Crc = '\u24b8';

    /// <summary>Stands for the value of <c>hmac_val</c>, with its quotes.</summary>
    public const char Hmac = '\u24bd';

    public static string KeyAgreement(string type, double timestamp, params ReadOnlySpan<string> members)
    {
        var body = new StringBuilder();
        for (var i = 0; i < members.Length; i += 2)
        {
            body.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"\"{members[i]}\": \"{members[i + 1]}\"");
        }

        return $"{Header(type, timestamp)}, \"body\": {{{body}}}}}";
    }

    public static string Secured(string type, double timestamp, string body) =>
        $"{Header(type, timestamp)}, \"body\": {body}, \"security\": {{\"hmac\": {{\"hmac_type\": \"SHA256\", \"hmac_val\": {Hmac}}}, \"enc_type\": \"AES256CBC\"}}}}";

    /// <summary>The bytes of a PDU with right checks, as its real author makes them.</summary>
    public static byte[] Seal(string draft, DirectionKeys keys, ulong number) => Fill(draft, keys.HmacOf(number, Blank(draft)));

    /// <summary>The bytes of a PDU with this HMAC and the CRC that fits.</summary>
    public static byte[] Fill(string draft, byte[] hmac)
    {
        var withHmac = draft.Replace($"{Hmac}", $"\"{Convert.ToBase64String(hmac)}\"", StringComparison.Ordinal);
        return Fill(withHmac, Crc32.HashToUInt32(Blank(withHmac)));
    }

    /// <summary>The bytes of a PDU that has its HMAC, with this CRC.</summary>
    public static byte[] Fill(string draft, uint crc) => Encoding.Latin1.GetBytes(draft.Replace($"{Crc}", $"{crc}", StringComparison.Ordinal));

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>N: the number of a secured PDU, as it goes into its HMAC.</summary>
    public static byte[] N(ulong number)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }

    private static string Header(string type, double timestamp) =>
        $"{{\"header\": {{\"msg_type\": \"{type}\", \"timestamp\": {Number(timestamp)}, \"crc\": {Crc}}}";

    private static byte[] Blank(string draft) => Encoding.Latin1.GetBytes(draft.Replace(Crc, '0').Replace(Hmac, '0'));
}
