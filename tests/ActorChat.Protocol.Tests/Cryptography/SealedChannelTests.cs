// The seal: any altered byte is refused, and so is a genuine PDU in another place.

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
        var sealedPdu = Sender().Seal(MsgType.Text, "{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"hi\"}"u8, Now);
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
        var sealedPdu = Sender().Seal(MsgType.Text, Encoding.UTF8.GetBytes(new string('x', 200)), Now);
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
        sender.Seal(MsgType.Hello, [], Now - 100);
        receiver.Skip();
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
    public void Text_is_never_padded_wrong_by_a_genuine_sender_and_an_empty_body_opens_to_nothing()
    {
        var (sender, receiver) = (Sender(), Receiver());
        var pdu = Read(sender.Seal(MsgType.Text, [], Now));
        Assert.True(receiver.Verify(pdu));
        Assert.Null(receiver.Open(pdu));
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

        var verdict = PduReader.Read(frame, PduFormat.Modern, Now, out var pdu);
        return verdict != Verdict.Accept ? verdict : receiver.Verify(pdu!) ? Verdict.Accept : Verdict.BadHmac;
    }

    private static Pdu Read(byte[] bytes)
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(bytes, PduFormat.Modern, Now, out var pdu));
        return pdu!;
    }

    // What somebody does who alters a PDU on purpose: the CRC is no secret, so it is made right again.
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
