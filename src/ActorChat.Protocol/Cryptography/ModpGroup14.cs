// Diffie-Hellman in RFC 3526 group 14, as the classic profile agrees keys (protocol page, section 6). Nothing in it depends on the password,
// so whoever takes part in an agreement can try passwords offline against what follows. That is why classic is off unless an entry asks for it.

using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using BouncyBigInteger = Org.BouncyCastle.Math.BigInteger;

namespace ActorChat.Protocol.Cryptography;

/// <summary>The 2,048-bit MODP group of RFC 3526, section 3, with generator 2.</summary>
internal static class ModpGroup14
{
    /// <summary>The length of a private value, in bytes.</summary>
    public const int PrivateValueSize = 32;

    // The most decimal digits that a value of the group has, and its length in bytes.
    private const int MaxDigits = 617;
    private const int Size = 256;

    // p = 2^2048 - 2^1984 - 1 + 2^64 * { [2^1918 pi] + 124476 }
    private static readonly byte[] P = Convert.FromHexString(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437" +
        "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05" +
        "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
        "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF");

    private static readonly BigInteger Prime = new(P, isUnsigned: true, isBigEndian: true);

    /// <summary><c>2^x mod p</c> in decimal digits.</summary>
    /// <param name="privateValue">x, 32 bytes, big endian.</param>
    public static byte[] PublicValue(ReadOnlySpan<byte> privateValue)
    {
        Span<byte> value = stackalloc byte[Size];
        Power([2], privateValue, value);
        return Encoding.ASCII.GetBytes(new BigInteger(value, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary><c>DHSK = SHA-256(y^x mod p as the fewest bytes that hold it, little endian)</c>, 32 bytes.</summary>
    /// <param name="privateValue">x, 32 bytes, big endian.</param>
    /// <param name="peerValue">y in decimal digits.</param>
    /// <param name="dhsk">Receives 32 bytes.</param>
    /// <returns>False when <paramref name="peerValue"/> is no number in 2 … p − 2: 1 and p − 1 would make a shared value that everybody knows.</returns>
    public static bool Agree(ReadOnlySpan<byte> privateValue, ReadOnlySpan<byte> peerValue, Span<byte> dhsk)
    {
        // The time to parse digits grows faster than their number, so no more are parsed than a value can have.
        if (peerValue.Length > MaxDigits
            || !BigInteger.TryParse(Encoding.Latin1.GetString(peerValue), NumberStyles.None, CultureInfo.InvariantCulture, out var y)
            || y < 2 || y > Prime - 2)
        {
            return false;
        }

        Span<byte> shared = stackalloc byte[Size];
        Power(y.ToByteArray(isUnsigned: true, isBigEndian: true), privateValue, shared);
        var fewest = shared.TrimStart((byte)0);
        fewest.Reverse();
        SHA256.HashData(fewest, dhsk);
        CryptographicOperations.ZeroMemory(shared);
        return true;
    }

    /// <summary><c>value ^ exponent mod p</c> without libcrypto. Its time depends a little on the exponent, which is used for this one agreement only.</summary>
    internal static void PowerInManagedCode(ReadOnlySpan<byte> value, ReadOnlySpan<byte> exponent, Span<byte> result)
    {
        var power = new BouncyBigInteger(1, value).ModPow(new BouncyBigInteger(1, exponent), new BouncyBigInteger(1, P)).ToByteArrayUnsigned();
        result.Clear();
        power.CopyTo(result[^power.Length..]);
        CryptographicOperations.ZeroMemory(power);
    }

    private static void Power(ReadOnlySpan<byte> value, ReadOnlySpan<byte> exponent, Span<byte> result)
    {
        if (LibCrypto.IsHere)
        {
            LibCrypto.Power(value, exponent, P, result);
        }
        else
        {
            PowerInManagedCode(value, exponent, result);
        }
    }
}
