// The spelling differences between the profiles' PDUs. Reader and writer take them from here and know nothing else of profiles.

using System.Text;

namespace ActorChat.Protocol.Pdus;

/// <summary>The names and words in a PDU's <c>security</c> member that a profile chooses (protocol page, sections 2 and 6).</summary>
/// <param name="HmacType">The member that names the MAC algorithm.</param>
/// <param name="HmacValue">The member that holds the MAC.</param>
/// <param name="EncType">The word for AES-256-CBC.</param>
public sealed record PduFormat(string HmacType, string HmacValue, string EncType)
{
    /// <summary>The one word that <see cref="HmacType"/> may have, in every profile.</summary>
    public const string HmacAlgorithm = "SHA256";

    /// <summary>The spelling of the modern profile (section 2).</summary>
    public static PduFormat Modern { get; } = new("hmac_type", "hmac_val", "AES256CBC");

    /// <summary>The members of <c>security.hmac</c>.</summary>
    internal MemberNames HmacNames { get; } = new(HmacType, HmacValue);

    /// <summary>What stands between a secured PDU's body and its HMAC.</summary>
    internal byte[] BetweenBodyAndHmac { get; } = Encoding.ASCII.GetBytes($", \"security\": {{\"hmac\": {{\"{HmacType}\": \"{HmacAlgorithm}\", \"{HmacValue}\": ");

    /// <summary>What stands behind a secured PDU's HMAC.</summary>
    internal byte[] BehindHmac { get; } = Encoding.ASCII.GetBytes($"}}, \"enc_type\": \"{EncType}\"}}}}");
}
