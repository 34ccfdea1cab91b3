// The messages on their way out, from the moment the user sends them to their outcome. A message is logged before it is sent, so the log knows every message
// that was sent. While it is written to disk, its conversation already connects and agrees keys. The outcome is logged and shown when it is known.
// A message to a contact who is away waits, even while this node is not running: a message that is in the log without an outcome waits.
// The rules are in Outgoing; here are the sessions, the log's answers, the timer and the end.

using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using ActorChat.Node.Outgoing;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Storage.Contacts;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Sends messages and tells what became of them.</summary>
/// <remarks>
/// <code>
/// state      waits for             then                                                              next
/// Open       Submit, SendTo        log it; begin a conversation with its recipient, if there is none   the same
///            the log, the outcome  hand it to the conversation; log, show; or wait                   the same
///            Finish or Stop        take nothing more; with Stop, what has not begun is not sent      Finishing
/// Finishing  the last outcome      tell whoever asked, and how many wait                             the same
/// both       the next attempt's    begin it; log and show what has expired                           the same
///            time, an expiry
/// </code>
/// </remarks>
public sealed class OutboxActor : ReceiveActor, IWithTimers
{
    // What waits is looked at again after this time at the latest, in case the wall clock was set.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromHours(1);

    private readonly NodeServices _services;
    private readonly IConsole _console;
    private readonly string _ownName;
    private readonly Func<Recipient, bool, Props> _session;
    private readonly Retries _retries;
    private readonly Outbox _outbox;
    private readonly MessageWriter _writer;
    private readonly Endings _endings;
    private readonly Waiting _waiting;
    private readonly Pings _pings;
    private readonly Dictionary<IActorRef, Outbox.Line> _conversations = [];
    private readonly Queue<IActorRef> _waitForRoom = new();
    private IActorRef? _finisher;
    private bool _hasFinished;

    /// <inheritdoc cref="Props(NodeServices, IConsole, string, ContactDirectory, SentBefore)"/>
    public OutboxActor(
        NodeServices services, IConsole console, string ownName, ContactDirectory directory, SentBefore log, Func<Recipient, bool, Props> session)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(log);
        (_services, _session) = (services, session);
        (_console, _ownName) = (console, ownName);
        _retries = new Retries(services.Settings.Retries, services.Random);
        _outbox = new Outbox(services.Settings.MaxOutgoingConversations, _retries);
        _endings = new Endings(services, console, _outbox);
        _writer = new MessageWriter(services, ownName, new OutgoingStreams(log.Streams, services.Random), _outbox, _endings);
        _waiting = new Waiting(services, console, ownName, _outbox, _writer, _endings);
        _pings = new Pings(console, _retries);
        Become(Open);
        Resume(log, directory);
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The outbox of a node that has its name, its directory without ourselves, and its log.</summary>
    public static Props Props(NodeServices services, IConsole console, string ownName, ContactDirectory directory, SentBefore log) =>
        Props(services, console, ownName, directory, log, (recipient, isPing) => InitiatorSession.Props(recipient, isPing, services));

    /// <summary>An outbox with other sessions.</summary>
    internal static Props Props(
        NodeServices services, IConsole console, string ownName, ContactDirectory directory, SentBefore log, Func<Recipient, bool, Props> session) =>
        Akka.Actor.Props.Create(() => new OutboxActor(services, console, ownName, directory, log, session));

    /// <summary>A session that fails has reported its outcomes while it stopped; a restart would report them again.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private TimeSpan Now => _services.Clock.GetElapsedTime(0);

    private void Open()
    {
        Receive<Submit>(request =>
        {
            foreach (var item in _writer.Write(request.Command, _waiting.Directory, toldTo: request.AnswersSender ? Sender : null))
            {
                Add(item);
            }
        });
        Receive<SendTo>(request => Add(_writer.New(request.Recipient, request.Text, reference: null, toldTo: null, request.Keep) with { IsAwaited = true }));
        Receive<Retry>(_ =>
        {
            if (_waiting.Retry() is { } item)
            {
                Add(item);
            }

            Arrange();
        });
        Receive<SendPing>(request => BeginPing(request, isShown: true));
        Always();
    }

    private void Finishing()
    {
        Receive<Submit>(request => _endings.Refuse(request.Command, toldTo: request.AnswersSender ? Sender : null));
        Always();
    }

    private void Always()
    {
        Receive<UseDirectory>(request => Use(request.Directory));
        Receive<IsThere>(contact => Hasten(contact.Name));
        Receive<Cancel>(request =>
        {
            _waiting.TakeBack(request.What);
            ArrangeAndReport();
        });
        Receive<ListWaiting>(request => _waiting.Show(request.AsEvents));
        Receive<TryNow>(_ => Arrange());
        Receive<SecureLogActor.Stored>(OnStored);
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<InitiatorSession.Finished>(OnFinished);
        Receive<InitiatorSession.Reached>(reached => Hasten(_pings.Reach(Sender, reached).ContactName));
        Receive<InitiatorSession.Ended>(OnEnded);
        Receive<TellWhenThereIsRoom>(_ =>
        {
            _waitForRoom.Enqueue(Sender);
            TellOfRoom();
        });
        Receive<FinishAll>(_ => Finish());
        Receive<Stop>(_ =>
        {
            PutAside();
            Finish();
        });
        Receive<GiveUp>(_ =>
        {
            PutAside();
            foreach (var session in _conversations.Keys.Concat(_pings.Sessions))
            {
                session.Tell(new Session.EndNow("given up, the node is stopping"));
            }
        });
    }

    private void Resume(SentBefore log, ContactDirectory directory)
    {
        _waiting.Resume(log, directory);
        Use(directory);
        _waiting.Sum(" from before");
        if (_services.Settings.AnnouncesPresence)
        {
            _pings.AnnounceTo(directory.Contacts.Select(contact => contact.Username).Where(name => _outbox.LineOf(name) is null));
        }

        Arrange();
    }

    private void Add(Outbox.Item item)
    {
        _outbox.Add(item, Now);
        _services.SecureLog.Tell(new SecureLogActor.Append(item.Id, [_endings.RecordOf(item)]));
        if (item.ToldTo is null)
        {
            _console.Show(new NodeEvent.MessageStarted(item.Id, item.Recipient.Label, item.Text));
        }

        Arrange();
    }

    // Begins the conversations that may begin, ends messages whose time is over, and sets the timer for the next thing to do.
    private void Arrange()
    {
        _waiting.Expire();
        while (!_waiting.IsStopping && _outbox.Open(Now, onlyNew: _finisher is not null) is { } line)
        {
            line.Conversation = Context.ActorOf(_session(line.Recipient, false));
            _conversations.Add(line.Conversation, line);
            HandOver(line);
        }

        foreach (var contact in _pings.NextToAnnounceTo(_waiting.Directory, Now))
        {
            BeginPing(new SendPing(Recipient.Of(contact, _ownName), ShowsSteps: false), isShown: false);
        }

        _waiting.ShowCount();
        TellOfRoom();
        SetTimer();
    }

    private void ArrangeAndReport()
    {
        EndIdle();
        Arrange();
        ReportWhenFinished();
    }

    private void SetTimer()
    {
        var next = _waiting.IsStopping ? null : _outbox.UntilNext(Now, _services.Clock.GetUtcNow(), onlyNew: _finisher is not null);
        var ping = _pings.UntilNext(Now);
        if ((next is null || ping < next ? ping : next) is { } wait)
        {
            Timers.StartSingleTimer(nameof(TryNow), new TryNow(), TimeSpan.FromMilliseconds(Math.Clamp(wait.TotalMilliseconds, 1, LongestTimer.TotalMilliseconds)));
        }
        else
        {
            Timers.Cancel(nameof(TryNow));
        }
    }

    private void BeginPing(SendPing request, bool isShown) => _pings.Begin(Context.ActorOf(_session(request.Recipient, true)), request, isShown);

    private void HandOver(Outbox.Line? line)
    {
        foreach (var item in line is null ? [] : _outbox.HandOver(line))
        {
            line!.Conversation.Tell(new InitiatorSession.SendText(item.OnTheWire));
        }
    }

    private void OnStored(SecureLogActor.Stored stored)
    {
        if (_endings.Tell(stored.Id))
        {
            ReportWhenFinished();
        }
        else
        {
            HandOver(_outbox.Store(stored.Id));
        }
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (!_endings.Tell(failed.Id))
        {
            _endings.Finish(failed.Id, Outcome.NotDelivered, new Failure(FailureKind.NotLogged, failed.Reason));
            TellOfRoom();
            EndIdle();
        }

        ReportWhenFinished();
    }

    private void OnFinished(InitiatorSession.Finished finished)
    {
        HandOver(_endings.Finish(finished));
        TellOfRoom();
        _waiting.ShowCount();
        if (finished.Failure?.Kind == FailureKind.TooLong)
        {
            EndIdle(); // it may have been the conversation's only message
        }
    }

    private void OnEnded(InitiatorSession.Ended ended)
    {
        if (!_pings.End(Sender, ended.Failure) && _conversations.Remove(Sender, out var line))
        {
            _waiting.EndConversation(line, ended.Failure);
        }

        Arrange();
        ReportWhenFinished();
    }

    private void Hasten(string? contact)
    {
        if (contact is not null && _outbox.LineOf(contact) is { } line)
        {
            _outbox.Hasten(line, Now);
            Arrange();
        }
    }

    private void Use(ContactDirectory directory)
    {
        _waiting.Use(directory);
        ArrangeAndReport();
    }

    private void PutAside()
    {
        _pings.AnnounceNoMore();
        _waiting.Stop();
        TellOfRoom();
        EndIdle();
        _waiting.ShowCount();
    }

    // Ends conversations without messages: one may have been begun for a message that is not sent after all.
    private void EndIdle()
    {
        foreach (var (session, line) in _conversations)
        {
            if (line.HandedOver.Count == 0 && (line.Waiting.Count == 0 || _waiting.IsStopping))
            {
                session.Tell(new Session.EndNow("nothing is left to say"));
            }
        }
    }

    private void TellOfRoom()
    {
        while (_outbox.Count - _outbox.CountAway < _services.Settings.MaxWaitingMessages && _waitForRoom.TryDequeue(out var waiting))
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
        if (_finisher is null || !_outbox.IsQuiet(_waiting.IsStopping) || !_endings.IsEmpty || _pings.IsAwaited)
        {
            return;
        }

        if (!_hasFinished)
        {
            _waiting.Sum(" until this node runs again");
        }

        _hasFinished = true;
        _finisher.Tell(new Finished());
    }

    /// <summary>Send this to each of its recipients.</summary>
    /// <param name="Command">The message.</param>
    /// <param name="AnswersSender">Whether the sender is told the outcome, by one <see cref="Sent"/> or <see cref="Waits"/> for each recipient; else the console shows it.</param>
    public sealed record Submit(JsonCommand Command, bool AnswersSender) : ILocalOnly;

    /// <summary>Something to do with a recipient who need not be in the directory.</summary>
    /// <param name="Recipient">Whom to call.</param>
    public abstract record Errand(Recipient Recipient) : ILocalOnly
    {
        /// <summary>Shows whom it is for.</summary>
        public sealed override string ToString() => $"{GetType().Name} {Recipient}";
    }

    /// <summary>Send this, and show what becomes of it. Its user waits for the outcome, so the outbox does not finish before.</summary>
    /// <param name="Recipient">To whom.</param>
    /// <param name="Text">The message.</param>
    /// <param name="Keep">How long it waits for a contact who is away; zero for not at all.</param>
    public sealed record SendTo(Recipient Recipient, string Text, TimeSpan Keep) : Errand(Recipient);

    /// <summary>What became of a message that was submitted.</summary>
    public sealed record Sent(NodeEvent.MessageSent Event) : ILocalOnly;

    /// <summary>A message that was submitted waits for its recipient. Its outcome will be shown to the user.</summary>
    public sealed record Waits(NodeEvent.MessageWaits Event) : ILocalOnly;

    /// <summary>Try what waits now, and send the oldest message that failed again.</summary>
    public sealed record Retry : IRemotable;

    /// <summary>This contact is there: it has called us.</summary>
    public sealed record IsThere(string Name) : IRemotable;

    /// <summary>Cancel messages that have no outcome yet.</summary>
    /// <param name="What">A message's id, the name of a contact, or the number of a message that waits.</param>
    public sealed record Cancel(string What) : IRemotable;

    /// <summary>Show what waits for recipients who are away.</summary>
    /// <param name="AsEvents">Whether for a program, or for a person.</param>
    public sealed record ListWaiting(bool AsEvents) : IRemotable;

    /// <summary>See whether somebody is there, and show the result.</summary>
    /// <param name="Recipient">Whom to call.</param>
    /// <param name="ShowsSteps">Whether to show how long each step took.</param>
    public sealed record SendPing(Recipient Recipient, bool ShowsSteps) : Errand(Recipient);

    /// <summary>Answered by <see cref="ThereIsRoom"/> when more may be submitted.</summary>
    public sealed record TellWhenThereIsRoom : IRemotable;

    /// <summary>More may be submitted.</summary>
    public sealed record ThereIsRoom : IRemotable;

    /// <summary>The directory has changed.</summary>
    /// <param name="Directory">The contacts, without ourselves.</param>
    public sealed record UseDirectory(ContactDirectory Directory) : ILocalOnly;

    /// <summary>Accept nothing more, and answer with <see cref="Finished"/> when everything has its outcome, or waits.</summary>
    public sealed record FinishAll : IRemotable;

    /// <summary>Like <see cref="FinishAll"/>, but messages that no conversation has yet are not sent.</summary>
    public sealed record Stop : IRemotable;

    /// <summary>Wait no longer: conversations under way end now, and each message gets its outcome.</summary>
    public sealed record GiveUp : IRemotable;

    /// <summary>Every message has its outcome or waits, and there will be no more.</summary>
    public sealed record Finished : IRemotable;

    private sealed record TryNow : ILocalOnly;
}
