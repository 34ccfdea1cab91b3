// Elligator 2 for curve25519, x-coordinate only: from a field element to a point of the curve (RFC 9380, section 6.7.1 and appendix G.2.1).
// CPace makes its generator so, because nobody may know the discrete logarithm between the generators of two passwords.
// There is no branch and no table look-up on the input, which is derived from the password.

using Org.BouncyCastle.Math.EC.Rfc7748;

namespace ActorChat.Protocol.Cryptography;

/// <summary>The map <c>map_to_curve_elligator2_curve25519</c> of RFC 9380, without the y-coordinate.</summary>
public static class Elligator
{
    /// <summary>The length of an encoded field element, in bytes.</summary>
    public const int FieldElementSize = 32;

    /// <summary>The coefficient A of curve25519, y² = x³ + A·x² + x.</summary>
    private const int A = 486662;

    /// <summary>Maps <paramref name="r"/> to the x-coordinate of a point on the curve.</summary>
    /// <param name="r">32 bytes, read as RFC 7748 reads a u-coordinate: little endian, the top bit ignored, reduced modulo 2^255 − 19.</param>
    /// <param name="x">Receives 32 bytes, little endian, fully reduced.</param>
    public static void MapToCurve(ReadOnlySpan<byte> r, Span<byte> x)
    {
        var u = X25519Field.Create();
        X25519Field.Decode255(r, u);

        // x1 = -A / (1 + 2·u²), as the fraction x1n / xd. The denominator is never 0, since -1/2 is not a square.
        var xd = X25519Field.Create();
        X25519Field.Sqr(u, xd);
        X25519Field.Add(xd, xd, xd);
        X25519Field.AddOne(xd);
        var x1n = X25519Field.Create();
        X25519Field.One(x1n);
        X25519Field.Mul(x1n, A, x1n);
        X25519Field.Negate(x1n, x1n);

        // g(x1) = x1³ + A·x1² + x1. Times xd⁴, a square, it is x1n·(x1n² + A·x1n·xd + xd²)·xd: a square exactly when g(x1) is.
        var gx = X25519Field.Create();
        var product = X25519Field.Create();
        X25519Field.Mul(x1n, xd, product);
        X25519Field.Mul(product, A, gx);
        X25519Field.Sqr(x1n, product);
        X25519Field.Add(gx, product, gx);
        X25519Field.Carry(gx);
        X25519Field.Sqr(xd, product);
        X25519Field.Add(gx, product, gx);
        X25519Field.Carry(gx);
        X25519Field.Mul(gx, x1n, gx);
        X25519Field.Mul(gx, xd, gx);

        // x2 = -x1 - A = (-x1n - A·xd) / xd. One of g(x1), g(x2) is a square: take the x of that one.
        var xn = X25519Field.Create();
        X25519Field.Mul(xd, A, xn);
        X25519Field.Add(xn, x1n, xn);
        X25519Field.Carry(xn);
        X25519Field.Negate(xn, xn);
        X25519Field.CMov(SquareMask(gx), x1n, 0, xn, 0);

        X25519Field.Inv(xd, xd);
        X25519Field.Mul(xn, xd, xn);
        X25519Field.Normalize(xn);
        X25519Field.Encode(xn, x);
    }

    // Euler's criterion: z^((p-1)/2) is 1 for a square other than 0, -1 for a non-square, 0 for 0. All ones unless it is -1 (RFC 9380, is_square).
    // The exponent is 2^254 - 10 = 2^4·(2^250 - 1) + 6.
    private static int SquareMask(int[] z)
    {
        var result = X25519Field.Create();
        var power = OnesPower250(z);
        X25519Field.Sqr(power, 4, result);
        X25519Field.Sqr(z, power);
        X25519Field.Mul(power, z, power);
        X25519Field.Sqr(power, power);
        X25519Field.Mul(result, power, result);
        X25519Field.AddOne(result);
        X25519Field.Normalize(result);
        return ~X25519Field.IsZero(result);
    }

    // z^(2^250 - 1): from an exponent of n ones, n squarings and a multiplication make 2n ones.
    private static int[] OnesPower250(int[] z)
    {
        var (ones, ones5, ones25, shifted) = (X25519Field.Create(), X25519Field.Create(), X25519Field.Create(), X25519Field.Create());
        Join(z, z, 1, ones, shifted); // 2 ones
        Join(ones, z, 1, ones5, shifted); // 3
        Join(ones5, ones, 2, ones5, shifted); // 5
        Join(ones5, ones5, 5, ones, shifted); // 10
        Join(ones, ones, 10, ones25, shifted); // 20
        Join(ones25, ones5, 5, ones25, shifted); // 25
        Join(ones25, ones25, 25, ones, shifted); // 50
        Join(ones, ones, 50, ones, shifted); // 100
        Join(ones, ones25, 25, ones, shifted); // 125
        Join(ones, ones, 125, ones, shifted); // 250
        return ones;
    }

    // high^(2^shift) · low: the ones of high moved up by shift, the ones of low below them.
    private static void Join(int[] high, int[] low, int shift, int[] result, int[] shifted)
    {
        X25519Field.Sqr(high, shift, shifted);
        X25519Field.Mul(shifted, low, result);
    }
}
