// Where contacts may call from. Some are given by address, some by host name. Names are looked up outside the actors, a few at a time, and a
// name that cannot be resolved now keeps its last addresses.

using System.Net;
using ActorChat.Storage.Contacts;

namespace ActorChat.Node;

/// <summary>Looks up a host name.</summary>
/// <param name="host">The name.</param>
/// <param name="deadline">Cancelled when it has taken long enough.</param>
/// <returns>Its addresses; a failed task when it cannot be resolved.</returns>
public delegate Task<IPAddress[]> HostResolver(string host, CancellationToken deadline);

/// <summary>The addresses of a directory's contacts. Immutable.</summary>
internal sealed class ContactAddresses
{
    private const int LookUpsAtOnce = 8;

    private readonly IReadOnlyList<IPAddress> _given;
    private readonly IReadOnlyDictionary<string, IPAddress[]> _byName;

    private ContactAddresses(IReadOnlyList<IPAddress> given, IReadOnlyDictionary<string, IPAddress[]> byName)
    {
        _given = given;
        _byName = byName;
    }

    /// <summary>No addresses.</summary>
    public static ContactAddresses None { get; } = new([], new Dictionary<string, IPAddress[]>());

    /// <summary>Whether there are names to look up.</summary>
    public bool HasNames => _byName.Count > 0;

    /// <summary>All addresses that are known, each once.</summary>
    public IReadOnlyList<IPAddress> All => [.. _given.Concat(_byName.Values.SelectMany(addresses => addresses)).Distinct()];

    /// <summary>The addresses for another directory; the answers for host names that are still in it are kept.</summary>
    public ContactAddresses Of(ContactDirectory directory)
    {
        var hosts = directory.Contacts.Select(contact => contact.Host).Distinct().ToLookup(host => IPAddress.TryParse(host, out _));
        return new ContactAddresses([.. hosts[true].Select(IPAddress.Parse)], hosts[false].ToDictionary(name => name, name => _byName.GetValueOrDefault(name, [])));
    }

    /// <summary>Looks all names up again.</summary>
    /// <param name="resolver">The name service.</param>
    /// <param name="deadline">How long one name may take.</param>
    public async Task<ContactAddresses> ResolveAsync(HostResolver resolver, TimeSpan deadline)
    {
        using var free = new SemaphoreSlim(LookUpsAtOnce);
        var answers = await Task.WhenAll(_byName.Select(async known =>
        {
            await free.WaitAsync().ConfigureAwait(false);
            try
            {
                using var patience = new CancellationTokenSource(deadline);
                var addresses = await resolver(known.Key, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
                return KeyValuePair.Create(known.Key, addresses);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return known; // while the name server is unreachable, contacts keep their addresses
            }
            finally
            {
                free.Release();
            }
        })).ConfigureAwait(false);
        return new ContactAddresses(_given, new Dictionary<string, IPAddress[]>(answers));
    }
}
