// What a node does when one of its own actors fails: it goes on where that is right, and else it says so and ends with exit code 1. It never
// makes an actor again and again, and it never waits for one that is gone.

using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ActorChat.Node.Consoles;
using ActorChat.Node.Control;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Tests.Faults;

public sealed class SupervisionTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = ScriptedConsole.Patience;

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-supervision-").FullName;
    private Task<NodeGuardian.Ended> _end = Task.FromResult(new NodeGuardian.Ended(0));
    private readonly FaultyConsole _console = new();
    private readonly ActorSystem _system;
    private readonly NodeSettings _settings;

    public SupervisionTests()
    {
        var config = NodeSettings.LoadConfig("actorchat { listen.address = \"127.0.0.1\", stop-deadline = 50 ms }");
        (_system, _settings) = (ActorSystem.Create("node", config), NodeSettings.Read(config));
    }

    public async ValueTask DisposeAsync()
    {
        _console.MayGoOn.Set();
        await _system.Terminate().WaitAsync(Patience);
        _console.MayGoOn.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("secure-log")]
    [InlineData("inbox")]
    [InlineData("outbox")]
    public async Task A_node_ends_when_an_actor_fails_whose_state_may_be_lost(string actor)
    {
        await StartAsync();
        Of(actor).Tell(Kill.Instance);
        await AssertFailsAsync();
    }

    [Fact]
    public async Task A_secure_log_that_fails_while_it_flushes_ends_the_node()
    {
        await StartAsync();
        Of("secure-log").Tell(new SecureLogActor.Append(Guid.NewGuid(), [LogRecord.Note(DateTimeOffset.UnixEpoch, "hello")]));
        Of("secure-log").Tell(Kill.Instance);
        await AssertFailsAsync();
    }

    [Fact]
    public async Task An_inbox_that_fails_between_the_log_and_the_user_ends_the_node_and_the_message_is_shown_at_the_next_start()
    {
        _console.Fails = shown => shown is NodeEvent.MessageArrived;
        await StartAsync();
        var text = new TextMessage(Guid.NewGuid(), "hello");
        Of("inbox").Tell(new InboxActor.Deliver("alice", "192.0.2.7:5", [text]));
        await AssertFailsAsync();
        _console.Fails = _ => false;
        var next = new ScriptedConsole();
        _system.ActorOf(Guardian(next, "bob", isProgram: true), "next").Tell(new NodeGuardian.Await());
        Assert.Equal(text.Id, (await next.WaitFor<NodeEvent.MessageArrived>()).Id);
    }

    [Fact]
    public async Task Input_that_fails_is_asked_for_again()
    {
        await StartAsync();
        Of("console-input").Tell(Kill.Instance);
        _console.User.Type("""{"to": "eve", "text": "hello", "ref": "7"}""");
        Assert.Equal("7", (await _console.User.WaitFor<NodeEvent.MessageSent>()).Reference);
        Assert.False(_end.IsCompleted);
    }

    [Fact]
    public async Task Input_that_fails_again_and_again_ends_the_node()
    {
        _console.FailsToAsk = true;
        await StartAsync();
        await AssertFailsAsync();
        Assert.Equal(4, _console.Asked); // the first time, and three more
    }

    [Fact]
    public async Task An_actor_that_cannot_be_made_is_not_made_again_and_the_node_ends()
    {
        var attempts = 0;
        _console.Fails = shown => shown is NodeEvent.ContactsChanged && ++attempts > 0;
        await StartAsync(isProgram: false);
        await AssertFailsAsync();
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task The_control_socket_is_there_again_after_a_failure()
    {
        await StartAsync();
        await SubmitAsync();
        Of("control").Tell(Kill.Instance);
        await SubmitAsync();
        Assert.False(_end.IsCompleted);
    }

    [Theory]
    [InlineData("listener")]
    [InlineData("keys")]
    [InlineData("directory")]
    [InlineData("inbox")]
    [InlineData("secure-log")]
    public async Task While_the_node_starts_any_failure_ends_it(string actor)
    {
        var isAsked = _console.IsAsked;
        Start(Guardian(_console, name: null, isProgram: false));
        await isAsked.WaitAsync(Patience); // for the node's own name
        Of(actor).Tell(Kill.Instance);
        await AssertFailsAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broken_output_ends_the_node_also_while_it_stops(bool isStopping)
    {
        await StartAsync();
        if (isStopping)
        {
            await HoldUpOutboxAsync();
            _system.ActorSelection("/user/node").Tell(new NodeGuardian.Stop());
        }

        _system.ActorSelection("/user/node").Tell(new ConsoleQueue.Broken("broken pipe"));
        Assert.Equal(1, (await _end.WaitAsync(Patience)).ExitCode);
        Assert.StartsWith("standard output is broken: broken pipe", (await _console.User.WaitFor<NodeEvent.Problem>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_guardian_fails_has_an_exit_code_too()
    {
        await StartAsync();
        _system.ActorSelection("/user/node").Tell(Kill.Instance);
        await AssertFailsAsync();
    }

    [Fact]
    public async Task A_node_that_gives_up_does_not_wait_for_outcomes_for_ever()
    {
        await StartAsync();
        await HoldUpOutboxAsync();
        _system.ActorSelection("/user/node").Tell(new NodeGuardian.Stop());
        Assert.Equal(0, (await _end.WaitAsync(Patience)).ExitCode);
    }

    [Theory]
    [InlineData("/user/node/outbox")]
    [InlineData("/user/node/secure-log")]
    [InlineData("/user/node")]
    public async Task An_errand_has_an_outcome_although_an_actor_has_failed(string actor)
    {
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        var recipient = Recipient.Of(new HostPort("127.0.0.1", ((IPEndPoint)deaf.LocalEndpoint).Port), "password", "alice");
        var options = new NodeOptions(Port: 0, DirectoryPath: "", "alice", Path.Combine(_folder, "once"), Passphrase: null, IsProgram: true)
        {
            Errands = [new OutboxActor.SendTo(recipient, "hello", Keep: TimeSpan.Zero)],
        };
        Start(NodeGuardian.Props(options, _settings, _console, TimeProvider.System, SystemRandomSource.Instance));
        using var call = await deaf.AcceptTcpClientAsync().WaitAsync(Patience);
        _system.ActorSelection(actor).Tell(Kill.Instance);
        await AssertFailsAsync();
        var result = new OneShot.Result(_console.User.Events);
        var sent = Assert.Single(result.Sent);
        Assert.Equal((Outcome.Unknown, FailureKind.InternalError), (sent.Outcome, sent.Failure!.Kind));
        Assert.Null(result.Problem); // it was tried
    }

    // It hangs in the console while it shows what became of a message.
    private async Task HoldUpOutboxAsync()
    {
        _console.HoldsUp = shown => shown is NodeEvent.MessageSent;
        _console.User.Type("""{"to": "eve", "text": "hello"}""");
        await _console.IsHeldUp.WaitAsync(Patience);
    }

    private async Task StartAsync(bool isProgram = true)
    {
        Start(Guardian(_console, "bob", isProgram));
        await _console.User.WaitFor<NodeEvent.Listening>();
    }

    private void Start(Props guardian) => _end = _system.ActorOf(guardian, "node").Ask<NodeGuardian.Ended>(new NodeGuardian.Await());

    private Props Guardian(IConsole console, string? name, bool isProgram)
    {
        var directory = Path.Combine(_folder, "directory.json");
        File.WriteAllText(directory, InProcessNode.Contact("alice", "a long secret that only alice and bob know"));
        return NodeGuardian.Props(
            new NodeOptions(Port: 0, directory, name, Path.Combine(_folder, "state"), Passphrase: null, isProgram),
            _settings,
            console,
            TimeProvider.System,
            SystemRandomSource.Instance);
    }

    private ActorSelection Of(string actor) => _system.ActorSelection($"/user/node/{actor}");

    private async Task AssertFailsAsync()
    {
        Assert.Equal(1, (await _end.WaitAsync(Patience)).ExitCode);
        Assert.StartsWith("something failed in this node", (await _console.User.WaitFor<NodeEvent.Problem>()).Message, StringComparison.Ordinal);
    }

    private async Task SubmitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await using var node = await ControlClient.TryConnectAsync(Path.Combine(_folder, "state"), patience.Token)
                    ?? throw new IOException("there is no socket yet");
                await foreach (var answer in ControlClient.SubmitAsync(node, JsonSerializer.Serialize(new { to = "eve", text = "hi" }), patience.Token))
                {
                    Assert.Equal("not_delivered", answer.GetProperty("outcome").GetString());
                    return;
                }
            }
            catch (IOException)
            {
                // It is not there yet, or it was the one that failed.
            }

            await Task.Delay(10, patience.Token);
        }
    }

    // A user whose console throws, or hangs, when it is to show or ask something.
    private sealed class FaultyConsole : IConsole
    {
        private readonly TaskCompletionSource _isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _isHeldUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asked;

        public ScriptedConsole User { get; } = new();

        public ManualResetEventSlim MayGoOn { get; } = new();

        public Func<NodeEvent, bool> Fails { get; set; } = _ => false;

        public Func<NodeEvent, bool> HoldsUp { get; set; } = _ => false;

        public bool FailsToAsk { get; set; }

        public int Asked => _asked;

        public Task IsAsked => _isAsked.Task;

        public Task IsHeldUp => _isHeldUp.Task;

        public void Show(NodeEvent nodeEvent)
        {
            if (Fails(nodeEvent))
            {
                throw new InvalidOperationException("the console has failed");
            }

            if (HoldsUp(nodeEvent))
            {
                _isHeldUp.TrySetResult();
                MayGoOn.Wait();
            }

            User.Show(nodeEvent);
        }

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
            Interlocked.Increment(ref _asked);
            _isAsked.TrySetResult();
            if (FailsToAsk)
            {
                throw new InvalidOperationException("the console has failed");
            }

            User.Ask(prompt, replyTo);
        }
    }
}
