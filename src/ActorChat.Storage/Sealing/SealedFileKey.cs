// What a passphrase becomes for one sealed file: enough to open that file again, and to seal other contents in its place, without keeping the
// passphrase itself. It belongs to the file's prefix, which holds salt and cost; for a file with another salt it is useless.

using System.Security.Cryptography;

namespace ActorChat.Storage.Sealing;

/// <summary>The key of one sealed file, cleared on <see cref="Dispose"/>.</summary>
public sealed class SealedFileKey : IDisposable
{
    private readonly byte[] _prefix;
    private readonly SealKeys _keys;

    /// <summary><c>enc_key || mac_key = Argon2id(passphrase as UTF-8, salt, 64 bytes)</c>, for the salt in the prefix.</summary>
    internal SealedFileKey(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> passphrase, Argon2Cost cost)
    {
        _prefix = prefix.ToArray();
        var keys = cost.DeriveBytes(passphrase, prefix[^Argon2Cost.SaltSize..], SealKeys.Size);
        try
        {
            _keys = new SealKeys(keys);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    /// <summary>The key of a file under a passphrase. Only <see cref="Open"/> tells whether it is the right one. Slow on purpose.</summary>
    /// <exception cref="SealedFileException">The file is no sealed file, or damaged whatever the passphrase.</exception>
    /// <exception cref="ArgumentException">The passphrase is empty.</exception>
    public static SealedFileKey Derive(ReadOnlySpan<byte> file, ReadOnlySpan<byte> passphrase)
    {
        SealedFile.ThrowIfEmpty(passphrase);
        var cost = SealedFile.CheckPrefix(file);
        return new SealedFileKey(file[..SealedFile.PrefixSize], passphrase, cost);
    }

    /// <summary>Whether a file was sealed with this salt and cost.</summary>
    public bool BelongsTo(ReadOnlySpan<byte> file) => file.StartsWith(_prefix);

    /// <summary>Opens the file.</summary>
    /// <returns>The plaintext. The caller clears it if it is secret.</returns>
    /// <exception cref="SealedFileException">It was altered, or the passphrase was wrong.</exception>
    public byte[] Open(ReadOnlySpan<byte> file)
    {
        SealedFile.CheckPrefix(file);
        return _keys.OpenSecret(file, SealedFile.PrefixSize, SealedFile.TagSize) ?? throw new SealedFileException(
            SealedFileFault.WrongPassphraseOrDamaged,
            "The passphrase is wrong, or the file was altered after it was sealed. "
            + "Try the passphrase again; if it is surely right, restore the file from a copy.");
    }

    /// <summary>Seals other contents under the same key with a fresh IV, so that whoever holds the key can open them too.</summary>
    /// <returns>The whole file.</returns>
    public byte[] Seal(ReadOnlySpan<byte> plaintext)
    {
        var file = new byte[SealedFile.PrefixSize + SealKeys.IvSize + SealKeys.CiphertextSize(plaintext.Length) + SealedFile.TagSize];
        _prefix.CopyTo(file, 0);
        SealInto(file, plaintext, RandomNumberGenerator.Fill);
        return file;
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    /// <summary>Seals behind the prefix that is already in <paramref name="file"/>.</summary>
    internal void SealInto(Span<byte> file, ReadOnlySpan<byte> plaintext, RandomSource random) =>
        _keys.Seal(file, SealedFile.PrefixSize, plaintext, SealedFile.TagSize, random);
}
