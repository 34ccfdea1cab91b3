// Commits wrong things, one in each conversation, and looks at everything that must follow: on the wire, in the inbox, in the outcome, in the log.

using ActorChat.Protocol.Pdus;

namespace ActorChat.Node.Tests.Sessions.Hostile;

public abstract class HostileTests : Siege
{
    private readonly Dictionary<Half, (Transcript Recent, Transcript Old)> _others = [];

    /// <summary>Everything that may not be in a log.</summary>
    private static readonly string[] Secrets = [.. new[] { Password, OtherPassword, Text }.Concat(Spellings(UserSecret))];

    /// <summary>Plays a conversation that is right up to a step and does the wrong thing there. False where it does not apply there.</summary>
    private protected bool Commit(WrongThing wrong, Half half, int step)
    {
        var (recent, old) = OthersOf(half);
        var attack = Begin(half);
        try
        {
            for (var i = 0; i < step; i++)
            {
                attack.Conversation.Play(i);
            }

            var deed = wrong.Do(new Moment(attack.Conversation, step, recent, old, SizeLimitAt(half, step), MaxIgnored, Time));
            if (deed is null)
            {
                Abandon(attack);
                return false; // it needs something that is not there at this step, such as an earlier PDU
            }

            Check(attack, step, deed);
            return true;
        }
        catch
        {
            Abandon(attack);
            throw;
        }
    }

    /// <summary>A conversation in which nothing is wrong.</summary>
    private protected Transcript PlayRight(Half half)
    {
        var attack = Begin(half);
        PlayOn(attack.Conversation, from: 0);
        Assert.Empty(HearGoodEnd(attack));
        MustHaveDelivered(attack, End(attack), Text);
        return attack.Conversation.Transcript;
    }

    private (Transcript Recent, Transcript Old) OthersOf(Half half)
    {
        if (!_others.TryGetValue(half, out var others))
        {
            var old = PlayRight(half);
            Clock.Advance(TimeSpan.FromMinutes(1));
            _others.Add(half, others = (PlayRight(half), old));
        }

        return others;
    }

    private void Check(Attack attack, int step, Deed deed)
    {
        var (wire, conversation, _) = attack;
        wire.Send(deed.Segments);
        var right = conversation.SealSteps(step, deed.RightSteps, deed.Counted ? deed.Ignored : 0);
        conversation.OwnDh = deed.OwnDh ?? (step == 0 ? conversation.Seal(conversation.DraftOf(0)) : conversation.OwnDh);
        conversation.Number += deed.Counted ? (ulong)deed.Ignored : 0;
        for (var i = 0; i < deed.RightSteps; i++)
        {
            conversation.WasTaken(step + i, step + i == 0 ? conversation.OwnDh : right[i]);
        }

        for (var i = 0; i < deed.RightSteps; i++)
        {
            conversation.HearAnswerTo(step + i);
        }

        var reached = step + deed.RightSteps;
        var hasKeys = reached > 0;
        switch (deed.Follows)
        {
            case Follows.Success or Follows.Ignored:
                PlayOn(conversation, reached);
                Assert.Empty(HearGoodEnd(attack));
                MustHaveDelivered(attack, End(attack), deed.Text ?? Text);
                break;
            case Follows.OtherKeys:
                conversation.GoOnWithOtherKeys();
                Assert.Equal([MsgType.Nack], conversation.HearEnd(genuine: false));
                MustHaveRefused(attack, reached, Follows.BadHmac, End(attack));
                break;
            case Follows.Lost:
                End(wire, deed.Ending);
                Assert.Empty(conversation.HearEnd());
                MustHaveEnded(attack, reached, End(attack), maxWarnings: 0);
                break;
            case Follows.Silence:
                Wait(attack, TimeSpan.FromSeconds(25));
                Assert.Empty(conversation.HearEnd());
                MustHaveEnded(attack, reached, End(attack), maxWarnings: 1);
                break;
            case Follows.Unanswered:
                wire.Send(conversation.SealSteps(reached, 1)[0]);
                Wait(attack, TimeSpan.FromSeconds(25));
                Assert.Empty(conversation.HearEnd());
                MustHaveEnded(attack, reached, End(attack), maxWarnings: 1);
                break;
            case Follows.Declined or Follows.GivenUp:
                Assert.Empty(conversation.HearEnd());
                MustHaveEnded(attack, reached, End(attack), maxWarnings: 1);
                break;
            case Follows.SomebodyElse:
                Assert.DoesNotContain(MsgType.Hello, conversation.HearEnd(genuine: false));
                MustHaveEnded(attack, reached, End(attack), maxWarnings: 1);
                break;
            default:
                Assert.Equal(hasKeys ? new[] { MsgType.Nack } : [], conversation.HearEnd());
                MustHaveRefused(attack, reached, deed.Follows, End(attack));
                break;
        }
    }

    private static void PlayOn(Conversation conversation, int from)
    {
        for (var i = from; i < Conversation.StepsOf(conversation.Half).Count; i++)
        {
            conversation.Play(i);
        }
    }

    // A responder waits for more texts, so the initiator closes when it has none left.
    private static List<MsgType> HearGoodEnd(Attack attack)
    {
        if (attack.Conversation.Half == Half.Initiator)
        {
            attack.Wire.End();
        }

        return attack.Conversation.HearEnd();
    }

    private static void MustHaveDelivered(Attack attack, Aftermath aftermath, string text)
    {
        MustBeClean(attack, aftermath);
        Assert.Empty(aftermath.Warnings);
        if (attack.Conversation.Half == Half.Initiator)
        {
            var arrived = Assert.Single(aftermath.Arrived);
            Assert.Equal((Conversation.Initiator, text), (arrived.From, arrived.Text));
        }
        else
        {
            Assert.Equal(Outcome.Delivered, Assert.Single(aftermath.Reports).Outcome);
        }
    }

    private static void MustHaveRefused(Attack attack, int reached, Follows verdict, Aftermath aftermath)
    {
        MustHaveEnded(attack, reached, aftermath, maxWarnings: 1);
        Assert.Contains(verdict == Follows.WrongAnswer ? "wrong answer" : $"{verdict}", Assert.Single(aftermath.Warnings), StringComparison.Ordinal);
        if (attack.Conversation.Half == Half.Responder)
        {
            var saysPassword = verdict == Follows.WrongAnswer || (verdict == Follows.BadHmac && !TextIsSent(reached));
            Assert.Equal(saysPassword ? FailureKind.WrongPassword : FailureKind.ProtocolViolated, aftermath.Reports[0].Failure!.Kind);
        }
    }

    // It ended without a delivery: nothing in the inbox, and one report that says no more than is certain.
    private static void MustHaveEnded(Attack attack, int reached, Aftermath aftermath, int maxWarnings)
    {
        MustBeClean(attack, aftermath);
        Assert.InRange(aftermath.Warnings.Count, 0, maxWarnings);
        Assert.Empty(aftermath.Arrived);
        if (attack.Conversation.Half == Half.Responder)
        {
            var outcome = Assert.Single(aftermath.Reports).Outcome;
            Assert.Contains(outcome, TextIsSent(reached) ? [Outcome.Unknown, Outcome.Rejected] : new[] { Outcome.NotDelivered });
        }
    }

    private static void MustBeClean(Attack attack, Aftermath aftermath)
    {
        Assert.Empty(aftermath.Errors);
        var secrets = Secrets
            .Concat(new[] { attack.Conversation.Sending, attack.Conversation.Receiving }.SelectMany(keys => new[] { keys.EncKey, keys.HmacKey, keys.ChapSecret }).SelectMany(Spellings))
            .ToArray();
        Assert.DoesNotContain(aftermath.Log, line => secrets.Any(secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    private static string[] Spellings(byte[] secret) => [Convert.ToBase64String(secret), Convert.ToHexString(secret), BitConverter.ToString(secret)];

    // A responder's peer: the session sends its text when it has taken the answer to its challenge.
    private static bool TextIsSent(int reached) => reached > 3;

    private static void End(Wire wire, Ending ending)
    {
        if (ending == Ending.Fin)
        {
            wire.End();
        }
        else
        {
            wire.Reset();
        }
    }
}
