// A network that fails at any byte: the outcome that the sender gets is true, and the receiver has the message at most once.

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;
using Xunit.Abstractions;

namespace ActorChat.Node.Tests.Faults;

[Collection(nameof(Alone))]
public sealed class FaultyLineTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Password = "a long secret that only alice and bob know";
    private const string First = "over the bad line";
    private const string Again = "once more, over a good one";
    private const int Step = 37;

    // ML-KEM-768 would add two thirds of a conversation's bytes, in which a fault does nothing that it does not do elsewhere.
    private const string WithoutPostQuantum = "actorchat.conversation.post-quantum = off";

    private const int Workers = 64;

    // How long a conversation with a lost PDU waits. On a busy machine a good one may run into it too; its outcome is still true.
    private static readonly TimeSpan ShortDeadline = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Patient = InProcessNode.PatientSettings().TextDeadline;

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly Initiator _alice = new("alice", Password, WithoutPostQuantum);
    private InProcessNode _bob = null!;

    public async Task InitializeAsync() => _bob = await InProcessNode.StartAsync(_folder, "bob", InProcessNode.Contact("alice", Password));

    public async Task DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conversation_cut_at_any_byte_has_a_true_outcome_and_the_message_arrives_once(bool isReset)
    {
        var trials = await TryAsync(isReset ? FaultKind.Reset : FaultKind.Close, step: 1, Patient);

        // All kinds of cuts were met. After a cut before the text is written, the message is not there; after a later one, nobody can tell.
        Assert.Contains(trials, trial => trial is { Told.Outcome: Outcome.NotDelivered, Fault.IsFromResponder: false });
        Assert.Contains(trials, trial => trial is { Told.Outcome: Outcome.NotDelivered, Fault.IsFromResponder: true });
        Assert.Contains(trials, trial => trial is { Told.Outcome: Outcome.Unknown, ArrivedAtFirst: true });
        Assert.Contains(trials, trial => trial is { Told.Outcome: Outcome.Unknown, ArrivedAtFirst: false });

        // Each cut was noticed at once and not at a deadline, and the reason fits the place of the cut.
        Assert.All(trials, trial => Assert.True(
            trial.Told.Failure is null or { Kind: FailureKind.ConnectionLost or FailureKind.ClosedAtOnce or FailureKind.KeysNotConfirmed }, $"{trial}"));
        Assert.Contains(trials, trial => trial.Told.Failure?.Kind == FailureKind.ClosedAtOnce);
        Assert.Contains(trials, trial => trial.Told.Failure?.Kind == FailureKind.KeysNotConfirmed);
        Assert.All(trials.Where(trial => trial.Told.Outcome == Outcome.Unknown), trial => Assert.Equal(FailureKind.ConnectionLost, trial.Told.Failure!.Kind));
    }

    // Receipts come in the order of the texts. So the texts before one whose outcome is unknown are delivered, and those behind it are not.
    [Fact]
    public async Task Each_of_several_texts_in_a_conversation_that_is_cut_has_a_true_outcome_and_arrives_once_and_in_order()
    {
        var trials = await TryAsync(FaultKind.Reset, step: 11, Patient, texts: 3);
        foreach (var conversation in trials.GroupBy(trial => trial.Fault))
        {
            Outcome[] outcomes = [.. conversation.OrderBy(trial => trial.Number).Select(trial => trial.Told.Outcome)];
            Assert.Equal(outcomes.OrderBy(outcome => outcome == Outcome.Delivered ? 0 : 1), outcomes);
            bool[] arrived = [.. conversation.OrderBy(trial => trial.Number).Select(trial => trial.ArrivedAtFirst)];
            Assert.Equal(arrived.OrderDescending(), arrived);
        }

        Assert.Contains(trials, trial => trial is { Number: 0, Told.Outcome: Outcome.Unknown });
        Assert.Contains(
            trials.Where(trial => trial is { Number: 2, Told.Outcome: Outcome.Unknown }),
            last => trials.Any(first => first.Fault == last.Fault && first is { Number: 0, Told.Outcome: Outcome.Delivered }));
    }

    // A node that is over a limit resets connections like this. The reset may or may not arrive before Akka.IO first looks at the connection.
    [Fact]
    public async Task A_connection_that_is_reset_as_soon_as_it_is_there_is_told_at_once()
    {
        const int times = 300;
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        var resetting = Task.Run(() =>
        {
            while (true)
            {
                using var socket = listener.AcceptSocket();
                socket.LingerState = new LingerOption(true, 0);
            }
        });
        for (var i = 0; i < times; i++)
        {
            var told = await _alice.SendAsync("bob", ((IPEndPoint)listener.LocalEndpoint).Port, new TextMessage(Guid.NewGuid(), First));
            Assert.True(told is { Outcome: Outcome.NotDelivered, Failure.Kind: FailureKind.ClosedAtOnce }, $"{told}");
        }

        listener.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => resetting); // a SocketException inside AcceptSocket, or an InvalidOperationException before it
    }

    [Theory]
    [InlineData(FaultKind.DropByte)]
    [InlineData(FaultKind.DropPiece)]
    [InlineData(FaultKind.RepeatByte)]
    [InlineData(FaultKind.RepeatPiece)]
    internal async Task Bytes_lost_or_repeated_never_make_an_outcome_untrue(FaultKind kind) =>
        Assert.Contains(await TryAsync(kind, Step, ShortDeadline), trial => trial.Told.Outcome != Outcome.Delivered);

    [Theory]
    [InlineData(FaultKind.Split, 10 * Step)]
    [InlineData(FaultKind.Delay, Step)]
    internal async Task A_slow_line_or_one_that_tears_everything_into_bytes_changes_nothing(FaultKind kind, int step) => Assert.All(
        await TryAsync(kind, step, Patient), trial => Assert.Equal(Outcome.Delivered, trial.Told.Outcome));

    // How many bytes a conversation has in each direction. It varies a little with the digits of timestamps and checksums.
    private async Task<int[]> MeasureAsync(int texts)
    {
        await using var line = new FaultProxy(_bob.Port);
        Assert.All(await _alice.SendAsync("bob", line.Port, Messages(texts)), told => Assert.Equal(Outcome.Delivered, told.Outcome));
        return [.. line.Passed];
    }

    private static TextMessage[] Messages(int count) => [.. Enumerable.Range(0, count).Select(_ => new TextMessage(Guid.NewGuid(), First))];

    // Every message is sent through its fault and then, under the same id, straight to bob. The second text differs, so that bob's log shows
    // which of the two conversations brought the message.
    private async Task<IReadOnlyList<Trial>> TryAsync(FaultKind kind, int step, TimeSpan deadline, int texts = 1)
    {
        var lengths = await MeasureAsync(texts);
        var faults = from isFromResponder in (bool[])[false, true]
                     from at in Enumerable.Range(0, lengths[isFromResponder ? 1 : 0])
                     where at % step == 0
                     select new Fault(kind, isFromResponder, at);
        var waiting = new ConcurrentQueue<Fault>(faults);
        var tried = new ConcurrentBag<(Fault Fault, bool HasHappened, int Number, InitiatorSession.Finished Told)>();
        var hasty = _alice.Services with
        {
            Settings = _alice.Services.Settings with { HandshakeDeadline = deadline, TextDeadline = deadline, PduDeadline = deadline },
        };
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            await using var line = new FaultProxy(_bob.Port);
            while (waiting.TryDequeue(out var fault))
            {
                line.Next = fault;
                var messages = Messages(texts);
                foreach (var told in await _alice.SendAsync("bob", line.Port, messages, hasty))
                {
                    tried.Add((fault, line.HasHappened, Array.FindIndex(messages, message => message.Id == told.Id), told));
                }

                var again = await _alice.SendAsync("bob", _bob.Port, [.. messages.Select(message => message with { Text = Again })]);
                Assert.All(again, told => Assert.True(told.Outcome == Outcome.Delivered, $"after {fault}: {told}"));
            }
        }));

        var shown = _bob.Shown.ToLookup(id => id);
        var log = (await _bob.StopAsync()).Where(record => record.Direction == LogDirection.Received).ToLookup(record => record.MessageId!.Value);
        var trials = tried.Select(trial => new Trial(trial.Fault, trial.HasHappened, trial.Number, trial.Told, Assert.Single(log[trial.Told.Id]).Text == First)).ToList();
        foreach (var same in trials.GroupBy(trial => (trial.Told.Outcome, trial.Told.Failure?.Kind, trial.ArrivedAtFirst)))
        {
            output.WriteLine($"{same.Count()} × {same.Key}");
        }

        Assert.All(trials, trial => Assert.True(IsTrue(trial), $"{trial}"));
        Assert.All(trials, trial => Assert.Single(shown[trial.Told.Id]));
        Assert.True(trials.Where(trial => !trial.HasHappened).DistinctBy(trial => trial.Fault).Count() <= 20, "conversations had more bytes when they were measured");
        return trials;
    }

    // Delivered: bob had it. Not delivered: he did not. Rejected: he read and refused it, which only a fault inside the text can cause.
    // Unknown: either.
    private static bool IsTrue(Trial trial) => trial.Told.Outcome switch
    {
        Outcome.Delivered => trial.ArrivedAtFirst,
        Outcome.NotDelivered or Outcome.Rejected => !trial.ArrivedAtFirst,
        _ => true,
    };

    private sealed record Trial(Fault Fault, bool HasHappened, int Number, InitiatorSession.Finished Told, bool ArrivedAtFirst);
}
