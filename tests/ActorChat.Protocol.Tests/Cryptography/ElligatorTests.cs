// Elligator 2, compared with its definition in plain big-integer arithmetic, for any input: the result is on the curve, and the right one of two points.

using System.Numerics;
using ActorChat.Protocol.Cryptography;
using FsCheck.Xunit;

namespace ActorChat.Protocol.Tests.Cryptography;

public sealed class ElligatorTests
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger A = 486662;

    [Property(MaxTest = 200)]
    public void The_map_is_that_of_RFC_9380(byte[] seed)
    {
        var r = System.Security.Cryptography.SHA256.HashData(seed);
        Check(r);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void The_map_is_that_of_RFC_9380_at_the_edges(string r) => Check(Convert.FromHexString(r));

    private static void Check(byte[] r)
    {
        var masked = (byte[])r.Clone();
        masked[31] &= 0x7f;
        var u = new BigInteger(masked, isUnsigned: true) % P;
        var x1 = Mod(-A * BigInteger.ModPow(1 + (2 * u * u), P - 2, P));
        var gx1 = Mod((x1 * x1 * x1) + (A * x1 * x1) + x1);
        var isSquare = gx1.IsZero || BigInteger.ModPow(gx1, (P - 1) / 2, P).IsOne;

        var x = new byte[32];
        Elligator.MapToCurve(r, x);
        Assert.Equal(isSquare ? x1 : Mod(-x1 - A), new BigInteger(x, isUnsigned: true));
    }

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;
}
