// What this side announces in a key agreement beyond names and public values (protocol page, section 7). It comes from the node's settings.

namespace ActorChat.Protocol.Profiles;

/// <summary>Whether ML-KEM-768 is used beside CPace.</summary>
public enum PostQuantum
{
    /// <summary>It is neither offered nor accepted.</summary>
    Off,

    /// <summary>It is offered, and used where the peer has it too.</summary>
    On,

    /// <summary>A conversation without it is refused.</summary>
    Required,
}

/// <summary>What a key agreement announces.</summary>
/// <param name="Texts">How many texts a responder takes in one conversation, 1 to <see cref="MaxTexts"/>. 1 is the meaning of an absent member, so it is not sent.</param>
/// <param name="PostQuantum">Whether ML-KEM-768 is used beside CPace.</param>
public sealed record AgreementOptions(int Texts = 1, PostQuantum PostQuantum = PostQuantum.Off)
{
    /// <summary>The most texts that a responder may announce for one conversation.</summary>
    public const int MaxTexts = 1000;

    /// <summary>Nothing beyond sections 3 to 5.</summary>
    public static AgreementOptions None { get; } = new();

    /// <summary>How many texts a responder takes in one conversation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 to <see cref="MaxTexts"/>.</exception>
    public int Texts { get; } = Texts is >= 1 and <= MaxTexts
        ? Texts
        : throw new ArgumentOutOfRangeException(nameof(Texts), Texts, $"A conversation may take 1 to {MaxTexts} texts.");
}
