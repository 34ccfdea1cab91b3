// In the protocol page's own dialect the codec writes the vectors of an independent implementation, byte for byte.

using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace ActorChat.Conformance.Tests;

public sealed class VectorTests
{
    [Fact]
    public void The_classic_conversation_is_written_byte_for_byte()
    {
        using var vector = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "classic-conversation.json")));
        var root = vector.RootElement;
        var dialect = Dialect.Of(Profiles.Classic);
        var password = root.GetProperty("password").GetString()!;
        var (xa, xb) = (BigInteger.Parse(root.GetProperty("xa").GetString()!, CultureInfo.InvariantCulture), BigInteger.Parse(root.GetProperty("xb").GetString()!, CultureInfo.InvariantCulture));
        var secrets = new ClassicSecrets(password, Modp14.Power(Modp14.Power(2, xa), xb));
        var keys = secrets.Derive(dialect, fromInitiator: true);
        Assert.Equal(root.GetProperty("dhsk").GetString(), Convert.ToHexStringLower(keys.Dhsk));
        foreach (var pdu in root.GetProperty("pdus").EnumerateArray())
        {
            var expected = pdu.GetProperty("pdu").GetString()!;
            var wire = Wire.Read(Encoding.UTF8.GetBytes(expected))!;
            var time = Codec.ReadTime(wire, dialect)!.Value.Seconds;
            var type = wire.MsgType(dialect)!;
            var written = type switch
            {
                "dh_1" => Codec.WriteKeyAgreement(dialect, type, time, [(Member.Key, PublicValue.Write(Modp14.Power(2, xa), KeyForm.Page)), (Member.Username, Codec.Quote(root.GetProperty("user").GetString()!))]),
                "dh_2" => Codec.WriteKeyAgreement(dialect, type, time, [(Member.Key, PublicValue.Write(Modp14.Power(2, xb), KeyForm.Page))]),
                _ => Codec.WriteSealed(dialect, keys, 0, password, type, time, pdu.GetProperty("plaintext").GetString() is { } plaintext ? Convert.FromHexString(plaintext) : null),
            };
            Assert.Equal(expected, Encoding.UTF8.GetString(written));
            Assert.True(wire.IsSpelledAsByPython(dialect));
            Assert.True(Recogniser.HasGoodCrc(wire, dialect));
            Assert.Equal(dialect, Recogniser.Read(wire, dialect, time));
        }
    }

    [Fact]
    public void The_modern_key_chain_is_that_of_the_vectors()
    {
        using var vector = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "key-schedule.json")));
        var modern = vector.RootElement.GetProperty("modern");
        var secrets = new GivenSecrets(Convert.FromHexString(modern.GetProperty("user_secret").GetString()!), Convert.FromHexString(modern.GetProperty("dhsk").GetString()!));
        foreach (var direction in new[] { "initiator", "responder" })
        {
            var keys = secrets.Derive(Dialect.Of(Profiles.Modern), direction == "initiator");
            var expected = modern.GetProperty(direction);
            Assert.Equal(
                new[] { "enc_key", "iv", "hmac_key", "chap_secret" }.Select(name => expected.GetProperty(name).GetString()),
                new[] { keys.EncKey, keys.Iv, keys.HmacKey, keys.ChapSecret }.Select(key => Convert.ToHexStringLower(key)));
        }
    }

    private sealed record GivenSecrets(byte[] Secret, byte[] Agreed) : Secrets("")
    {
        protected override byte[] UserSecret => Secret;

        protected override byte[] Dhsk(Dialect dialect) => Agreed;
    }
}
