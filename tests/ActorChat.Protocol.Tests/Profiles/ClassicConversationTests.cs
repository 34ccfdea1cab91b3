// The whole conversation of classic-conversation.json, byte for byte, through the pure half alone: the sessions replay it again over actors.

using System.IO.Hashing;
using System.Numerics;
using System.Text;
using System.Text.Json;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Protocol.Tests.Cryptography;

namespace ActorChat.Protocol.Tests.Profiles;

public sealed class ClassicConversationTests
{
    private static readonly JsonElement Conversation = Vectors.Load("classic-conversation.json");
    private static readonly JsonElement[] Steps = [.. Conversation.GetProperty("pdus").EnumerateArray()];
    private static readonly ClassicProfile Profile = ClassicProfile.Instance;

    [Fact]
    public void Both_sides_agree_on_the_keys_of_the_vector()
    {
        var (initiatorKeys, responderKeys) = AgreeKeys();
        foreach (var chain in new[] { initiatorKeys.Initiator, initiatorKeys.Responder, responderKeys.Initiator, responderKeys.Responder })
        {
            KeyScheduleTests.AssertChain(Conversation.GetProperty("keys"), chain);
        }
    }

    [Fact]
    public void Every_secured_PDU_is_sealed_to_the_byte_and_opens_to_its_plaintext()
    {
        var (initiatorKeys, responderKeys) = AgreeKeys();
        using var initiator = new SealedChannel(Profile.Format, initiatorKeys.Initiator, initiatorKeys.Responder);
        using var responder = new SealedChannel(Profile.Format, responderKeys.Responder, responderKeys.Initiator);
        foreach (var step in Steps[2..])
        {
            var (sender, receiver) = step.Text("from") == "initiator" ? (initiator, responder) : (responder, initiator);
            byte[] plaintext = step.GetProperty("plaintext").ValueKind == JsonValueKind.Null ? [] : step.Hex("plaintext");
            Assert.Equal(step.Text("pdu") + "\n", Encoding.UTF8.GetString(sender.Seal(MsgTypes.FromWord(step.Text("msg_type"))!.Value, plaintext, TimestampOf(step))));
            Assert.Equal(Verdict.Accept, PduChecks.Check(Encoding.UTF8.GetBytes(step.Text("pdu")), Profile.Format, receiver, TimestampOf(step), out var pdu));
            Assert.Equal(plaintext, receiver.Open(pdu!) ?? []);
        }
    }

    [Fact]
    public void The_answers_to_the_challenges_are_those_of_the_vector()
    {
        var (initiatorKeys, responderKeys) = AgreeKeys();
        using var initiator = new SealedChannel(Profile.Format, initiatorKeys.Initiator, initiatorKeys.Responder);
        using var responder = new SealedChannel(Profile.Format, responderKeys.Responder, responderKeys.Initiator);
        Assert.Equal(Steps[4].Hex("plaintext"), initiator.Respond(Steps[3].Hex("plaintext")));
        Assert.Equal(Steps[7].Hex("plaintext"), responder.Respond(Steps[6].Hex("plaintext")));
    }

    // A classic text has no id, so the same text twice is two messages.
    [Fact]
    public void A_text_is_the_message_itself()
    {
        var plaintext = Steps.Single(s => s.TryGetProperty("msg_type", out var type) && type.GetString() == "text").Hex("plaintext");
        var ids = new[] { new byte[16], Enumerable.Range(0, 16).Select(i => (byte)i).ToArray() };
        var texts = ids.Select(id => Profile.ReadText(plaintext, new ScriptedRandom(id))!).ToArray();
        Assert.All(texts, text => Assert.Equal("Hello \u2713", text.Text));
        Assert.NotEqual(texts[0].Id, texts[1].Id);
        Assert.Equal(plaintext, Profile.WriteText(texts[0], maxSize: plaintext.Length));
        Assert.Null(Profile.WriteText(texts[0], maxSize: plaintext.Length - 1));
        Assert.Null(Profile.ReadText([0xc3], new ScriptedRandom()));
    }

    [Fact]
    public void A_text_may_say_nothing()
    {
        var (initiatorKeys, responderKeys) = AgreeKeys();
        using var initiator = new SealedChannel(Profile.Format, initiatorKeys.Initiator, initiatorKeys.Responder);
        using var responder = new SealedChannel(Profile.Format, responderKeys.Responder, responderKeys.Initiator);
        var sealedText = initiator.Seal(MsgType.Text, Profile.WriteText(new TextMessage(Guid.Empty, ""), maxSize: 0)!, timestamp: 1);
        Assert.Equal(Verdict.Accept, PduChecks.Check(sealedText, Profile.Format, responder, now: 1, out var pdu));
        var plaintext = responder.Open(pdu!);
        Assert.NotNull(plaintext); // null would mean that there is no body
        Assert.Equal("", Profile.ReadText(plaintext, new ScriptedRandom(new byte[16]))!.Text);
    }

    // The password is neither normalised nor bound to a name.
    [Fact]
    public void User_secret_is_the_password_in_UTF_8()
    {
        using var secret = Profile.DeriveUserSecret("pa\u0308ss", "alice");
        Assert.Equal("pa\u0308ss"u8.ToArray(), secret.Bytes.ToArray());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("p - 1")]
    [InlineData("p")]
    [InlineData("p + 1")]
    [InlineData("-2")]
    [InlineData("+2")]
    [InlineData(" 2")]
    [InlineData("0x2")]
    [InlineData("")]
    [InlineData("1e3")]
    [InlineData("\u0662")]
    public void A_public_value_that_is_no_number_in_the_group_ends_the_agreement_on_either_side(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(Digits(value));
        using var secret = new UserSecret("secret"u8);
        Assert.Null(Profile.Respond(secret, Profile.ReadOffer(Read(Dh1(("key", bytes), ("user", "alice"))))!, "bob", 0, new ScriptedRandom(new byte[32])));
        using var initiation = Profile.Initiate(secret, "alice", 0, new ScriptedRandom(new byte[32]));
        Assert.Null(initiation.Complete(Read(PduWriter.WriteKeyAgreement(Profile.Format, MsgType.Dh2, 0, ("key", bytes)))));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("p - 2")]
    public void The_first_and_the_last_number_of_the_group_are_good(string value)
    {
        using var secret = new UserSecret("secret"u8);
        var dh1 = Read(Dh1(("key", Encoding.ASCII.GetBytes(Digits(value))), ("user", "alice")));
        Assert.NotNull(Profile.Respond(secret, Profile.ReadOffer(dh1)!, "bob", 0, new ScriptedRandom(Number(Conversation.Text("xb")))));
    }

    [Fact]
    public void A_dh_1_without_key_or_name_is_refused()
    {
        foreach (var dh1 in new[] { Dh1(("user", "alice")), Dh1(("key", "Mg==")), Dh1(("key", "???"), ("user", "alice")), Dh1(("key", 2), ("user", "alice")), Dh1(("key", "Mg=="), ("user", 1)) })
        {
            Assert.Null(Profile.ReadOffer(Read(dh1)));
        }
    }

    [Fact]
    public void A_name_in_dh_2_is_a_member_that_nobody_knows()
    {
        using var initiation = Profile.Initiate(new UserSecret("secret"u8), "alice", 0, new ScriptedRandom(new byte[32]));
        Assert.NotNull(initiation.Complete(Read(PduWriter.WriteKeyAgreement(Profile.Format, MsgType.Dh2, 0, ("key", "Mg=="), ("user", 1)))));
    }

    [Fact]
    public void A_dh_2_is_no_dh_1() => Assert.Null(Profile.ReadOffer(Read(PduWriter.WriteKeyAgreement(Profile.Format, MsgType.Dh2, 0, ("key", "Mg=="), ("user", "alice")))));

    // Other implementations write the members in any order.
    [Theory]
    [InlineData("{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 0.5, \"crc\": C}, \"body\": {}}", "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 0.5}, \"body\": {}}")]
    [InlineData("{\"header\": {\"msg_type\": \"dh_1\", \"crc\": C, \"timestamp\": 0.5}, \"body\": {}}", "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 0.5}, \"body\": {}}")]
    [InlineData("{\"header\": {\"crc\": C, \"msg_type\": \"dh_1\", \"timestamp\": 0.5}, \"body\": {}}", "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 0.5}, \"body\": {}}")]
    [InlineData("{\"body\":{},\"header\":{\"\\u0063rc\" : C ,\n \"msg_type\":\"dh_1\",\"timestamp\":0.5}}", "{\"body\":{},\"header\":{\"msg_type\":\"dh_1\",\"timestamp\":0.5}}")]
    [InlineData("{\"body\":{},\"header\":{\"msg_type\":\"dh_1\",\"timestamp\":0.5 , \"crc\" : C }}", "{\"body\":{},\"header\":{\"msg_type\":\"dh_1\",\"timestamp\":0.5 }}")]
    [InlineData("{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 0.5, \"crc\": C}, \"body\": {}}", "{\"header\": {\"msg_type\": \"dh_1\", \"timestamp\": 0.5, \"crc\": 0}, \"body\": {}}")]
    public void A_CRC_is_taken_with_the_member_0_or_absent_wherever_it_stands(string pdu, string checkedOver)
    {
        var bytes = Encoding.UTF8.GetBytes(pdu.Replace("C", $"{Crc32.HashToUInt32(Encoding.UTF8.GetBytes(checkedOver))}", StringComparison.Ordinal));
        Assert.Equal(Verdict.Accept, PduReader.Read(bytes, PduFormat.Classic, out _));
        var isWithZero = checkedOver.Contains("\"crc\": 0", StringComparison.Ordinal);
        Assert.Equal(isWithZero ? Verdict.Accept : Verdict.BadCrc, PduReader.Read(bytes, PduFormat.Modern, out _));
    }

    // The members of a PDU tell its profile, and it is checked by the rules of that profile.
    [Fact]
    public void A_responder_learns_the_profile_from_the_first_PDU()
    {
        using var modern = ModernProfile.Instance.Initiate(new UserSecret(new byte[32]), "alice", 1, new ScriptedRandom(new byte[32]));
        using var classic = Profile.Initiate(new UserSecret(new byte[32]), "alice", 1, new ScriptedRandom(new byte[32]));
        Assert.Equal((Verdict.Accept, "modern"), First(modern.Dh1, now: 1));
        Assert.Equal((Verdict.Accept, "classic"), First(classic.Dh1, now: 1));
        Assert.Equal((Verdict.Accept, "classic"), First(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, 1, ("key", "Mg=="), ("user", "alice")), now: 1)); // its CRC is computed with the member 0
        Assert.Equal((Verdict.Ignore, "classic"), First(classic.Dh1, now: 100));
        Assert.Equal((Verdict.BadCrc, null), First(Dh1(("username", "alice"), ("key", new byte[32]), ("profile", "modern")), now: 0));
        Assert.Equal((Verdict.Accept, null), First(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh1, 1, ("user", "alice")), now: 1)); // no profile's
        Assert.Equal((Verdict.Malformed, null), First("{}"u8.ToArray(), now: 1));
    }

    [Fact]
    public void A_profile_is_found_by_the_name_that_the_directory_gives_it()
    {
        Assert.Same(Profile, KnownProfiles.All.Named("classic"));
        Assert.Same(ModernProfile.Instance, KnownProfiles.All.Named("modern"));
        Assert.Throws<ArgumentException>(() => KnownProfiles.All.Named("Modern"));
    }

    private static (Verdict Verdict, string? Profile) First(byte[] frame, double now) => (KnownProfiles.All.CheckFirst(frame, now, out _, out var offer), offer?.Profile);

    private static byte[] Dh1(params ReadOnlySpan<BodyMember> members) => PduWriter.WriteKeyAgreement(Profile.Format, MsgType.Dh1, 0, members);

    private static string Digits(string value) => value switch
    {
        "p - 2" => $"{ModpGroup14Tests.Prime - 2}",
        "p - 1" => $"{ModpGroup14Tests.Prime - 1}",
        "p" => $"{ModpGroup14Tests.Prime}",
        "p + 1" => $"{ModpGroup14Tests.Prime + 1}",
        _ => value,
    };

    private static byte[] Number(string digits) => BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture).ToByteArray(isUnsigned: true, isBigEndian: true);

    private static (SessionKeys Initiator, SessionKeys Responder) AgreeKeys()
    {
        using var secret = Profile.DeriveUserSecret(Conversation.Text("password"), Conversation.Text("user"));
        using var initiation = Profile.Initiate(secret, Conversation.Text("user"), TimestampOf(Steps[0]), new ScriptedRandom(Number(Conversation.Text("xa"))));
        Assert.Equal(Steps[0].Text("pdu") + "\n", Encoding.UTF8.GetString(initiation.Dh1));

        var dh1 = Read(Encoding.UTF8.GetBytes(Steps[0].Text("pdu")));
        var responder = Profile.Respond(secret, Profile.ReadOffer(dh1)!, "bob", TimestampOf(Steps[1]), new ScriptedRandom(Number(Conversation.Text("xb"))))!;
        Assert.Equal(Steps[1].Text("pdu") + "\n", Encoding.UTF8.GetString(responder.Dh2));

        var initiator = initiation.Complete(Read(Encoding.UTF8.GetBytes(Steps[1].Text("pdu"))))!;
        Assert.Equal((Conversation.Text("user"), null), (responder.PeerName, initiator.PeerName));
        Assert.Equal((1, false, 1, false), (responder.Texts, responder.IsPostQuantum, initiator.Texts, initiator.IsPostQuantum));
        return (initiator.Keys, responder.Keys);
    }

    private static double TimestampOf(JsonElement step)
    {
        using var pdu = JsonDocument.Parse(step.Text("pdu"));
        return pdu.RootElement.GetProperty("header").GetProperty("timestamp").GetDouble();
    }

    private static Pdu Read(byte[] bytes)
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(bytes, Profile.Format, out var pdu));
        return pdu!;
    }
}
