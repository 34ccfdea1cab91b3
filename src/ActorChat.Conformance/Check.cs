// What a report is made of: a check is one sentence of the protocol page, a result is its outcome with one peer.

namespace ActorChat.Conformance;

/// <summary>How strongly the page requires something.</summary>
public enum Level
{
    /// <summary>An implementation that does otherwise is wrong.</summary>
    Must,

    /// <summary>An implementation that does otherwise can still be talked to.</summary>
    Should,
}

/// <summary>The outcome of a check.</summary>
public enum Grade
{
    /// <summary>The peer does what the page asks.</summary>
    Pass,

    /// <summary>The peer does not do what the page advises.</summary>
    NotStrict,

    /// <summary>The peer does not do what the page requires.</summary>
    Fail,

    /// <summary>The conversation did not get that far.</summary>
    NotReached,

    /// <summary>The peer need not do this: it does not announce the capability.</summary>
    NotApplicable,
}

/// <summary>The protocol's two profiles, as a set.</summary>
[Flags]
public enum Profiles
{
    /// <summary>Section 4.</summary>
    Modern = 1,

    /// <summary>Section 6.</summary>
    Classic = 2,

    /// <summary>Either.</summary>
    Both = Modern | Classic,
}

/// <summary>The part that the peer plays, as a set.</summary>
[Flags]
public enum Roles
{
    /// <summary>It is called.</summary>
    Responder = 1,

    /// <summary>It calls.</summary>
    Initiator = 2,

    /// <summary>Either.</summary>
    Both = Responder | Initiator,
}

/// <summary>One thing that the protocol page asks for.</summary>
/// <param name="Id">The page's section, the subject, a number: <c>2.crc.1</c>.</param>
/// <param name="Level">How strongly the page asks.</param>
/// <param name="Profiles">The profiles in which it applies.</param>
/// <param name="Roles">The roles in which a peer shows it.</param>
/// <param name="Sentence">What the page asks, in one sentence.</param>
public sealed record Check(string Id, Level Level, Profiles Profiles, Roles Roles, string Sentence)
{
    /// <summary>Whether <c>--only</c> selects this check: by its id, or by the beginning of the id up to a dot.</summary>
    public bool IsNamedBy(string only) => Id == only || Id.StartsWith(only + ".", StringComparison.Ordinal);
}

/// <summary>Bytes of the peer that show what was found.</summary>
/// <param name="Pdu">The PDU as received.</param>
/// <param name="Start">The first byte of the wrong token.</param>
/// <param name="End">The byte after its last.</param>
/// <param name="Right">What would be right.</param>
public sealed record Evidence(byte[] Pdu, int Start, int End, string Right)
{
    internal static Evidence Of(Wire pdu, Token? token, string right) => token is null ? new(pdu.Bytes, 0, pdu.Bytes.Length, right) : new(pdu.Bytes, token.Start, token.End, right);
}

/// <summary>The outcome of a check with one peer.</summary>
/// <param name="Check">The check.</param>
/// <param name="Grade">The grade.</param>
/// <param name="Finding">What was seen, in a sentence or more.</param>
/// <param name="Deviations">The ids of the known deviations in it.</param>
/// <param name="Evidence">The bytes that show it; none where silence or a refusal does.</param>
public sealed record Result(Check Check, Grade Grade, string Finding, IReadOnlyList<string> Deviations, IReadOnlyList<Evidence> Evidence);

/// <summary>One PDU, or other bytes in place of one, from one of the conversations.</summary>
/// <param name="Conversation">What the conversation was for.</param>
/// <param name="IsReceived">Whether the peer sent it.</param>
/// <param name="Bytes">The bytes.</param>
/// <param name="Values">What was derived from it: a name and a value, in hexadecimal but for the number n.</param>
public sealed record Passage(string Conversation, bool IsReceived, byte[] Bytes, IReadOnlyList<(string Name, string Value)> Values);

/// <summary>All that a probe found.</summary>
/// <param name="Target">Who was probed: <c>host:port</c>.</param>
/// <param name="Profile">The profile that was spoken.</param>
/// <param name="Role">The part that the peer played.</param>
/// <param name="At">When.</param>
/// <param name="Results">The checks, in the catalogue's order.</param>
/// <param name="Passages">Every byte that was sent or received.</param>
/// <param name="Note">Why the probe ended early; null when it did not.</param>
public sealed record Report(
    string Target, Profiles Profile, Roles Role, DateTimeOffset At, IReadOnlyList<Result> Results, IReadOnlyList<Passage> Passages, string? Note)
{
    /// <summary>Whether all that the page requires holds.</summary>
    public bool Holds => Results.All(result => result.Check.Level == Level.Should || result.Grade is Grade.Pass or Grade.NotApplicable);

    /// <summary>The ids of all deviations that were recognised.</summary>
    public IEnumerable<string> Deviations => Results.SelectMany(result => result.Deviations).Distinct();

    /// <summary>How many checks have a grade.</summary>
    public int Count(Grade grade) => Results.Count(result => result.Grade == grade);
}
