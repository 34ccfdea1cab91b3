// A state folder as an earlier start leaves it: a log, and what Argon2id made of the contacts' passwords. Most tests are not about that, and
// it is most of what the start of a node costs. Each password is derived once in a test run.

using System.Collections.Concurrent;
using ActorChat.Protocol.Cryptography;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Tests.Shared;

internal static class EarlierStart
{
    private const string Profile = "modern";

    private static readonly ConcurrentDictionary<(string Password, string InitiatorName), Lazy<byte[]>> Secrets = new();

    /// <summary>Leaves a log and the contacts' secrets in a new state folder.</summary>
    /// <param name="statePath">The folder, which is not there yet.</param>
    /// <param name="verificationKeyPath">As the program's --verification-key-out.</param>
    /// <param name="credentials">Each contact's password, with its name and with our own.</param>
    public static void LeaveIn(string statePath, string? verificationKeyPath, IEnumerable<(string Password, string InitiatorName)> credentials)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(statePath)!);
        var folder = new LogFolder(statePath);
        using var key = LogKey.Create(folder, passphrase: null, verificationKeyPath: verificationKeyPath);
        using var file = key.SecretsFile(folder);
        file.Write([.. credentials.Distinct().SelectMany(
            credential => file.Fingerprint(Profile, credential.Password, credential.InitiatorName).Concat(Secrets.GetOrAdd(credential, Derived).Value))]);
    }

    private static Lazy<byte[]> Derived((string Password, string InitiatorName) credential) => new(() =>
    {
        using var secret = UserSecret.Derive(credential.Password, credential.InitiatorName);
        var bytes = new byte[SecretsFile.SecretSize];
        secret.CopyTo(bytes);
        return bytes;
    });
}
