// ML-KEM-768, the key encapsulation of FIPS 203, believed to withstand quantum computers. Its shared secret goes into the keys beside CPace's
// (protocol page, section 7): somebody who records a conversation has to break both.

using System.Security.Cryptography;

namespace ActorChat.Protocol.Cryptography;

/// <summary>The functions of ML-KEM-768 (FIPS 203), by libsodium. Randomness is handed in.</summary>
public static class MlKem
{
    /// <summary>The length of an encapsulation key ek, in bytes.</summary>
    public const int EncapsulationKeySize = 1184;

    /// <summary>The length of a decapsulation key dk, in bytes.</summary>
    public const int DecapsulationKeySize = 2400;

    /// <summary>The length of a ciphertext ct, in bytes.</summary>
    public const int CiphertextSize = 1088;

    /// <summary>The length of the shared secret ss, in bytes.</summary>
    public const int SharedSecretSize = 32;

    private const int SeedSize = 64;
    private const int MessageSize = 32;

    /// <summary>A fresh key pair, for one conversation.</summary>
    /// <param name="random">Where the seed d || z comes from.</param>
    /// <param name="encapsulationKey">Receives 1,184 bytes.</param>
    /// <param name="decapsulationKey">Receives 2,400 bytes; the caller clears them.</param>
    public static void GenerateKeyPair(IRandomSource random, Span<byte> encapsulationKey, Span<byte> decapsulationKey)
    {
        ArgumentNullException.ThrowIfNull(random);
        RequireSizes(encapsulationKey.Length == EncapsulationKeySize && decapsulationKey.Length == DecapsulationKeySize);
        Span<byte> seed = stackalloc byte[SeedSize];
        random.Fill(seed);
        var result = Sodium.MlKemKeyPair(encapsulationKey, decapsulationKey, seed);
        CryptographicOperations.ZeroMemory(seed);
        if (result != 0)
        {
            throw new CryptographicException("libsodium could not make an ML-KEM-768 key pair.");
        }
    }

    /// <summary>A ciphertext for the holder of the key pair, and the secret in it.</summary>
    /// <param name="encapsulationKey">The peer's ek.</param>
    /// <param name="random">Where the 32 bytes m come from.</param>
    /// <param name="ciphertext">Receives 1,088 bytes.</param>
    /// <param name="sharedSecret">Receives 32 bytes; the caller clears them.</param>
    /// <returns>False when ek is not 1,184 bytes or has a coefficient of 3329 or more (FIPS 203, section 7.2, modulus check).</returns>
    public static bool Encapsulate(ReadOnlySpan<byte> encapsulationKey, IRandomSource random, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        ArgumentNullException.ThrowIfNull(random);
        RequireSizes(ciphertext.Length == CiphertextSize && sharedSecret.Length == SharedSecretSize);
        if (encapsulationKey.Length != EncapsulationKeySize)
        {
            return false;
        }

        Span<byte> message = stackalloc byte[MessageSize];
        random.Fill(message);
        var result = Sodium.MlKemEncapsulate(ciphertext, sharedSecret, encapsulationKey, message);
        CryptographicOperations.ZeroMemory(message);
        return result == 0;
    }

    /// <summary>The secret in a ciphertext. A ciphertext that was not made for this key gives a secret that nobody else has (implicit rejection).</summary>
    /// <param name="ciphertext">The peer's ct.</param>
    /// <param name="decapsulationKey">One's own dk.</param>
    /// <param name="sharedSecret">Receives 32 bytes; the caller clears them.</param>
    /// <returns>False when ct is not 1,088 bytes.</returns>
    public static bool Decapsulate(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> decapsulationKey, Span<byte> sharedSecret)
    {
        RequireSizes(decapsulationKey.Length == DecapsulationKeySize && sharedSecret.Length == SharedSecretSize);
        return ciphertext.Length == CiphertextSize && Sodium.MlKemDecapsulate(sharedSecret, ciphertext, decapsulationKey) == 0;
    }

    private static void RequireSizes(bool areRight)
    {
        if (!areRight)
        {
            throw new ArgumentException("A buffer for ML-KEM-768 has a wrong length.");
        }
    }
}
