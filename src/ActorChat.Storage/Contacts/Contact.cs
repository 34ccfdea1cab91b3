// One person of the directory: where to reach them and the secret shared with them.

namespace ActorChat.Storage.Contacts;

/// <summary>An entry of the directory file.</summary>
/// <param name="Username">The name by which this side knows the contact, and which the contact sends in its own dh_1.</param>
/// <param name="Password">The secret shared with this contact; both sides' files hold the same one.</param>
/// <param name="Host">An address or a host name (<c>ip</c> in the file).</param>
/// <param name="Port">1 to 65,535.</param>
/// <param name="Profile">The profile to speak with this contact; never negotiated.</param>
/// <param name="As">The name in our dh_1 when we call this contact; null for our own name.</param>
/// <param name="AnswersAs">The name in this contact's dh_2 when we call it; null for <paramref name="Username"/>.</param>
/// <param name="RequiresPostQuantum">Whether conversations with this contact need ML-KEM-768 (<c>"post_quantum": "required"</c> in the file); else the node's settings decide.</param>
public sealed record Contact(
    string Username, string Password, string Host, int Port, string Profile, string? As, string? AnswersAs = null, bool RequiresPostQuantum = false)
{
    /// <summary>The profile of an entry that names none.</summary>
    public const string DefaultProfile = "modern";

    /// <summary>The coursework's profile, for contacts with other implementations.</summary>
    public const string ClassicProfile = "classic";

    /// <summary>The only value of the file's key <c>post_quantum</c>.</summary>
    public const string Required = "required";

    /// <summary>Host and port as a user would type them, an IPv6 address in brackets.</summary>
    public string Address => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Name and address; the password is never shown.</summary>
    public override string ToString() => $"{Username} at {Address}";
}
