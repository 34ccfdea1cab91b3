// What Argon2id made of the contacts' passwords, kept so that a restart need not derive it again:
//
//   magic "ACSECRET" 8 | version 4 | IV 16 | AES-256-CBC ciphertext | HMAC-SHA256 32 over everything before it
//   inside: a record for each credential: fingerprint 32 | secret 32
//
// The keys come from the log key, so the file is protected as the log is. A fingerprint is an HMAC under another such key: whoever has the log key
// can try passwords against it without Argon2id, and nobody else can. Each credential has its own, so an edited contact costs no other's derivation.

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Secrets;

namespace ActorChat.Storage.Sealing;

/// <summary>Derived secrets of 32 bytes, sealed in the state folder. Its keys are cleared on <see cref="Dispose"/>.</summary>
public sealed class SecretsFile : IDisposable
{
    /// <summary>The length of a secret and of a fingerprint, in bytes.</summary>
    public const int SecretSize = 32;

    /// <summary>The length of a record, in bytes: a fingerprint, then its secret.</summary>
    public const int RecordSize = 2 * SecretSize;

    private const int Version = 2;
    private const int PrefixSize = 12;
    private const int TagSize = 32;
    private const int MaxFileSize = 64 << 20;

    private readonly string _path;
    private readonly SealKeys _keys;
    private readonly LockedBytes _fingerprintKey;

    /// <summary>The file at <paramref name="path"/>. It owns the keys.</summary>
    internal SecretsFile(string path, SealKeys keys, LockedBytes fingerprintKey)
    {
        _path = path;
        _keys = keys;
        _fingerprintKey = fingerprintKey;
    }

    private static ReadOnlySpan<byte> Magic => "ACSECRET"u8;

    /// <summary><c>HMAC-SHA256(fingerprint key, lv(profile) || lv(password) || lv(initiator name))</c>, where lv puts the length of the
    /// UTF-8 before it (4 bytes, big endian): 32 bytes that identify what a secret is derived from.</summary>
    public byte[] Fingerprint(string profile, string password, string initiatorName)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _fingerprintKey.Span);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in new[] { profile, password, initiatorName })
        {
            var utf8 = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, utf8.Length);
            hmac.AppendData(length);
            hmac.AppendData(utf8);
            CryptographicOperations.ZeroMemory(utf8);
        }

        return hmac.GetHashAndReset();
    }

    /// <summary>Reads what was kept.</summary>
    /// <returns>The records one after another, <see cref="RecordSize"/> bytes each, which the caller clears; none when there is no such file, it is of another
    /// version, or it was altered.</returns>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public byte[] Read() =>
        File.Exists(_path) && PrivateFile.Read(_path, MaxFileSize) is { } file && HasForm(file) && _keys.OpenSecret(file, PrefixSize, TagSize) is { } records
        && records.Length % RecordSize == 0
            ? records
            : [];

    /// <summary>Keeps records, in place of those kept before.</summary>
    /// <param name="records">As <see cref="Read"/> returns them.</param>
    /// <exception cref="IOException">The file cannot be written; the one before is still there.</exception>
    public void Write(ReadOnlySpan<byte> records)
    {
        var file = new byte[PrefixSize + SealKeys.IvSize + SealKeys.CiphertextSize(records.Length) + TagSize];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(Magic.Length), Version);
        _keys.Seal(file, PrefixSize, records, TagSize, RandomNumberGenerator.Fill);
        PrivateFile.Replace(_path, file);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _fingerprintKey.Dispose();
    }

    private static bool HasForm(ReadOnlySpan<byte> file)
    {
        var ciphertextSize = file.Length - PrefixSize - SealKeys.IvSize - TagSize;
        return ciphertextSize > 0 && ciphertextSize % SealKeys.BlockSize == 0 && file.StartsWith(Magic)
            && BinaryPrimitives.ReadInt32BigEndian(file[Magic.Length..]) == Version;
    }
}
