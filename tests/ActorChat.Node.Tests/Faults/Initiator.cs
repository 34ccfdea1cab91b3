// The sending half of a node, with real sessions and the real KeyActor, in which the test chooses a message's id: what a user's repeated
// attempt at the same message looks like to the other side.

using System.Collections.Immutable;
using ActorChat.Node.Consoles;
using ActorChat.Node.Sessions;
using ActorChat.Node.Tests.Support;
using ActorChat.Protocol.Pdus;
using Akka.Actor;
using Akka.IO;

namespace ActorChat.Node.Tests.Faults;

internal sealed class Initiator : IAsyncDisposable
{
    private readonly IActorRef _parent;
    private readonly string _name;
    private readonly string _password;

    /// <param name="name">Our name.</param>
    /// <param name="password">What we share with everybody we call.</param>
    /// <param name="overrides">Settings in HOCON.</param>
    public Initiator(string name, string password, string overrides = "")
    {
        (_name, _password) = (name, password);
        System = ActorSystem.Create("initiator", NodeSettings.LoadConfig(overrides));
        Services = new NodeServices(
            InProcessNode.PatientSettings(),
            TimeProvider.System,
            SystemRandomSource.Instance,
            System.Tcp(),
            Directory: ActorRefs.Nobody,
            Keys: System.ActorOf(KeyActor.Props(InProcessNode.PatientSettings(), TimeProvider.System, SystemRandomSource.Instance)),
            Inbox: ActorRefs.Nobody,
            SecureLog: ActorRefs.Nobody);
        _parent = System.ActorOf(Props.Create(() => new Parent()));
    }

    public ActorSystem System { get; }

    /// <summary>What the sessions use unless the test gives one something else.</summary>
    public NodeServices Services { get; }

    /// <summary>Sends a message, and waits until its session has ended.</summary>
    /// <returns>What the session told its parent.</returns>
    public async Task<InitiatorSession.Finished> SendAsync(string to, int port, TextMessage message, NodeServices? services = null)
    {
        var recipient = new Recipient(to, to, to, "127.0.0.1", port, _password, _name);
        var told = await _parent.Ask<ImmutableList<InitiatorSession.Finished>>(
            new Send(recipient, message, services ?? Services), ScriptedConsole.Patience);
        return Assert.Single(told);
    }

    public async ValueTask DisposeAsync() => await System.Terminate().WaitAsync(ScriptedConsole.Patience);

    private sealed record Send(Recipient Recipient, TextMessage Message, NodeServices Services);

    // In the place of the ConsoleInputActor. It answers when the session has ended, so that a second outcome would not go unnoticed.
    private sealed class Parent : ReceiveActor
    {
        private readonly Dictionary<IActorRef, (IActorRef Asker, ImmutableList<InitiatorSession.Finished> Told)> _sessions = [];

        public Parent()
        {
            Receive<Send>(send => _sessions.Add(
                Context.Watch(Context.ActorOf(InitiatorSession.Props(send.Recipient, send.Message, send.Services))), (Sender, [])));
            Receive<InitiatorSession.Finished>(finished => _sessions[Sender] = _sessions[Sender] with { Told = _sessions[Sender].Told.Add(finished) });
            Receive<Terminated>(ended =>
            {
                _sessions.Remove(ended.ActorRef, out var session);
                session.Asker.Tell(session.Told);
            });
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);
    }
}
