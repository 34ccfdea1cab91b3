// The hostile peer: it can play either half of the real conversation by itself, with real cryptography, and stop at any step to do
// something else. It checks what the session says as a careful receiver does.

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Node.Tests.Sessions.Hostile;

/// <summary>Which half of the conversation the peer plays; the session plays the other.</summary>
internal enum Half
{
    Initiator,
    Responder,
}

/// <summary>What was said in a conversation.</summary>
internal sealed record Transcript(IReadOnlyList<byte[]> Sent, IReadOnlyList<byte[]> Heard);

internal sealed class Conversation
{
    public const string Initiator = "alice";
    public const string Responder = "bob";

    private static readonly MsgType[] InitiatorSteps = [MsgType.Dh1, MsgType.Hello, MsgType.Resp, MsgType.Chall, MsgType.Ack, MsgType.Text];
    private static readonly MsgType[] ResponderSteps = [MsgType.Dh2, MsgType.Chall, MsgType.Ack, MsgType.Resp, MsgType.Ack];

    private readonly Wire _wire;
    private readonly Func<double> _now;
    private readonly byte[] _scalar = RandomNumberGenerator.GetBytes(CPace.ElementSize);
    private readonly List<byte[]> _sent = [];
    private readonly List<byte[]> _heard = [];
    private byte[] _userSecret;
    private byte[] _theirDh = [];
    private ulong _numberHeard;

    public Conversation(Half half, Wire wire, byte[] userSecret, string text, Func<double> now)
    {
        Half = half;
        Text = text;
        _wire = wire;
        _userSecret = userSecret;
        _now = now;
        Id = Guid.NewGuid();
    }

    public Half Half { get; }

    public Guid Id { get; }

    /// <summary>The message: the one to send, or the one that must come.</summary>
    public string Text { get; }

    /// <summary>What the peer sent at each step, and everything that the session said.</summary>
    public Transcript Transcript => new(_sent, _heard);

    /// <summary>The dh PDU that the peer counts as its own in the key agreement.</summary>
    public byte[] OwnDh { get; set; } = [];

    /// <summary>The keys of what the peer sends; before the key agreement, keys that the session does not have.</summary>
    public DirectionKeys Sending { get; private set; } = DirectionKeys.OfNobody;

    /// <summary>The keys of what the session sends.</summary>
    public DirectionKeys Receiving { get; private set; } = DirectionKeys.OfNobody;

    /// <summary>The number of the peer's next secured PDU.</summary>
    public ulong Number { get; set; }

    /// <summary>The peer's 32 bytes for the session to answer.</summary>
    public byte[] OwnChallenge { get; } = RandomNumberGenerator.GetBytes(SealedChannel.ChallengeSize);

    /// <summary>The session's 32 bytes for the peer to answer.</summary>
    public byte[] TheirChallenge { get; private set; } = [];

    public byte[] PublicValue { get; private set; } = [];

    public static IReadOnlyList<MsgType> StepsOf(Half half) => half == Half.Initiator ? InitiatorSteps : ResponderSteps;

    /// <summary>Begins the conversation. A peer that plays the responder waits for the session's dh_1.</summary>
    public void Begin()
    {
        UseSecret(_userSecret);
        if (Half == Half.Responder)
        {
            _theirDh = Hear(MsgType.Dh1).Bytes.ToArray();
        }
    }

    /// <summary>Uses another password from now on.</summary>
    public void UseSecret(byte[] userSecret)
    {
        _userSecret = userSecret;
        var generator = new byte[CPace.ElementSize];
        var value = new byte[CPace.ElementSize];
        CPace.CalculateGenerator(userSecret, CPace.Label, [], generator);
        CPace.ScalarMultiply(_scalar, generator, value);
        PublicValue = value;
    }

    /// <summary>The right PDU of a step, before its checks are computed.</summary>
    public string DraftOf(int step)
    {
        var type = StepsOf(Half)[step];
        return type switch
        {
            MsgType.Dh1 => Draft.KeyAgreement("dh_1", _now(), "username", Initiator, "key", Convert.ToBase64String(PublicValue), "profile", "modern"),
            MsgType.Dh2 => Draft.KeyAgreement("dh_2", _now(), "username", Responder, "key", Convert.ToBase64String(PublicValue)),
            _ => DraftOf(type, PlaintextOf(type)),
        };
    }

    /// <summary>A secured PDU of any type with any plaintext; null for no body.</summary>
    public string DraftOf(MsgType type, byte[]? plaintext) =>
        Draft.Secured(type.Word(), _now(), plaintext is null ? "null" : $"\"{Sending.Encrypt(Number, plaintext)}\"");

    public byte[]? PlaintextOf(MsgType type) => type switch
    {
        MsgType.Chall => OwnChallenge,
        MsgType.Resp => HMACSHA256.HashData(Sending.ChapSecret, TheirChallenge),
        MsgType.Text => Encoding.UTF8.GetBytes($"{{\"id\": \"{Id}\", \"text\": \"{Text}\"}}"),
        _ => null,
    };

    /// <summary>The bytes of a draft with the checks that the peer can make right, since it has the keys.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="ahead">How many PDUs go before it.</param>
    public byte[] Seal(string draft, int ahead = 0) => Draft.Seal(draft, Sending, Number + (ulong)ahead);

    /// <summary>The right PDUs of some steps from one on.</summary>
    /// <param name="step">The first step.</param>
    /// <param name="count">How many.</param>
    /// <param name="ignored">How many sealed PDUs go before, to be ignored.</param>
    public List<byte[]> SealSteps(int step, int count, int ignored = 0)
    {
        var number = Number;
        Number += (ulong)ignored;
        var pdus = new List<byte[]>();
        for (var i = step; i < step + count; i++)
        {
            pdus.Add(Seal(DraftOf(i)));
            Number += i > 0 ? 1ul : 0;
        }

        Number = number;
        return pdus;
    }

    /// <summary>Sends the right PDU of a step and hears the answer.</summary>
    public void Play(int step)
    {
        var pdu = Seal(DraftOf(step));
        _wire.Send([.. pdu, (byte)'\n']);
        WasTaken(step, pdu);
        HearAnswerTo(step);
    }

    /// <summary>The session will take this as the PDU of a step.</summary>
    public void WasTaken(int step, byte[] pdu)
    {
        _sent.Add(pdu);
        if (StepsOf(Half)[step].IsKeyAgreement())
        {
            OwnDh = pdu;
        }
        else
        {
            Number++;
        }
    }

    /// <summary>Hears what the session must say when it has taken the PDU of a step.</summary>
    public void HearAnswerTo(int step)
    {
        switch (Half, step)
        {
            case (Half.Initiator, 0):
                _theirDh = Hear(MsgType.Dh2).Bytes.ToArray();
                AgreeOnKeys();
                break;
            case (Half.Initiator, 1):
                TheirChallenge = Open(Hear(MsgType.Chall));
                break;
            case (Half.Initiator, 2):
                Hear(MsgType.Ack);
                break;
            case (Half.Initiator, 3):
                Assert.Equal(HMACSHA256.HashData(Receiving.ChapSecret, OwnChallenge), Open(Hear(MsgType.Resp)));
                break;
            case (Half.Initiator, 5):
                Hear(MsgType.Ack);
                break;
            case (Half.Responder, 0):
                AgreeOnKeys();
                Hear(MsgType.Hello);
                break;
            case (Half.Responder, 1):
                Assert.Equal(HMACSHA256.HashData(Receiving.ChapSecret, OwnChallenge), Open(Hear(MsgType.Resp)));
                TheirChallenge = Open(Hear(MsgType.Chall));
                break;
            case (Half.Responder, 3):
                Hear(MsgType.Ack);
                using (var text = JsonDocument.Parse(Open(Hear(MsgType.Text))))
                {
                    Assert.Equal(Text, text.RootElement.GetProperty("text").GetString());
                }

                break;
            default:
                break; // the session takes it in silence
        }
    }

    /// <summary>The keys went apart in the dh PDUs: the session goes on as with everybody, and the first sealed PDU shows it. The end is still to be heard.</summary>
    public void GoOnWithOtherKeys()
    {
        if (Half == Half.Initiator)
        {
            var dh2 = Hear(MsgType.Dh2);
            _theirDh = dh2.Bytes.ToArray();
            Assert.Equal(Responder, MemberOf(dh2, "username"));
        }

        AgreeOnKeys();
        if (Half == Half.Responder)
        {
            Hear(MsgType.Hello, genuine: false);
        }

        _wire.Send(Seal(DraftOf(1)));
    }

    /// <summary>What the session says before it closes.</summary>
    /// <param name="genuine">Whether it must be sealed under the keys that the peer has.</param>
    public List<MsgType> HearEnd(bool genuine = true)
    {
        var said = new List<MsgType>();
        while (_wire.Read() is { } bytes)
        {
            said.Add(Check(bytes, genuine).Type);
        }

        return said;
    }

    private Pdu Hear(MsgType type, bool genuine = true)
    {
        var pdu = Check(_wire.Read() ?? throw new InvalidOperationException($"the session closed where it should have sent {type.Word()}"), genuine);
        Assert.Equal(type, pdu.Type);
        return pdu;
    }

    private Pdu Check(byte[] bytes, bool genuine)
    {
        _heard.Add(bytes);
        Assert.Equal(Verdict.Accept, PduReader.Read(bytes, PduFormat.Modern, out var pdu));
        if (pdu!.IsSecured && genuine)
        {
            using var json = JsonDocument.Parse(bytes);
            var hmac = json.RootElement.GetProperty("security").GetProperty("hmac").GetProperty("hmac_val").GetRawText();
            var blanked = Encoding.ASCII.GetString(bytes).Replace(hmac, "0", StringComparison.Ordinal).Replace($"\"crc\": {pdu.Crc}", "\"crc\": 0", StringComparison.Ordinal);
            Assert.Equal(Receiving.HmacOf(_numberHeard, Encoding.ASCII.GetBytes(blanked)), pdu.HmacValue.ToArray());
            _numberHeard++;
        }

        return pdu;
    }

    private byte[] Open(Pdu pdu) => Receiving.Decrypt(_numberHeard - 1, pdu.Body!.Value.Span);

    private void AgreeOnKeys()
    {
        using var dh = JsonDocument.Parse(_theirDh);
        var theirValue = dh.RootElement.GetProperty("body").GetProperty("key").GetBytesFromBase64();
        var k = new byte[CPace.ElementSize];
        var dhsk = new byte[CPace.IskSize];
        CPace.ScalarMultiply(_scalar, theirValue, k);
        using var ownDh = JsonDocument.Parse(OwnDh);
        var ownValue = ownDh.RootElement.GetProperty("body").GetProperty("key").GetBytesFromBase64();
        var (a, b) = ((ownValue, OwnDh), (theirValue, _theirDh));
        var ((ya, dh1), (yb, dh2)) = Half == Half.Initiator ? (a, b) : (b, a);
        CPace.DeriveIsk([], k, ya, dh1, yb, dh2, dhsk);
        var (own, their) = Half == Half.Initiator ? ("initiator", "responder") : ("responder", "initiator");
        Sending = DirectionKeys.Derive(_userSecret, dhsk, own);
        Receiving = DirectionKeys.Derive(_userSecret, dhsk, their);
    }

    private static string? MemberOf(Pdu dh, string name)
    {
        using var body = JsonDocument.Parse(dh.Body!.Value);
        return body.RootElement.GetProperty(name).GetString();
    }
}
