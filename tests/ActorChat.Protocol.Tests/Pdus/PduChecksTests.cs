// The order of the checks in section 2: which one decides when several things are wrong with a PDU.

using System.Text;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class PduChecksTests
{
    private const double Now = 1700000000.25;
    private const double LongAgo = Now - 7200;

    [Fact]
    public void A_forged_PDU_with_an_old_time_is_a_forgery_and_not_an_old_PDU()
    {
        using var stranger = TextMessageTests.NewChannel("responder", "initiator");
        using var receiver = TextMessageTests.NewChannel("responder", "initiator");
        Assert.Equal(Verdict.BadHmac, Check(stranger.Seal(MsgType.Hello, [], LongAgo), receiver));
    }

    [Fact]
    public void A_genuine_PDU_with_an_old_time_is_ignored_and_counts()
    {
        using var sender = TextMessageTests.NewChannel("initiator", "responder");
        using var receiver = TextMessageTests.NewChannel("responder", "initiator");
        Assert.Equal(Verdict.Ignore, Check(sender.Seal(MsgType.Hello, [], LongAgo), receiver));
        Assert.Equal(Verdict.Accept, Check(sender.Seal(MsgType.Hello, [], Now), receiver));
    }

    [Theory]
    [InlineData(Now)]
    [InlineData(LongAgo)]
    public void A_second_key_agreement_is_unexpected_whatever_time_it_says(double timestamp)
    {
        using var receiver = TextMessageTests.NewChannel("responder", "initiator");
        Assert.Equal(Verdict.Unexpected, Check(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, timestamp), receiver));
    }

    [Theory]
    [InlineData(Now, Verdict.Accept)]
    [InlineData(LongAgo, Verdict.Ignore)]
    public void A_key_agreement_is_judged_by_its_time_while_there_are_no_keys(double timestamp, Verdict verdict) =>
        Assert.Equal(verdict, Check(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, timestamp), channel: null));

    [Fact]
    public void A_sealed_PDU_is_unexpected_while_there_are_no_keys()
    {
        using var sender = TextMessageTests.NewChannel("initiator", "responder");
        Assert.Equal(Verdict.Unexpected, Check(sender.Seal(MsgType.Hello, [], Now), channel: null));
    }

    [Theory]
    [InlineData(MsgType.Hello, Verdict.Malformed)]
    [InlineData(MsgType.Ack, Verdict.Malformed)]
    [InlineData(MsgType.Nack, Verdict.Malformed)]
    [InlineData(MsgType.Chall, Verdict.Accept)]
    [InlineData(MsgType.Resp, Verdict.Accept)]
    [InlineData(MsgType.Text, Verdict.Accept)]
    public void Types_that_say_nothing_have_no_body(MsgType type, Verdict verdict)
    {
        using var sender = TextMessageTests.NewChannel("initiator", "responder");
        using var receiver = TextMessageTests.NewChannel("responder", "initiator");
        Assert.Equal(verdict, Check(sender.Seal(type, "something"u8, Now), receiver));
    }

    [Fact]
    public void A_wrong_CRC_decides_before_the_HMAC_and_the_time()
    {
        using var sender = TextMessageTests.NewChannel("initiator", "responder");
        using var receiver = TextMessageTests.NewChannel("responder", "initiator");
        var pdu = Encoding.ASCII.GetString(sender.Seal(MsgType.Hello, [], LongAgo)).Replace("hello", "ack", StringComparison.Ordinal);
        Assert.Equal(Verdict.BadCrc, Check(Encoding.ASCII.GetBytes(pdu), receiver));
    }

    private static Verdict Check(byte[] frame, SealedChannel? channel)
    {
        var verdict = PduChecks.Check(frame, PduFormat.Modern, channel, Now, out var pdu);
        Assert.NotNull(pdu);
        return verdict;
    }
}
