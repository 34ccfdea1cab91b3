// Whom a message goes to: a contact, or an address typed by hand.

using ActorChat.Storage.Contacts;

namespace ActorChat.Node;

/// <summary>Where one message goes.</summary>
/// <param name="Label">What the user called it: a name, or an address.</param>
/// <param name="ContactName">The contact's name in the directory, which has its password; null where the user typed an address.</param>
/// <param name="ExpectedName">The name that must answer; null where the user typed an address.</param>
/// <param name="Host">An address or a host name.</param>
/// <param name="Port">1 to 65,535.</param>
/// <param name="TypedPassword">The password, where it does not come from the directory; else null.</param>
/// <param name="OwnName">Our name in dh_1.</param>
/// <param name="RequiresPostQuantum">Whether its entry requires post-quantum keys; else the settings decide.</param>
/// <param name="Profile">The name of the profile to speak: what the entry says, and the default one with an address.</param>
public sealed record Recipient(
    string Label, string? ContactName, string? ExpectedName, string Host, int Port, string? TypedPassword, string OwnName, bool RequiresPostQuantum = false,
    string Profile = Contact.DefaultProfile)
{
    /// <summary>Host and port, an IPv6 address in brackets; empty for a contact that has gone.</summary>
    public string Address => Port == 0 ? "" : HostPort.Format(Host, Port);

    /// <summary>A contact of the directory.</summary>
    public static Recipient Of(Contact contact, string ownName)
    {
        ArgumentNullException.ThrowIfNull(contact);
        return new(
            contact.Username, contact.Username, contact.AnswersAs ?? contact.Username, contact.Host, contact.Port, TypedPassword: null, contact.As ?? ownName,
            contact.RequiresPostQuantum, contact.Profile);
    }

    /// <summary>A contact that is not in the directory any more.</summary>
    public static Recipient Gone(string name) => new(name, name, name, Host: "", Port: 0, TypedPassword: null, OwnName: "");

    /// <summary>An address and a password typed by hand.</summary>
    public static Recipient Of(HostPort address, string password, string ownName)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(address.ToString(), ContactName: null, ExpectedName: null, address.Host, address.Port, password, ownName);
    }

    /// <summary>The label; the password is never shown.</summary>
    public override string ToString() => Label;
}
