// The peer is called. First comes the search for a dialect in which it answers up to the receipt; then the trials, each in a conversation of its own.

using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Conformance;

/// <summary>Grades a responder.</summary>
/// <param name="session">The probe.</param>
/// <param name="open">Connects.</param>
internal sealed class ResponderProbe(Session session, Func<CancellationToken, Task<Socket>> open)
{
    private const int MaxAttempts = 80;
    private const int MaxTexts = 100;
    private static readonly double[] Ages = [5, 10, 15, 20, 30, 60, 120, 300, 3600];

    private Talk? _best;
    private bool _needsKem;
    private bool _isStubborn;

    // One check, or several that one conversation decides: the stage it must reach first, and what is done then.
    private sealed record Trial(string Check, Stage From, Func<Talk, Task> Run, Func<Talk, Task<bool>>? Reach = null, Func<Line, Dialect, Talk>? Make = null);

    /// <summary>Runs the probe.</summary>
    public async Task RunAsync()
    {
        await using (var first = Make("the whole conversation", Dialect.Of(session.Profile)))
        {
            if (!await first.OpenAsync())
            {
                session.Note = "Nobody could be reached there.";
                return;
            }

            await FindDialectAsync(first);
        }

        try
        {
            await TryAllAsync();
        }
        finally
        {
            session.GradeDialect(_best!);
            GradeOrder(_best!);
            session.GradeAll();
        }
    }

    // The dialect that the peer accepts.
    private Dialect Speech => _isStubborn ? _best!.Spoken : _best!.Dialect;

    private Talk Make(string purpose, Dialect dialect, Func<Line, Dialect, Talk>? make = null) =>
        session.Talk(open, line => make?.Invoke(line, dialect) ?? new Talk(session.Setup, line, dialect, isInitiator: true, purpose) { IsStubborn = _isStubborn, OffersKem = _needsKem });

    // The page's own dialect first, then the dialects that the peer's PDUs showed, then, where they showed nothing, one known mistake after another.
    private async Task FindDialectAsync(Talk first)
    {
        var tried = new HashSet<(Dialect, bool)>();
        var next = new LinkedList<(Dialect Dialect, bool IsStubborn)>([(first.Dialect, false)]);
        var blindFrom = (Stage?)null;
        var talk = first;
        TimeSpan? wait = null;
        for (var attempts = 0; attempts < MaxAttempts && next.Count > 0;)
        {
            var (dialect, isStubborn) = next.First!.Value;
            next.RemoveFirst();
            if (!tried.Add((dialect, isStubborn)))
            {
                continue;
            }

            _isStubborn = isStubborn;
            talk = attempts++ == 0 ? first : Make($"attempt {attempts}", dialect);
            await using (talk)
            {
                var isWhole = await talk.CallAsync(Stage.Receipt, wait: wait);
                _best = _best is null || talk.Stage > _best.Stage ? talk : _best;
                if (isWhole)
                {
                    _best = talk;
                    await EndAsync(talk);
                    return;
                }

                if (talk.Last?.Came == Came.Silence)
                {
                    wait = session.Patience.Quiet; // a longer wait would not help
                }

                if (talk.Dialect != talk.Spoken)
                {
                    next.AddFirst((talk.Spoken, true));
                }

                foreach (var candidate in talk.Candidates.Prepend(talk.Dialect).Reverse())
                {
                    next.AddFirst((candidate, false));
                }
            }

            if (next.All(tried.Contains) && blindFrom != _best.Stage)
            {
                blindFrom = _best.Stage;
                wait ??= TimeSpan.FromTicks(Math.Min(session.Patience.Step.Ticks, 3 * session.Patience.Quiet.Ticks)); // most of these are refused at once, a few in silence
                foreach (var blind in Blind(_best))
                {
                    next.AddLast((blind, false));
                }
            }
        }

        _isStubborn = _best!.IsStubborn;
        if (_best.Stage == Stage.Agreed && _best.Dialect.IsModern)
        {
            // The peer may refuse conversations without ML-KEM-768.
            _needsKem = true;
            await using var withKem = Make("the whole conversation, with ML-KEM-768", Dialect.Of(session.Profile));
            await withKem.CallAsync(Stage.Receipt);
            _needsKem = withKem.Stage > _best.Stage;
            _best = _needsKem ? withKem : _best;
        }
    }

    // What the peer may have wanted to read in place of our last PDU. A peer that uses local time ignores a dh_1 in UTC, so silence suggests a time zone.
    private static IEnumerable<Dialect> Blind(Talk best)
    {
        var dialect = best.Dialect;
        return best.Stage switch
        {
            Stage.None => [],
            Stage.Connected =>
            [
                .. best.Last?.Came == Came.Silence ? LocalTimes(dialect) : [],
                .. Recogniser.WithOneMore(dialect, Shows.Line, Shows.Everywhere, Shows.Agreement),
                .. OtherNames(dialect),
                dialect with { CrcOver = CrcOver.Zero },
                dialect with { Words = dialect.Words.With("dh_1", "dh1").With("dh_2", "dh2") },
                InCapitals(dialect),
            ],
            Stage.Agreed => [.. Recogniser.WithOneMore(dialect, Shows.Line, Shows.Sealed, Shows.Bodies), dialect with { CrcOver = CrcOver.Absent }, InCapitals(dialect), Signed(dialect)],
            Stage.Challenged => [dialect with { Words = dialect.Words.With("resp", "response") }, Signed(dialect), .. Recogniser.WithOneMore(dialect, Shows.Bodies)],
            Stage.Mutual => [dialect with { Words = dialect.Words.With("text", "message") }, dialect with { Words = dialect.Words.With("text", "msg") }, Signed(dialect)],
            _ => [Signed(dialect), .. Recogniser.WithOneMore(dialect, Shows.Bodies)],
        };
    }

    // Only one CRC in two shows a sign.
    private static Dialect Signed(Dialect dialect) => dialect with { CrcForm = CrcForm.SignedNumber };

    private static Dialect InCapitals(Dialect dialect) =>
        dialect with { Words = Member.MsgTypes.Aggregate(dialect.Words, (words, word) => words.With(word, word.ToUpperInvariant())) };

    // Where many implementations come from: Central Europe, the United States, China, India; and wherever this machine is.
    private static IEnumerable<Dialect> LocalTimes(Dialect dialect) =>
        new[] { -(int)TimeZoneInfo.Local.BaseUtcOffset.TotalMinutes, -60, -120, 240, 300, 420, 480, -480, -330 }.Where(minutes => minutes != 0).Select(minutes => dialect with { MinutesFromUtc = minutes });

    private static IEnumerable<Dialect> OtherNames(Dialect dialect) =>
        Member.All.Where(member => member.Parent is null || member.Parent == Member.Header || member.Parent == Member.Body)
            .SelectMany(member => member.Others.Where(other => other != member.In(dialect.Profile)).Select(other => dialect with { Names = dialect.Names.With(member.PathIn(dialect.Profile), other) }));

    // After the receipt the peer may close by itself, or when we do.
    private async Task EndAsync(Talk talk)
    {
        talk.EndSending();
        var heard = await talk.HearAsync(session.Patience.Quiet);
        session.Grade("3.close.1", heard.Came == Came.End ? Grade.Pass : Grade.Fail, $"After the receipt and our close the peer {heard.InWords}.");
    }

    private void GradeOrder(Talk best)
    {
        if (best.Stage == Stage.Receipt)
        {
            session.Grade("3.order.1", Grade.Pass, "The conversation went through all its steps.");
            if (session.Profile == Profiles.Classic)
            {
                session.Grade("6.ack.1", Grade.Pass, "The ack came.");
            }

            if (best is { Spoken.CrcOver: CrcOver.Zero or CrcOver.Absent, Dialect.IsModern: false } && best.Dialect.CrcOver == best.Spoken.CrcOver)
            {
                session.Grade("2.crc.1", Grade.Fail, "The peer takes one way of computing a CRC only; a classic receiver takes both.", ["crc.one-way"]);
            }

            return;
        }

        var last = best.Last;
        var waitedFor = best.Stage switch
        {
            Stage.None or Stage.Connected => "dh_2, after dh_1",
            Stage.Agreed => "chall, after hello",
            Stage.Challenged => "ack, after the answer to its challenge",
            Stage.Accepted => "resp, after our challenge",
            Stage.Answered => "ack, after step 9",
            _ => "ack, after the text",
        };
        if (best.Stage == Stage.Answered && session.Profile == Profiles.Classic)
        {
            session.Grade("6.ack.1", Grade.Fail, $"In place of the ack the peer {last?.InWords}.");
        }

        session.Grade("3.order.1", Grade.Fail, $"In place of {waitedFor}, the peer {last?.InWords ?? "closed the connection"}.", null,
            last?.Pdu is { } pdu ? [Evidence.Of(pdu, pdu.At(Member.MsgType, best.Dialect), waitedFor)] : []);
        if (best is { Stage: Stage.Accepted or Stage.Challenged, Last: { Type: "resp", MakesSense: false } })
        {
            session.Grade("3.answer.1", Grade.Fail, "The answer to our challenge is wrong in every way that is known.");
        }
    }

    private async Task TryAllAsync()
    {
        foreach (var trial in Trials().Where(trial => trial.Check.Split(' ').Any(session.Wants)))
        {
            if (_best!.Stage < trial.From)
            {
                continue;
            }

            await using var talk = Make(trial.Check, Speech, trial.Make);
            if (await (trial.Reach?.Invoke(talk) ?? talk.CallAsync(trial.From)))
            {
                await trial.Run(talk);
            }
            else
            {
                session.Grade(trial.Check.Split(' ')[0], Grade.NotReached, $"This time the conversation ended before: the peer {talk.Last?.InWords ?? "could not be reached"}.");
            }
        }
    }

    // Trials that a peer may count as wrong passwords come last.
    private IEnumerable<Trial> Trials()
    {
        static Task<bool> Connected(Talk talk) => talk.OpenAsync();

        yield return new("3.replay.1", Stage.Receipt, ReplayAsync, Connected);
        yield return new("1.pieces.1", Stage.Challenged, talk => ReachedAsync(talk, "1.pieces.1", "line.one-read", "PDUs that come in three pieces"), Connected,
            (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "PDUs in pieces") { IsStubborn = _isStubborn, OffersKem = _needsKem, Pause = session.Patience.Piece });
        yield return new("1.space.1", Stage.Challenged, talk => ReachedAsync(talk, "1.space.1", "line.needs-line-feed", "PDUs with white space in front and no line feed behind"), Connected,
            (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "white space") { IsStubborn = _isStubborn, OffersKem = _needsKem, IsSpaced = true });
        yield return new("2.unknown.1", Stage.Challenged, talk => ReachedAsync(talk, "2.unknown.1", "unknown.refused", "PDUs with a member that nobody knows"), Connected,
            (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "an unknown member") { IsStubborn = _isStubborn, OffersKem = _needsKem, Tampering = new(Stranger: true) });
        yield return new("2.names.3", Stage.Challenged, talk => ReachedAsync(talk, "2.names.3", "crc.reparsed", "PDUs in another order and without blanks"), Connected,
            (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "another spelling") { IsStubborn = _isStubborn, OffersKem = _needsKem, Tampering = new(Respelled: true) });
        if (session.Profile == Profiles.Modern)
        {
            yield return new("1.pieces.2", Stage.Receipt, TogetherAsync, talk => talk.CallAsync(Stage.Challenged));
            yield return new("5.id.1", Stage.Receipt, SameIdAsync, Connected);
            yield return new("7.texts.1", Stage.Receipt, TextsAsync, talk => talk.CallAsync(Stage.Mutual));
            yield return new("7.kem.1", Stage.Agreed, KemAsync, Connected, (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "ML-KEM-768") { IsStubborn = _isStubborn, OffersKem = true });
            yield return new("7.kem.2", Stage.Agreed, BadKemAsync, Connected,
                (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "a wrong kem") { IsStubborn = _isStubborn, OffersKem = true, OtherKem = [.. Enumerable.Repeat((byte)0xff, MlKem.EncapsulationKeySize)] });
        }

        yield return new("3.second.1", Stage.Receipt, SecondAsync);
        yield return new("2.window.2", Stage.Challenged, FreshAsync, Connected);
        yield return new("2.window.1", Stage.Challenged, StaleAsync, talk => talk.CallAsync(Stage.Agreed));
        yield return new("2.duplicate.1", Stage.Agreed, async talk =>
        {
            await talk.CallAsync(Stage.Agreed);
            Refused("2.duplicate.1", talk.Last!, "duplicate.taken", "a dh_1 with a member twice");
        }, Connected, (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "a member twice") { IsStubborn = _isStubborn, OffersKem = _needsKem, Tampering = new(Twice: true) });
        yield return new("2.crc.3", Stage.Agreed, async talk =>
        {
            await talk.CallAsync(Stage.Agreed);
            Refused("2.crc.3", talk.Last!, "crc.unchecked", "a dh_1 with a wrong CRC");
        }, Connected, (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "a wrong CRC") { IsStubborn = _isStubborn, OffersKem = _needsKem, Tampering = new(Crc: true) });
        yield return new("1.size.1", Stage.Connected, HugeAsync);
        var lowOrder = session.Profile == Profiles.Modern;
        yield return new(lowOrder ? "4.key.2" : "6.key.2", Stage.Agreed, talk => LowOrderAsync(talk, lowOrder ? "4.key.2" : "6.key.2"), Connected,
            (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "a public value of low order") { IsStubborn = _isStubborn, OtherKey = lowOrder ? $"\"{Convert.ToBase64String(new byte[32])}\"" : PublicValue.Write(1, dialect.KeyForm) });
        yield return new("3.unknown.1", Stage.Agreed, async talk =>
        {
            var isSame = await talk.CallAsync(Stage.Agreed);
            session.Grade("3.unknown.1", isSame ? Grade.Pass : Grade.Fail, isSame ? "An unknown name gets a dh_2 too." : $"To an unknown name the peer {talk.Last!.InWords}.", isSame ? null : ["names.told"]);
        }, Connected, (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "an unknown name") { IsStubborn = _isStubborn, OffersKem = _needsKem, InitiatorName = $"nobody-{RandomNumberGenerator.GetHexString(6, lowercase: true)}" });
        yield return new("3.password.1", Stage.Challenged, async talk =>
        {
            var isTaken = await talk.CallAsync(Stage.Accepted);
            session.Grade("3.password.1", isTaken ? Grade.Fail : Grade.Pass, isTaken ? "The peer authenticated us with another password." : $"With another password the peer {talk.Last!.InWords}.", isTaken ? ["password.any"] : null);
        }, Connected, (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: true, "another password") { IsStubborn = _isStubborn, OffersKem = _needsKem, Password = session.Setup.Password + "?" });
        yield return new("2.hmac.3 2.nack.1", Stage.Challenged, AlteredAsync, talk => talk.CallAsync(Stage.Agreed));
        yield return new("3.proof.1", Stage.Accepted, async talk =>
        {
            await talk.SealAndSendAsync("resp", RandomNumberGenerator.GetBytes(32));
            Refused("3.proof.1", await talk.HearAsync(), "answer.unchecked", "a wrong answer to its challenge");
        }, talk => talk.CallAsync(Stage.Challenged));
        yield return new("3.early.1", Stage.Challenged, async talk =>
        {
            await talk.SealAndSendAsync("text", talk.TextOf("too early", Guid.NewGuid()));
            Refused("3.early.1", await talk.HearAsync(), "text.early", "a text before authentication");
        });
    }

    private async Task ReachedAsync(Talk talk, string check, string deviation, string what)
    {
        var isReached = await talk.CallAsync(Stage.Challenged);
        session.Grade(check, isReached ? Grade.Pass : Grade.Fail, isReached ? $"The peer took {what}." : $"After {what} the peer {talk.Last!.InWords}.", isReached ? null : [deviation]);
    }

    private void Refused(string check, Heard heard, string deviation, string what) =>
        session.Grade(check, heard.IsRefusal ? Grade.Pass : Grade.Fail, $"After {what} the peer {heard.InWords}.", heard.IsRefusal ? null : [deviation]);

    private async Task ReplayAsync(Talk talk)
    {
        var heard = (Heard?)null;
        foreach (var pdu in _best!.Sent)
        {
            await talk.SendAsync(pdu);
            heard = await talk.HearAsync(session.Patience.Quiet);
            if (heard.Came != Came.Object || heard.Type == "nack")
            {
                break;
            }
        }

        var isTaken = heard is { Type: "ack" };
        session.Grade("3.replay.1", isTaken ? Grade.Fail : Grade.Pass, $"At the {(isTaken ? "end" : "repetition")} the peer {heard!.InWords}.", isTaken ? ["replay.taken"] : null);
    }

    private async Task TogetherAsync(Talk talk)
    {
        await talk.SendTogetherAsync();
        Heard[] heard = [await talk.HearAsync(), await talk.HearAsync()];
        var isTaken = heard is [{ Type: "ack" }, { Type: "resp", MakesSense: true }];
        session.Grade("1.pieces.2", isTaken ? Grade.Pass : Grade.Fail, isTaken ? "Steps 5 and 7 were taken together." : $"After steps 5 and 7 in one piece the peer {heard.First(one => !(one.Type is "ack" or "resp")).InWords}.",
            isTaken ? null : ["line.one-pdu"]);
    }

    private async Task SameIdAsync(Talk talk)
    {
        var id = Guid.NewGuid();
        var isTaken = await talk.CallAsync(Stage.Receipt, id: id);
        await talk.DisposeAsync(); // some hold one conversation at a time
        await using var again = Make("the same id again", Speech);
        isTaken &= await again.CallAsync(Stage.Receipt, id: id);
        session.Grade("5.id.1", isTaken ? Grade.Pass : Grade.Fail, isTaken ? "The second text with an id got an ack too." : $"After the second text with an id the peer {again.Last?.InWords}.", isTaken ? null : ["id.refused"]);
    }

    private async Task TextsAsync(Talk talk)
    {
        if (talk.Texts < 2)
        {
            session.Grade("7.texts.1", Grade.NotApplicable, "The peer takes one text in a conversation.");
            return;
        }

        var count = Math.Min(talk.Texts, 3);
        await talk.SendAsync([.. Enumerable.Range(1, count).Select(i => talk.Seal("text", talk.TextOf($"text {i}", Guid.NewGuid())))]);
        var acks = 0;
        while (acks < count && await talk.HearAsync() is { Type: "ack", IsRight: true })
        {
            acks++;
        }

        session.Grade("7.texts.1", acks == count ? Grade.Pass : Grade.Fail, $"{acks} of {count} texts got an ack; the peer announces {talk.Texts}.", acks == count ? null : ["texts.unanswered"]);
    }

    private async Task KemAsync(Talk talk)
    {
        var isWhole = await talk.CallAsync(Stage.Receipt);
        if (talk.KemSize is not { } size)
        {
            session.Grade("7.kem.1", talk.Stage >= Stage.Agreed ? Grade.NotApplicable : Grade.Fail,
                talk.Stage >= Stage.Agreed ? "The peer does not answer a kem." : $"After a dh_1 with a kem, which is longer than 1,024 bytes, the peer {talk.Last!.InWords}.", talk.Stage >= Stage.Agreed ? null : ["kem.refused"]);
            return;
        }

        var isRight = isWhole && size == MlKem.CiphertextSize;
        session.Grade("7.kem.1", isRight ? Grade.Pass : Grade.Fail, $"The kem has {size.ToString("N0", CultureInfo.InvariantCulture)} bytes, and the conversation {(isWhole ? "went through" : "ended: the keys differ")}.", isRight ? null : ["kem.wrong"]);
    }

    private async Task BadKemAsync(Talk talk)
    {
        var isTaken = await talk.CallAsync(Stage.Agreed);
        if (isTaken && talk.KemSize is null)
        {
            session.Grade("7.kem.2", Grade.NotApplicable, "The peer does not answer a kem.");
            return;
        }

        Refused("7.kem.2", talk.Last!, "kem.unchecked", "a kem that fails the modulus check");
    }

    private async Task SecondAsync(Talk talk)
    {
        if (talk.Texts > MaxTexts)
        {
            session.Grade("3.second.1", Grade.NotApplicable, $"The peer announces {talk.Texts} texts, which are too many to try.");
            return;
        }

        var more = talk.Texts; // one is taken already
        for (var i = 0; i < more; i++)
        {
            await talk.SealAndSendAsync("text", talk.TextOf($"one more: {i + 1}", Guid.NewGuid()));
            var heard = await talk.HearAsync(i == more - 1 ? session.Patience.Quiet : null);
            if (heard.Type == "ack" && i < more - 1)
            {
                continue;
            }

            var isTaken = heard.Type == "ack";
            session.Grade("3.second.1", isTaken ? Grade.Fail : Grade.Pass, $"After text {i + 2} of {talk.Texts} the peer {heard.InWords}.", isTaken ? ["text.second"] : null);
            return;
        }
    }

    // 20 s are within the window, either way.
    private async Task FreshAsync(Talk talk)
    {
        talk.Age = 20;
        if (await talk.CallAsync(Stage.Challenged))
        {
            session.Grade("2.window.2", Grade.Pass, "PDUs 20 s old were taken.");
            return;
        }

        await talk.DisposeAsync();
        var taken = await OldestTakenAsync([.. Ages.Where(age => age < 20)]);
        session.Grade("2.window.2", Grade.Fail, $"A dh_1 or hello 20 s old was not taken; the oldest that was had {taken} s.", ["timestamp.window"]);
    }

    // The stale hello is number 0 and counts; a fresh one behind it is number 1.
    private async Task StaleAsync(Talk talk)
    {
        talk.Age = 30;
        await talk.SealAndSendAsync("hello", null);
        talk.Age = 0;
        var heard = await talk.HearAsync(session.Patience.Quiet);
        if (heard.Came == Came.Silence)
        {
            await talk.CallAsync(Stage.Challenged);
            session.Grade("2.window.1", talk.Stage == Stage.Challenged ? Grade.Pass : Grade.Fail,
                talk.Stage == Stage.Challenged ? "A hello 30 s old got no answer, and the one after it a chall." : $"A hello 30 s old got no answer; after the one behind it the peer {talk.Last!.InWords}.",
                talk.Stage == Stage.Challenged ? null : ["number.uncounted"]);
            return;
        }

        if (heard.Type != "chall")
        {
            session.Grade("2.window.1", Grade.Fail, $"After a hello 30 s old the peer {heard.InWords}; it should have said nothing.", ["timestamp.window"]);
            return;
        }

        await talk.DisposeAsync();
        var taken = await OldestTakenAsync([.. Ages.Where(age => age >= 30)]);
        session.Grade("2.window.1", Grade.Fail, $"The peer took a hello 30 s old; the oldest that it took had {taken} s.", ["timestamp.window"], heard.Pdu is { } pdu ? [Evidence.Of(pdu, null, "no answer")] : []);
    }

    private async Task<double> OldestTakenAsync(double[] ages)
    {
        var oldest = 0.0;
        foreach (var age in ages)
        {
            await using var talk = Make($"{age} s old", Speech);
            talk.Age = age;
            if (!await talk.CallAsync(Stage.Challenged, wait: session.Patience.Quiet))
            {
                break;
            }

            oldest = age;
        }

        return oldest;
    }

    private async Task HugeAsync(Talk talk)
    {
        await talk.SendAsync(Encoding.ASCII.GetBytes("{\"header\": {\"msg_type\": \"dh_1\", \"padding\": \"" + new string('x', 20_000)));
        Refused("1.size.1", await talk.HearAsync(), "size.unlimited", "the first 20,000 bytes of a PDU");
    }

    // The shared value is known to everybody. A peer that goes on with it has let us choose DHSK: in classic the keys then depend on the password alone.
    private async Task LowOrderAsync(Talk talk, string check)
    {
        var isTaken = await talk.CallAsync(Stage.Challenged);
        session.Grade(check, isTaken ? Grade.Fail : Grade.Pass, isTaken ? "The peer went on with such a value, up to its challenge." : $"After such a value the peer {talk.Last!.InWords}.", isTaken ? ["key.unchecked"] : null);
    }

    private async Task AlteredAsync(Talk talk)
    {
        talk.Tampering = new Tampering(Hmac: true);
        await talk.SealAndSendAsync("hello", null);
        var heard = await talk.HearAsync();
        Refused("2.hmac.3", heard, "hmac.unchecked", "a hello with an altered HMAC");
        var then = heard.Type == "nack" ? await talk.HearAsync(session.Patience.Quiet) : heard;
        session.Grade("2.nack.1", heard.Type == "nack" && then.Came == Came.End ? Grade.Pass : Grade.Fail,
            heard.Type != "nack" ? $"In place of a nack the peer {heard.InWords}." : then.Came == Came.End ? "A nack, then the end." : $"After the nack the peer {then.InWords}.");
    }
}
