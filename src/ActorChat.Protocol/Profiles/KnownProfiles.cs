// The profiles. A responder learns from the first PDU which one its peer speaks; the directory says whether that contact may speak it.

using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Profiles;

/// <summary>A node's profiles, the default one first.</summary>
/// <param name="profiles">At least one.</param>
public sealed class KnownProfiles(params IProfile[] profiles)
{
    /// <summary>Both profiles of the protocol page.</summary>
    public static KnownProfiles All { get; } = new(ModernProfile.Instance, ClassicProfile.Instance);

    /// <summary>The profile where none is named.</summary>
    public IProfile Default => profiles[0];

    /// <summary>The profile with this name in the directory file.</summary>
    /// <exception cref="ArgumentException">There is none; the directory's reader lets no such name through.</exception>
    public IProfile Named(string name) =>
        Array.Find(profiles, profile => profile.Name == name) ?? throw new ArgumentException($"There is no profile \"{name}\".", nameof(name));

    /// <summary>Judges a responder's first PDU (protocol page, section 2, "Checking"), each profile by its own rules.</summary>
    /// <param name="frame">One JSON object, as <see cref="PduFramer"/> hands it out.</param>
    /// <param name="now">The receiver's clock, in seconds since the Unix epoch.</param>
    /// <param name="pdu">The PDU, as <see cref="PduChecks.Check"/> says.</param>
    /// <param name="offer">What a good dh_1 says, and in which profile. Null where no profile accepts the PDU, which is then judged by the default one.</param>
    public Verdict CheckFirst(ReadOnlyMemory<byte> frame, double now, out Pdu? pdu, out Offer? offer)
    {
        foreach (var candidate in profiles)
        {
            var verdict = PduChecks.Check(frame, candidate.Format, channel: null, now, out pdu);
            if (verdict is Verdict.Accept or Verdict.Ignore && candidate.ReadOffer(pdu!) is { } good)
            {
                offer = good;
                return verdict;
            }
        }

        offer = null;
        return PduChecks.Check(frame, Default.Format, channel: null, now, out pdu);
    }
}
