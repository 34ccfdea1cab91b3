// Random days of two nodes: messages are typed and cancelled, lines are cut, receipts lost, either node is killed or stopped, snapshots are old or gone, clocks
// are set. Then both run long enough. After that every message that was accepted is in the other's log and was shown, once and in order, or has
// another outcome, which is true. Outbox, inbox and ledger are the real ones; the disk is simulated (LogRecoveryTests have its faults). In
// one property the sessions are simulated too, in the other they are real. ACTORCHAT_SCHEDULES is the number of days; with real sessions it is half of that.

using System.Globalization;
using ActorChat.Node.Consoles;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using FsCheck;
using FsCheck.Fluent;

namespace ActorChat.Node.Tests.Lost;

public sealed class NothingIsLostTests : TestKit
{
    private const int UsualSchedules = 2000;
    private const int RealSessionsAreSlowerBy = 2;
    private const int MaxBytes = 9000; // from one side, in a conversation with some texts

    private static readonly NodeSettings Settings = NodeSettings.Read(NodeSettings.LoadConfig("actorchat.texts.per-minute = 1000000"));

    private enum Step
    {
        Type,
        Cancel,
        Retry,
        Kill,
        StopInOrder,
        Start,
        Disconnect,
        Connect,
        Cut,
        CutLater,
        LoseReceipt,
        SlowDisk,
        Flush,
        FewTexts,
        Snapshot,
        LoseSnapshot,
        SetClock,
        Forget,
        Know,
        Seconds,
        Minutes,
        Days,
    }

    private static Gen<(Step Step, int Which)> Steps => Gen.Frequency(
        (14, Gen.Constant(Step.Type)),
        (2, Gen.Constant(Step.Cancel)),
        (1, Gen.Constant(Step.Retry)),
        (3, Gen.Constant(Step.Kill)),
        (1, Gen.Constant(Step.StopInOrder)),
        (5, Gen.Constant(Step.Start)),
        (2, Gen.Constant(Step.Disconnect)),
        (3, Gen.Constant(Step.Connect)),
        (2, Gen.Constant(Step.Cut)),
        (3, Gen.Constant(Step.CutLater)),
        (3, Gen.Constant(Step.LoseReceipt)),
        (2, Gen.Constant(Step.SlowDisk)),
        (3, Gen.Constant(Step.Flush)),
        (1, Gen.Constant(Step.FewTexts)),
        (2, Gen.Constant(Step.Snapshot)),
        (1, Gen.Constant(Step.LoseSnapshot)),
        (1, Gen.Constant(Step.SetClock)),
        (1, Gen.Constant(Step.Forget)),
        (2, Gen.Constant(Step.Know)),
        (5, Gen.Constant(Step.Seconds)),
        (2, Gen.Constant(Step.Minutes)),
        (1, Gen.Constant(Step.Days))).Zip(Gen.Choose(0, 1_000_000));

    public NothingIsLostTests()
        : base(NodeSettings.LoadConfig("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"\nakka.loglevel = ERROR"))
    {
    }

    [Fact]
    public void Every_message_that_was_accepted_is_shown_once_and_in_order_or_has_an_outcome_that_is_true() => PlayDays(UsualSchedules, hasRealSessions: false);

    // Real sessions, keys and PDUs, cut at any byte: slower, so there are fewer of them.
    [Fact]
    public void Every_message_that_was_accepted_is_shown_or_has_a_true_outcome_when_real_sessions_are_cut_at_any_byte() => PlayDays(UsualSchedules / RealSessionsAreSlowerBy, hasRealSessions: true);

    private void PlayDays(int usual, bool hasRealSessions)
    {
        var schedules = int.TryParse(Environment.GetEnvironmentVariable("ACTORCHAT_SCHEDULES"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
            ? Math.Max(1, (int)((long)asked * usual / UsualSchedules))
            : usual;
        var root = SimulatedNetwork.NewRoot(Sys);
        root.Tell(new Identify(null), TestActor);
        ExpectMsg<ActorIdentity>(); // it has started, so the actors that it makes run in this thread
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(schedules), Prop.ForAll(Arb.From(Gen.ListOf(Steps)), day =>
        {
            var network = new SimulatedNetwork(Sys, root, Settings) { HasRealSessions = hasRealSessions };
            try
            {
                network.Alice.Start();
                network.Bob.Start();
                foreach (var (step, which) in day)
                {
                    Play(network, step, which);
                }

                BringTogether(network);
                AssertNothingIsLost(network.Alice, network.Bob);
                AssertNothingIsLost(network.Bob, network.Alice);
                Assert.Empty(network.Failures);
            }
            catch (Exception e)
            {
                throw new Xunit.Sdk.XunitException($"{string.Join(", ", day.Select(step => $"{step.Step} {step.Which}"))}\n{Said(network.Alice)}{Said(network.Bob)}{e.Message}");
            }
            finally
            {
                network.StopAll();
            }
        }));
    }

    private static string Said(SimulatedNode node) =>
        $"{node.Name} has logged\n{string.Concat(node.Disk.Select(record => $"  {record.Direction} {record.Sequence} {record.Outcome} {record.MessageId} {record.Text}\n"))}";

    private static void Play(SimulatedNetwork network, Step step, int which)
    {
        var node = which % 2 == 0 ? network.Alice : network.Bob;
        var other = which % 2 == 0 ? network.Bob : network.Alice;
        switch (step)
        {
            case Step.Type when node.IsUp:
                node.Outbox.Tell(new OutboxActor.Submit(new JsonCommand([other.Name], null, null, $"text {which}", null), AnswersSender: false));
                break;
            case Step.Cancel when node.IsUp && node.Disk.Where(record => record.Direction == LogDirection.Sent).ToArray() is { Length: > 0 } sent:
                var id = sent[which / 2 % sent.Length].MessageId!.Value;
                node.TakenBack.Add(id);
                node.Outbox.Tell(new OutboxActor.Cancel($"{id}"));
                break;
            case Step.Retry when node.IsUp:
                node.Outbox.Tell(new OutboxActor.Retry());
                break;
            case Step.Kill when node.IsUp:
                node.Kill();
                break;
            case Step.StopInOrder when node.IsUp:
                node.StopInOrder();
                break;
            case Step.Start when !node.IsUp:
                node.Start();
                break;
            case Step.Disconnect:
                network.IsConnected = false;
                network.Cut();
                break;
            case Step.Connect:
                network.IsConnected = true;
                break;
            case Step.Cut:
                network.Cut();
                break;
            case Step.CutLater or Step.LoseReceipt:
                network.CutAfter = which / 2 % 3;
                network.CutAt = new CutAt(IsFromResponder: which / 2 % 2 == 0, which / 4 % MaxBytes);
                network.LosesReceipt = step == Step.LoseReceipt;
                break;
            case Step.SlowDisk:
                node.IsDiskSlow = true;
                break;
            case Step.Flush when node.IsUp:
                node.IsDiskSlow = false;
                node.Flush();
                break;
            case Step.FewTexts:
                network.TextsPerConversation = 1 + (which / 2 % 3);
                break;
            case Step.Snapshot:
                node.Snapshot = node.Ledger();
                break;
            case Step.LoseSnapshot:
                node.Snapshot = null;
                break;
            case Step.SetClock:
                node.Clock.Step += TimeSpan.FromHours((which / 2 % 200) - 100);
                break;
            case Step.Forget or Step.Know:
                node.Know(step == Step.Know);
                break;
            case Step.Seconds or Step.Minutes:
                network.Advance(step == Step.Seconds ? TimeSpan.FromSeconds(3) : TimeSpan.FromMinutes(6));
                break;
            case Step.Days:
                network.Advance(TimeSpan.FromDays(2));
                break;
        }
    }

    private static void BringTogether(SimulatedNetwork network)
    {
        (network.IsConnected, network.CutAfter, network.CutAt) = (true, null, null);
        foreach (var node in new[] { network.Alice, network.Bob })
        {
            node.IsDiskSlow = false;
            node.Clock.Step = network.HasRealSessions ? TimeSpan.Zero : node.Clock.Step; // real sessions ignore PDUs while the clocks differ
            node.Know(isKnown: true);
            if (!node.IsUp)
            {
                node.Start();
            }

            node.Flush();
        }

        for (var i = 0; i < 40; i++)
        {
            network.Advance(TimeSpan.FromSeconds(i % 2 == 0 ? 1 : 360));
            network.Alice.Flush();
            network.Bob.Flush();
        }
    }

    private static void AssertNothingIsLost(SimulatedNode from, SimulatedNode to)
    {
        Assert.Empty(from.Ledger().Waiting);
        var sent = from.Disk.Where(record => record is { Direction: LogDirection.Sent, Outcome: null }).Select(record => record.MessageId!.Value).ToArray();
        var again = sent.CountBy(id => id).Where(count => count.Value > 1).Select(count => count.Key); // sent again by hand after a failure
        var late = from.TakenBack.Concat(again).ToHashSet();
        var outcomes = from.Disk.Where(record => record is { Direction: LogDirection.Sent, Outcome: not null }).ToLookup(record => record.MessageId!.Value);
        var received = to.Disk.Where(record => record.Direction == LogDirection.Received).Select(record => record.MessageId!.Value).ToArray();
        Assert.Equal(received.Distinct(), received);
        Assert.Equal(sent.Where(id => received.Contains(id) && !late.Contains(id)), received.Where(id => !late.Contains(id))); // in the order in which they were written
        foreach (var id in sent.Distinct())
        {
            Assert.Equal(sent.Count(other => other == id), outcomes[id].Count());
            Assert.All(from.Outcomes.Where(told => told.Id == id), told => Assert.True(
                told.Outcome == Outcome.Delivered ? received.Contains(id) : outcomes[id].Any(logged => logged.Outcome == told.Outcome.InTheLog()), $"{told}")); // an outcome that a kill took from the log is reported again
            var outcome = outcomes[id].Last();
            switch (outcome.Outcome)
            {
                case LogOutcome.Delivered:
                    Assert.Contains(id, received);
                    break;
                case LogOutcome.Cancelled or LogOutcome.Expired when outcome.Text.Contains("may already be there", StringComparison.Ordinal):
                case LogOutcome.Unknown:
                    break;
                default:
                    Assert.DoesNotContain(id, received);
                    break;
            }
        }

        Assert.Equal(received.Order(), to.Shown.Select(message => message.Id).Distinct().Order()); // a killed node shows a message again where it cannot know that it did
        Assert.Equal(to.ShownInThisLife.Select(message => message.Id).Distinct(), to.ShownInThisLife.Select(message => message.Id));
    }
}
