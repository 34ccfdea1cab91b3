// The peer calls. Somebody has to make it call once for each conversation, so there are few: one for what it does by itself, and one for each thing that
// it must refuse.

using System.Net.Sockets;
using System.Security.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Conformance;

/// <summary>Grades an initiator.</summary>
/// <param name="session">The probe.</param>
/// <param name="accept">Waits for a call.</param>
/// <param name="say">Told what the next call is for.</param>
internal sealed class InitiatorProbe(Session session, Func<CancellationToken, Task<Socket>> accept, Action<string> say)
{
    private const int MaxAttempts = 40;

    private Talk? _best;
    private bool _isStubborn;

    private sealed record Trial(string Check, string Purpose, Stage Until, Func<Talk, Task> Run, Func<Line, Dialect, Talk>? Make = null);

    /// <summary>Runs the probe.</summary>
    public async Task RunAsync()
    {
        try
        {
            await FindDialectAsync();
            await TryAllAsync();
        }
        finally
        {
            if (_best is not null)
            {
                session.GradeDialect(_best);
                GradeOrder(_best);
            }
            else
            {
                session.Note ??= "Nobody called.";
            }

            session.GradeAll();
        }
    }

    private Talk Make(string purpose, Dialect dialect, Func<Line, Dialect, Talk>? make = null) =>
        session.Talk(accept, line => make?.Invoke(line, dialect) ?? new Talk(session.Setup, line, dialect, isInitiator: false, purpose) { TakesNewConnections = true, IsStubborn = _isStubborn });

    private async Task FindDialectAsync()
    {
        var tried = new HashSet<(Dialect, bool)>();
        var next = new LinkedList<(Dialect, bool)>([(Dialect.Of(session.Profile), false)]);
        for (var attempts = 0; attempts < MaxAttempts && next.First is { Value: var (dialect, isStubborn) };)
        {
            next.RemoveFirst();
            if (!tried.Add((dialect, isStubborn)))
            {
                continue;
            }

            attempts++;
            _isStubborn = isStubborn;
            await using var talk = Make(attempts == 1 ? "the whole conversation" : $"attempt {attempts}", dialect);
            say("a text");
            if (!await talk.OpenAsync(session.Patience.Total))
            {
                return;
            }

            var isWhole = await talk.AnswerAsync(Stage.Receipt);
            _best = _best is null || talk.Stage > _best.Stage ? talk : _best;
            if (isWhole)
            {
                _best = talk;
                var heard = await talk.HearAsync(session.Patience.Quiet);
                session.Grade("3.close.1", heard.Came == Came.End ? Grade.Pass : Grade.Fail, $"After the receipt the peer {heard.InWords}.");
                return;
            }

            if (talk.Dialect != talk.Spoken)
            {
                next.AddFirst((talk.Spoken, true));
            }

            foreach (var candidate in talk.Candidates.Prepend(talk.Dialect).Reverse())
            {
                next.AddFirst((candidate, false));
            }

            if (next.All(tried.Contains))
            {
                foreach (var blind in Blind(talk))
                {
                    next.AddLast((blind, false));
                }
            }
        }
    }

    // What the peer may have wanted to read in place of our last PDU.
    private static IEnumerable<Dialect> Blind(Talk talk) => talk.Stage switch
    {
        Stage.Agreed => Recogniser.WithOneMore(talk.Dialect, Shows.Sealed),
        Stage.Challenged => [talk.Dialect with { Words = talk.Dialect.Words.With("chall", "challenge") }, .. Recogniser.WithOneMore(talk.Dialect, Shows.Bodies, Shows.Sealed).Where(talk.Fits)],
        Stage.Answered => [talk.Dialect with { Words = talk.Dialect.Words.With("resp", "response") }, .. Recogniser.WithOneMore(talk.Dialect, Shows.Bodies)],
        _ => [],
    };

    private void GradeOrder(Talk best)
    {
        if (best.Stage == Stage.Receipt)
        {
            session.Grade("3.order.1", Grade.Pass, "The conversation went through all its steps.");
            var plaintext = best.Received.Last(heard => heard.Type == "text").Plaintext;
            var isText = plaintext is not null && (!best.Dialect.IsModern || TextMessage.FromPlaintext(plaintext) is not null);
            session.Grade("5.text.1", isText ? Grade.Pass : Grade.Fail, isText ? "The text is what the page says." : "The text is not what the page says.", isText ? null : ["text.plain"]);
            return;
        }

        var waitedFor = best.Stage switch
        {
            Stage.None or Stage.Connected => "dh_1",
            Stage.Agreed => "hello, after dh_2",
            Stage.Challenged => "the answer to our challenge",
            Stage.Accepted => "chall, after our ack",
            Stage.Answered => "ack, after our answer",
            _ => "text, after both are authenticated",
        };
        session.Grade("3.order.1", Grade.Fail, $"In place of {waitedFor}, the peer {best.Last?.InWords ?? "said nothing"}.");
        if (best is { Stage: Stage.Challenged, Last: { Type: "resp", MakesSense: false } })
        {
            session.Grade("3.answer.1", Grade.Fail, "The answer to our challenge is wrong in every way that is known.");
        }
    }

    private async Task TryAllAsync()
    {
        if (_best?.Stage != Stage.Receipt)
        {
            return; // every further call would end as this one did
        }

        foreach (var trial in Trials().Where(trial => session.Wants(trial.Check)))
        {
            await using var talk = Make(trial.Purpose, _isStubborn ? _best.Spoken : _best.Dialect, trial.Make);
            say(trial.Purpose);
            if (!await talk.OpenAsync(session.Patience.Total))
            {
                return;
            }

            if (await talk.AnswerAsync(trial.Until))
            {
                await trial.Run(talk);
            }
        }
    }

    private IEnumerable<Trial> Trials()
    {
        var isModern = session.Profile == Profiles.Modern;

        yield return new("1.pieces.1", "a dh_2 in pieces", Stage.Connected, async talk =>
        {
            var isReached = await talk.AnswerAsync(Stage.Challenged);
            session.Grade("1.pieces.1", isReached ? Grade.Pass : Grade.Fail, isReached ? "The peer took a dh_2 in three pieces." : $"After a dh_2 in three pieces the peer {talk.Last!.InWords}.", isReached ? null : ["line.one-read"]);
        }, (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: false, "a dh_2 in pieces") { IsStubborn = _isStubborn, Pause = session.Patience.Piece });
        yield return new("2.crc.3", "a dh_2 with a wrong CRC", Stage.Agreed, talk => RefusedAsync(talk, "2.crc.3", "crc.unchecked", "a dh_2 with a wrong CRC"),
            (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: false, "a wrong CRC") { IsStubborn = _isStubborn, Tampering = new(Crc: true) });
        yield return new(isModern ? "4.key.2" : "6.key.2", "a public value of low order", Stage.Agreed, talk => RefusedAsync(talk, isModern ? "4.key.2" : "6.key.2", "key.unchecked", "such a public value"),
            (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: false, "a public value of low order") { IsStubborn = _isStubborn, OtherKey = isModern ? $"\"{Convert.ToBase64String(new byte[32])}\"" : PublicValue.Write(1, dialect.KeyForm) });
        if (isModern)
        {
            yield return new("4.name.1", "another name in dh_2", Stage.Agreed, talk => RefusedAsync(talk, "4.name.1", "name.unchecked", "a dh_2 with another name"),
                (line, dialect) => new Talk(session.Setup, line, dialect, isInitiator: false, "another name") { IsStubborn = _isStubborn, OtherName = $"not-{session.Setup.Name}" });
        }

        yield return new("2.hmac.3", "a challenge with an altered HMAC", Stage.Agreed, async talk =>
        {
            await talk.HearAsync(); // hello
            talk.Tampering = new Tampering(Hmac: true);
            await talk.SealAndSendAsync("chall", RandomNumberGenerator.GetBytes(32));
            await RefusedAsync(talk, "2.hmac.3", "hmac.unchecked", "a challenge with an altered HMAC");
        });
        yield return new("3.proof.1", "a wrong answer to its challenge", Stage.Accepted, async talk =>
        {
            await talk.HearAsync(); // its challenge
            await talk.SealAndSendAsync("resp", RandomNumberGenerator.GetBytes(32));
            await RefusedAsync(talk, "3.proof.1", "answer.unchecked", "a wrong answer to its challenge");
        });
    }

    private async Task RefusedAsync(Talk talk, string check, string deviation, string what)
    {
        var heard = await talk.HearAsync();
        session.Grade(check, heard.IsRefusal ? Grade.Pass : Grade.Fail, $"After {what} the peer {heard.InWords}.", heard.IsRefusal ? null : [deviation]);
    }
}
