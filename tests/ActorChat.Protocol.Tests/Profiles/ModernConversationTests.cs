// The whole conversation of modern-conversation.json, byte for byte, through the pure half alone: the sessions replay it again over actors.

using System.Text;
using System.Text.Json;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Protocol.Tests.Cryptography;

namespace ActorChat.Protocol.Tests.Profiles;

public sealed class ModernConversationTests
{
    private static readonly JsonElement Conversation = Vectors.Load("modern-conversation.json");
    private static readonly JsonElement[] Steps = [.. Conversation.GetProperty("pdus").EnumerateArray()];
    private static readonly ModernProfile Profile = ModernProfile.Instance;

    [Fact]
    public void Both_sides_agree_on_the_keys_of_the_vector()
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        var (initiatorKeys, responderKeys) = AgreeKeys(secret);
        foreach (var keys in new[] { initiatorKeys, responderKeys })
        {
            KeyScheduleTests.AssertChain(Conversation.GetProperty("keys").GetProperty("initiator"), keys.Initiator);
            KeyScheduleTests.AssertChain(Conversation.GetProperty("keys").GetProperty("responder"), keys.Responder);
        }
    }

    [Fact]
    public void Every_secured_PDU_is_sealed_to_the_byte_and_opens_to_its_plaintext()
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        var (initiatorKeys, responderKeys) = AgreeKeys(secret);
        using var initiator = new SealedChannel(Profile.Format, initiatorKeys.Initiator, initiatorKeys.Responder);
        using var responder = new SealedChannel(Profile.Format, responderKeys.Responder, responderKeys.Initiator);

        foreach (var step in Steps.Where(s => s.TryGetProperty("n", out _)))
        {
            var bytes = Encoding.UTF8.GetBytes(step.Text("pdu"));
            var (sender, receiver) = step.Text("from") == "initiator" ? (initiator, responder) : (responder, initiator);
            var type = MsgTypes.FromWord(step.Text("msg_type"))!.Value;
            byte[] plaintext = step.GetProperty("plaintext").ValueKind == JsonValueKind.Null ? [] : step.Hex("plaintext");

            Assert.Equal(step.Text("pdu") + "\n", Encoding.UTF8.GetString(sender.Seal(type, plaintext, TimestampOf(step))));
            var pdu = ReadStep(step);
            Assert.True(receiver.Verify(pdu));
            Assert.Equal(plaintext, receiver.Open(pdu) ?? []);
        }
    }

    [Fact]
    public void The_answers_to_the_challenges_are_those_of_the_vector()
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        var (initiatorKeys, responderKeys) = AgreeKeys(secret);
        using var initiator = new SealedChannel(Profile.Format, initiatorKeys.Initiator, initiatorKeys.Responder);
        using var responder = new SealedChannel(Profile.Format, responderKeys.Responder, responderKeys.Initiator);

        var plaintexts = Steps.Where(s => s.TryGetProperty("msg_type", out var type) && type.GetString() is "chall" or "resp").Select(s => s.Hex("plaintext")).ToArray();
        Assert.Equal(plaintexts[1], initiator.Respond(plaintexts[0]));
        Assert.True(responder.VerifyResponse(plaintexts[0], plaintexts[1]));
        Assert.Equal(plaintexts[3], responder.Respond(plaintexts[2]));
        Assert.True(initiator.VerifyResponse(plaintexts[2], plaintexts[3]));
        Assert.False(initiator.VerifyResponse(plaintexts[0], plaintexts[1])); // its own answer, sent back to it
    }

    [Fact]
    public void The_text_is_the_object_of_the_vector()
    {
        var plaintext = Steps.Single(s => s.TryGetProperty("msg_type", out var type) && type.GetString() == "text").Hex("plaintext");
        var message = Profile.ReadText(plaintext, new ScriptedRandom())!;
        Assert.Equal("Hello Bob \u2713", message.Text);
        Assert.Equal(plaintext, Profile.WriteText(message, maxSize: 1000));
    }

    [Fact]
    public void A_public_value_of_low_order_ends_the_agreement_on_either_side()
    {
        using var secret = new UserSecret(new byte[32]);
        var dh1 = PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, 0, ("username", "alice"), ("key", new byte[CPace.ElementSize]), ("profile", "modern"));
        var dh2 = PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, 0, ("username", "bob"), ("key", new byte[CPace.ElementSize]));
        Assert.Null(Profile.Respond(secret, Offer(dh1), "bob", 0, new ScriptedRandom(new byte[32])));
        using var initiation = Profile.Initiate(secret, "alice", 0, new ScriptedRandom(new byte[32]));
        Assert.Null(initiation.Complete(Read(dh2)));
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "2")]
    [InlineData(1000, "1000")]
    public void A_responder_announces_how_many_texts_it_takes_where_it_is_more_than_one(int texts, string? announced)
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Profile.Initiate(secret, "alice", 0, new ScriptedRandom(Conversation.Hex("ya")));
        var answer = Profile.Respond(secret, Offer(initiation.Dh1), "bob", 0, new ScriptedRandom(Conversation.Hex("yb")), new AgreementOptions(texts))!;
        using var dh2 = JsonDocument.Parse(answer.Dh2);
        Assert.Equal(announced, dh2.RootElement.GetProperty("body").TryGetProperty("texts", out var member) ? member.GetRawText() : null);

        var agreement = initiation.Complete(Read(answer.Dh2))!;
        Assert.Equal((texts, texts), (answer.Texts, agreement.Texts));
        Assert.Equal(Convert.ToHexString(answer.Keys.Initiator.EncKey), Convert.ToHexString(agreement.Keys.Initiator.EncKey));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("-1")]
    [InlineData("1.0")]
    [InlineData("2e0")]
    [InlineData("4294967297")]
    [InlineData("\"2\"")]
    [InlineData("null")]
    public void A_dh_2_that_announces_no_such_number_of_texts_is_refused(string texts)
    {
        using var secret = new UserSecret(new byte[32]);
        using var initiation = Profile.Initiate(secret, "alice", 0, new ScriptedRandom(new byte[32]));
        var dh2 = Encoding.UTF8.GetString(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, 0, ("username", "bob"), ("key", Conversation.Hex("ya")), ("texts", 2)));
        Assert.NotNull(initiation.Complete(ReadAnyCrc(dh2)));
        Assert.Equal(1, initiation.Complete(ReadAnyCrc(dh2.Replace("\"texts\": 2", "\"texts\": 1", StringComparison.Ordinal)))?.Texts); // 1 need not be announced, but may be
        Assert.Null(initiation.Complete(ReadAnyCrc(dh2.Replace("\"texts\": 2", $"\"texts\": {texts}", StringComparison.Ordinal))));
    }

    [Fact]
    public void The_other_sides_announcements_are_unknown_members()
    {
        using var secret = new UserSecret(new byte[32]);
        var dh1 = PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, 0, ("username", "alice"), ("key", Conversation.Hex("ya")), ("profile", "modern"), ("texts", "x"));
        Assert.Equal(1, Profile.Respond(secret, Offer(dh1), "bob", 0, new ScriptedRandom(Conversation.Hex("yb")))?.Texts);
        using var initiation = Profile.Initiate(secret, "alice", 0, new ScriptedRandom(Conversation.Hex("yb")));
        Assert.NotNull(initiation.Complete(Read(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, 0, ("username", "bob"), ("key", Conversation.Hex("ya")), ("profile", 1)))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void Nobody_can_announce_a_number_of_texts_that_would_be_refused(int texts) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AgreementOptions(texts));

    [Theory]
    [InlineData("{\"key\": \"txIhCpQPBF5/TJdZ4UgbPyk2k//xxe+Fj4LQ5ep6NT8=\", \"profile\": \"modern\"}")]
    [InlineData("{\"username\": \"alice\", \"profile\": \"modern\"}")]
    [InlineData("{\"username\": \"alice\", \"key\": \"txIhCpQPBF5/TJdZ4UgbPyk2k//xxe+Fj4LQ5ep6NT8=\"}")]
    [InlineData("{\"username\": \"alice\", \"key\": \"txIhCpQPBF5/TJdZ4UgbPyk2k//xxe+Fj4LQ5ep6NT8=\", \"profile\": \"classic\"}")]
    [InlineData("{\"username\": 1, \"key\": \"txIhCpQPBF5/TJdZ4UgbPyk2k//xxe+Fj4LQ5ep6NT8=\", \"profile\": \"modern\"}")]
    [InlineData("{\"username\": \"alice\", \"key\": \"dHhJaA==\", \"profile\": \"modern\"}")]
    [InlineData("{\"username\": \"alice\", \"key\": \"not base64 at all\", \"profile\": \"modern\"}")]
    [InlineData("{\"username\": \"alice\", \"username\": \"bob\", \"key\": \"txIhCpQPBF5/TJdZ4UgbPyk2k//xxe+Fj4LQ5ep6NT8=\", \"profile\": \"modern\"}")]
    [InlineData("{\"username\": \"\\ud800\", \"key\": \"txIhCpQPBF5/TJdZ4UgbPyk2k//xxe+Fj4LQ5ep6NT8=\", \"profile\": \"modern\"}")]
    public void A_dh_1_that_is_not_of_this_profile_is_refused(string body)
    {
        var template = Encoding.UTF8.GetString(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, 0));
        var pdu = ReadAnyCrc(template.Replace("\"body\": {}", $"\"body\": {body}", StringComparison.Ordinal));
        Assert.Null(Profile.ReadOffer(pdu));
    }

    [Fact]
    public void A_dh_2_is_no_dh_1_even_where_its_body_is_one() => Assert.Null(Profile.ReadOffer(
        Read(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, 0, ("username", "bob"), ("key", Conversation.Hex("ya")), ("profile", "modern")))));

    private static (SessionKeys Initiator, SessionKeys Responder) AgreeKeys(UserSecret secret)
    {
        using var initiation = Profile.Initiate(secret, "alice", TimestampOf(Steps[0]), new ScriptedRandom(Conversation.Hex("ya")));
        Assert.Equal(Steps[0].Text("pdu") + "\n", Encoding.UTF8.GetString(initiation.Dh1));

        var offer = Profile.ReadOffer(ReadStep(Steps[0]))!;
        Assert.Equal(("alice", "modern", false), (offer.InitiatorName, offer.Profile, offer.IsPostQuantum));
        var responder = Profile.Respond(secret, offer, "bob", TimestampOf(Steps[1]), new ScriptedRandom(Conversation.Hex("yb")))!;
        Assert.Equal(Steps[1].Text("pdu") + "\n", Encoding.UTF8.GetString(responder.Dh2));

        var initiator = initiation.Complete(ReadStep(Steps[1]))!;
        Assert.Equal(("alice", "bob"), (responder.PeerName, initiator.PeerName));
        return (initiator.Keys, responder.Keys);
    }

    private static double TimestampOf(JsonElement step)
    {
        using var pdu = JsonDocument.Parse(step.Text("pdu"));
        return pdu.RootElement.GetProperty("header").GetProperty("timestamp").GetDouble();
    }

    private static Pdu ReadStep(JsonElement step)
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(Encoding.UTF8.GetBytes(step.Text("pdu")), Profile.Format, out var pdu));
        Assert.Equal(step.TryGetProperty("n", out _), pdu!.IsSecured);
        return pdu;
    }

    private static Pdu Read(byte[] bytes)
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(bytes, Profile.Format, out var pdu));
        return pdu!;
    }

    private static Offer Offer(byte[] dh1) => Profile.ReadOffer(Read(dh1))!;

    private static Pdu ReadAnyCrc(string text)
    {
        PduReader.Read(Encoding.UTF8.GetBytes(text), Profile.Format, out var pdu);
        return pdu!;
    }
}
