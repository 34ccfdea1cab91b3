// What a dh_1 says. It is parsed once, for choosing the key, for finding the contact and for the answer: its body holds an ML-KEM key of 1,184 bytes,
// and anybody may send one.

using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Profiles;

/// <summary>The body of a well-formed dh_1. Made by <see cref="IProfile.ReadOffer"/>.</summary>
public sealed class Offer
{
    internal Offer(Pdu dh1, string profile, string initiatorName, byte[] publicValue, byte[]? kem = null) =>
        (Dh1, Profile, InitiatorName, PublicValue, Kem) = (dh1, profile, initiatorName, publicValue, kem);

    /// <summary>The name of the profile that the dh_1 is written in.</summary>
    public string Profile { get; }

    /// <summary>The user name, which says whose key to use (section 3). It is not proved.</summary>
    public string InitiatorName { get; }

    /// <summary>Whether it offers ML-KEM-768. A responder with <see cref="PostQuantum.Required"/> answers any other dh_1 as it answers an unknown name:
    /// with the random secret kept for that name, and <see cref="PostQuantum.On"/>.</summary>
    public bool IsPostQuantum => Kem is not null;

    /// <summary>The PDU as received.</summary>
    internal Pdu Dh1 { get; }

    /// <summary>The initiator's public value, as the profile spells it.</summary>
    internal byte[] PublicValue { get; }

    /// <summary>ek, 1,184 bytes; null where none is offered.</summary>
    internal byte[]? Kem { get; }
}
