// The sending half of a node, with real sessions and the real KeyActor. The test chooses a message's id, so it can send the same message
// again, as a user's second attempt does.

using System.Collections.Immutable;
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
        var settings = InProcessNode.PatientSettings(overrides);
        Services = new NodeServices(
            settings,
            TimeProvider.System,
            SystemRandomSource.Instance,
            System.Tcp(),
            Directory: ActorRefs.Nobody,
            Keys: System.ActorOf(KeyActor.Props(settings, TimeProvider.System, SystemRandomSource.Instance)),
            Inbox: ActorRefs.Nobody,
            SecureLog: ActorRefs.Nobody);
        _parent = System.ActorOf(Props.Create(() => new Parent()));
    }

    public ActorSystem System { get; }

    /// <summary>The services of the sessions, unless the test gives a session others.</summary>
    public NodeServices Services { get; }

    /// <summary>Sends a message, and waits until its session has ended.</summary>
    /// <returns>The outcome that the session reported.</returns>
    public async Task<InitiatorSession.Finished> SendAsync(string to, int port, TextMessage message, NodeServices? services = null) =>
        Assert.Single(await SendAsync(to, port, [message], services));

    /// <summary>Sends messages in one conversation, and waits until it has ended.</summary>
    /// <returns>The outcomes in the order in which they were reported; messages that were not sent come last.</returns>
    public async Task<IReadOnlyList<InitiatorSession.Finished>> SendAsync(string to, int port, IReadOnlyList<TextMessage> messages, NodeServices? services = null)
    {
        var recipient = new Recipient(to, to, to, "127.0.0.1", port, _password, _name);
        var told = await _parent.Ask<ImmutableList<InitiatorSession.Finished>>(
            new Send(recipient, messages, services ?? Services), ScriptedConsole.Patience);
        Assert.Equal(messages.Select(message => message.Id).Order(), told.Select(finished => finished.Id).Order());
        return told;
    }

    public async ValueTask DisposeAsync() => await System.Terminate().WaitAsync(ScriptedConsole.Patience);

    private sealed record Send(Recipient Recipient, IReadOnlyList<TextMessage> Messages, NodeServices Services);

    // Replaces the OutboxActor. It answers only when the session has ended, so that it would notice a second outcome or end. A text that has
    // no outcome when the conversation ends was not sent.
    private sealed class Parent : ReceiveActor
    {
        private readonly Dictionary<IActorRef, (Send Send, IActorRef Asker, ImmutableList<InitiatorSession.Finished> Told, int Ends)> _sessions = [];

        public Parent()
        {
            Receive<Send>(send =>
            {
                var session = Context.Watch(Context.ActorOf(InitiatorSession.Props(send.Recipient, isPing: false, send.Services)));
                _sessions.Add(session, (send, Sender, [], 0));
                foreach (var message in send.Messages)
                {
                    session.Tell(new InitiatorSession.SendText(message));
                }
            });
            Receive<InitiatorSession.Finished>(finished => _sessions[Sender] = _sessions[Sender] with { Told = _sessions[Sender].Told.Add(finished) });
            Receive<InitiatorSession.Ended>(ended =>
            {
                var (send, asker, told, ends) = _sessions[Sender];
                var unsent = send.Messages.Where(message => !told.Exists(finished => finished.Id == message.Id));
                _sessions[Sender] = (
                    send, asker, told.AddRange(unsent.Select(message => new InitiatorSession.Finished(message.Id, Outcome.NotDelivered, ended.Failure, PeerName: null))), ends + 1);
            });
            Receive<Terminated>(ended =>
            {
                _sessions.Remove(ended.ActorRef, out var session);
                session.Asker.Tell(session.Ends == 1 ? session.Told : []);
            });
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);
    }
}
