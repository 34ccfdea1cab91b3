// What differs between the profiles' PDUs: spelling, numbering and the CRC. Reader, writer and seal take it from here and know nothing else of profiles.

using System.Text;

namespace ActorChat.Protocol.Pdus;

/// <summary>What a profile chooses about its PDUs (protocol page, sections 2, 5 and 6).</summary>
/// <param name="HmacType">The member that names the MAC algorithm.</param>
/// <param name="HmacValue">The member that holds the MAC.</param>
/// <param name="EncType">The word for AES-256-CBC.</param>
/// <param name="IsNumbered">Whether N goes into the HMAC and makes each PDU's IV; else N is empty and every IV is the chain's.</param>
/// <param name="OmitsCrc">Whether the CRC of dh_1 and dh_2 is computed while its member is absent. A CRC computed so is then accepted in every PDU.
/// Else, and always in secured PDUs that are written, the member is there with the value 0.</param>
public sealed record PduFormat(string HmacType, string HmacValue, string EncType, bool IsNumbered, bool OmitsCrc)
{
    /// <summary>The one word that <see cref="HmacType"/> may have, in every profile.</summary>
    public const string HmacAlgorithm = "SHA256";

    /// <summary>The spelling of the modern profile (section 2).</summary>
    public static PduFormat Modern { get; } = new("hmac_type", "hmac_val", "AES256CBC", IsNumbered: true, OmitsCrc: false);

    /// <summary>The spelling of the classic profile (section 6).</summary>
    public static PduFormat Classic { get; } = new("type", "val", "AES256-CBC", IsNumbered: false, OmitsCrc: true);

    /// <summary>The members of <c>security.hmac</c>.</summary>
    internal MemberNames HmacNames { get; } = new(HmacType, HmacValue);

    /// <summary>The bytes between a secured PDU's body and its HMAC.</summary>
    internal byte[] BetweenBodyAndHmac { get; } = Encoding.ASCII.GetBytes($", \"security\": {{\"hmac\": {{\"{HmacType}\": \"{HmacAlgorithm}\", \"{HmacValue}\": ");

    /// <summary>The bytes after a secured PDU's HMAC.</summary>
    internal byte[] BehindHmac { get; } = Encoding.ASCII.GetBytes($"}}, \"enc_type\": \"{EncType}\"}}}}");
}
