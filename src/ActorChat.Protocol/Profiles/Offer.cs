// What a dh_1 says, read once. Whoever needs a part of it, to choose the key, to look for the contact or to answer, takes it from here: its body is
// as long as its ML-KEM key, and it comes from anybody.

using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Profiles;

/// <summary>The body of a well-formed dh_1. Made by <see cref="IProfile.ReadOffer"/>.</summary>
public sealed class Offer
{
    internal Offer(Pdu dh1, string profile, string initiatorName, byte[] publicValue, byte[]? kem = null) =>
        (Dh1, Profile, InitiatorName, PublicValue, Kem) = (dh1, profile, initiatorName, publicValue, kem);

    /// <summary>The name of the profile that it is of.</summary>
    public string Profile { get; }

    /// <summary>The user name, which says whose key to use (section 3). Nobody has proved it.</summary>
    public string InitiatorName { get; }

    /// <summary>Whether it offers what <see cref="PostQuantum.Required"/> asks for. A responder that requires it answers any other dh_1 as it answers
    /// an unknown name: with the secret kept for that name, and <see cref="PostQuantum.On"/>.</summary>
    public bool IsPostQuantum => Kem is not null;

    /// <summary>The PDU as received.</summary>
    internal Pdu Dh1 { get; }

    /// <summary>The initiator's public value, as the profile spells it.</summary>
    internal byte[] PublicValue { get; }

    /// <summary>ek, 1,184 bytes; null where none is offered.</summary>
    internal byte[]? Kem { get; }
}
