// What differs between the profiles: how keys are agreed, how PDUs are spelled, what a text's plaintext looks like.
// Sessions know only this interface. The local directory says which profile a contact has. It is never negotiated,
// so nobody on the wire can choose the weaker one.

using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Profiles;

/// <summary>A profile of the protocol. Everything here is pure: clock and randomness are handed in.</summary>
public interface IProfile
{
    /// <summary>The profile's name in the directory file.</summary>
    string Name { get; }

    /// <summary>The spelling of its PDUs.</summary>
    PduFormat Format { get; }

    /// <summary>Whether an initiator may send steps 5 and 7 together (section 3).</summary>
    bool MaySendStepsTogether { get; }

    /// <summary>Whether the responder sends an <c>ack</c> after step 9 too, before step 10 (section 6).</summary>
    bool AcknowledgesStep9 { get; }

    /// <summary>Whether <see cref="DeriveUserSecret"/> takes long, so that it runs in the background and its results, 32 bytes each, are cached.</summary>
    bool DerivesSlowly { get; }

    /// <summary>What a conversation in this profile gives away to others, as a clause for the user; null where there is nothing to warn of.</summary>
    string? GivesAway { get; }

    /// <summary>user_secret from a password.</summary>
    /// <param name="password">The password shared with the contact.</param>
    /// <param name="initiatorName">The user name in dh_1.</param>
    UserSecret DeriveUserSecret(string password, string initiatorName);

    /// <summary>What a dh_1 says; null when the PDU is not a dh_1, or its body is not one of this profile.</summary>
    Offer? ReadOffer(Pdu dh1);

    /// <summary>What a conversation's keys were made with, for the user.</summary>
    /// <param name="isPostQuantum">Whether ML-KEM-768 went into them.</param>
    string KeysInWords(bool isPostQuantum);

    /// <summary>Begins a key agreement: step 1.</summary>
    /// <param name="userSecret">user_secret; the result keeps a copy until it is disposed.</param>
    /// <param name="initiatorName">This side's user name, as the contact knows it.</param>
    /// <param name="timestamp">Seconds since the Unix epoch, for the dh_1.</param>
    /// <param name="random">Where the private values come from.</param>
    /// <param name="options">What the dh_1 announces; <see cref="AgreementOptions.None"/> where it is null.</param>
    IInitiation Initiate(UserSecret userSecret, string initiatorName, double timestamp, IRandomSource random, AgreementOptions? options = null);

    /// <summary>Answers a dh_1: step 2.</summary>
    /// <param name="userSecret">user_secret, used during the call only.</param>
    /// <param name="offer">What the dh_1 says, of this profile.</param>
    /// <param name="responderName">This side's user name, as the contact knows it.</param>
    /// <param name="timestamp">Seconds since the Unix epoch, for the dh_2.</param>
    /// <param name="random">Where the private value comes from.</param>
    /// <param name="options">What the dh_2 announces; <see cref="AgreementOptions.None"/> where it is null.</param>
    /// <returns>The dh_2 and the keys; null when a public value in the dh_1 must be refused.</returns>
    Agreement? Respond(UserSecret userSecret, Offer offer, string responderName, double timestamp, IRandomSource random, AgreementOptions? options = null);

    /// <summary>The plaintext of a <c>text</c>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="maxSize">The most bytes that fit.</param>
    /// <param name="pads">Whether to hide the message's length, where the profile can.</param>
    /// <returns>Null where the message is too long.</returns>
    byte[]? WriteText(TextMessage message, int maxSize, bool pads = false);

    /// <summary>The message in a plaintext; null when it is malformed.</summary>
    /// <param name="plaintext">What was under the seal.</param>
    /// <param name="random">Where an id comes from, in a profile that sends none.</param>
    TextMessage? ReadText(ReadOnlySpan<byte> plaintext, IRandomSource random);
}

/// <summary>An initiator's key agreement under way: it holds the private value until the dh_2 comes.</summary>
public interface IInitiation : IDisposable
{
    /// <summary>The dh_1 to send, with its line feed.</summary>
    byte[] Dh1 { get; }

    /// <summary>Completes the agreement with the responder's dh_2.</summary>
    /// <returns>The keys, with the responder's name in <see cref="Agreement.PeerName"/>; null when the body is malformed or the public value must be refused.
    /// A caller that requires post-quantum keys checks <see cref="Agreement.IsPostQuantum"/> before it sends anything under the keys.</returns>
    Agreement? Complete(Pdu dh2);
}

/// <summary>A finished key agreement.</summary>
/// <param name="Dh2">For the responder the dh_2 to send, with its line feed; else empty.</param>
/// <param name="Keys">The keys; whoever receives them disposes them.</param>
/// <param name="PeerName">The user name that the other side gave; null where the profile does not send one.</param>
/// <param name="Texts">How many texts the responder takes in this conversation, 1 to <see cref="AgreementOptions.MaxTexts"/>.</param>
/// <param name="IsPostQuantum">Whether ML-KEM-768 went into the keys beside CPace.</param>
public sealed record Agreement(byte[] Dh2, SessionKeys Keys, string? PeerName, int Texts = 1, bool IsPostQuantum = false);
