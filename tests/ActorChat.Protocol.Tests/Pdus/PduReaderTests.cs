// What the reader takes and refuses beyond the vectors: hostile JSON of every kind must end in a verdict, never in an exception.

using System.IO.Hashing;
using System.Text;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class PduReaderTests
{
    private const string Hmac = "\"WsBwPyPQCto9+2MR2F8STtDGL3yIF3Vi5Zj8ZW4KIA4=\"";
    private const string Security = "{\"hmac\": {\"hmac_type\": \"SHA256\", \"hmac_val\": " + Hmac + "}, \"enc_type\": \"AES256CBC\"}";

    private const string GoodButForItsEnd = "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": " + Security;

    [Theory]
    [InlineData("an unknown member at each level", "{\"x\": [{}], \"header\": {\"y\": 1, \"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": {\"z\": {\"z\": 1}, \"hmac\": {\"w\": true, \"hmac_type\": \"SHA256\", \"hmac_val\": " + Hmac + "}, \"enc_type\": \"AES256CBC\"}}")]
    [InlineData("names and words written with escapes", "{\"h\\u0065ader\": {\"msg_type\": \"\\u0061ck\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("a base64 slash written with an escape", "{\"header\": {\"msg_type\": \"text\", \"timestamp\": 5, \"crc\": @}, \"body\": \"ab\\/d\", \"security\": " + Security + "}")]
    [InlineData("no white space", "{\"header\":{\"msg_type\":\"ack\",\"timestamp\":5e0,\"crc\":@},\"body\":null,\"security\":" + Security + "}")]
    [InlineData("dh_1 with an unknown member", "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 5, \"crc\": @}, \"body\": {}, \"more\": 1}")]
    public void A_well_formed_PDU_is_accepted(string what, string pdu)
    {
        Assert.NotEmpty(what);
        Assert.Equal(Verdict.Accept, Read(WithCrc(pdu)));
    }

    [Theory]
    [InlineData("an empty object", "{}")]
    [InlineData("a name twice, once escaped", "{\"header\": {\"msg_type\": \"ack\", \"msg_t\\u0079pe\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("an unknown name twice", "{\"a\": 1, \"a\": 1, \"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("body twice", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("a word with a space", "{\"header\": {\"msg_type\": \"ack \", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("an unknown word", "{\"header\": {\"msg_type\": \"dh_3\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("a timestamp in quotes", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": \"5\", \"crc\": @}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("a timestamp beyond every double", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 1e999, \"crc\": @}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("a negative crc", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": -1}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("a crc of 33 bits", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": 4294967296}, \"body\": null, \"security\": " + Security + "}")]
    [InlineData("a header that is a list", "{\"header\": [], \"body\": null, \"security\": " + Security + "}")]
    [InlineData("an object as the body of an ack", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": {}, \"security\": " + Security + "}")]
    [InlineData("a list as body", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": [], \"security\": " + Security + "}")]
    [InlineData("null as the body of a dh_1", "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 5, \"crc\": @}, \"body\": null}")]
    [InlineData("a dh_1 with security", "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 5, \"crc\": @}, \"body\": {}, \"security\": " + Security + "}")]
    [InlineData("security null", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": null}")]
    [InlineData("another hash", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": {\"hmac\": {\"hmac_type\": \"sha256\", \"hmac_val\": " + Hmac + "}, \"enc_type\": \"AES256CBC\"}}")]
    [InlineData("an hmac of 31 bytes", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": {\"hmac\": {\"hmac_type\": \"SHA256\", \"hmac_val\": \"WsBwPyPQCto9+2MR2F8STtDGL3yIF3Vi5Zj8ZW4KIA==\"}, \"enc_type\": \"AES256CBC\"}}")]
    [InlineData("an hmac of 33 bytes", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": {\"hmac\": {\"hmac_type\": \"SHA256\", \"hmac_val\": \"WsBwPyPQCto9+2MR2F8STtDGL3yIF3Vi5Zj8ZW4KIA5a\"}, \"enc_type\": \"AES256CBC\"}}")]
    [InlineData("no enc_type", "{\"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": {\"hmac\": {\"hmac_type\": \"SHA256\", \"hmac_val\": " + Hmac + "}}}")]
    [InlineData("two objects", "{} {}")]
    [InlineData("a good PDU and another object", GoodButForItsEnd + "} {}")]
    [InlineData("a trailing comma behind all that is needed", GoodButForItsEnd + ",}")]
    [InlineData("a lone surrogate behind all that is needed", GoodButForItsEnd + ", \"\\ud800\": 1}")]
    [InlineData("a name twice behind all that is needed", GoodButForItsEnd + ", \"x\": 1, \"x\": 1}")]
    [InlineData("no end", GoodButForItsEnd)]
    [InlineData("a lone surrogate in a name", "{\"\\ud800\": 1}")]
    [InlineData("a lone surrogate in msg_type", "{\"header\": {\"msg_type\": \"\\udfff\"}}")]
    [InlineData("a comment", "{/* */}")]
    [InlineData("a trailing comma", "{\"a\": 1,}")]
    [InlineData("a NUL", "{\"a\": 1}\0")]
    [InlineData("a single quote", "{'a': 1}")]
    [InlineData("nothing", "")]
    public void Anything_else_is_malformed(string what, string pdu)
    {
        Assert.NotEmpty(what);
        Assert.Equal(Verdict.Malformed, Read(WithCrc(pdu)));
    }

    [Fact]
    public void Invalid_UTF_8_inside_an_unknown_string_is_malformed()
    {
        var pdu = WithCrc("{\"x\": \"?\", \"header\": {\"msg_type\": \"ack\", \"timestamp\": 5, \"crc\": @}, \"body\": null, \"security\": " + Security + "}");
        Assert.Equal(Verdict.Accept, Read(pdu));
        pdu[Array.IndexOf(pdu, (byte)'?')] = 0xff;
        Assert.Equal(Verdict.Malformed, Read(pdu));
    }

    [Fact]
    public void Escapes_in_base64_are_resolved()
    {
        var plain = "{\"header\": {\"msg_type\": \"text\", \"timestamp\": 5, \"crc\": @}, \"body\": \"ab/d\", \"security\": " + Security + "}";
        foreach (var text in new[] { plain, plain.Replace("ab/d", "ab\\/d", StringComparison.Ordinal), plain.Replace("WsBw", "\\u0057sBw", StringComparison.Ordinal) })
        {
            Assert.Equal(Verdict.Accept, PduReader.Read(WithCrc(text), PduFormat.Modern, out var pdu));
            Assert.Equal("ab/d"u8, pdu!.Body!.Value.Span);
            Assert.Equal(Convert.FromBase64String(Hmac.Trim('"')), pdu.HmacValue);
        }
    }

    [Fact]
    public void A_key_agreement_has_no_HMAC()
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, 1), PduFormat.Modern, out var pdu));
        Assert.True(pdu!.HmacValue.IsEmpty);
    }

    [Theory]
    [InlineData(15, Verdict.Accept)]
    [InlineData(16, Verdict.Malformed)]
    public void Objects_may_nest_16_deep(int inside, Verdict verdict) => Assert.Equal(
        verdict, Read(WithCrc(GoodButForItsEnd + ", \"x\": " + new string('[', inside) + new string(']', inside) + "}")));

    [Fact]
    public void Deep_nesting_is_malformed_and_costs_no_stack()
    {
        var deep = "{\"x\": " + new string('[', 60_000) + new string(']', 60_000) + "}";
        Assert.Equal(Verdict.Malformed, Read(Encoding.UTF8.GetBytes(deep)));
    }

    private static Verdict Read(byte[] bytes) => PduReader.Read(bytes, PduFormat.Modern, out _);

    // Puts the right CRC where the @ stands, so that only what the case is about can be wrong.
    private static byte[] WithCrc(string pdu)
    {
        var crc = Crc32.HashToUInt32(Encoding.UTF8.GetBytes(pdu.Replace('@', '0')));
        return Encoding.UTF8.GetBytes(pdu.Replace("@", crc.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }
}
