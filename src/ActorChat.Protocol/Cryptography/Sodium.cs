// What this project calls in libsodium by itself. NSec brings the library and has no way to CPace's arithmetic: its key agreement takes no
// foreign base point and does not give out the shared point.

using System.Runtime.InteropServices;

// Never from the working directory.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]

namespace ActorChat.Protocol.Cryptography;

/// <summary>Functions of libsodium. All of them take the same time for every secret. A length that is wrong here would be a write beyond a buffer, so callers check theirs.</summary>
internal static partial class Sodium
{
    private const string Library = "libsodium";

    // Chooses the fastest code for this processor; before it, every function works by the slowest.
    static Sodium()
    {
        if (Initialize() < 0)
        {
            throw new PlatformNotSupportedException("libsodium cannot be initialised on this system.");
        }
    }

    /// <summary>X25519 (RFC 7748).</summary>
    /// <param name="result">32 bytes, no part of the inputs.</param>
    /// <param name="scalar">32 bytes.</param>
    /// <param name="element">32 bytes.</param>
    /// <returns>0; −1 when the result is all zeros, and then the buffer may hold anything.</returns>
    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    public static partial int ScalarMultiply(Span<byte> result, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> element);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Initialize();
}
