// Group 14 as this machine computes it (OpenSSL's libcrypto, or managed code where there is none), and the managed code in any case, compared with .NET's BigInteger.

using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Protocol.Tests.Cryptography;

public sealed class ModpGroup14Tests
{
    // RFC 3526, section 3: 2^2048 - 2^1984 - 1 + 2^64 * { [2^1918 pi] + 124476 }, here from the digits of pi by Machin's formula.
    public static readonly BigInteger Prime = BigInteger.Pow(2, 2048) - BigInteger.Pow(2, 1984) - 1 + (BigInteger.Pow(2, 64) * (Pi(1918) + 124476));

    private static readonly byte[][] Exponents =
    [
        [.. new byte[31], 1], [.. new byte[31], 2], [1, .. new byte[31]], [.. Enumerable.Repeat((byte)255, 32)], SHA256.HashData("x"u8), [0, 0, .. SHA256.HashData("y"u8)[2..]],
    ];

    [Fact]
    public void A_public_value_is_2_to_the_private_one()
    {
        foreach (var x in Exponents)
        {
            Assert.Equal($"{BigInteger.ModPow(2, Number(x), Prime)}", Encoding.ASCII.GetString(ModpGroup14.PublicValue(x)));
        }
    }

    // With x = 1 the shared value is the peer's own: 2, then one of 255 bytes and one of 256.
    [Theory]
    [InlineData(1)]
    [InlineData(2039)]
    [InlineData(2047)]
    public void DHSK_is_the_hash_of_the_fewest_bytes_that_hold_the_shared_value_little_endian(int power)
    {
        var y = BigInteger.Pow(2, power) + (power == 1 ? 0 : 5);
        var dhsk = new byte[32];
        foreach (var x in Exponents)
        {
            Assert.True(ModpGroup14.Agree(x, Encoding.ASCII.GetBytes($"{y}"), dhsk));
            Assert.Equal(SHA256.HashData(BigInteger.ModPow(y, Number(x), Prime).ToByteArray(isUnsigned: true)), dhsk);
        }
    }

    [Fact]
    public void Managed_code_computes_the_same()
    {
        var y = SHA512.HashData("y"u8);
        foreach (var x in Exponents)
        {
            var power = new byte[256];
            Random.Shared.NextBytes(power); // the old contents must be overwritten
            ModpGroup14.PowerInManagedCode(y, x, power);
            Assert.Equal(BigInteger.ModPow(Number(y), Number(x), Prime), Number(power));
        }
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    // floor(2^bits * pi), pi = 16 arctan(1/5) - 4 arctan(1/239), with 64 bits to spare.
    private static BigInteger Pi(int bits)
    {
        var one = BigInteger.One << (bits + 64);
        return ((16 * ArcTan(5)) - (4 * ArcTan(239))) >> 64;

        BigInteger ArcTan(int inverse)
        {
            var (sum, power) = (BigInteger.Zero, one / inverse);
            for (var k = 1; power != 0; k += 2, power /= inverse * inverse)
            {
                sum += k % 4 == 1 ? power / k : -power / k;
            }

            return sum;
        }
    }
}
