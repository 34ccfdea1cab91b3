// What the other side has to write into its directory about us: our name and address, as far as they are known.

using ActorChat.Storage.Contacts;

namespace ActorChat.Node;

/// <summary>Our name and address for somebody else's directory.</summary>
/// <param name="Name">Our name; null when unknown.</param>
/// <param name="Address">Our address; null when unknown.</param>
/// <param name="As">The key <c>as</c> for our own entry of that contact: our name there, where it differs from the one that a node of this directory has; else null.</param>
/// <param name="AnswersAs">The key <c>answers_as</c> for the other side's entry of us: the name in this node's dh_2, where it differs from <paramref name="Name"/>; else null.</param>
/// <param name="IsFromFile">Whether the directory told one of them.</param>
public sealed record OwnEntry(string? Name, HostPort? Address, string? As, string? AnswersAs, bool IsFromFile)
{
    private const string NoName = "YOUR-NAME";
    private const string NoAddress = "YOUR-ADDRESS";
    private const int NoPort = 0;

    /// <summary>Whether nothing is left to fill in.</summary>
    public bool IsKnown => Name is not null && Address is not null;

    /// <summary>The placeholders that <see cref="For"/> has put in, in words.</summary>
    public string Missing => (Name is null ? NoName : "") + (Name is null && Address is null ? ", " : "") + (Address is null ? NoAddress : "") + $" and port {NoPort}";

    /// <summary>Looks for our name and address.</summary>
    /// <param name="directory">The directory as it is.</param>
    /// <param name="me">Our name, if the user gave it.</param>
    /// <param name="at">Our address, if the user gave it.</param>
    /// <param name="start">The settings: the port, and name and address where the directory does not tell them.</param>
    /// <param name="isOurs">Whether an address or host name is this machine's.</param>
    public static OwnEntry Find(ContactDirectory directory, string? me, HostPort? at, StartSettings start, Func<string, bool> isOurs)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(start);
        var ownName = OwnName.Find(directory, at?.Port ?? start.Port, isOurs) ?? start.Name;
        var name = me ?? ownName;
        var entry = name is null ? null : directory.Find(name);
        var isOther = me is not null && ownName is not null && me != ownName;
        return new OwnEntry(
            name,
            at ?? (entry is null ? start.Address : new HostPort(entry.Host, entry.Port)),
            isOther ? me : null,
            isOther ? ownName : null,
            (me is null || at is null) && entry is not null);
    }

    /// <summary>The other side's entry for us. One with a placeholder has port 0, so no node accepts it.</summary>
    public Contact For(string password) =>
        new(Name ?? NoName, password, Address?.Host ?? NoAddress, IsKnown ? Address!.Port : NoPort, Contact.DefaultProfile, As: null, AnswersAs);
}
