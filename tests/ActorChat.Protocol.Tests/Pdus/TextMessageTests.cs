// Any message text arrives as it was sent: through the plaintext's JSON, the seal, the PDU, the framer and back.

using System.Text;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class TextMessageTests
{
    private const int MaxTextSize = 65_536;

    /// <summary>Every character of 64 KiB could need six bytes of JSON and then four thirds of base64.</summary>
    private const int RoomForAnything = 1 << 20;

    /// <summary>All of Unicode, dense where it is hard: controls, quotes, the edges of each UTF-8 length, bidirectional marks, combining characters, emoji.</summary>
    private static Gen<Rune> AnyRune => Gen.Frequency(
        (3, Gen.Choose(0, 0x7f)),
        (1, Gen.Elements(0, '"', '\\', '/', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff, 0x2028, 0x202e, 0x301, 0x1f642)),
        (2, Gen.Choose(0x80, 0xd7ff)),
        (2, Gen.Choose(0xe000, 0x10ffff))).Select(value => new Rune(value));

    private static Gen<string> AnyText =>
        from runes in Gen.NonEmptyListOf(AnyRune)
        from bytes in Gen.Frequency((4, Gen.Choose(0, 300)), (1, Gen.Choose(0, MaxTextSize)))
        select Fill(runes, bytes);

    [Property(MaxTest = 150)]
    public Property Any_text_of_up_to_64_KiB_arrives_as_it_was_sent() =>
        Prop.ForAll(Arb.From(AnyText), text => Assert.Equal(text, SendAndReceive(text, RoomForAnything)));

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("中")]
    [InlineData("🙂")]
    public void Sixty_four_KiB_of_any_script_fit_the_standard_limit(string character)
    {
        var text = Fill([.. character.EnumerateRunes()], MaxTextSize);
        Assert.Equal(text, SendAndReceive(text, maxPduSize: 131_072));
    }

    [Fact]
    public void Characters_are_escaped_exactly_as_long_as_that_fits()
    {
        var message = new TextMessage(Guid.NewGuid(), "\u00e9");
        var escaped = message.ToPlaintext(1000)!;
        Assert.EndsWith("\\u00e9\"}", Encoding.ASCII.GetString(escaped), StringComparison.Ordinal);
        Assert.Equal(escaped, message.ToPlaintext(escaped.Length));
        var shorter = message.ToPlaintext(escaped.Length - 1)!;
        Assert.EndsWith("\u00e9\"}", Encoding.UTF8.GetString(shorter), StringComparison.Ordinal);
        Assert.Null(message.ToPlaintext(shorter.Length - 1));
    }

    [Fact]
    public void A_text_that_does_not_fit_is_refused_and_not_cut()
    {
        var message = new TextMessage(Guid.NewGuid(), new string('\n', MaxTextSize));
        Assert.Null(message.ToPlaintext(SealedChannel.MaxPlaintextSize(131_072)));
    }

    [Property(MaxTest = 30)]
    public Property The_longest_plaintext_that_is_let_through_fits_its_PDU() =>
        Prop.ForAll(Arb.From(Gen.Choose(512, 200_000)), maxPduSize =>
        {
            using var sender = NewChannel("initiator", "responder");
            var pdu = sender.Seal(MsgType.Text, new byte[SealedChannel.MaxPlaintextSize(maxPduSize)], 1234567890.123456);
            Assert.InRange(pdu.Length, 1, maxPduSize);
        });

    [Property(MaxTest = 100)]
    public Property A_sealed_PDU_is_never_longer_than_is_said_of_its_plaintext_and_not_much_shorter() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 70_000)), size =>
        {
            using var sender = NewChannel("initiator", "responder");
            var pdu = sender.Seal(MsgType.Text, new byte[size], 1234567890.123456).Length - 1;
            Assert.InRange(SealedChannel.MaxPduSize(size), pdu, pdu + PduWriter.MaxOverhead);
        });

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"text\": \"a\"}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\"}")]
    [InlineData("{\"id\": \"20f8fad5\", \"text\": \"a\"}")]
    [InlineData("{\"id\": 7, \"text\": \"a\"}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": null}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"text\": \"b\"}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"\\ud800\"}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"stream\": \"kPlGyVxnQ0Y=\"}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"seq\": 1}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"stream\": \"kPlGyVxnQ0Y=\", \"seq\": 0}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"stream\": \"kPlGyVxnQ0Y=\", \"seq\": \"1\"}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"stream\": \"kPlGyVxnQ0Y=\", \"seq\": 1.5}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"stream\": \"kPlGyVxnQ0Y=\", \"seq\": 9223372036854775808}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"stream\": \"kPlGyVxnQw==\", \"seq\": 1}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"stream\": 7, \"seq\": 1}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"sent\": \"1.5\"}")]
    [InlineData("{\"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\", \"text\": \"a\", \"sent\": 1e999}")]
    [InlineData("hello")]
    [InlineData("")]
    public void Other_plaintexts_are_malformed(string plaintext) => Assert.Null(TextMessage.FromPlaintext(Encoding.UTF8.GetBytes(plaintext)));

    [Property]
    public void A_number_and_a_time_arrive_as_they_were_sent(ulong stream, long sequence, uint seconds, uint microseconds, bool numbered, bool timed)
    {
        var message = new TextMessage(
            Guid.NewGuid(), "a", numbered ? new TextNumber(stream, Math.Max(1, sequence)) : null, timed ? seconds + (microseconds % 1_000_000 / 1e6) : null);
        Assert.Equal(message, TextMessage.FromPlaintext(message.ToPlaintext(1000)));
    }

    [Fact]
    public void The_first_numbered_text_of_the_vector_is_read_and_written_to_the_byte()
    {
        var plaintext = Vectors.Load("modern-conversation-hybrid.json").GetProperty("pdus").EnumerateArray()
            .First(pdu => pdu.TryGetProperty("msg_type", out var type) && type.GetString() == "text").Hex("plaintext");
        var message = TextMessage.FromPlaintext(plaintext)!;
        Assert.Equal((new TextNumber(0x90f946c95c674346, 7), 1699996407.25), (message.Number, message.Sent));
        Assert.Equal(plaintext, message.ToPlaintext(1000));
    }

    [Fact]
    public void Unknown_members_are_ignored() =>
        Assert.Equal("a", TextMessage.FromPlaintext("{\"colour\": {\"id\": 1}, \"text\": \"a\", \"id\": \"20f8fad5-d9cb-469f-a165-70867728950e\"}"u8)?.Text);

    private static string Fill(IReadOnlyList<Rune> runes, int maxBytes)
    {
        var text = new StringBuilder();
        var bytes = 0;
        for (var i = 0; bytes + runes[i % runes.Count].Utf8SequenceLength <= maxBytes; i++)
        {
            text.Append(runes[i % runes.Count].ToString());
            bytes += runes[i % runes.Count].Utf8SequenceLength;
        }

        return text.ToString();
    }

    private static string SendAndReceive(string text, int maxPduSize)
    {
        using var sender = NewChannel("initiator", "responder");
        using var receiver = NewChannel("responder", "initiator");
        var plaintext = new TextMessage(Guid.NewGuid(), text).ToPlaintext(SealedChannel.MaxPlaintextSize(maxPduSize));
        Assert.NotNull(plaintext);

        var framer = new PduFramer(maxPduSize);
        framer.Append(sender.Seal(MsgType.Text, plaintext, 1.5));
        Assert.Equal(Framing.Complete, framer.Read(out var frame));
        Assert.Equal(Verdict.Accept, PduReader.Read(frame, PduFormat.Modern, out var pdu));
        Assert.True(receiver.Verify(pdu!));
        return TextMessage.FromPlaintext(receiver.Open(pdu!))!.Text;
    }

    internal static SealedChannel NewChannel(string sending, string receiving)
    {
        using var secret = new UserSecret(new byte[32]);
        return new SealedChannel(
            PduFormat.Modern,
            KeyChain.Derive(secret, new byte[64], Encoding.ASCII.GetBytes(sending)),
            KeyChain.Derive(secret, new byte[64], Encoding.ASCII.GetBytes(receiving)));
    }
}
