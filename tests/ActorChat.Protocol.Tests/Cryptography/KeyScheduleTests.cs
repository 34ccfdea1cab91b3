// user_secret and both directions' key chains, against the vectors.

using System.Text.Json;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Protocol.Tests.Cryptography;

public sealed class KeyScheduleTests
{
    private static readonly JsonElement Schedule = Vectors.Load("key-schedule.json");

    public static TheoryData<string, string, string> UserSecrets()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var row in Schedule.GetProperty("user_secret").EnumerateArray())
        {
            data.Add(row.Text("password"), row.Text("initiator"), row.Text("user_secret"));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(UserSecrets))]
    public void User_secret_is_Argon2id_of_the_password_salted_with_the_initiators_name(string password, string initiator, string expected)
    {
        using var secret = UserSecret.Derive(password, initiator);
        Assert.Equal(expected, Convert.ToHexStringLower(secret.Bytes));
    }

    [Fact]
    public void A_password_is_the_same_however_its_accents_are_composed()
    {
        using var composed = UserSecret.Derive("p\u00e4ssword", "alice");
        using var decomposed = UserSecret.Derive("pa\u0308ssword", "alice");
        Assert.Equal(Convert.ToHexStringLower(composed.Bytes), Convert.ToHexStringLower(decomposed.Bytes));
    }

    [Theory]
    [InlineData("initiator")]
    [InlineData("responder")]
    public void Each_direction_has_the_chain_of_the_vectors(string direction)
    {
        var modern = Schedule.GetProperty("modern");
        using var secret = new UserSecret(modern.Hex("user_secret"));
        using var chain = KeyChain.Derive(secret, modern.Hex("dhsk"), System.Text.Encoding.ASCII.GetBytes(direction));
        AssertChain(modern.GetProperty(direction), chain);
    }

    [Fact]
    public void The_classic_chain_is_the_same_arithmetic_with_no_direction()
    {
        var classic = Schedule.GetProperty("classic");
        using var secret = new UserSecret(classic.Hex("user_secret"));
        using var chain = KeyChain.Derive(secret, classic.Hex("dhsk"), []);
        AssertChain(classic, chain);
    }

    [Fact]
    public void No_key_can_be_read_once_it_is_disposed()
    {
        var secret = new UserSecret("0123456789abcdef0123456789abcdef"u8);
        var chain = KeyChain.Derive(secret, new byte[64], "initiator"u8);
        secret.Dispose();
        chain.Dispose();
        Assert.All<Func<int>>(
            [() => secret.Bytes.Length, () => chain.EncKey.Length, () => chain.Iv.Length, () => chain.HmacKey.Length, () => chain.ChapSecret.Length],
            read => Assert.Throws<ObjectDisposedException>(() => read()));
    }

    internal static void AssertChain(JsonElement expected, KeyChain actual)
    {
        Assert.Equal(expected.Text("enc_key"), Convert.ToHexStringLower(actual.EncKey));
        Assert.Equal(expected.Text("iv"), Convert.ToHexStringLower(actual.Iv));
        Assert.Equal(expected.Text("hmac_key"), Convert.ToHexStringLower(actual.HmacKey));
        Assert.Equal(expected.Text("chap_secret"), Convert.ToHexStringLower(actual.ChapSecret));
    }
}
