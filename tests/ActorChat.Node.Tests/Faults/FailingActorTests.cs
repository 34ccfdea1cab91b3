// Actors that throw. When a session throws, its connection is closed, its place is free, its message has one true outcome, and other conversations go on.
// When an actor of the node throws, it keeps its state and goes on with its next message.

using System.Diagnostics;
using System.Net;
using ActorChat.Node.Consoles;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.IO;

namespace ActorChat.Node.Tests.Faults;

public sealed class FailingActorTests : IAsyncLifetime
{
    private const string Password = "a long secret that only alice and bob know";
    private const string Talkative = "akka.loglevel = DEBUG\n";

    // Room for one conversation that is under way all the time and one that fails. A third is refused.
    private const string TwoAtOnce = Talkative + "actorchat.listen { max-connections = 2, max-connections-per-address = 2 }\n";

    // In bytes from the initiator: there both sides are about to authenticate each other.
    private const int HalfWay = 900;

    // Longer than it takes to notice a closed connection, but shorter than the deadlines that would free its place in any case.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly Initiator _alice = new("alice", Password, Talkative);
    private readonly FailingClock _responders = new(typeof(ResponderSession));
    private readonly FailingClock _initiators = new(typeof(InitiatorSession));
    private InProcessNode _bob = null!;

    public async Task InitializeAsync() =>
        _bob = await InProcessNode.StartAsync(_folder, "bob", InProcessNode.Contact("alice", Password), TwoAtOnce, _responders);

    public async Task DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_responder_that_fails_in_any_state_takes_nothing_with_it()
    {
        var failed = new FailedStates(_bob.System);
        var outcomes = await BesideAnotherAsync(() => FailAtEachReadingAsync(_responders, _alice.Services));

        // A session in AwaitingKeys reads no clock; ListenerActorTests makes one fail there.
        string[] states = ["AwaitingDh1", "AwaitingHello", "AwaitingResponse", "AwaitingChallenge", "AwaitingAck", "AwaitingText", "Storing"];
        var failedIn = failed.Wait(outcomes.Count);
        Assert.Equal(states, failedIn.Distinct());
        Assert.Equal(
            failedIn.Select(state => state switch
            {
                "AwaitingDh1" => FailureKind.ClosedAtOnce,
                "AwaitingHello" => FailureKind.KeysNotConfirmed,
                _ => FailureKind.ConnectionLost,
            }),
            outcomes.Select(told => told.Failure!.Kind));
        var log = await ReceivedAsync();
        Assert.All(outcomes, told => Assert.True(told.Outcome == Outcome.Unknown || !log.Contains(told.Id), $"{told}"));
        Assert.Contains(outcomes, told => told.Outcome == Outcome.Unknown && log.Contains(told.Id)); // bob failed while he wrote the receipt
    }

    [Fact]
    public async Task An_initiator_that_fails_in_any_state_says_what_is_certain_and_takes_nothing_with_it()
    {
        var failed = new FailedStates(_alice.System);
        var services = _alice.Services with { Clock = _initiators };
        var outcomes = await BesideAnotherAsync(async () =>
        {
            List<InitiatorSession.Finished> outcomes = await FailAtEachReadingAsync(_initiators, services);
            foreach (var failing in new[] { services with { Tcp = new BrokenRef() }, services with { Keys = _alice.System.ActorOf(Props.Create(() => new Poisoner())) } })
            {
                outcomes.Add(await SendAsync(failing));
                await AssertIsLetInAsync();
            }

            return outcomes;
        });

        string[] states =
        [
            "AwaitingAck", "AwaitingChallenge", "AwaitingDh2", "AwaitingGenerator", "AwaitingReceipt", "AwaitingResponse", "Connecting",
        ];
        var failedIn = failed.Wait(outcomes.Count);
        Assert.Equal(states, failedIn.Distinct().Order());
        Assert.Equal(
            failedIn.Select(state => state == "AwaitingReceipt" ? Outcome.Unknown : Outcome.NotDelivered), outcomes.Select(told => told.Outcome));
        Assert.All(outcomes, told => Assert.Equal(FailureKind.InternalError, told.Failure!.Kind));
        var log = await ReceivedAsync();
        Assert.All(outcomes.Where(told => told.Outcome == Outcome.NotDelivered), told => Assert.DoesNotContain(told.Id, log));
    }

    public static TheoryData<string, object> Poisons => new()
    {
        { "keys", new KeyActor.Agree(Offer: null!, IPAddress.Loopback) },
        { "keys", new KeyActor.UseContacts(Contacts: null!, "bob", Secrets: null) },
        { "keys", new KeyActor.Initiate(Recipient: null!) },
        { "listener", new ListenerActor.Know(null!) },
        { "listener", new Tcp.Connected(null, null) },
        { "directory", Kill.Instance },
    };

    [Theory]
    [MemberData(nameof(Poisons))]
    public async Task An_actor_that_keeps_its_state_goes_on_with_its_next_message(string actor, object poison)
    {
        var failed = new FailedStates(_bob.System);
        await BesideAnotherAsync(async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                _bob.System.ActorSelection($"/user/node/{actor}").Tell(poison);
                await AssertIsLetInAsync();
            }

            return 0;
        });
        Assert.Equal(2, failed.Wait(2).Count);
        _bob.System.ActorSelection("/user/node/directory").Tell(new DirectoryActor.Reload());
        await _bob.Console.WaitFor<NodeEvent.Notice>(notice => notice.Message.StartsWith("The directory was loaded again", StringComparison.Ordinal));
    }

    // Makes the first session fail at its first reading of the clock, the next at its second, and so on, until one delivers before it gets that far.
    private async Task<List<InitiatorSession.Finished>> FailAtEachReadingAsync(FailingClock clock, NodeServices services)
    {
        var outcomes = new List<InitiatorSession.Finished>();
        while (true)
        {
            var reading = outcomes.Count + 1;
            var told = await SendUntilLetInAsync(services, () => clock.FailAt(reading), () => clock.HasFailed);
            clock.FailAt(0);
            if (told.Outcome == Outcome.Delivered)
            {
                return outcomes;
            }

            outcomes.Add(told);
            await AssertIsLetInAsync();
        }
    }

    // Holds a conversation up half way while the test does something, then lets it finish.
    private async Task<T> BesideAnotherAsync<T>(Func<Task<T>> something)
    {
        var done = new TaskCompletionSource();
        await using var line = new FaultProxy(_bob.Port) { Next = new Fault(FaultKind.Delay, IsFromResponder: false, HalfWay), DelayUntil = done.Task };
        var other = _alice.SendAsync("bob", line.Port, new TextMessage(Guid.NewGuid(), "meanwhile"));
        Assert.True(SpinWait.SpinUntil(() => line.HasHappened, Support.ScriptedConsole.Patience));
        var result = await something();
        Assert.False(other.IsCompleted);
        done.SetResult();
        Assert.Equal(Outcome.Delivered, (await other).Outcome);
        return result;
    }

    private async Task AssertIsLetInAsync()
    {
        var told = await SendUntilLetInAsync(_alice.Services, () => { }, () => false);
        Assert.True(told.Outcome == Outcome.Delivered, $"{told}");
    }

    // The caller may know of a conversation's end before bob's listener does, and is then refused as one too many. So it calls again.
    private async Task<InitiatorSession.Finished> SendUntilLetInAsync(NodeServices services, Action arm, Func<bool> isEnough)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            arm();
            var told = await SendAsync(services);
            if (isEnough() || told is not { Outcome: Outcome.NotDelivered, Failure.Kind: FailureKind.ClosedAtOnce } || waiting.Elapsed > Patience)
            {
                return told;
            }
        }
    }

    private Task<InitiatorSession.Finished> SendAsync(NodeServices services) =>
        _alice.SendAsync("bob", _bob.Port, new TextMessage(Guid.NewGuid(), "hello"), services);

    private async Task<IReadOnlyList<Guid>> ReceivedAsync() =>
        [.. (await _bob.StopAsync()).Where(record => record.Direction == LogDirection.Received).Select(record => record.MessageId!.Value)];

    // Replaces Akka.IO's TCP manager, for the state in which nothing else can fail.
    private sealed class BrokenRef : MinimalActorRef
    {
        public override ActorPath Path => ActorRefs.Nobody.Path;

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender) => throw new InvalidOperationException("it is broken");
    }

    // Replaces the KeyActor, and answers with something that makes a session throw.
    private sealed class Poisoner : ReceiveActor
    {
        public Poisoner() => ReceiveAny(_ => Sender.Tell(new Tcp.Received(null)));
    }
}
