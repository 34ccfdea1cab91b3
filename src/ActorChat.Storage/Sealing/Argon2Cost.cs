// What one guess at a passphrase costs. The cost is stored in the sealed file, so that it can be raised later without breaking older files.
// It is read before anything is authenticated, so it is bounded: a hostile file must not cost a terabyte.

using NSec.Cryptography;

namespace ActorChat.Storage.Sealing;

/// <summary>The parameters of Argon2id (RFC 9106) for a sealed file. There is always 1 lane: libsodium computes no more.</summary>
/// <param name="Passes">The number of passes, 1 to <see cref="MaxPasses"/>.</param>
/// <param name="MemoryKiB">The memory, in KiB, <see cref="MinMemoryKiB"/> to <see cref="MaxMemoryKiB"/>.</param>
public sealed record Argon2Cost(int Passes, int MemoryKiB)
{
    /// <summary>The most passes that a file may ask for.</summary>
    public const int MaxPasses = 16;

    /// <summary>The least memory that Argon2id works with, in KiB.</summary>
    public const int MinMemoryKiB = 8;

    /// <summary>The most memory that a file may ask for, in KiB: 256 MiB.</summary>
    public const int MaxMemoryKiB = 256 * 1024;

    /// <summary>The salt's length, in bytes.</summary>
    internal const int SaltSize = 16;

    /// <summary>3 passes over 64 MiB: the second recommended option of RFC 9106, section 4, with one lane. About a tenth of a second.</summary>
    public static Argon2Cost Default { get; } = new(Passes: 3, MemoryKiB: 64 * 1024);

    /// <summary>Whether both numbers are within their bounds.</summary>
    internal bool IsAllowed => Passes is >= 1 and <= MaxPasses && MemoryKiB is >= MinMemoryKiB and <= MaxMemoryKiB;

    /// <summary><c>Argon2id(password, salt, Passes, MemoryKiB, lanes 1, count bytes)</c>. The caller clears the result.</summary>
    internal byte[] DeriveBytes(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int count)
    {
        var parameters = new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = MemoryKiB, NumberOfPasses = Passes };
        var bytes = GC.AllocateUninitializedArray<byte>(count, pinned: true);
        PasswordBasedKeyDerivationAlgorithm.Argon2id(parameters).DeriveBytes(password, salt, bytes);
        return bytes;
    }
}
