// The draft's own test vectors for CPACE-X25519-SHA512, low-order points included.

using System.Security.Cryptography;
using ActorChat.Protocol.Cryptography;
using FsCheck.Xunit;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace ActorChat.Protocol.Tests.Cryptography;

public sealed class CPaceTests
{
    private static readonly System.Text.Json.JsonElement Draft = Vectors.Load("cpace-x25519-sha512.json");

    public static TheoryData<string, string, string, bool> ScalarMultiplications()
    {
        var data = new TheoryData<string, string, string, bool>();
        foreach (var row in Draft.GetProperty("scalar_mult_vfy").EnumerateArray())
        {
            data.Add(row.Text("s"), row.Text("u"), row.Text("q"), row.GetProperty("must_abort").GetBoolean());
        }

        return data;
    }

    [Fact]
    public void Generator_public_values_and_key_are_those_of_the_draft()
    {
        var v = Draft.GetProperty("generator_and_isk");
        var generator = new byte[32];
        CPace.CalculateGenerator(v.Hex("PRS"), v.Hex("CI"), v.Hex("sid"), generator);
        Assert.Equal(v.Hex("g"), generator);

        var (ya, yb, k, k2) = (new byte[32], new byte[32], new byte[32], new byte[32]);
        Assert.True(CPace.ScalarMultiply(v.Hex("ya"), generator, ya));
        Assert.True(CPace.ScalarMultiply(v.Hex("yb"), generator, yb));
        Assert.True(CPace.ScalarMultiply(v.Hex("ya"), yb, k));
        Assert.True(CPace.ScalarMultiply(v.Hex("yb"), ya, k2));
        Assert.Equal((v.Text("Ya"), v.Text("Yb")), (Convert.ToHexStringLower(ya), Convert.ToHexStringLower(yb)));
        Assert.Equal((v.Text("K"), v.Text("K")), (Convert.ToHexStringLower(k), Convert.ToHexStringLower(k2)));

        var isk = new byte[64];
        CPace.DeriveIsk(v.Hex("sid"), k, ya, v.Hex("ADa"), yb, v.Hex("ADb"), isk);
        Assert.Equal(v.Hex("ISK_IR"), isk);
    }

    // 127 is the longest length in one byte, 16,383 in two.
    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(300)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    public void Parts_of_any_length_are_joined_as_the_draft_has_it(int length)
    {
        var (k, ya, yb, ad) = (new byte[32], SHA256.HashData("a"u8), SHA256.HashData("b"u8), new byte[length]);
        var isk = new byte[64];
        CPace.DeriveIsk([], k, ya, ad, yb, ad, isk);
        Assert.Equal(SHA512.HashData([.. Lv("CPace255_ISK"u8), .. Lv([]), .. Lv(k), .. Lv(ya), .. Lv(ad), .. Lv(yb), .. Lv(ad)]), isk);

        var (generator, expected) = (new byte[32], new byte[32]);
        var zeros = new byte[Math.Max(0, 128 - 1 - Lv(ad).Length - 9)];
        CPace.CalculateGenerator(ad, "CI"u8, "sid"u8, generator);
        Elligator.MapToCurve(SHA512.HashData([.. Lv("CPace255"u8), .. Lv(ad), .. Lv(zeros), .. Lv("CI"u8), .. Lv("sid"u8)]).AsSpan(0, 32), expected);
        Assert.Equal(expected, generator);
    }

    private static byte[] Lv(ReadOnlySpan<byte> part)
    {
        List<byte> bytes = [];
        var length = part.Length;
        do
        {
            bytes.Add((byte)((length % 128) + (length < 128 ? 0 : 128)));
            length /= 128;
        }
        while (length > 0);
        return [.. bytes, .. part];
    }

    [Property(MaxTest = 300)]
    public void Any_32_bytes_multiply_as_another_implementation_has_it(byte[] seed, bool isNonCanonical)
    {
        var (scalar, element) = (SHA256.HashData([.. seed, 1]), SHA256.HashData([.. seed, 2]));
        if (isNonCanonical)
        {
            element.AsSpan(1, 30).Fill(0xff); // 2^255 - 256 and above: most of what is not reduced, with the top bit set or not
            element[31] |= 0x7f;
        }

        var (product, expected) = (new byte[32], new byte[32]);
        Assert.Equal(X25519.CalculateAgreement(scalar, element, expected), CPace.ScalarMultiply(scalar, element, product));
        Assert.Equal(expected, product);
    }

    [Theory]
    [InlineData(31, 32, 32)]
    [InlineData(32, 33, 32)]
    [InlineData(32, 32, 31)]
    public void Other_lengths_are_refused(int scalar, int element, int result) =>
        Assert.Throws<ArgumentException>(() => CPace.ScalarMultiply(new byte[scalar], new byte[element], new byte[result]));

    [Theory]
    [MemberData(nameof(ScalarMultiplications))]
    public void A_low_order_point_aborts_and_other_encodings_multiply_as_in_the_draft(string scalar, string element, string product, bool mustAbort)
    {
        var result = new byte[32];
        var usable = CPace.ScalarMultiply(Convert.FromHexString(scalar), Convert.FromHexString(element), result);
        Assert.Equal(!mustAbort, usable);
        Assert.Equal(product, Convert.ToHexStringLower(result));
    }
}
