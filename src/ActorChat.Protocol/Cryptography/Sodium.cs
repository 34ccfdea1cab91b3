// What this project calls in libsodium directly. NSec brings the library, but its API does not reach CPace's arithmetic: its key agreement takes no
// other base point and does not give out the shared point.

using System.Runtime.InteropServices;

// Native libraries are never loaded from the working directory.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]

namespace ActorChat.Protocol.Cryptography;

/// <summary>Functions of libsodium. All of them take the same time for every secret. They do not check lengths, and a wrong one would write beyond a buffer: callers check.</summary>
internal static partial class Sodium
{
    private const string Library = "libsodium";

    // sodium_init chooses the fastest code for this processor; until then every function uses the slowest.
    static Sodium()
    {
        if (Initialize() < 0)
        {
            throw new PlatformNotSupportedException("libsodium cannot be initialised on this system.");
        }
    }

    /// <summary>X25519 (RFC 7748).</summary>
    /// <param name="result">32 bytes; must not overlap the inputs.</param>
    /// <param name="scalar">32 bytes.</param>
    /// <param name="element">32 bytes.</param>
    /// <returns>0; −1 when the result is all zeros, and then the buffer may hold anything.</returns>
    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    public static partial int ScalarMultiply(Span<byte> result, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> element);

    /// <summary>An ML-KEM-768 key pair (FIPS 203, KeyGen_internal).</summary>
    /// <param name="encapsulationKey">1,184 bytes.</param>
    /// <param name="decapsulationKey">2,400 bytes.</param>
    /// <param name="seed">64 bytes, d || z.</param>
    [LibraryImport(Library, EntryPoint = "crypto_kem_mlkem768_seed_keypair")]
    public static partial int MlKemKeyPair(Span<byte> encapsulationKey, Span<byte> decapsulationKey, ReadOnlySpan<byte> seed);

    /// <summary>Encapsulates (FIPS 203, Encaps_internal, with the modulus check).</summary>
    /// <param name="ciphertext">1,088 bytes.</param>
    /// <param name="sharedSecret">32 bytes.</param>
    /// <param name="encapsulationKey">1,184 bytes.</param>
    /// <param name="message">32 random bytes, m.</param>
    /// <returns>0; −1 when the key has a coefficient that is not reduced.</returns>
    [LibraryImport(Library, EntryPoint = "crypto_kem_mlkem768_enc_deterministic")]
    public static partial int MlKemEncapsulate(
        Span<byte> ciphertext, Span<byte> sharedSecret, ReadOnlySpan<byte> encapsulationKey, ReadOnlySpan<byte> message);

    /// <summary>Decapsulates (FIPS 203, Decaps); a ciphertext that was not made for this key gives another secret.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_kem_mlkem768_dec")]
    public static partial int MlKemDecapsulate(Span<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> decapsulationKey);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Initialize();
}
