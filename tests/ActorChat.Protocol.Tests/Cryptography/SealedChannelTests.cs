// The seal: any altered byte is refused, and so is a genuine PDU in another place.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Tests.Pdus;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Protocol.Tests.Cryptography;

public sealed class SealedChannelTests
{
    private const double Now = 1700000000.25;

    [Fact]
    public void Any_single_altered_byte_is_refused()
    {
        var sealedPdu = Sender().Seal(MsgType.Text, "{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"hi\"}"u8, Now)[..^1];
        for (var position = 0; position < sealedPdu.Length; position++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                AssertRefused(sealedPdu, position, (byte)(1 << bit));
            }
        }
    }

    [Property(MaxTest = 500)]
    public Property Any_alteration_of_a_byte_is_refused_even_with_the_crc_made_right()
    {
        var sealedPdu = Sender().Seal(MsgType.Text, Encoding.UTF8.GetBytes(new string('x', 200)), Now)[..^1];
        return Prop.ForAll(Arb.From(Gen.Choose(0, sealedPdu.Length - 1).Zip(Gen.Choose(1, 255))), change =>
        {
            var altered = (byte[])sealedPdu.Clone();
            altered[change.Item1] ^= (byte)change.Item2;
            var repaired = RepairCrc(altered); // the same PDU again, where only the CRC was altered
            Assert.Equal(repaired.SequenceEqual(sealedPdu), Judge(repaired, Receiver()) == Verdict.Accept);
        });
    }

    [Fact]
    public void A_PDU_that_comes_twice_is_refused_the_second_time()
    {
        var (sender, receiver) = (Sender(), Receiver());
        var pdu = sender.Seal(MsgType.Hello, [], Now);
        Assert.Equal(Verdict.Accept, Judge(pdu, receiver));
        Assert.Equal(Verdict.BadHmac, Judge(pdu, receiver));
    }

    [Fact]
    public void A_PDU_before_its_turn_is_refused()
    {
        var sender = Sender();
        sender.Seal(MsgType.Hello, [], Now);
        Assert.Equal(Verdict.BadHmac, Judge(sender.Seal(MsgType.Hello, [], Now), Receiver()));
    }

    [Fact]
    public void A_PDU_reflected_to_its_sender_is_refused()
    {
        var sender = Sender();
        Assert.Equal(Verdict.BadHmac, Judge(sender.Seal(MsgType.Ack, [], Now), sender));
    }

    [Fact]
    public void An_ignored_PDU_counts()
    {
        var (sender, receiver) = (Sender(), Receiver());
        Assert.Equal(Verdict.Ignore, Judge(sender.Seal(MsgType.Hello, [], Now - 100), receiver));
        Assert.Equal(Verdict.Accept, Judge(sender.Seal(MsgType.Hello, [], Now), receiver));
    }

    [Fact]
    public void The_same_plaintext_never_looks_the_same_twice()
    {
        var sender = Sender();
        var bodies = Enumerable.Range(0, 20).Select(_ => Read(sender.Seal(MsgType.Text, "the same"u8, Now)).Body!.Value.ToArray()).Select(Encoding.ASCII.GetString);
        Assert.Equal(20, bodies.Distinct().Count());
    }

    [Fact]
    public void Only_a_text_has_a_body_where_there_is_nothing_to_say()
    {
        var (sender, receiver) = (Sender(), Receiver());
        var (text, hello) = (Read(sender.Seal(MsgType.Text, [], Now)), Read(sender.Seal(MsgType.Hello, [], Now)));
        Assert.True(receiver.Verify(text));
        Assert.Empty(receiver.Open(text)!);
        Assert.True(receiver.Verify(hello));
        Assert.Null(receiver.Open(hello));
    }

    [Fact]
    public void A_padding_is_taken_exactly_where_PKCS7_has_it()
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        using var keys = KeyChain.Derive(secret, new byte[64], "initiator"u8);
        foreach (var block in LastBlocks())
        {
            byte[] blocks = [.. new byte[16], .. block];
            var size = block[^1];
            var isRight = size is >= 1 and <= 16 && block[^size..].All(b => b == size);
            var receiver = Receiver();
            var pdu = Read(SealBlocks(keys, blocks));
            Assert.True(receiver.Verify(pdu));
            Assert.Equal(isRight ? blocks[..^size] : null, receiver.Open(pdu));
        }
    }

    // A peer with the keys may write the members in any order, and may seal anything.
    [Theory]
    [InlineData("{\"header\": HEADER, \"body\": BODY, \"security\": SECURITY}")]
    [InlineData("{\"security\": SECURITY, \"body\": BODY, \"header\": HEADER}")]
    public void A_genuine_PDU_verifies_in_any_order_and_opens_only_where_it_holds_blocks(string order)
    {
        var ciphertext = Read(Sender().Seal(MsgType.Text, "any"u8, Now)).Body!.Value.ToArray();
        foreach (var (body, opens) in new[] { (Encoding.ASCII.GetString(ciphertext), true), ("", false), ("!!!!", false), ("AAAA", false), (new string('A', 20), false) })
        {
            var receiver = Receiver();
            var pdu = Read(SealByHand(order, body));
            Assert.True(receiver.Verify(pdu));
            Assert.Equal(opens ? "any"u8.ToArray() : null, receiver.Open(pdu));
        }
    }

    [Fact]
    public void A_key_agreement_is_never_genuine()
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, Now), PduFormat.Modern, out var pdu));
        Assert.False(Receiver().Verify(pdu!));
    }

    [Fact]
    public void Disposing_ends_the_keys_of_both_directions()
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        var (one, other) = (KeyChain.Derive(secret, new byte[64], "initiator"u8), KeyChain.Derive(secret, new byte[64], "responder"u8));
        new SealedChannel(PduFormat.Modern, one, other).Dispose();
        Assert.All([one, other], chain => Assert.Throws<ObjectDisposedException>(() => { _ = chain.EncKey; }));

        var keys = new SessionKeys(KeyChain.Derive(secret, new byte[64], "initiator"u8), KeyChain.Derive(secret, new byte[64], "responder"u8));
        keys.Dispose();
        Assert.All([keys.Initiator, keys.Responder], chain => Assert.Throws<ObjectDisposedException>(() => { _ = chain.EncKey; }));
    }

    // Every right padding, each with each of its bytes altered in turn, and every value that the last byte can have.
    private static IEnumerable<byte[]> LastBlocks()
    {
        foreach (var size in Enumerable.Range(1, 16))
        {
            byte[] right = [.. Enumerable.Repeat((byte)0xaa, 16 - size), .. Enumerable.Repeat((byte)size, size)];
            yield return right;
            foreach (var (position, mask) in Enumerable.Range(0, 16).SelectMany(position => new[] { 1, 0x10, 0x80 }.Select(mask => (position, mask))))
            {
                var altered = (byte[])right.Clone();
                altered[position] ^= (byte)mask;
                yield return altered;
            }
        }

        foreach (var last in Enumerable.Range(0, 256))
        {
            yield return [.. Enumerable.Repeat((byte)last, 16)];
        }
    }

    // A first PDU with a right HMAC around blocks that need not end in a padding.
    private static byte[] SealBlocks(KeyChain keys, byte[] blocks)
    {
        using var aes = Aes.Create();
        aes.SetKey(keys.EncKey);
        var ciphertext = aes.EncryptCbc(blocks, HMACSHA256.HashData(keys.Iv, new byte[8]).AsSpan(0, KeyChain.IvSize), PaddingMode.None);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.HmacKey);
        hmac.AppendData(new byte[8]);
        return PduWriter.WriteSecured(PduFormat.Modern, MsgType.Text, Now, ciphertext, hmac);
    }

    // The initiator's first PDU, with CRC and HMAC computed here.
    private static byte[] SealByHand(string order, string body)
    {
        using var secret = new UserSecret(new byte[UserSecret.Size]);
        using var keys = KeyChain.Derive(secret, new byte[64], "initiator"u8);
        var text = order.Replace("HEADER", "{\"msg_type\": \"text\", \"timestamp\": 1700000000.25, \"crc\": 0}", StringComparison.Ordinal)
            .Replace("SECURITY", "{\"enc_type\": \"AES256CBC\", \"hmac\": {\"hmac_val\": 0, \"hmac_type\": \"SHA256\"}}", StringComparison.Ordinal)
            .Replace("BODY", $"\"{body}\"", StringComparison.Ordinal);
        var hmac = HMACSHA256.HashData(keys.HmacKey, [.. new byte[8], .. Encoding.ASCII.GetBytes(text)]);
        return RepairCrc(Encoding.ASCII.GetBytes(text.Replace("\"hmac_val\": 0", $"\"hmac_val\": \"{Convert.ToBase64String(hmac)}\"", StringComparison.Ordinal)));
    }

    private static SealedChannel Sender() => TextMessageTests.NewChannel("initiator", "responder");

    private static SealedChannel Receiver() => TextMessageTests.NewChannel("responder", "initiator");

    private static void AssertRefused(byte[] pdu, int position, byte mask)
    {
        var altered = (byte[])pdu.Clone();
        altered[position] ^= mask;
        Assert.NotEqual(Verdict.Accept, Judge(altered, Receiver()));
    }

    private static Verdict Judge(byte[] received, SealedChannel receiver)
    {
        var framer = new PduFramer(131_072);
        framer.Append(received);
        if (framer.Read(out var frame) != Framing.Complete)
        {
            return Verdict.Malformed;
        }

        return PduChecks.Check(frame, PduFormat.Modern, receiver, Now, out _);
    }

    private static Pdu Read(byte[] bytes)
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(bytes, PduFormat.Modern, out var pdu));
        return pdu!;
    }

    // An attacker who alters a PDU also corrects the CRC, which needs no key.
    private static byte[] RepairCrc(byte[] pdu)
    {
        var text = Encoding.Latin1.GetString(pdu);
        var match = System.Text.RegularExpressions.Regex.Match(text, "\"crc\": (\\d+)");
        if (!match.Success)
        {
            return pdu;
        }

        var digits = match.Groups[1];
        var blanked = text[..digits.Index] + "0" + text[(digits.Index + digits.Length)..];
        var crc = System.IO.Hashing.Crc32.HashToUInt32(Encoding.Latin1.GetBytes(blanked));
        return Encoding.Latin1.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{text[..digits.Index]}{crc}{text[(digits.Index + digits.Length)..]}"));
    }
}
