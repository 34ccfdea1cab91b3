// What Argon2id made of the directory's passwords, kept so that a restart does not make it again:
//
//   magic "ACSECRET" 8 | version 4 | IV 16 | AES-256-CBC ciphertext | HMAC-SHA256 32 over everything before it
//   inside: fingerprint 32 | secrets, 32 bytes each
//
// The keys come from the log key, so the file is as closed as the log is. The fingerprint says which directory file the secrets belong to:
// they are kept in the order of its entries. Nothing in here would let anybody try passwords without Argon2id.

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ActorChat.Storage.Sealing;

/// <summary>Derived secrets of 32 bytes, sealed in the state folder. Its keys are cleared on <see cref="Dispose"/>.</summary>
public sealed class SecretsFile : IDisposable
{
    /// <summary>The length of a secret and of a fingerprint, in bytes.</summary>
    public const int SecretSize = 32;

    private const int Version = 1;
    private const int PrefixSize = 12;
    private const int TagSize = 32;
    private const int MaxFileSize = 64 << 20;

    private readonly string _path;
    private readonly SealKeys _keys;

    internal SecretsFile(string path, SealKeys keys)
    {
        _path = path;
        _keys = keys;
    }

    private static ReadOnlySpan<byte> Magic => "ACSECRET"u8;

    /// <summary>Reads the secrets of a directory file.</summary>
    /// <param name="fingerprint">32 bytes that stand for the directory file.</param>
    /// <returns>The secrets one after another, which the caller clears; null when there are none for it, or the file was altered.</returns>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public byte[]? Read(ReadOnlySpan<byte> fingerprint)
    {
        if (!File.Exists(_path) || PrivateFile.Read(_path, MaxFileSize) is not { } file || !HasForm(file) || _keys.Open(file, PrefixSize, TagSize) is not { } contents)
        {
            return null;
        }

        try
        {
            return contents.AsSpan().StartsWith(fingerprint) ? contents[SecretSize..] : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contents);
        }
    }

    /// <summary>Keeps the secrets of a directory file, in place of those kept before.</summary>
    /// <param name="fingerprint">32 bytes that stand for the directory file.</param>
    /// <param name="secrets">The secrets one after another.</param>
    /// <exception cref="IOException">The file cannot be written; the one before is still there.</exception>
    public void Write(ReadOnlySpan<byte> fingerprint, ReadOnlySpan<byte> secrets)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(fingerprint.Length, SecretSize);
        byte[] contents = [.. fingerprint, .. secrets];
        var file = new byte[PrefixSize + SealKeys.IvSize + SealKeys.CiphertextSize(contents.Length) + TagSize];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(Magic.Length), Version);
        _keys.Seal(file, PrefixSize, contents, TagSize, RandomNumberGenerator.Fill);
        CryptographicOperations.ZeroMemory(contents);
        PrivateFile.Replace(_path, file);
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    private static bool HasForm(ReadOnlySpan<byte> file)
    {
        var ciphertextSize = file.Length - PrefixSize - SealKeys.IvSize - TagSize;
        return ciphertextSize > 0 && ciphertextSize % SealKeys.BlockSize == 0 && file.StartsWith(Magic)
            && BinaryPrimitives.ReadInt32BigEndian(file[Magic.Length..]) == Version;
    }
}
