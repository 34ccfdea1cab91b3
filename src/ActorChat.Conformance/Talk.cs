// One conversation with the peer, from either side: it speaks in a dialect, and learns the peer's from every PDU that comes. The steps are those of
// section 3; a trial plays up to one of them and then does something of its own.

using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Conformance;

/// <summary>How far a conversation has come.</summary>
internal enum Stage
{
    None,
    Connected,

    /// <summary>Both have the other's public value: steps 1 and 2.</summary>
    Agreed,

    /// <summary>The responder has sent its challenge: step 4.</summary>
    Challenged,

    /// <summary>The initiator is authenticated: step 6.</summary>
    Accepted,

    /// <summary>The responder's answer is right: step 8.</summary>
    Answered,

    /// <summary>The responder is authenticated, and in classic has acknowledged it: steps 9 and 9a.</summary>
    Mutual,

    /// <summary>The text has its receipt: step 11.</summary>
    Receipt,
}

/// <summary>What the peer did.</summary>
/// <param name="Came">What came.</param>
/// <param name="Pdu">The PDU, if it was one.</param>
/// <param name="Type">The page's word for its type.</param>
/// <param name="Plaintext">The plaintext of its body.</param>
/// <param name="IsRight">Whether its HMAC, or without keys its CRC, is right in some dialect.</param>
/// <param name="MakesSense">Whether its plaintext, too, is right.</param>
internal sealed record Heard(Came Came, Wire? Pdu = null, string? Type = null, byte[]? Plaintext = null, bool IsRight = false, bool MakesSense = false)
{
    /// <summary>When it came, by our clock, in seconds since the Unix epoch.</summary>
    public double At { get; init; }

    public bool IsRefusal => Came == Came.End || Type == "nack";

    /// <summary>What it did, as words that follow "the peer".</summary>
    public string InWords => Came switch
    {
        Came.End => "closed the connection",
        Came.Silence => "said nothing",
        Came.TooMuch => "sent more than a conversation can need",
        Came.Other => "sent something that is no PDU",
        _ => $"answered with {Type ?? "something that is no PDU"}",
    };
}

/// <summary>Who is probed, and as whom.</summary>
/// <param name="Name">Our name.</param>
/// <param name="Password">The password shared with the peer.</param>
/// <param name="Patience">How long to wait.</param>
/// <param name="Clock">The clock.</param>
internal sealed record Setup(string Name, string Password, Patience Patience, TimeProvider Clock)
{
    private readonly Dictionary<(string, string), byte[]> _userSecrets = [];

    /// <summary>Everything that went over the line.</summary>
    public List<Passage> Journal { get; } = [];

    public double Now => Timestamp.Now(Clock);

    /// <summary>Modern's user_secret, made once.</summary>
    public byte[] UserSecret(string password, string initiator)
    {
        if (!_userSecrets.TryGetValue((password, initiator), out var bytes))
        {
            using var secret = Protocol.Cryptography.UserSecret.Derive(password, initiator);
            bytes = new byte[Protocol.Cryptography.UserSecret.Size];
            secret.CopyTo(bytes);
            _userSecrets[(password, initiator)] = bytes;
        }

        return bytes;
    }
}

/// <summary>A conversation.</summary>
internal sealed class Talk : IAsyncDisposable
{
    private readonly Setup _setup;
    private readonly Line _line;
    private readonly bool _isInitiator;
    private readonly string _purpose;
    private readonly BigInteger _x = Modp14.Private();
    private readonly byte[] _scalar = RandomNumberGenerator.GetBytes(CPace.ElementSize);
    private readonly byte[] _dk = new byte[MlKem.DecapsulationKeySize];
    private readonly List<Sealed> _sealed = [];
    private byte[] _public = [];
    private byte[] _dh1 = [];
    private ulong _sent;
    private ulong _received;
    private Sealed? _ourChallenge;

    public Talk(Setup setup, Line line, Dialect dialect, bool isInitiator, string purpose)
    {
        (_setup, _line, _isInitiator, _purpose, Dialect, Spoken) = (setup, line, isInitiator, purpose, dialect, dialect);
        Password = setup.Password;
        InitiatorName = setup.Name;
    }

    /// <summary>The dialect that was spoken from the beginning.</summary>
    public Dialect Spoken { get; }

    /// <summary>What is known of the peer's dialect by now.</summary>
    public Dialect Dialect { get; private set; }

    /// <summary>All dialects that fit what came; more than one where the peer has not said enough.</summary>
    public IReadOnlyList<Dialect> Candidates { get; private set; } = [];

    public Stage Stage { get; private set; }

    public Secrets? Secrets { get; private set; }

    /// <summary>Whether we keep the first dialect whatever the peer speaks: some peers do not accept the dialect that they send.</summary>
    public bool IsStubborn { get; init; }

    public string Password { get; init; }

    /// <summary>The name in dh_1.</summary>
    public string InitiatorName { get; set; }

    /// <summary>Modern: whether dh_1 offers ML-KEM-768.</summary>
    public bool OffersKem { get; init; }

    /// <summary>Modern: another kem in its place.</summary>
    public byte[]? OtherKem { get; init; }

    /// <summary>Another public value: of low order, or outside the range.</summary>
    public string? OtherKey { get; init; }

    /// <summary>Another name in dh_2.</summary>
    public string? OtherName { get; init; }

    /// <summary>What is wrong with our PDUs.</summary>
    public Tampering Tampering { get; set; } = Tampering.None;

    /// <summary>How old the timestamps of our PDUs are, in seconds.</summary>
    public double Age { get; set; }

    /// <summary>The pause between the pieces of what we send; null sends it in one piece.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary>Whether white space before our PDUs replaces the line feed after them.</summary>
    public bool IsSpaced { get; init; }

    /// <summary>As a responder: whether the peer may close and go on over a new connection.</summary>
    public bool TakesNewConnections { get; init; }

    /// <summary>How many texts the peer takes.</summary>
    public int Texts { get; private set; } = 1;

    /// <summary>The length of the kem in dh_2, in bytes; null where there is none.</summary>
    public int? KemSize { get; private set; }

    /// <summary>The name in dh_2.</summary>
    public string? PeerName { get; private set; }

    /// <summary>What came, with what was known of it.</summary>
    public List<Heard> Received { get; } = [];

    /// <summary>PDUs that were sent.</summary>
    public List<byte[]> Sent { get; } = [];

    /// <summary>The peer's last challenge.</summary>
    public byte[]? Challenge { get; private set; }

    public bool SawByteOrderMark { get; private set; }

    public int WithoutLineFeed => _line.WithoutLineFeed;

    // The dialect that we speak.
    private Dialect Tongue => IsStubborn ? Spoken : Dialect;

    /// <summary>What came last. In a conversation that broke off, it shows why.</summary>
    public Heard? Last => Received.Count > 0 ? Received[^1] : null;

    /// <summary>Opens the connection.</summary>
    public async Task<bool> OpenAsync(TimeSpan? wait = null)
    {
        if (await _line.OpenAsync(wait ?? _setup.Patience.Step))
        {
            Stage = Stage.Connected;
            return true;
        }

        return false;
    }

    /// <summary>Plays the initiator's steps up to a stage.</summary>
    /// <returns>Whether it was reached.</returns>
    public async Task<bool> CallAsync(Stage until, string text = "This is a test by actorchat probe.", Guid? id = null, TimeSpan? wait = null)
    {
        if (Stage == Stage.None && !await OpenAsync())
        {
            return false;
        }

        while (Stage < until)
        {
            var before = Stage;
            switch (Stage)
            {
                case Stage.Connected:
                    await SendDh1Async();
                    TakeDh2(await HearAsync(wait));
                    break;
                case Stage.Agreed:
                    await SealAndSendAsync("hello", null);
                    Expect(await HearAsync(wait), "chall", Stage.Challenged);
                    break;
                case Stage.Challenged:
                    await SealAndSendAsync("resp", AnswerTo(Challenge!));
                    Expect(await HearAsync(wait), "ack", Stage.Accepted);
                    break;
                case Stage.Accepted:
                    await SealAndSendAsync("chall", RandomNumberGenerator.GetBytes(32));
                    Expect(await HearAsync(wait), "resp", Stage.Answered);
                    break;
                case Stage.Answered:
                    await SealAndSendAsync("ack", null);
                    if (Dialect.IsModern)
                    {
                        Stage = Stage.Mutual;
                        await Task.Delay(_setup.Patience.Piece, _setup.Clock); // nothing is awaited here, and some peers take one PDU from each read
                    }
                    else
                    {
                        Expect(await HearAsync(wait), "ack", Stage.Mutual);
                    }

                    break;
                default:
                    await SealAndSendAsync("text", TextOf(text, id ?? Guid.NewGuid()));
                    Expect(await HearAsync(wait), "ack", Stage.Receipt);
                    break;
            }

            if (Stage == before)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Plays the responder's steps up to a stage.</summary>
    /// <returns>Whether it was reached.</returns>
    public async Task<bool> AnswerAsync(Stage until, TimeSpan? wait = null)
    {
        while (Stage < until)
        {
            var before = Stage;
            var heard = await HearAsync(wait);
            switch (Stage, heard.Type)
            {
                case (Stage.Connected, "dh_1"):
                    await TakeDh1Async(heard);
                    break;
                case (Stage.Agreed, "hello") when heard.IsRight:
                    await SealAndSendAsync("chall", RandomNumberGenerator.GetBytes(32));
                    Stage = Stage.Challenged;
                    break;
                case (Stage.Challenged, "resp") when heard.MakesSense:
                    await SealAndSendAsync("ack", null);
                    Stage = Stage.Accepted;
                    break;
                case (Stage.Accepted, "chall") when heard is { IsRight: true, Plaintext: { } challenge }:
                    Challenge = challenge;
                    await SealAndSendAsync("resp", AnswerTo(challenge));
                    Stage = Stage.Answered;
                    break;
                case (Stage.Answered, "ack") when heard.IsRight || IsBareAck(heard):
                    if (!Dialect.IsModern)
                    {
                        await SealAndSendAsync("ack", null);
                    }

                    Stage = Stage.Mutual;
                    break;
                case (Stage.Mutual, "text") when heard.IsRight:
                    await SealAndSendAsync("ack", null);
                    Stage = Stage.Receipt;
                    break;
            }

            if (Stage == before)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The plaintext of a text.</summary>
    public byte[] TextOf(string text, Guid id) => Dialect.IsModern ? new TextMessage(id, text).ToPlaintext(int.MaxValue)! : Encoding.UTF8.GetBytes(text);

    /// <summary>Whether everything sealed that came so far is right in a dialect.</summary>
    public bool Fits(Dialect dialect) => _sealed.All(pdu => pdu.Verifies(dialect) && pdu.MakesSense(dialect));

    /// <summary>Our answer to the peer's challenge.</summary>
    public byte[] AnswerTo(byte[] challenge) => Codec.Answer(Tongue, Secrets!.Derive(Tongue, _isInitiator), Secrets.Derive(Tongue, !_isInitiator), challenge);

    /// <summary>Our next sealed PDU.</summary>
    public byte[] Seal(string type, byte[]? plaintext)
    {
        var pdu = Codec.WriteSealed(Tongue, Secrets!.Derive(Tongue, _isInitiator), _sent++, Password, type, _setup.Now - Age, plaintext, Tampering);
        _ourChallenge = type == "chall" ? new Sealed(Wire.Read(pdu)!, type, _sent - 1, _isInitiator, Secrets, null) : _ourChallenge;
        return pdu;
    }

    /// <summary>Seals and sends.</summary>
    public Task SealAndSendAsync(string type, byte[]? plaintext) => SendAsync(Seal(type, plaintext));

    /// <summary>Sends PDUs, together.</summary>
    public async Task SendAsync(params byte[][] pdus)
    {
        if (_isInitiator && Dialect.NewConnections && Sent.Count > 0)
        {
            await _line.OpenAsync(_setup.Patience.Step);
        }

        foreach (var pdu in pdus)
        {
            Sent.Add(pdu);
            Note(isReceived: false, pdu, [.. ValuesOf(Wire.Read(pdu), _sent - 1, _isInitiator)]);
        }

        byte[] bytes = [.. pdus.SelectMany(pdu => IsSpaced ? [.. " \r\n\t"u8, .. pdu] : pdu.Append((byte)'\n'))];
        if (Pause is not { } pause)
        {
            await _line.SendAsync(bytes, _setup.Patience.Step);
            return;
        }

        var third = bytes.Length / 3;
        foreach (var piece in new[] { bytes[..third], bytes[third..(2 * third)], bytes[(2 * third)..] })
        {
            await _line.SendAsync(piece, _setup.Patience.Step);
            await Task.Delay(pause, _setup.Clock);
        }
    }

    /// <summary>Steps 5 and 7 in one piece.</summary>
    public Task SendTogetherAsync() => SendAsync(Seal("resp", AnswerTo(Challenge!)), Seal("chall", RandomNumberGenerator.GetBytes(32)));

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending() => _line.EndSending();

    /// <summary>The peer's next PDU, or what it did instead. A greeting is noted and passed over.</summary>
    public async Task<Heard> HearAsync(TimeSpan? wait = null)
    {
        while (true)
        {
            var (came, bytes) = await _line.HearAsync(wait ?? _setup.Patience.Step);
            if (came == Came.End && TakesNewConnections && Stage is > Stage.Connected and < Stage.Receipt && await _line.OpenAsync(_setup.Patience.Quiet))
            {
                Dialect = Dialect with { NewConnections = true };
                continue;
            }

            if (came == Came.Other)
            {
                Note(isReceived: true, bytes, []);
                SawByteOrderMark |= bytes is [0xef, 0xbb, 0xbf, ..];
                if (Encoding.Latin1.GetString(bytes).StartsWith("hello", StringComparison.OrdinalIgnoreCase) && !Dialect.Greets)
                {
                    Dialect = Dialect with { Greets = true };
                }

                if (bytes.Length <= 1024 && Received.Count(heard => heard.Came == Came.Other) < 2)
                {
                    Received.Add(new Heard(came));
                    continue;
                }
            }

            var now = _setup.Now;
            var heard = (came == Came.Object ? Judge(bytes) : new Heard(came)) with { At = now };
            Received.Add(heard);
            return heard;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _line.DisposeAsync();

    private void Note(bool isReceived, byte[] bytes, IReadOnlyList<(string, string)> values) => _setup.Journal.Add(new Passage(_purpose, isReceived, bytes, values));

    private async Task SendDh1Async()
    {
        if (Dialect.Greets)
        {
            await _line.SendAsync(Encoding.UTF8.GetBytes($"hello {InitiatorName}\n"), _setup.Patience.Step);
        }

        var key = (Member.Key, OtherKey ?? WriteKey());
        var members = new List<(Member, string)>();
        if (Dialect.IsModern)
        {
            members.AddRange([(Member.Username, Codec.Quote(InitiatorName)), key, (Member.ProfileWord, "\"modern\"")]);
            if (OffersKem)
            {
                var ek = new byte[MlKem.EncapsulationKeySize];
                MlKem.GenerateKeyPair(new SystemRandom(), ek, _dk);
                members.Add((Member.Kem, Codec.Quote(Convert.ToBase64String(OtherKem ?? ek))));
            }
        }
        else
        {
            members.AddRange([key, (Member.Username, Codec.Quote(InitiatorName))]);
        }

        _dh1 = Codec.WriteKeyAgreement(Tongue, "dh_1", _setup.Now - Age, members, Tampering);
        await SendAsync(_dh1);
    }

    private string WriteKey()
    {
        if (!Dialect.IsModern)
        {
            return PublicValue.Write(Modp14.Power(2, _x), Tongue.KeyForm);
        }

        var generator = new byte[CPace.ElementSize];
        _public = new byte[CPace.ElementSize];
        CPace.CalculateGenerator(_setup.UserSecret(Password, InitiatorName), CPace.Label, [], generator);
        CPace.ScalarMultiply(_scalar, generator, _public);
        return Codec.Quote(Convert.ToBase64String(_public));
    }

    private void TakeDh2(Heard heard)
    {
        if (heard is not { Type: "dh_2", Pdu: { } dh2 })
        {
            return;
        }

        PeerName = dh2.At(Member.Username, Dialect)?.Text;
        Texts = int.TryParse(dh2.At(Member.Texts, Dialect)?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var texts) ? texts : 1;
        var ss = Array.Empty<byte>();
        if (dh2.At(Member.Kem, Dialect) is { IsString: true } kem)
        {
            var ct = Codec.FromText(kem.Text, 1)?.Bytes ?? [];
            KemSize = ct.Length;
            ss = new byte[MlKem.SharedSecretSize];
            MlKem.Decapsulate(ct, _dk, ss);
        }

        if (Agree(dh2, ss, _dh1, dh2.Bytes))
        {
            Stage = Stage.Agreed;
        }
    }

    private async Task TakeDh1Async(Heard heard)
    {
        var dh1 = heard.Pdu!;
        InitiatorName = dh1.At(Member.Username, Dialect)?.Text ?? "";
        var key = (Member.Key, OtherKey ?? WriteKey());
        var dh2 = Codec.WriteKeyAgreement(
            Tongue, "dh_2", _setup.Now - Age, Dialect.IsModern ? [(Member.Username, Codec.Quote(OtherName ?? _setup.Name)), key] : [key], Tampering);
        if (Agree(dh1, [], dh1.Bytes, dh2))
        {
            Stage = Stage.Agreed;
            await SendAsync(dh2);
        }
    }

    // Computes the secrets from the public value in the peer's PDU. Where OtherKey replaced ours, the shared value is one that everybody knows.
    private bool Agree(Wire pdu, byte[] ss, byte[] dh1, byte[] dh2)
    {
        if (pdu.At(Member.Key, Dialect) is not { } token)
        {
            return false;
        }

        if (!Dialect.IsModern)
        {
            Secrets = PublicValue.Read(token) is { } y ? new ClassicSecrets(Password, OtherKey is null ? Modp14.Power(y.Value, _x) : 1) : null;
            return Secrets is not null;
        }

        if (Codec.FromText(token.Text, CPace.ElementSize)?.Bytes is not { Length: CPace.ElementSize } theirs)
        {
            return false;
        }

        var k = new byte[CPace.ElementSize];
        if (OtherKey is null && !CPace.ScalarMultiply(_scalar, theirs, k))
        {
            return false;
        }

        var ours = OtherKey is null ? _public : new byte[CPace.ElementSize];
        Secrets = new ModernSecrets(Password, _setup.UserSecret(Password, InitiatorName), k, _isInitiator ? ours : theirs, dh1, _isInitiator ? theirs : ours, dh2, ss);
        return true;
    }

    private void Expect(Heard heard, string type, Stage next)
    {
        if (heard.Type != type || !(type == "resp" ? heard.MakesSense : heard.IsRight || IsBareAck(heard)))
        {
            return;
        }

        if (type == "chall")
        {
            Challenge = heard.Plaintext;
            if (Challenge is null)
            {
                return;
            }
        }

        Stage = next;
    }

    // An ack that is not sealed is still an ack: the conversation can go on, and the check 2.sealed.1 fails.
    private bool IsBareAck(Heard heard) => heard is { Type: "ack", Pdu: { } pdu } && pdu.At(Member.HmacValue, Dialect) is null;

    private Heard Judge(byte[] bytes)
    {
        if (Wire.Read(bytes) is not { } pdu)
        {
            Note(isReceived: true, bytes, []);
            return new Heard(Came.Object);
        }

        Dialect = Recogniser.Read(pdu, Dialect, _setup.Now);
        var type = pdu.MsgType(Dialect);
        if (Secrets is null || pdu.At(Member.HmacValue, Dialect) is null)
        {
            Note(isReceived: true, bytes, []);
            return new Heard(Came.Object, pdu, type, null, Secrets is null && Recogniser.HasGoodCrc(pdu, Dialect));
        }

        var (found, makesSense) = Recognise(new Sealed(pdu, type, _received++, !_isInitiator, Secrets, type == "resp" ? _ourChallenge : null));
        Note(isReceived: true, bytes, [.. ValuesOf(pdu, _received - 1, !_isInitiator)]);
        return new Heard(Came.Object, pdu, type, found.Count > 0 ? _sealed[^1].Plaintext(Dialect) : null, found.Count > 0, makesSense);
    }

    // The dialects that fit everything so far; else those in which at least this PDU's HMAC is right.
    private (IReadOnlyList<Dialect> Dialects, bool MakeSense) Recognise(Sealed pdu)
    {
        Dialect[] left = [.. Candidates.Select(candidate => Recogniser.Merge(candidate, Dialect)).Where(candidate => pdu.Verifies(candidate) && pdu.MakesSense(candidate))];
        IReadOnlyList<Dialect> found = left.Length > 0 ? left : Recogniser.Find(pdu, Dialect, _sealed);
        var makeSense = found.Count > 0;
        found = makeSense ? found : Recogniser.Find(pdu, Dialect, [], makesSense: false);
        if (found.Count > 0)
        {
            Candidates = found;
            Dialect = found[0];
            _sealed.Add(pdu);
        }

        return (found, makeSense);
    }

    private IEnumerable<(string, string)> ValuesOf(Wire? pdu, ulong number, bool fromInitiator)
    {
        if (Secrets is null || pdu?.At(Member.HmacValue, Dialect) is null)
        {
            yield break;
        }

        var keys = Secrets.Derive(Dialect, fromInitiator);
        yield return ("DHSK", Convert.ToHexStringLower(keys.Dhsk));
        yield return ("enc_key", Convert.ToHexStringLower(keys.EncKey));
        yield return ("iv", Convert.ToHexStringLower(keys.Iv));
        yield return ("hmac_key", Convert.ToHexStringLower(keys.HmacKey));
        yield return ("chap_secret", Convert.ToHexStringLower(keys.ChapSecret));
        if (Dialect.IsModern)
        {
            yield return ("n", number.ToString(CultureInfo.InvariantCulture));
        }

        if (Codec.Body(pdu, Dialect) is { } body && Codec.Decrypt(Dialect, keys, number, body) is { } plaintext)
        {
            yield return ("plaintext", Convert.ToHexStringLower(plaintext));
        }
    }

    private sealed class SystemRandom : IRandomSource
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
