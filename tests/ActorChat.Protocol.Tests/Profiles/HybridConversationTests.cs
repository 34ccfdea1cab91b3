// modern-conversation-hybrid.json: CPace and ML-KEM-768 together, byte for byte; and what becomes of a kem that is wrong, removed or altered on the way.

using System.Text;
using System.Text.Json;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Protocol.Profiles;
using ActorChat.Protocol.Tests.Cryptography;

namespace ActorChat.Protocol.Tests.Profiles;

public sealed class HybridConversationTests
{
    private static readonly JsonElement Conversation = Vectors.Load("modern-conversation-hybrid.json");
    private static readonly JsonElement[] Steps = [.. Conversation.GetProperty("pdus").EnumerateArray()];
    private static readonly JsonElement Kem = Conversation.GetProperty("kem");
    private static readonly ModernProfile Profile = ModernProfile.Instance;
    private static readonly AgreementOptions On = new(PostQuantum: PostQuantum.On);

    [Fact]
    public void ML_KEM_768_is_that_of_the_vector()
    {
        var (ek, dk, ct, ss, ss2) = (new byte[1184], new byte[2400], new byte[1088], new byte[32], new byte[32]);
        MlKem.GenerateKeyPair(new ScriptedRandom([.. Kem.Hex("d"), .. Kem.Hex("z")]), ek, dk);
        Assert.True(MlKem.Encapsulate(ek, new ScriptedRandom(Kem.Hex("m")), ct, ss));
        Assert.True(MlKem.Decapsulate(ct, dk, ss2));
        Assert.Equal((Kem.Text("ek"), Kem.Text("dk"), Kem.Text("ct")), (Convert.ToHexStringLower(ek), Convert.ToHexStringLower(dk), Convert.ToHexStringLower(ct)));
        Assert.Equal((Kem.Text("ss"), Kem.Text("ss")), (Convert.ToHexStringLower(ss), Convert.ToHexStringLower(ss2)));
    }

    // libsodium does not check lengths: it would write beyond a shorter buffer.
    [Theory]
    [InlineData(-1, 0, 0, 0)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(0, 0, -1, 0)]
    [InlineData(0, 0, 0, -1)]
    [InlineData(0, 0, 0, 1)]
    public void Buffers_of_another_length_are_refused(int ekMore, int dkMore, int ctMore, int ssMore)
    {
        var (ek, dk, ct, ss) = (new byte[1184 + ekMore], new byte[2400 + dkMore], new byte[1088 + ctMore], new byte[32 + ssMore]);
        if ((ekMore, dkMore) != (0, 0))
        {
            Assert.Throws<ArgumentException>(() => MlKem.GenerateKeyPair(new ScriptedRandom(new byte[64]), ek, dk));
        }

        if ((ctMore, ssMore) != (0, 0))
        {
            Assert.Throws<ArgumentException>(() => MlKem.Encapsulate(ek, new ScriptedRandom(new byte[32]), ct, ss));
        }

        if ((dkMore, ssMore) != (0, 0))
        {
            Assert.Throws<ArgumentException>(() => MlKem.Decapsulate(ct, dk, ss));
        }
    }

    [Fact]
    public void What_a_peer_sends_in_another_length_has_no_secret()
    {
        Assert.False(MlKem.Encapsulate(new byte[1183], new ScriptedRandom(), new byte[1088], new byte[32]));
        Assert.False(MlKem.Decapsulate(new byte[1089], new byte[2400], new byte[32]));
    }

    [Fact]
    public void The_whole_conversation_is_that_of_the_vector()
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Initiate(secret);
        Assert.Equal(Steps[0].Text("pdu") + "\n", Encoding.UTF8.GetString(initiation.Dh1));
        using var dh2 = JsonDocument.Parse(Steps[1].Text("pdu"));
        var texts = dh2.RootElement.GetProperty("body").GetProperty("texts").GetInt32();
        var answer = Respond(secret, Read(Steps[0].Text("pdu")), new AgreementOptions(texts, PostQuantum.Required))!;
        Assert.Equal(Steps[1].Text("pdu") + "\n", Encoding.UTF8.GetString(answer.Dh2));
        var agreement = initiation.Complete(Read(Steps[1].Text("pdu")))!;
        Assert.Equal((true, true, texts), (answer.IsPostQuantum, agreement.IsPostQuantum, agreement.Texts));
        foreach (var keys in new[] { answer.Keys, agreement.Keys })
        {
            KeyScheduleTests.AssertChain(Conversation.GetProperty("keys").GetProperty("initiator"), keys.Initiator);
            KeyScheduleTests.AssertChain(Conversation.GetProperty("keys").GetProperty("responder"), keys.Responder);
        }

        using var initiator = new SealedChannel(Profile.Format, agreement.Keys.Initiator, agreement.Keys.Responder);
        using var responder = new SealedChannel(Profile.Format, answer.Keys.Responder, answer.Keys.Initiator);
        foreach (var step in Steps.Skip(2))
        {
            var (sender, receiver) = step.Text("from") == "initiator" ? (initiator, responder) : (responder, initiator);
            byte[] plaintext = step.GetProperty("plaintext").ValueKind == JsonValueKind.Null ? [] : step.Hex("plaintext");
            Assert.Equal(step.Text("pdu") + "\n", Encoding.UTF8.GetString(sender.Seal(MsgTypes.FromWord(step.Text("msg_type"))!.Value, plaintext, TimestampOf(step))));
            Assert.Equal(Verdict.Accept, PduChecks.Check(Encoding.UTF8.GetBytes(step.Text("pdu")), Profile.Format, receiver, TimestampOf(step), out var pdu));
            Assert.Equal(plaintext, receiver.Open(pdu!) ?? []);
        }
    }

    [Theory]
    [InlineData(PostQuantum.Off, PostQuantum.On)]
    [InlineData(PostQuantum.On, PostQuantum.Off)]
    public void Where_one_side_cannot_the_agreement_is_the_one_without(PostQuantum initiator, PostQuantum responder)
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Initiate(secret, new AgreementOptions(PostQuantum: initiator));
        var dh1 = Read(initiation.Dh1);
        Assert.Equal(initiator == PostQuantum.On, Profile.ReadOffer(dh1)!.IsPostQuantum);
        var answer = Respond(secret, dh1, new AgreementOptions(PostQuantum: responder))!;
        var agreement = initiation.Complete(Read(answer.Dh2))!;
        Assert.False(answer.IsPostQuantum || agreement.IsPostQuantum);
        Assert.Equal(Convert.ToHexString(answer.Keys.Initiator.EncKey), Convert.ToHexString(agreement.Keys.Initiator.EncKey));
    }

    [Theory]
    [InlineData(1183)]
    [InlineData(1185)]
    [InlineData(0)]
    public void An_ek_of_another_length_is_refused(int length) => Assert.Null(RespondTo(("kem", new byte[length])));

    [Theory]
    [InlineData(0)]
    [InlineData(767)]
    public void An_ek_with_a_coefficient_that_is_not_reduced_is_refused(int coefficient)
    {
        Assert.NotNull(RespondTo(("kem", WithCoefficient(coefficient, 3328))));
        Assert.Null(RespondTo(("kem", WithCoefficient(coefficient, 3329))));
        Assert.Null(RespondTo(("kem", WithCoefficient(coefficient, 4095))));
    }

    [Fact]
    public void A_kem_that_is_no_base64_is_refused() => Assert.Null(RespondTo(("kem", "not base64")));

    [Theory]
    [InlineData(1087)]
    [InlineData(1089)]
    public void A_ct_of_another_length_is_refused(int length)
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Initiate(secret);
        Assert.Null(initiation.Complete(Read(PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, 0, ("username", "bob"), ("key", Conversation.Hex("ya")), ("kem", new byte[length])))));
    }

    [Fact]
    public void A_kem_that_was_not_asked_for_is_refused()
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Initiate(secret, AgreementOptions.None);
        Assert.Null(initiation.Complete(Read(Steps[1].Text("pdu"))));
    }

    [Fact]
    public void A_kem_that_is_removed_from_dh_1_on_the_way_makes_two_different_keys()
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Initiate(secret);
        var answer = Respond(secret, Read(PduWriter.WriteKeyAgreement(
            PduFormat.Modern, MsgType.Dh1, 0, ("username", "alice"), ("key", Convert.FromBase64String(KeyOf(initiation.Dh1))), ("profile", "modern"))), On)!;
        var agreement = initiation.Complete(Read(answer.Dh2))!;
        Assert.False(agreement.IsPostQuantum);
        AssertKeysDiffer(answer, agreement);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_ct_that_is_altered_or_removed_on_the_way_makes_two_different_keys(bool isAltered)
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Initiate(secret);
        var answer = Respond(secret, Read(initiation.Dh1), On)!;
        var ct = Kem.Hex("ct");
        ct[100] ^= 1;
        var yb = Convert.FromBase64String(KeyOf(answer.Dh2));
        var agreement = initiation.Complete(Read(isAltered
            ? PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, 0, ("username", "bob"), ("key", yb), ("kem", ct))
            : PduWriter.WriteKeyAgreement(PduFormat.Modern, MsgType.Dh2, 0, ("username", "bob"), ("key", yb))))!;
        Assert.Equal(isAltered, agreement.IsPostQuantum);
        AssertKeysDiffer(answer, agreement);
    }

    [Fact]
    public void An_ek_that_is_swapped_for_another_on_the_way_makes_two_different_keys()
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        using var initiation = Initiate(secret);
        var (ek, dk) = (new byte[MlKem.EncapsulationKeySize], new byte[MlKem.DecapsulationKeySize]);
        MlKem.GenerateKeyPair(new ScriptedRandom(new byte[64]), ek, dk);
        var answer = Respond(secret, Read(PduWriter.WriteKeyAgreement(
            PduFormat.Modern, MsgType.Dh1, 0, ("username", "alice"), ("key", Convert.FromBase64String(KeyOf(initiation.Dh1))), ("profile", "modern"), ("kem", ek))), On)!;
        AssertKeysDiffer(answer, initiation.Complete(Read(answer.Dh2))!);
    }

    private static void AssertKeysDiffer(Agreement one, Agreement other) =>
        Assert.NotEqual(Convert.ToHexString(one.Keys.Initiator.EncKey), Convert.ToHexString(other.Keys.Initiator.EncKey));

    // A coefficient of ek has 12 bits, two of them in three bytes, little endian (FIPS 203, ByteEncode).
    private static byte[] WithCoefficient(int index, int value)
    {
        var ek = Kem.Hex("ek");
        var at = index / 2 * 3;
        if (index % 2 == 0)
        {
            ek[at] = (byte)value;
            ek[at + 1] = (byte)((ek[at + 1] & 0xf0) | (value >> 8));
        }
        else
        {
            ek[at + 1] = (byte)((ek[at + 1] & 0x0f) | (value << 4));
            ek[at + 2] = (byte)(value >> 4);
        }

        return ek;
    }

    private static Agreement? RespondTo(BodyMember kem)
    {
        using var secret = new UserSecret(Conversation.Hex("user_secret"));
        return Respond(secret, Read(PduWriter.WriteKeyAgreement(
            PduFormat.Modern, MsgType.Dh1, 0, ("username", "alice"), ("key", Conversation.Hex("ya")), ("profile", "modern"), kem)), On);
    }

    private static IInitiation Initiate(UserSecret secret, AgreementOptions? options = null) => Profile.Initiate(
        secret, "alice", TimestampOf(Steps[0]), new ScriptedRandom(Conversation.Hex("ya"), [.. Kem.Hex("d"), .. Kem.Hex("z")]), options ?? On);

    private static Agreement? Respond(UserSecret secret, Pdu dh1, AgreementOptions options) =>
        Profile.ReadOffer(dh1) is not { } offer ? null : Profile.Respond(secret, offer, "bob", TimestampOf(Steps[1]), new ScriptedRandom(Conversation.Hex("yb"), Kem.Hex("m")), options);

    private static double TimestampOf(JsonElement step)
    {
        using var pdu = JsonDocument.Parse(step.Text("pdu"));
        return pdu.RootElement.GetProperty("header").GetProperty("timestamp").GetDouble();
    }

    private static string KeyOf(byte[] pdu)
    {
        using var json = JsonDocument.Parse(pdu);
        return json.RootElement.GetProperty("body").GetProperty("key").GetString()!;
    }

    private static Pdu Read(string pdu) => Read(Encoding.UTF8.GetBytes(pdu));

    private static Pdu Read(byte[] pdu)
    {
        Assert.Equal(Verdict.Accept, PduReader.Read(pdu, Profile.Format, out var read));
        return read!;
    }
}
