// A state folder as an earlier start leaves it: a log, and what Argon2id made of the contacts' passwords. Most tests are not about that, and
// it is most of what the start of a node costs. Each password is derived once in a test run.

using System.Collections.Concurrent;
using ActorChat.Protocol.Cryptography;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Tests.Shared;

internal static class EarlierStart
{
    private static readonly ConcurrentDictionary<(string Password, string InitiatorName), Lazy<byte[]>> Secrets = new();

    /// <summary>Leaves a log and the contacts' secrets in a new state folder.</summary>
    /// <param name="statePath">The folder. One that is there stays as it is: the test has left its own.</param>
    /// <param name="ownName">The node's name.</param>
    /// <param name="directoryPath">Its directory file, good or not.</param>
    /// <param name="verificationKeyPath">As the program's --verification-key-out.</param>
    public static void LeaveIn(string statePath, string ownName, string directoryPath, string? verificationKeyPath = null)
    {
        if (Directory.Exists(statePath))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(statePath)!);
        var folder = new LogFolder(statePath);
        using var key = LogKey.Create(folder, passphrase: null, verificationKeyPath: verificationKeyPath);
        using var file = key.SecretsFile(folder);
        var contacts = DirectoryReader.Read(File.ReadAllBytes(directoryPath), out _) ?? ContactDirectory.Empty;
        var credentials = contacts.Contacts
            .Where(contact => contact.Profile == Contact.DefaultProfile && contact.Username != ownName)
            .SelectMany(contact => new[] { (contact.Password, InitiatorName: contact.Username), (contact.Password, InitiatorName: contact.As ?? ownName) }).Distinct();
        file.Write([.. credentials.SelectMany(
            credential => file.Fingerprint(Contact.DefaultProfile, credential.Password, credential.InitiatorName).Concat(Secrets.GetOrAdd(credential, Derived).Value))]);
    }

    private static Lazy<byte[]> Derived((string Password, string InitiatorName) credential) => new(() =>
    {
        using var secret = UserSecret.Derive(credential.Password, credential.InitiatorName);
        var bytes = new byte[SecretsFile.SecretSize];
        secret.CopyTo(bytes);
        return bytes;
    });
}
