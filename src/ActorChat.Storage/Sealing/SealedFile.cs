// A file under a passphrase: the log's key file, and a directory that its owner wants sealed. The layout is in docs/sealed-file.md:
//
//   0  magic "ACSEALED" 8 | version 4 | Argon2id passes 4 | memory in KiB 4 | lanes 4 | salt 16      the prefix, 40 bytes
//  40  IV 16 | AES-256-CBC ciphertext n, a multiple of 16 | HMAC-SHA256 32 over everything before it
//
// Numbers are big-endian. enc_key || mac_key = Argon2id(passphrase as UTF-8, salt, 64 bytes).

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ActorChat.Storage.Sealing;

/// <summary>Seals bytes under a passphrase and opens them again.</summary>
public static class SealedFile
{
    /// <summary>The longest file that <see cref="Read"/> takes, in bytes: 64 MiB.</summary>
    public const int MaxFileSize = 64 * 1024 * 1024;

    internal const int PrefixSize = 40;
    internal const int TagSize = 32;

    private const int Version = 1;
    private const int Lanes = 1;
    private const int MinSize = PrefixSize + SealKeys.IvSize + SealKeys.BlockSize + TagSize;
    private const string RestoreIt = "Restore the file from a copy, or seal its contents again.";

    private static ReadOnlySpan<byte> Magic => "ACSEALED"u8;

    /// <summary>Whether a file that begins with <paramref name="start"/> is a sealed one.</summary>
    /// <param name="start">The file's first 8 bytes, or more.</param>
    public static bool IsSealed(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <summary>Seals <paramref name="plaintext"/>.</summary>
    /// <param name="plaintext">What to seal; its length can be told from outside to within 16 bytes.</param>
    /// <param name="passphrase">At least one byte of UTF-8. The bytes count as they are: nothing is trimmed or normalised.</param>
    /// <param name="cost">The cost of a guess at the passphrase; <see cref="Argon2Cost.Default"/> when null.</param>
    /// <param name="random">Where salt and IV come from; the system's generator when null.</param>
    /// <returns>The whole file: 89 to 104 bytes more than <paramref name="plaintext"/>, of which 1 to 16 are padding.</returns>
    /// <exception cref="ArgumentException">The passphrase is empty, or the cost is out of its bounds.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> passphrase, Argon2Cost? cost = null, RandomSource? random = null)
    {
        cost ??= Argon2Cost.Default;
        random ??= RandomNumberGenerator.Fill;
        ThrowIfEmpty(passphrase);
        if (!cost.IsAllowed)
        {
            throw new ArgumentException("The Argon2id cost is out of its bounds; use 1 to 16 passes and 8 KiB to 256 MiB.", nameof(cost));
        }

        var file = new byte[PrefixSize + SealKeys.IvSize + SealKeys.CiphertextSize(plaintext.Length) + TagSize];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(12), cost.Passes);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), cost.MemoryKiB);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), Lanes);
        random(file.AsSpan(PrefixSize - Argon2Cost.SaltSize, Argon2Cost.SaltSize));

        using var key = new SealedFileKey(file.AsSpan(0, PrefixSize), passphrase, cost);
        key.SealInto(file, plaintext, random);
        return file;
    }

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <returns>The plaintext. The caller clears it if it is secret.</returns>
    /// <exception cref="SealedFileException">The file does not open. No bytes cause any other exception.</exception>
    /// <exception cref="ArgumentException">The passphrase is empty.</exception>
    public static byte[] Open(ReadOnlySpan<byte> file, ReadOnlySpan<byte> passphrase)
    {
        using var key = SealedFileKey.Derive(file, passphrase);
        return key.Open(file);
    }

    /// <summary>Seals <paramref name="plaintext"/> into a file of mode 0600. It replaces the old one only when all of it is on disk.</summary>
    /// <inheritdoc cref="Seal"/>
    /// <exception cref="IOException">The file cannot be written; what was there is still there.</exception>
    public static void Write(string path, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> passphrase, Argon2Cost? cost = null, RandomSource? random = null) =>
        PrivateFile.Replace(path, Seal(plaintext, passphrase, cost, random));

    /// <summary>Reads a file and opens it.</summary>
    /// <returns>The plaintext. The caller clears it if it is secret.</returns>
    /// <exception cref="SealedFileException">As <see cref="Open"/>, or the file is longer than <see cref="MaxFileSize"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] Read(string path, ReadOnlySpan<byte> passphrase)
    {
        var file = PrivateFile.Read(path, MaxFileSize) ?? throw new SealedFileException(
            SealedFileFault.Damaged, $"The file is longer than a sealed file may be ({MaxFileSize} bytes). {RestoreIt}");
        return Open(file, passphrase);
    }

    internal static void ThrowIfEmpty(ReadOnlySpan<byte> passphrase)
    {
        if (passphrase.IsEmpty)
        {
            throw new ArgumentException("A passphrase has at least one character.", nameof(passphrase));
        }
    }

    // Everything that can be checked without the passphrase. The cost is checked before any memory is spent on it.
    internal static Argon2Cost CheckPrefix(ReadOnlySpan<byte> file)
    {
        if (!IsSealed(file))
        {
            throw new SealedFileException(
                SealedFileFault.NotSealed, "This is not a sealed file. Name a file that ActorChat sealed, or seal this one first.");
        }

        if (file.Length < MinSize || (file.Length - MinSize) % SealKeys.BlockSize != 0)
        {
            throw new SealedFileException(SealedFileFault.Damaged, $"The sealed file is cut short or has been added to. {RestoreIt}");
        }

        if (BinaryPrimitives.ReadInt32BigEndian(file[8..]) != Version)
        {
            throw new SealedFileException(
                SealedFileFault.UnknownVersion,
                $"The sealed file says that it is of a version other than {Version}. Open it with the ActorChat that sealed it.");
        }

        var cost = new Argon2Cost(BinaryPrimitives.ReadInt32BigEndian(file[12..]), BinaryPrimitives.ReadInt32BigEndian(file[16..]));
        if (!cost.IsAllowed || BinaryPrimitives.ReadInt32BigEndian(file[20..]) != Lanes)
        {
            throw new SealedFileException(SealedFileFault.Damaged, $"The sealed file asks for a cost that no sealed file has. {RestoreIt}");
        }

        return cost;
    }
}
