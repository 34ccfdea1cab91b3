// What this project calls in OpenSSL's libcrypto, which .NET itself loads on Linux: modular exponentiation that takes the same time for every
// exponent, seven times as fast as anything in managed code. Where there is no libcrypto (Windows, macOS), ModpGroup14 uses managed code.

using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ActorChat.Protocol.Cryptography;

/// <summary>Functions of OpenSSL 3's libcrypto.</summary>
internal static partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    /// <summary>Whether this system has it.</summary>
    public static bool IsHere { get; } =
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Library, typeof(LibCrypto).Assembly, DllImportSearchPath.SafeDirectories, out _);

    /// <summary><c>value ^ exponent mod modulus</c>, in a time that does not depend on the exponent.</summary>
    /// <param name="value">Big endian, less than the modulus.</param>
    /// <param name="exponent">Big endian.</param>
    /// <param name="modulus">Big endian, odd.</param>
    /// <param name="result">As long as the modulus; big endian.</param>
    /// <exception cref="CryptographicException">OpenSSL failed, for want of memory.</exception>
    public static void Power(ReadOnlySpan<byte> value, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result)
    {
        var (a, p, m, r, context) = (ToNumber(value), ToNumber(exponent), ToNumber(modulus), NewNumber(), NewContext());
        try
        {
            if (a == 0 || p == 0 || m == 0 || r == 0 || context == 0 || Power(r, a, p, m, context, montgomery: 0) != 1 || ToBytes(r, result, result.Length) != result.Length)
            {
                throw new CryptographicException("OpenSSL cannot compute a power.");
            }
        }
        finally
        {
            Clear(a);
            Clear(p);
            Clear(m);
            Clear(r);
            FreeContext(context);
        }
    }

    private static nint ToNumber(ReadOnlySpan<byte> bytes) => ToNumber(bytes, bytes.Length, number: 0);

    [LibraryImport(Library, EntryPoint = "BN_bin2bn")]
    private static partial nint ToNumber(ReadOnlySpan<byte> bytes, int length, nint number);

    [LibraryImport(Library, EntryPoint = "BN_bn2binpad")]
    private static partial int ToBytes(nint number, Span<byte> bytes, int length);

    [LibraryImport(Library, EntryPoint = "BN_new")]
    private static partial nint NewNumber();

    // Clears what the number held, and takes null.
    [LibraryImport(Library, EntryPoint = "BN_clear_free")]
    private static partial void Clear(nint number);

    [LibraryImport(Library, EntryPoint = "BN_CTX_secure_new")]
    private static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "BN_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "BN_mod_exp_mont_consttime")]
    private static partial int Power(nint result, nint value, nint exponent, nint modulus, nint context, nint montgomery);
}
