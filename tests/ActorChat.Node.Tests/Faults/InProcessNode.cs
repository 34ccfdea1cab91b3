// A whole node in the test's own process, with real sockets and a real log in a real folder. The test may supply the clock and the random source.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Cryptography;
using ActorChat.Storage.SecureLog;
using ActorChat.Tests.Shared;
using Akka.Actor;

namespace ActorChat.Node.Tests.Faults;

internal sealed class InProcessNode : IAsyncDisposable
{
    // Deadlines that a busy machine does not miss, and limits that refuse nothing for coming too often.
    private const string Patient = """
        actorchat {
          listen {
            address = "127.0.0.1"
            max-unauthenticated-per-address = 1000
            max-connections-per-address = 1000
            max-connections-per-contact = 1000
            handshakes-per-second = 100000
            handshakes-per-second-per-address = 100000
            handshake-burst = 100000
            handshake-burst-per-address = 100000
          }
          conversation { handshake-deadline = 60 s, text-deadline = 60 s, pdu-deadline = 60 s }
          texts.per-minute = 1000000
          guesses.free = 100000
          outbox.keep = 0
        }

        """;

    private readonly Task<NodeGuardian.Ended> _end;
    private readonly IActorRef _guardian;
    private readonly string _statePath;

    private InProcessNode(string folder, string name, string contacts, string overrides, TimeProvider? clock, IRandomSource? random)
    {
        _statePath = Path.Combine(folder, name);
        var directory = Path.Combine(folder, $"{name}.json");
        File.WriteAllText(directory, contacts);
        EarlierStart.LeaveIn(_statePath, name, directory, VerificationKeyPath(_statePath));
        var config = NodeSettings.LoadConfig(Patient + overrides);
        System = ActorSystem.Create(name, config);
        _guardian = System.ActorOf(
            NodeGuardian.Props(
                new NodeOptions(Port: 0, directory, name, _statePath, Passphrase: null, IsProgram: true),
                NodeSettings.Read(config),
                Console,
                clock ?? TimeProvider.System,
                random ?? SystemRandomSource.Instance),
            "node");
        _end = _guardian.Ask<NodeGuardian.Ended>(new NodeGuardian.Await());
    }

    public ActorSystem System { get; }

    public ScriptedConsole Console { get; } = new();

    public int Port { get; private set; }

    /// <summary>The ids of the messages that were shown, in order.</summary>
    public IEnumerable<Guid> Shown => Console.Events.OfType<NodeEvent.MessageArrived>().Select(message => message.Id);

    /// <summary>The settings of a node that has all the time it needs.</summary>
    public static NodeSettings PatientSettings(string overrides = "") => NodeSettings.Read(NodeSettings.LoadConfig(Patient + overrides));

    /// <summary>Starts a node and waits until it takes conversations.</summary>
    /// <param name="folder">Where its directory file and its state are.</param>
    /// <param name="name">Its name.</param>
    /// <param name="contacts">Its directory, in JSON.</param>
    /// <param name="overrides">Settings in HOCON.</param>
    /// <param name="clock">The system's when null.</param>
    /// <param name="random">The system's when null.</param>
    public static async Task<InProcessNode> StartAsync(
        string folder, string name, string contacts, string overrides = "", TimeProvider? clock = null, IRandomSource? random = null)
    {
        var node = new InProcessNode(folder, name, contacts, overrides, clock, random);
        node.Port = (await node.Console.WaitFor<NodeEvent.Listening>()).Port;
        return node;
    }

    /// <summary>A directory with one contact.</summary>
    public static string Contact(string name, string password, int port = 1) =>
        $$"""[{"username": "{{name}}", "password": "{{password}}", "ip": "127.0.0.1", "port": {{port}}}]""";

    /// <summary>Sends a message as the node's user, and waits for what becomes of it.</summary>
    public async Task<NodeEvent.MessageSent> TellAsync(string to, string text)
    {
        var reference = $"{Guid.NewGuid()}";
        Console.Type($$"""{"to": "{{to}}", "text": "{{text}}", "ref": "{{reference}}"}""");
        return await Console.WaitFor<NodeEvent.MessageSent>(sent => sent.Reference == reference);
    }

    /// <summary>Stops the node in order, and verifies its log.</summary>
    /// <returns>What the log holds.</returns>
    public async Task<IReadOnlyList<LogRecord>> StopAsync()
    {
        _guardian.Tell(new NodeGuardian.Stop());
        Assert.Equal(0, (await _end.WaitAsync(ScriptedConsole.Patience)).ExitCode);
        await System.Terminate().WaitAsync(ScriptedConsole.Patience);
        var log = new LogFolder(_statePath);
        using var key = LogKey.Open(log, passphrase: null);
        using var verificationKey = VerificationKey.Parse(await File.ReadAllTextAsync(VerificationKeyPath(_statePath)));
        Assert.True(LogVerifier.Verify(log, key, verificationKey).IsIntact);
        using var reader = new LogReader(log, key);
        return [.. reader.Read().Select(entry => entry.Record)];
    }

    private static string VerificationKeyPath(string statePath) => statePath + ".verification";

    public async ValueTask DisposeAsync() => await System.Terminate().WaitAsync(ScriptedConsole.Patience);
}
