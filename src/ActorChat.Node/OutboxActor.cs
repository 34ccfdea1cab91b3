// The messages on their way out, from the user's word to their outcome. A message is logged before it goes, so that there is none out there that the log
// does not know; while the disk works, its conversation already connects and agrees keys. The outcome is logged when it is known, and shown.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Sends messages and tells what became of them.</summary>
/// <remarks>
/// <code>
/// state      waits for             then                                                              next
/// Open       Submit                log it; begin a conversation with its recipient, if there is none   the same
///            the log, the outcome  hand it to the conversation; log, show                            the same
///            Finish or Stop        take nothing more; with Stop, what has not begun is not sent      Finishing
/// Finishing  the last outcome      tell whoever asked                                                the same
/// </code>
/// </remarks>
public sealed class OutboxActor : ReceiveActor
{
    // So many failed messages can be sent again.
    private const int MaxFailed = 20;

    // So much of a text says which one is sent again.
    private const int MaxPreview = 60;

    private readonly NodeServices _services;
    private readonly IConsole _console;
    private readonly string _ownName;
    private readonly Func<Recipient, bool, Props> _session;
    private readonly Outbox _outbox;
    private readonly Dictionary<IActorRef, Outbox.Line> _conversations = [];
    private readonly Dictionary<IActorRef, Ping> _pings = [];
    private readonly Queue<IActorRef> _waitForRoom = new();
    private readonly LinkedList<Outbox.Item> _failed = new();
    private ContactDirectory _directory;
    private IActorRef? _finisher;

    /// <summary>Made by <see cref="Props(NodeServices, IConsole, string, ContactDirectory)"/>; the sessions are a seam.</summary>
    public OutboxActor(NodeServices services, IConsole console, string ownName, ContactDirectory directory, Func<Recipient, bool, Props> session)
    {
        ArgumentNullException.ThrowIfNull(services);
        _session = session;
        _services = services;
        _console = console;
        _ownName = ownName;
        _directory = directory;
        _outbox = new Outbox(services.Settings.MaxOutgoingConversations);
        Become(Open);
    }

    /// <summary>The outbox of a node that has its name, its directory and its log.</summary>
    /// <param name="services">The node's actors and seams.</param>
    /// <param name="console">Where outcomes are shown.</param>
    /// <param name="ownName">The name that we give to contacts whose entry has no other.</param>
    /// <param name="directory">The contacts, without ourselves.</param>
    public static Props Props(NodeServices services, IConsole console, string ownName, ContactDirectory directory) =>
        Props(services, console, ownName, directory, (recipient, isPing) => InitiatorSession.Props(recipient, isPing, services));

    /// <summary>The same with sessions of the caller's choice.</summary>
    internal static Props Props(
        NodeServices services, IConsole console, string ownName, ContactDirectory directory, Func<Recipient, bool, Props> session) =>
        Akka.Actor.Props.Create(() => new OutboxActor(services, console, ownName, directory, session));

    /// <summary>A session that fails has told its outcomes while it stopped; there is nothing in it worth a second try.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Open()
    {
        Receive<Submit>(request => Send(request, toldTo: request.AnswersSender ? Sender : null));
        Receive<SendTo>(request => Add(new Outbox.Item(
            Guid.NewGuid(), request.Recipient, request.Text, Reference: null, Sender)));
        Receive<Retry>(_ => SendOldestFailedAgain());
        Receive<SendPing>(BeginPing);
        Always();
    }

    private void Finishing()
    {
        Receive<Submit>(request => Refuse(request, request.AnswersSender ? Sender : null));
        Always();
    }

    private void Always()
    {
        Receive<UseDirectory>(request => _directory = request.Directory);
        Receive<SecureLogActor.Stored>(stored => HandOver(_outbox.Store(stored.Id)));
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<InitiatorSession.Finished>(OnFinished);
        Receive<InitiatorSession.Reached>(reached => _pings[Sender] = _pings[Sender] with { Reached = reached });
        Receive<InitiatorSession.Ended>(OnEnded);
        Receive<TellWhenThereIsRoom>(_ =>
        {
            _waitForRoom.Enqueue(Sender);
            TellOfRoom();
        });
        Receive<FinishAll>(_ => Finish());
        Receive<Stop>(_ =>
        {
            CancelWaiting();
            Finish();
        });
        Receive<GiveUp>(_ =>
        {
            CancelWaiting();
            foreach (var session in _conversations.Keys.Concat(_pings.Keys))
            {
                session.Tell(new Session.EndNow("given up, the node is stopping"));
            }
        });
    }

    private void Send(Submit request, IActorRef? toldTo)
    {
        foreach (var name in request.Command.Names)
        {
            if (_directory.Find(name) is { } contact)
            {
                Add(Recipient.Of(contact, _ownName), request, toldTo);
            }
            else
            {
                Show(NotSent(name, request, new Failure(FailureKind.NotInDirectory, Printable.Line(name))), toldTo);
            }
        }

        if (request.Command.Address is { } address)
        {
            Add(Recipient.Of(address, request.Command.Password!, _ownName), request, toldTo);
        }
    }

    private void Refuse(Submit request, IActorRef? toldTo)
    {
        foreach (var label in request.Command.Address is { } address ? [address.ToString()] : request.Command.Names)
        {
            Show(NotSent(label, request, new Failure(FailureKind.Stopping)), toldTo);
        }
    }

    private void Add(Recipient recipient, Submit request, IActorRef? toldTo) => Add(new Outbox.Item(
        Guid.NewGuid(), recipient, request.Command.Text, request.Command.Reference, toldTo));

    private void Add(Outbox.Item item)
    {
        _outbox.Add(item);
        _services.SecureLog.Tell(new SecureLogActor.Append(item.Id, [RecordOf(item, item.Text, outcome: null)]));
        if (item.ToldTo is null)
        {
            _console.Show(new NodeEvent.MessageStarted(item.Id, item.Recipient.Label, item.Text));
        }

        BeginConversations();
    }

    // With the id that it had, so that a receiver who has it already does not show it again. Its contact may have moved since: that may be why it failed.
    private void SendOldestFailedAgain()
    {
        if (_failed.First?.Value is not { } item)
        {
            _console.Show(new NodeEvent.Notice("No message has failed that was not sent again."));
            return;
        }

        _failed.RemoveFirst();
        _console.Show(new NodeEvent.Notice($"Sending again to {item.Recipient.Label}: \"{(item.Text.Length > MaxPreview ? item.Text[..MaxPreview] + "…" : item.Text)}\""));
        var recipient = item.Recipient.ContactName is { } name && _directory.Find(name) is { } contact ? Recipient.Of(contact, _ownName) : item.Recipient;
        Add(item with { Recipient = recipient });
    }

    private void BeginConversations()
    {
        while (_outbox.Open() is { } line)
        {
            line.Conversation = Context.ActorOf(_session(line.Recipient, false));
            _conversations.Add(line.Conversation, line);
            HandOver(line);
        }
    }

    private void BeginPing(SendPing request)
    {
        var ping = new Ping(Guid.NewGuid(), request, Reached: null);
        _console.Show(new NodeEvent.MessageStarted(ping.Id, request.Recipient.Label, "ping"));
        _pings.Add(Context.ActorOf(_session(request.Recipient, true)), ping);
    }

    private void HandOver(Outbox.Line? line)
    {
        foreach (var item in line is null ? [] : _outbox.HandOver(line))
        {
            line!.Conversation.Tell(new InitiatorSession.SendText(new TextMessage(item.Id, item.Text)));
        }
    }

    private void OnFinished(InitiatorSession.Finished finished)
    {
        var line = Finish(finished.Id, finished.Outcome, finished.Failure, finished.PeerName, finished.IsPostQuantum);
        HandOver(line);
        if (finished.Failure?.Kind == FailureKind.TooLong)
        {
            EndIdle(); // it may have been the only one
        }
    }

    private void CancelWaiting()
    {
        foreach (var item in _outbox.AllWaiting())
        {
            Finish(item.Id, Outcome.NotDelivered, new Failure(FailureKind.Stopping), peerName: null);
        }

        EndIdle();
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        Finish(failed.Id, Outcome.NotDelivered, new Failure(FailureKind.NotLogged, failed.Reason), peerName: null);
        EndIdle();
        ReportWhenFinished();
    }

    // A conversation that was begun for something that does not go after all.
    private void EndIdle()
    {
        foreach (var (session, line) in _conversations)
        {
            if (line.IsEmpty)
            {
                session.Tell(new Session.EndNow("nothing is left to say"));
            }
        }
    }

    // What would have gone in a conversation that failed has failed with it, once each. Else what is left goes in the next.
    private void OnEnded(InitiatorSession.Ended ended)
    {
        if (_pings.Remove(Sender, out var ping))
        {
            var words = ping.Reached is { } reached
                ? PingReport.Of(ping.Request.Recipient, reached.PeerName, reached.Steps, reached.IsPostQuantum, ping.Request.ShowsSteps)
                : $"{Printable.Line(ping.Request.Recipient.Label)} was not reached: {(ended.Failure ?? new Failure(FailureKind.InternalError)).InWords()}";
            _console.Show(new NodeEvent.PingEnded(ping.Id, ping.Reached is not null, words));
        }
        else if (_conversations.Remove(Sender, out var line))
        {
            _outbox.Close(line);
            foreach (var item in ended.Failure is null ? [] : Outbox.WaitingIn(line))
            {
                Finish(item.Id, Outcome.NotDelivered, ended.Failure, peerName: null);
            }

            BeginConversations();
        }

        ReportWhenFinished();
    }

    private Outbox.Line? Finish(Guid id, Outcome outcome, Failure? failure, string? peerName, bool isPostQuantum = false)
    {
        if (_outbox.Finish(id) is not var (item, line))
        {
            return null;
        }

        _services.SecureLog.Tell(new SecureLogActor.AppendLater(RecordOf(item, failure?.InWords() ?? "", outcome.InTheLog()) with { IsPostQuantum = isPostQuantum }));
        if (outcome != Outcome.Delivered && item.ToldTo is null)
        {
            KeepFailed(item);
        }

        Show(
            new NodeEvent.MessageSent(
                item.Recipient.Label,
                item.Reference,
                item.Id,
                outcome,
                failure,
                item.Recipient.ExpectedName is null ? peerName : null),
            item.ToldTo);
        TellOfRoom();
        return line;
    }

    private void KeepFailed(Outbox.Item item)
    {
        _failed.AddLast(item);
        if (_failed.Count > MaxFailed)
        {
            _failed.RemoveFirst();
        }
    }

    private void TellOfRoom()
    {
        while (_outbox.Count < _services.Settings.MaxWaitingMessages && _waitForRoom.TryDequeue(out var waiting))
        {
            waiting.Tell(new ThereIsRoom());
        }
    }

    private void Finish()
    {
        _finisher = Sender;
        Become(Finishing);
        ReportWhenFinished();
    }

    private void ReportWhenFinished()
    {
        if (_finisher is not null && _outbox.Count == 0 && _pings.Count == 0)
        {
            _finisher.Tell(new Finished());
        }
    }

    private LogRecord RecordOf(Outbox.Item item, string text, LogOutcome? outcome) => new(
        _services.Clock.GetUtcNow(), LogDirection.Sent, item.Recipient.Label, item.Recipient.Address, item.Id, outcome, text);

    private static NodeEvent.MessageSent NotSent(string label, Submit request, Failure why) =>
        new(label, request.Command.Reference, Guid.NewGuid(), Outcome.NotDelivered, why, PeerName: null);

    private void Show(NodeEvent.MessageSent sent, IActorRef? toldTo)
    {
        if (toldTo is null)
        {
            _console.Show(sent);
        }
        else
        {
            toldTo.Tell(new Sent(sent));
        }
    }

    /// <summary>Send this to each of its recipients.</summary>
    /// <param name="Command">The message.</param>
    /// <param name="AnswersSender">Whether the sender is told the outcome, by one <see cref="Sent"/> for each recipient, or the console.</param>
    public sealed record Submit(JsonCommand Command, bool AnswersSender) : ILocalOnly;

    /// <summary>Send this to a recipient who need not be in the directory. Answered by <see cref="Sent"/>.</summary>
    public sealed record SendTo(Recipient Recipient, string Text) : ILocalOnly
    {
        /// <summary>Shows whom it is for.</summary>
        public override string ToString() => $"{nameof(SendTo)} {Recipient}";
    }

    /// <summary>What became of a message that was submitted.</summary>
    public sealed record Sent(NodeEvent.MessageSent Event) : ILocalOnly;

    /// <summary>Send the oldest message again that failed.</summary>
    public sealed record Retry : IRemotable;

    /// <summary>See whether somebody is there, and show it.</summary>
    /// <param name="Recipient">Who.</param>
    /// <param name="ShowsSteps">Whether also how long each step took.</param>
    public sealed record SendPing(Recipient Recipient, bool ShowsSteps) : ILocalOnly;

    /// <summary>Answered by <see cref="ThereIsRoom"/> when more may be submitted.</summary>
    public sealed record TellWhenThereIsRoom : IRemotable;

    /// <summary>More may be submitted.</summary>
    public sealed record ThereIsRoom : IRemotable;

    /// <summary>The directory has changed.</summary>
    /// <param name="Directory">The contacts, without ourselves.</param>
    public sealed record UseDirectory(ContactDirectory Directory) : ILocalOnly;

    /// <summary>Take nothing more, and answer with <see cref="Finished"/> when everything has its outcome.</summary>
    public sealed record FinishAll : IRemotable;

    /// <summary>The same, but what has not begun is not sent.</summary>
    public sealed record Stop : IRemotable;

    /// <summary>Wait no longer: what is under way ends now, each message with its outcome.</summary>
    public sealed record GiveUp : IRemotable;

    /// <summary>Every message has its outcome, and there will be no more.</summary>
    public sealed record Finished : IRemotable;

    private sealed record Ping(Guid Id, SendPing Request, InitiatorSession.Reached? Reached);
}
