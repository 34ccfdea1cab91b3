// The people this node knows: an immutable list with look-up by name, replaced as a whole when its file changes.

namespace ActorChat.Storage.Contacts;

/// <summary>The contacts of one directory file, in the file's order. Names are compared byte for byte.</summary>
public sealed class ContactDirectory
{
    private readonly Dictionary<string, Contact> _byName;

    /// <summary>Makes a directory of entries with different names.</summary>
    /// <exception cref="ArgumentException">Two entries have the same name.</exception>
    public ContactDirectory(IEnumerable<Contact> contacts)
    {
        Contacts = [.. contacts];
        _byName = Contacts.ToDictionary(contact => contact.Username, StringComparer.Ordinal);
    }

    /// <summary>A directory that knows nobody.</summary>
    public static ContactDirectory Empty { get; } = new([]);

    /// <summary>The contacts in the file's order.</summary>
    public IReadOnlyList<Contact> Contacts { get; }

    /// <summary>The contact of this name, or null.</summary>
    public Contact? Find(string username) => _byName.GetValueOrDefault(username);

    /// <summary>The same directory without one name. A node takes its own entry out: somebody who knows that password must not call it in its own name.</summary>
    public ContactDirectory Without(string username) => new(Contacts.Where(contact => contact.Username != username));
}
