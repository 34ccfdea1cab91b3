// The base of the actor tests: an actor system with the node's own configuration and a clock that stands still, so that no
// deadline passes unless a test lets it, with probes in place of the actors around the one under test.

using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;

namespace ActorChat.Node.Tests.Support;

public abstract class NodeTestKit : TestKit
{
    // Akka serializes and deserializes each message that is not marked local on the way, so that each test also finds those that cannot cross machines.
    // The two of Akka's own that the tests send are not on the node's allow-list.
    private const string ForTests = """
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.actor.serialize-messages = on
        akka.actor.serializers.json = "Akka.Serialization.NewtonSoftJsonSerializer, Akka"
        akka.actor.serialization-bindings."Akka.Actor.IAutoReceivedMessage, Akka" = json
        akka.actor.serialization-bindings."Akka.Actor.ActorIdentity, Akka" = json
        akka.test.single-expect-default = 10 s

        """;

    private long _logged;

    /// <param name="overrides">Settings that the test changes, in HOCON.</param>
    protected NodeTestKit(string overrides = "")
        : base(NodeSettings.LoadConfig(ForTests + overrides))
    {
        TcpManager = CreateTestProbe("tcp-manager");
        Keys = CreateTestProbe("keys");
        SecureLog = CreateTestProbe("secure-log");
        SecureLog.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is SecureLogActor.Append append)
            {
                sender.Tell(LogFails
                    ? new SecureLogActor.NotStored(append.Id, "the disk is full")
                    : new SecureLogActor.Stored(append.Id, _logged += append.Records.Count));
            }

            return AutoPilot.KeepRunning;
        }));
        Services = new NodeServices(
            NodeSettings.Read(NodeSettings.LoadConfig(overrides)),
            Clock,
            SystemRandomSource.Instance,
            TcpManager,
            Directory: TestActor,
            Keys,
            Inbox: TestActor,
            SecureLog);
    }

    protected FakeTimeProvider Clock { get; } = new();

    protected NodeServices Services { get; }

    /// <summary>In place of Akka.IO's manager.</summary>
    protected TestProbe TcpManager { get; }

    /// <summary>In place of the <see cref="KeyActor"/>.</summary>
    protected TestProbe Keys { get; }

    /// <summary>In place of the <see cref="SecureLogActor"/>: it answers each append.</summary>
    protected TestProbe SecureLog { get; }

    /// <summary>Whether the log says no from now on.</summary>
    protected bool LogFails { get; set; }

    /// <summary>Returns when an actor has dealt with everything that the test told it before, and fails when it has told the test anything meanwhile.</summary>
    protected void WaitUntilQuiet(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        actor.Tell(new Identify(null), TestActor);
        ExpectMsg<ActorIdentity>();
    }

    /// <summary>Tries a step until it succeeds, now and then: what the test waits for needs the processor too.</summary>
    protected void MustHappen(Func<bool> step) => AwaitCondition(step, ScriptedConsole.Patience, TimeSpan.FromMilliseconds(10), "it did not happen");
}
