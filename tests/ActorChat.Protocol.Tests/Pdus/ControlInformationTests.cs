// control-information.json: altered copies of one good PDU, and the verdict that each must get.

using System.Text;
using System.Text.Json;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class ControlInformationTests
{
    private static readonly JsonElement Cases = Vectors.Load("control-information.json");

    public static TheoryData<string, string, string> AlteredPdus()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var row in Cases.GetProperty("cases").EnumerateArray())
        {
            data.Add(row.Text("what"), row.Text("pdu"), row.Text("verdict"));
        }

        return data;
    }

    public static TheoryData<double, string> Clocks()
    {
        var data = new TheoryData<double, string>();
        foreach (var row in Cases.GetProperty("clock_cases").EnumerateArray())
        {
            data.Add(row.GetProperty("now").GetDouble(), row.Text("verdict"));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(AlteredPdus))]
    public void An_altered_PDU_gets_its_verdict(string what, string pdu, string verdict)
    {
        Assert.NotEmpty(what);
        Assert.Equal(verdict, Judge(Encoding.UTF8.GetBytes(pdu), Cases.GetProperty("now").GetDouble()));
    }

    [Theory]
    [MemberData(nameof(Clocks))]
    public void A_PDU_outside_the_window_is_ignored(double now, string verdict) =>
        Assert.Equal(verdict, Judge(Encoding.UTF8.GetBytes(Cases.GetProperty("cases")[0].Text("pdu")), now));

    private static string Judge(byte[] received, double now)
    {
        var framer = new PduFramer(131_072);
        framer.Append(received);
        switch (framer.Read(out var frame))
        {
            case Framing.Incomplete:
                return "incomplete";
            case Framing.Complete:
                break;
            default:
                return "malformed";
        }

        using var channel = ChannelAt(Cases.GetProperty("n").GetInt32());
        var verdict = PduChecks.Check(frame, PduFormat.Modern, channel, now, out var pdu);
        verdict = verdict == Verdict.Accept && channel.Open(pdu!) is null ? Verdict.Malformed : verdict;

        return verdict switch
        {
            Verdict.Accept => "accept",
            Verdict.Malformed => "malformed",
            Verdict.BadCrc => "bad_crc",
            Verdict.Ignore => "ignore",
            Verdict.BadHmac => "bad_hmac",
            _ => verdict.ToString(),
        };
    }

    // The keys in the file are the initiator's of modern-conversation.json.
    private static SealedChannel ChannelAt(int n)
    {
        var conversation = Vectors.Load("modern-conversation.json");
        using var secret = new UserSecret(conversation.Hex("user_secret"));
        var initiator = KeyChain.Derive(secret, conversation.Hex("isk"), "initiator"u8);
        Assert.Equal(Cases.GetProperty("keys").Text("hmac_key"), Convert.ToHexStringLower(initiator.HmacKey));
        var channel = new SealedChannel(PduFormat.Modern, KeyChain.Derive(secret, conversation.Hex("isk"), "responder"u8), initiator);
        PduReader.Read(Encoding.UTF8.GetBytes(Cases.GetProperty("cases")[0].Text("pdu")), PduFormat.Modern, out var any);
        for (var i = 0; i < n; i++)
        {
            channel.Verify(any!); // every sealed PDU that is read counts
        }

        return channel;
    }
}
