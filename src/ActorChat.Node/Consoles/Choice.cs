// How the user says whom a message goes to: by number, by name, or by an address typed by hand.

using System.Globalization;
using ActorChat.Storage.Contacts;

namespace ActorChat.Node.Consoles;

/// <summary>What a user's answer to "To:" means, word by word.</summary>
public abstract record Choice
{
    /// <summary>The word for every contact, unless a contact has that name.</summary>
    public const string Everybody = "all";

    /// <summary>A contact.</summary>
    public sealed record Known(Contact Contact) : Choice;

    /// <summary>An address, for which a password must be asked.</summary>
    public sealed record ByHand(HostPort Address) : Choice;

    /// <summary>Neither a number, a contact nor an address.</summary>
    public sealed record Nobody(string Word) : Choice;

    /// <summary>Reads numbers, names and addresses with commas between them. A name is tried first, so that a contact may be called 2. An @ before a name is
    /// allowed, since the user writes it elsewhere.</summary>
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
