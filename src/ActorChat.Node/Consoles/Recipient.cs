// Whom a message goes to, and how the user says so: by number, by name, or by an address typed by hand.

using System.Globalization;
using System.Net;
using ActorChat.Storage.Contacts;

namespace ActorChat.Node.Consoles;

/// <summary>Where one message goes.</summary>
/// <param name="Label">What the user called it: a name, or an address.</param>
/// <param name="ContactName">The contact's name in the directory, where its password stands; null where the user typed an address.</param>
/// <param name="ExpectedName">The name that must answer; null where the user typed an address.</param>
/// <param name="Host">An address or a host name.</param>
/// <param name="Port">1 to 65,535.</param>
/// <param name="TypedPassword">The shared secret, where the directory is not to be asked for it; else null.</param>
/// <param name="OwnName">The name we give in dh_1.</param>
/// <param name="RequiresPostQuantum">Whether its entry asks for post-quantum keys; else the settings say.</param>
/// <param name="Profile">The name of the profile to speak: what the entry says, and the default one with an address.</param>
public sealed record Recipient(
    string Label, string? ContactName, string? ExpectedName, string Host, int Port, string? TypedPassword, string OwnName, bool RequiresPostQuantum = false,
    string Profile = Contact.DefaultProfile)
{
    /// <summary>Host and port, an IPv6 address in brackets.</summary>
    public string Address => HostPort.Format(Host, Port);

    /// <summary>A contact of the directory.</summary>
    public static Recipient Of(Contact contact, string ownName)
    {
        ArgumentNullException.ThrowIfNull(contact);
        return new(
            contact.Username, contact.Username, contact.AnswersAs ?? contact.Username, contact.Host, contact.Port, TypedPassword: null, contact.As ?? ownName,
            contact.RequiresPostQuantum, contact.Profile);
    }

    /// <summary>An address and a password typed by hand.</summary>
    public static Recipient Of(HostPort address, string password, string ownName)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(address.ToString(), ContactName: null, ExpectedName: null, address.Host, address.Port, password, ownName);
    }

    /// <summary>The label; the password is never shown.</summary>
    public override string ToString() => Label;
}

/// <summary>A host and a port, as in <c>example.org:5002</c>, <c>10.0.0.7:5002</c> or <c>[::1]:5002</c>.</summary>
/// <param name="Host">Without brackets.</param>
/// <param name="Port">1 to 65,535.</param>
public sealed record HostPort(string Host, int Port)
{
    /// <summary>Reads what a user typed; null when it is not a host and a port.</summary>
    public static HostPort? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return null;
        }

        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            var inner = host[1..^1];
            return inner.Contains(':', StringComparison.Ordinal) && !inner.Contains('[', StringComparison.Ordinal) && IPAddress.TryParse(inner, out _)
                ? new HostPort(inner, port)
                : null;
        }

        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? new HostPort(host, port) : null;
    }

    /// <summary>Host and port, an IPv6 address in brackets.</summary>
    public static string Format(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    /// <inheritdoc/>
    public override string ToString() => Format(Host, Port);
}

/// <summary>What a user's answer to "To:" means, word by word.</summary>
public abstract record Choice
{
    /// <summary>The word for every contact, unless one is called so.</summary>
    public const string Everybody = "all";

    /// <summary>A contact.</summary>
    public sealed record Known(Contact Contact) : Choice;

    /// <summary>An address, for which a password must be asked.</summary>
    public sealed record ByHand(HostPort Address) : Choice;

    /// <summary>Neither a number, a contact nor an address.</summary>
    public sealed record Nobody(string Word) : Choice;

    /// <summary>Reads numbers, names and addresses with commas between them. A name is tried first, so that a contact may be called 2; an @ before a name
    /// is what the user writes elsewhere.</summary>
    public static IReadOnlyList<Choice> Parse(string line, ContactDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(directory);
        return
        [
            .. line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(word => word.Length > 1 ? word.TrimStart('@') : word)
                .SelectMany(word => Of(word, directory))
                .Distinct(),
        ];
    }

    private static IEnumerable<Choice> Of(string word, ContactDirectory directory) =>
        word == Everybody && directory.Find(word) is null && directory.Contacts.Count > 0
            ? directory.Contacts.Select(contact => new Known(contact))
            : [One(word, directory)];

    private static Choice One(string word, ContactDirectory directory) =>
        directory.Find(word) is { } contact ? new Known(contact)
        : int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= directory.Contacts.Count
            ? new Known(directory.Contacts[number - 1])
        : HostPort.Parse(word) is { } address ? new ByHand(address)
        : new Nobody(word);
}
