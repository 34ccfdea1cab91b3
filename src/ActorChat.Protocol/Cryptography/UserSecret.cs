// user_secret: what a password becomes before anything else uses it (protocol page, section 4).
// Argon2id makes every guess at the password cost 64 MiB and three passes, and the salt binds the result to the direction:
// the secret with which alice calls bob is not the one with which bob calls alice.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Secrets;
using NSec.Cryptography;

namespace ActorChat.Protocol.Cryptography;

/// <summary>A user_secret: 32 bytes in modern, the password's bytes in classic. Cleared on <see cref="Dispose"/>.</summary>
public sealed class UserSecret : IDisposable
{
    /// <summary>The length of a modern user_secret, in bytes.</summary>
    public const int Size = 32;

    private const int SaltSize = 16;

    private static readonly Argon2id Argon2id = PasswordBasedKeyDerivationAlgorithm.Argon2id(
        new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 64 * 1024, NumberOfPasses = 3 });

    private readonly LockedBytes _bytes;

    /// <summary>Takes a copy of <paramref name="bytes"/>.</summary>
    public UserSecret(ReadOnlySpan<byte> bytes) => _bytes = new LockedBytes(bytes);

    internal ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary><c>Argon2id(password, salt, passes 3, memory 64 MiB, lanes 1, 32 bytes)</c> (RFC 9106), with
    /// <c>salt = SHA-256(LABEL || " user_secret" || 0x00 || initiator name)[0..16]</c>. Slow on purpose: about a tenth of a second.</summary>
    /// <param name="password">The password shared with the contact; NFC-normalised here, so that keyboards which compose accents differently agree.</param>
    /// <param name="initiatorName">The user name in dh_1.</param>
    /// <exception cref="PlatformNotSupportedException">The password needs normalising and this machine's .NET runs without ICU.</exception>
    public static UserSecret Derive(string password, string initiatorName)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(initiatorName);
        Span<byte> salt = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. CPace.Label, .. " user_secret\0"u8, .. Encoding.UTF8.GetBytes(initiatorName)], salt);

        var passwordBytes = Encoding.UTF8.GetBytes(NormalizeToNfc(password));
        Span<byte> secret = stackalloc byte[Size];
        Argon2id.DeriveBytes(passwordBytes, salt[..SaltSize], secret);
        CryptographicOperations.ZeroMemory(passwordBytes);
        try
        {
            return new UserSecret(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Writes the bytes out, for a file that is sealed.</summary>
    /// <param name="destination">At least as long as the secret, in modern <see cref="Size"/> bytes; the caller clears them.</param>
    public void CopyTo(Span<byte> destination) => Bytes.CopyTo(destination);

    /// <summary>A copy with a lifetime of its own.</summary>
    public UserSecret Copy() => new(Bytes);

    // .NET's globalization-invariant mode silently leaves non-ASCII text as it is, which would look like a wrong password at the other end.
    private static string NormalizeToNfc(string password)
    {
        if (!Ascii.IsValid(password) && "a\u0308".Normalize(NormalizationForm.FormC) != "\u00e4")
        {
            throw new PlatformNotSupportedException(
                "A password with non-ASCII characters needs Unicode normalisation, which this system's .NET lacks: install ICU (Debian: libicu) " +
                "and unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, or choose an ASCII password.");
        }

        return password.Normalize(NormalizationForm.FormC);
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();
}
