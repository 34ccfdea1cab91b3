// The user secrets that Argon2id has derived, and the passwords that are still to be derived. A plain class inside the KeyActor. The contacts'
// secrets are all kept, as long as the directory has the contact; those of typed passwords up to a bound. Where derivation takes no time
// (classic), secrets are made at once: nobody waits for one, and the secrets file does not hold them.

using System.Security.Cryptography;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.Sealing;

namespace ActorChat.Node;

/// <summary>What a user secret is derived from, and how.</summary>
/// <param name="Profile">The profile that it is for.</param>
/// <param name="Password">The password shared with the contact.</param>
/// <param name="InitiatorName">The user name in dh_1.</param>
internal sealed record Credential(IProfile Profile, string Password, string InitiatorName)
{
    /// <summary>user_secret.</summary>
    public UserSecret Derive() => Profile.DeriveUserSecret(Password, InitiatorName);

    /// <summary>Shows the name only.</summary>
    public override string ToString() => InitiatorName;
}

/// <summary>User secrets by their credentials (protocol page, section 4). They are cleared when they are dropped.</summary>
/// <param name="maxTyped">How many secrets of typed passwords are kept.</param>
internal sealed class UserSecrets(int maxTyped) : IDisposable
{
    private readonly BoundedCache<Credential, UserSecret> _typed = new(maxTyped);
    private readonly Queue<Credential> _toDerive = new();
    private readonly Queue<Credential> _preferred = new();
    private readonly HashSet<Credential> _missingIncoming = [];
    private Dictionary<Credential, OfContact> _ofContacts = [];

    /// <summary>Whether a conversation that a contact begins could still find its secret missing.</summary>
    public bool IsIncomingMissing => _missingIncoming.Count > 0;

    /// <summary>How many of the contacts' secrets are still to be derived.</summary>
    public int Missing => _ofContacts.Values.Count(known => known.Secret is null);

    /// <summary>Uses the credentials of a directory in place of those before. Secrets without a credential are cleared.</summary>
    /// <param name="incoming">For conversations that contacts begin.</param>
    /// <param name="outgoing">For conversations that we begin.</param>
    /// <returns>Whether a secret was dropped.</returns>
    public bool Use(IReadOnlyCollection<Credential> incoming, IEnumerable<Credential> outgoing)
    {
        var before = _ofContacts;
        _ofContacts = [];
        _toDerive.Clear();
        _preferred.Clear();
        foreach (var credential in incoming.Concat(outgoing))
        {
            before.Remove(credential, out var known);
            if (!_ofContacts.TryAdd(credential, known ??= new OfContact()) || known.Secret is not null)
            {
                continue;
            }

            if (credential.Profile.DerivesSlowly)
            {
                _toDerive.Enqueue(credential);
            }
            else
            {
                known.Secret = credential.Derive();
            }
        }

        _missingIncoming.Clear();
        _missingIncoming.UnionWith(incoming.Where(credential => _ofContacts[credential].Secret is null));
        foreach (var gone in before.Values)
        {
            gone.Secret?.Dispose();
        }

        return before.Values.Any(gone => gone.Secret is not null);
    }

    /// <summary>The secret, still owned by this object; null when there is none yet.</summary>
    public UserSecret? Find(Credential credential) =>
        FindOfContact(credential) is { } secret ? secret
        : _typed.TryGet(credential, out var typed) ? typed
        : credential.Profile.DerivesSlowly ? null
        : AddNow(credential);

    /// <summary>The secret of a credential from the directory; null when there is none.</summary>
    public UserSecret? FindOfContact(Credential credential) => _ofContacts.TryGetValue(credential, out var known) ? known.Secret : null;

    /// <summary>Whether this is a contact's, for conversations that it begins, and is still to be derived.</summary>
    public bool IsMissingIncoming(Credential credential) => _missingIncoming.Contains(credential);

    /// <summary>What to derive next when nobody waits: preferred ones, then incoming, then outgoing, in the directory's order; null when nothing is
    /// missing.</summary>
    public Credential? NextToDerive()
    {
        while (_preferred.TryDequeue(out var credential) || _toDerive.TryDequeue(out credential))
        {
            if (_ofContacts[credential].Secret is null)
            {
                return credential;
            }
        }

        return null;
    }

    /// <summary>Puts a credential of the directory before the others.</summary>
    public void Prefer(Credential credential)
    {
        if (!_preferred.Contains(credential))
        {
            _preferred.Enqueue(credential);
        }
    }

    /// <summary>Takes ownership of a secret.</summary>
    /// <returns>Whether it is a contact's, and so is to be kept in the file.</returns>
    public bool Add(Credential credential, UserSecret secret)
    {
        _missingIncoming.Remove(credential);
        if (!_ofContacts.TryGetValue(credential, out var known))
        {
            _typed.Set(credential, secret)?.Dispose();
            return false;
        }

        known.Secret?.Dispose();
        known.Secret = secret;
        return true;
    }

    /// <summary>Notes that a secret cannot be derived, so that nobody waits for it.</summary>
    public void GiveUp(Credential credential) => _missingIncoming.Remove(credential);

    /// <summary>Takes the secrets that an earlier run kept.</summary>
    /// <param name="records">The file's records; cleared here.</param>
    /// <param name="file">The file.</param>
    /// <returns>Whether it holds secrets that no contact has any more.</returns>
    public bool AddKept(byte[] records, SecretsFile file)
    {
        var byFingerprint = _ofContacts.Where(pair => pair.Key.Profile.DerivesSlowly).ToDictionary(
            pair => Convert.ToHexString(pair.Value.FingerprintOf(pair.Key, file)), pair => pair.Key);
        var hasOthers = false;
        foreach (var record in records.Chunk(SecretsFile.RecordSize))
        {
            if (!byFingerprint.TryGetValue(Convert.ToHexString(record.AsSpan(0, SecretsFile.SecretSize)), out var credential))
            {
                hasOthers = true;
            }
            else if (Find(credential) is null)
            {
                Add(credential, new UserSecret(record.AsSpan(SecretsFile.SecretSize)));
            }

            CryptographicOperations.ZeroMemory(record);
        }

        CryptographicOperations.ZeroMemory(records);
        return hasOthers;
    }

    /// <summary>The records of all contacts' secrets that are derived and were slow to derive. The caller clears them.</summary>
    public byte[] Records(SecretsFile file)
    {
        OfContact[] there = [.. _ofContacts.Where(pair => pair.Key.Profile.DerivesSlowly && pair.Value.Secret is not null).Select(pair =>
        {
            pair.Value.FingerprintOf(pair.Key, file);
            return pair.Value;
        })];
        var records = GC.AllocateUninitializedArray<byte>(there.Length * SecretsFile.RecordSize, pinned: true);
        for (var i = 0; i < there.Length; i++)
        {
            var record = records.AsSpan(i * SecretsFile.RecordSize, SecretsFile.RecordSize);
            there[i].Fingerprint!.CopyTo(record);
            there[i].Secret!.CopyTo(record[SecretsFile.SecretSize..]);
        }

        return records;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var secret in _typed.Values.Concat(_ofContacts.Values.Select(known => known.Secret).OfType<UserSecret>()))
        {
            secret.Dispose();
        }
    }

    private UserSecret AddNow(Credential credential)
    {
        var secret = credential.Derive();
        Add(credential, secret);
        return secret;
    }

    private sealed class OfContact
    {
        public UserSecret? Secret { get; set; }

        public byte[]? Fingerprint { get; private set; }

        public byte[] FingerprintOf(Credential credential, SecretsFile file) =>
            Fingerprint ??= file.Fingerprint(credential.Profile.Name, credential.Password, credential.InitiatorName);
    }
}
