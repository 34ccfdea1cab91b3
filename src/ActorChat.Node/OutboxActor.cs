// The messages on their way out, from the user's word to their outcome. A message is logged before it goes, so that there is none out there that the log
// does not know; while the disk works, its conversation already connects and agrees keys. The outcome is logged when it is known, and shown.
// A message to a contact who is away waits, also over the end of this node: what the log holds without an outcome is what waits.

using System.Globalization;
using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Sends messages and tells what became of them.</summary>
/// <remarks>
/// <code>
/// state      waits for             then                                                              next
/// Open       Submit                log it; begin a conversation with its recipient, if there is none   the same
///            the log, the outcome  hand it to the conversation; log, show; or wait                   the same
///            Finish or Stop        take nothing more; with Stop, what has not begun is not sent      Finishing
/// Finishing  the last outcome      tell whoever asked, and how many wait                             the same
/// both       the next attempt's    begin it; log and show what has expired                           the same
///            time, an expiry
/// </code>
/// </remarks>
public sealed class OutboxActor : ReceiveActor, IWithTimers
{
    // So many failed messages can be sent again.
    private const int MaxFailed = 20;

    // So long at most until what waits is looked at again, also when the wall clock was set.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromHours(1);
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
    private readonly Retries _retries;
    private readonly OutgoingStreams _streams;
    private readonly Queue<string> _toAnnounceTo = new();
    private readonly Dictionary<Guid, (NodeEvent.MessageSent Sent, IActorRef? ToldTo)> _ending = []; // by what is being appended
    private ContactDirectory _directory;
    private IActorRef? _finisher;
    private int _shownWaiting;
    private bool _isStopping;
    private bool _hasFinished;

    /// <summary>Made by <see cref="Props(NodeServices, IConsole, string, ContactDirectory, FromLog)"/>; the sessions are a seam.</summary>
    public OutboxActor(
        NodeServices services, IConsole console, string ownName, ContactDirectory directory, FromLog log, Func<Recipient, bool, Props> session)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(log);
        _session = session;
        _services = services;
        _console = console;
        _ownName = ownName;
        _directory = directory;
        _retries = new Retries(services.Settings.Retries, services.Random);
        _outbox = new Outbox(services.Settings.MaxOutgoingConversations, _retries);
        _streams = new OutgoingStreams(log.Streams, services.Random);
        Become(Open);
        Resume(log);
        Arrange();
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The outbox of a node that has its name, its directory and its log.</summary>
    /// <param name="services">The node's actors and seams.</param>
    /// <param name="console">Where outcomes are shown.</param>
    /// <param name="ownName">The name that we give to contacts whose entry has no other.</param>
    /// <param name="directory">The contacts, without ourselves.</param>
    /// <param name="log">What the log says of messages sent before.</param>
    public static Props Props(NodeServices services, IConsole console, string ownName, ContactDirectory directory, FromLog log) =>
        Props(services, console, ownName, directory, log, (recipient, isPing) => InitiatorSession.Props(recipient, isPing, services));

    /// <summary>The same with sessions of the caller's choice.</summary>
    internal static Props Props(
        NodeServices services, IConsole console, string ownName, ContactDirectory directory, FromLog log, Func<Recipient, bool, Props> session) =>
        Akka.Actor.Props.Create(() => new OutboxActor(services, console, ownName, directory, log, session));

    /// <summary>A session that fails has told its outcomes while it stopped; there is nothing in it worth a second try.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private TimeSpan Now => _services.Clock.GetElapsedTime(0);

    private DateTimeOffset Today => _services.Clock.GetUtcNow();

    private void Open()
    {
        Receive<Submit>(request => Send(request, toldTo: request.AnswersSender ? Sender : null));
        Receive<SendTo>(request => Add(ItemFor(request.Recipient, request.Text, reference: null, Sender, request.Keep) with { IsAwaited = true }));
        Receive<Retry>(_ => RetryAll());
        Receive<SendPing>(request => BeginPing(request, isShown: true));
        Always();
    }

    private void Finishing()
    {
        Receive<Submit>(request => Refuse(request, request.AnswersSender ? Sender : null));
        Always();
    }

    private void Always()
    {
        Receive<UseDirectory>(request => Use(request.Directory));
        Receive<IsThere>(contact => Hasten(contact.Name));
        Receive<Cancel>(request => TakeBack(request.What));
        Receive<ListWaiting>(request => ShowWaiting(request.AsEvents));
        Receive<TryNow>(_ => Arrange());
        Receive<SecureLogActor.Stored>(stored =>
        {
            if (!TellEnd(stored.Id))
            {
                HandOver(_outbox.Store(stored.Id));
            }
        });
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<InitiatorSession.Finished>(OnFinished);
        Receive<InitiatorSession.Reached>(OnReached);
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
            foreach (var session in _conversations.Keys.Concat(_pings.Keys))
            {
                session.Tell(new Session.EndNow("given up, the node is stopping"));
            }
        });
    }

    // What the log holds without an outcome. Whoever reads this node's events hears of each again; a person of all at once.
    private void Resume(FromLog log)
    {
        foreach (var message in log.Waiting)
        {
            var recipient = log.Recipients.TryGetValue(message.Recipient, out var called) ? called
                : _directory.Find(message.Recipient) is { } contact ? Recipient.Of(contact, _ownName)
                : Recipient.Gone(message.Recipient);
            var age = Math.Max(0, (Today - message.WrittenAt).TotalSeconds);
            var since = _services.Clock.GetTimestamp() - (long)(age * _services.Clock.TimestampFrequency);
            var item = new Outbox.Item(message.Id, recipient, message.Text, Reference: null, since, ToldTo: null)
            {
                Number = message is { Stream: { } stream, Sequence: { } sequence } ? new TextNumber(stream, sequence) : null,
                WrittenAt = message.WrittenAt,
                Expires = message.Expires,
                MayBeThere = true, // nobody knows any more
            };
            _outbox.AddAway(item, Now);
            _console.Show(new NodeEvent.MessageWaits(item.Id, recipient.Label, Reference: null, Why: null, message.Expires));
        }

        Use(_directory);
        if (_outbox.CountAway > 0)
        {
            _console.Show(new NodeEvent.Notice($"{WaitingInWords(" from before")}."));
        }

        if (_services.Settings.AnnouncesPresence)
        {
            _directory.Contacts.Select(contact => contact.Username).Where(name => _outbox.LineOf(name) is null).ToList().ForEach(_toAnnounceTo.Enqueue);
        }
    }

    private void Send(Submit request, IActorRef? toldTo)
    {
        foreach (var name in request.Command.Names)
        {
            if (_directory.Find(name) is { } contact)
            {
                Add(ItemFor(Recipient.Of(contact, _ownName), request.Command.Text, request.Command.Reference, toldTo, KeepFor(contact)));
            }
            else
            {
                Show(NotSent(name, request, new Failure(FailureKind.NotInDirectory, Printable.Line(name))), toldTo);
            }
        }

        if (request.Command.Address is { } address)
        {
            var recipient = Recipient.Of(address, request.Command.Password!, _ownName);
            Add(ItemFor(recipient, request.Command.Text, request.Command.Reference, toldTo, keep: TimeSpan.Zero));
        }
    }

    // A receiver that knows no ids would show a message twice that is sent twice.
    private TimeSpan KeepFor(Contact contact) => contact.Profile == Contact.DefaultProfile ? _services.Settings.KeepMessages : TimeSpan.Zero;

    private void Refuse(Submit request, IActorRef? toldTo)
    {
        foreach (var label in request.Command.Address is { } address ? [address.ToString()] : request.Command.Names)
        {
            Show(NotSent(label, request, new Failure(FailureKind.Stopping)), toldTo);
        }
    }

    private Outbox.Item ItemFor(Recipient recipient, string text, string? reference, IActorRef? toldTo, TimeSpan keep)
    {
        var today = Today;
        return new Outbox.Item(Guid.NewGuid(), recipient, text, reference, _services.Clock.GetTimestamp(), toldTo)
        {
            Number = recipient.ContactName is { } name ? _streams.Next(name) : null,
            WrittenAt = today,
            Expires = ExpiryOf(recipient, keep, today),
        };
    }

    private DateTimeOffset? ExpiryOf(Recipient recipient, TimeSpan keep, DateTimeOffset today) =>
        recipient.ContactName is not null && keep > TimeSpan.Zero && _outbox.Count < _services.Settings.MaxKeptMessages ? today + keep : null;

    private void Add(Outbox.Item item)
    {
        _outbox.Add(item, Now);
        _services.SecureLog.Tell(new SecureLogActor.Append(item.Id, [RecordOf(item)]));
        if (item.ToldTo is null)
        {
            _console.Show(new NodeEvent.MessageStarted(item.Id, item.Recipient.Label, item.Text));
        }

        Arrange();
    }

    // What waits is tried now, and the oldest message that failed goes out with the id that it had, so that a receiver who has it already does not
    // show it again. Its contact may have moved since: that may be why it failed.
    private void RetryAll()
    {
        if (_outbox.CountAway > 0)
        {
            _console.Show(new NodeEvent.Notice($"{WaitingInWords("")}; trying now."));
            _outbox.HastenAll(Now);
        }
        else if (_failed.Count == 0)
        {
            _console.Show(new NodeEvent.Notice("Nothing waits, and no message has failed that was not sent again."));
        }

        if (_failed.First?.Value is { } item)
        {
            _failed.RemoveFirst();
            SendAgain(item);
        }

        Arrange();
    }

    // What failed is sent where its contact is now, and not at all while nobody has that name: it might have no outcome then, should we be killed.
    private void SendAgain(Outbox.Item item)
    {
        var text = item.Text.Length > MaxPreview ? item.Text[..MaxPreview] + "…" : item.Text;
        var contact = item.Recipient.ContactName is { } name ? _directory.Find(name) : null;
        if (item.Recipient.ContactName is not null && contact is null)
        {
            _failed.AddLast(item);
            _console.Show(new NodeEvent.Notice($"{item.Recipient.Label} is not in the directory, so this is not sent again now: \"{text}\""));
            return;
        }

        _console.Show(new NodeEvent.Notice($"Sending again to {item.Recipient.Label}: \"{text}\""));
        var recipient = contact is null ? item.Recipient : Recipient.Of(contact, _ownName);
        Add(item with
        {
            Recipient = recipient,
            Since = _services.Clock.GetTimestamp(),
            Expires = contact is null ? null : ExpiryOf(recipient, KeepFor(contact), Today),
        });
    }

    // Begins what may begin, ends what has waited long enough, and sets the clock for the next time that there is something to do.
    private void Arrange()
    {
        foreach (var item in _outbox.Expired(Today))
        {
            Finish(item.Id, Outcome.Expired, _outbox.LineOf(item.Id).Failure);
        }

        while (!_isStopping && _outbox.Open(Now, onlyNew: _finisher is not null) is { } line)
        {
            line.Conversation = Context.ActorOf(_session(line.Recipient, false));
            _conversations.Add(line.Conversation, line);
            HandOver(line);
        }

        Announce();
        ShowCount();
        TellOfRoom();
        SetTimer();
    }

    private void SetTimer()
    {
        var wait = _isStopping ? null : _outbox.UntilNext(Now, Today, onlyNew: _finisher is not null);
        if (_toAnnounceTo.Count > 0 && (wait is null || _retries.UntilNext(Now) < wait))
        {
            wait = _retries.UntilNext(Now);
        }

        if (wait is { } until)
        {
            Timers.StartSingleTimer(nameof(TryNow), new TryNow(), TimeSpan.FromMilliseconds(Math.Clamp(until.TotalMilliseconds, 1, LongestTimer.TotalMilliseconds)));
        }
        else
        {
            Timers.Cancel(nameof(TryNow));
        }
    }

    // Whoever hears that we are there sends what waits for us.
    private void Announce()
    {
        while (_toAnnounceTo.Count > 0 && _retries.TryTake(Now))
        {
            if (_directory.Find(_toAnnounceTo.Dequeue()) is { } contact)
            {
                BeginPing(new SendPing(Recipient.Of(contact, _ownName), ShowsSteps: false), isShown: false);
            }
        }
    }

    private void ShowCount()
    {
        if (_shownWaiting != _outbox.CountAway)
        {
            _shownWaiting = _outbox.CountAway;
            _console.Show(new NodeEvent.WaitingCount(_shownWaiting));
        }
    }

    private void BeginPing(SendPing request, bool isShown)
    {
        var ping = new Ping(Guid.NewGuid(), request, isShown, Reached: null);
        if (isShown)
        {
            _console.Show(new NodeEvent.MessageStarted(ping.Id, request.Recipient.Label, "ping"));
        }

        _pings.Add(Context.ActorOf(_session(request.Recipient, true)), ping);
    }

    private void HandOver(Outbox.Line? line)
    {
        foreach (var item in line is null ? [] : _outbox.HandOver(line))
        {
            line!.Conversation.Tell(new InitiatorSession.SendText(new TextMessage(item.Id, item.Text, item.Number, SecondsOf(item))));
        }
    }

    // What was sent and may arrive later, or may not, goes on waiting where another try is worth it; its conversation's end says so. To send it again is
    // safe: the receiver shows each number once.
    private void OnFinished(InitiatorSession.Finished finished)
    {
        if (finished is { Outcome: Outcome.Unknown } && _outbox.Find(finished.Id) is { Expires: not null })
        {
            _outbox.MarkSent(finished.Id);
            return;
        }

        var line = Finish(finished.Id, finished.Outcome, finished.Failure, finished.PeerName, finished.IsPostQuantum);
        if (line is not null && finished.Outcome == Outcome.Delivered)
        {
            Outbox.Reached(line);
        }
        else if (line is not null && finished.Outcome == Outcome.Rejected)
        {
            line.WasRejected = true;
        }

        HandOver(line);
        ShowCount();
        if (finished.Failure?.Kind == FailureKind.TooLong)
        {
            EndIdle(); // it may have been the only one
        }
    }

    private void OnReached(InitiatorSession.Reached reached)
    {
        var ping = _pings[Sender] = _pings[Sender] with { Reached = reached };
        if (ping.Request.Recipient.ContactName is { } name)
        {
            Hasten(name);
        }
    }

    private void Hasten(string contact)
    {
        if (_outbox.LineOf(contact) is { } line)
        {
            _outbox.Hasten(line, Now);
            Arrange();
        }
    }

    // The node ends before what no conversation has can go. What may wait does, until the node runs again.
    private void PutAside()
    {
        _isStopping = true;
        _toAnnounceTo.Clear();
        foreach (var item in _outbox.AllWaiting())
        {
            var last = item.IsAwaited ? _outbox.LineOf(item.Id).Failure : null; // whoever waited all the time wants to know for what
            WaitOrFinish(item, last ?? new Failure(FailureKind.Stopping));
        }

        EndIdle();
        ShowCount();
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (TellEnd(failed.Id))
        {
            return; // the user knows from the log that it fails
        }

        Finish(failed.Id, Outcome.NotDelivered, new Failure(FailureKind.NotLogged, failed.Reason));
        EndIdle();
        ReportWhenFinished();
    }

    // A conversation that was begun for something that does not go after all.
    private void EndIdle()
    {
        foreach (var (session, line) in _conversations)
        {
            if (line.HandedOver.Count == 0 && (line.Waiting.Count == 0 || _isStopping))
            {
                session.Tell(new Session.EndNow("nothing is left to say"));
            }
        }
    }

    private void OnEnded(InitiatorSession.Ended ended)
    {
        if (_pings.Remove(Sender, out var ping))
        {
            ShowPing(ping, ended.Failure);
        }
        else if (_conversations.Remove(Sender, out var line))
        {
            OnEnded(line, ended.Failure ?? (line.WasRejected ? new Failure(FailureKind.Refused) : null));
        }

        Arrange();
        ReportWhenFinished();
    }

    // What would have gone in a conversation that failed has failed with it, once each, or waits for another. Else what is left goes in the next at once,
    // but where the other side refused a text and the rest may wait: it may be busy, and would refuse the rest too.
    private void OnEnded(Outbox.Line line, Failure? failure)
    {
        _outbox.Close(line);
        var left = Outbox.WaitingIn(line).ToLookup(item => _outbox.IsTakenBack(item.Id));
        foreach (var item in left[true])
        {
            Finish(item.Id, Outcome.Cancelled);
        }

        if (failure is null || (line.WasRejected && left[false].Any(item => item.Expires is null)))
        {
            return;
        }

        var why = IsGone(line) ? NotInDirectory(line) : failure;
        foreach (var item in left[false])
        {
            WaitOrFinish(item, why);
        }

        if (!line.IsEmpty)
        {
            _outbox.Rest(line, why, Now);
        }
    }

    private void ShowPing(Ping ping, Failure? failure)
    {
        if (!ping.IsShown)
        {
            return;
        }

        var words = ping.Reached is { } reached
            ? PingReport.Of(ping.Request.Recipient, reached.PeerName, reached.Steps, reached.IsPostQuantum, ping.Request.ShowsSteps)
            : $"{Printable.Line(ping.Request.Recipient.Label)} was not reached: {(failure ?? new Failure(FailureKind.InternalError)).InWords()}";
        _console.Show(new NodeEvent.PingEnded(ping.Id, ping.Reached is not null, words));
    }

    private void WaitOrFinish(Outbox.Item item, Failure why)
    {
        if (item.Expires is not { } expires || !Retries.IsWorthwhileAfter(why.Kind) || (item.IsAwaited && _isStopping))
        {
            Finish(item.Id, Outcome.NotDelivered, why);
        }
        else if (expires <= Today)
        {
            Finish(item.Id, Outcome.Expired, why);
        }
        else if (_outbox.SetAway(item.Id))
        {
            var waits = new NodeEvent.MessageWaits(item.Id, item.Recipient.Label, item.Reference, why, expires);
            _console.Show(waits);
            if (!item.IsAwaited)
            {
                item.ToldTo?.Tell(new Waits(waits));
                _outbox.Replace(item with { ToldTo = null }); // from now on it is the user's
            }
        }
    }

    // A contact who leaves the directory takes along what waits for it. One who moved, or has another password now, may be there.
    private void Use(ContactDirectory directory)
    {
        var before = _directory;
        _directory = directory;
        foreach (var line in _outbox.LinesOfContacts())
        {
            var name = line.Recipient.ContactName!;
            if (directory.Find(name) is not { } contact)
            {
                foreach (var item in Outbox.WaitingIn(line))
                {
                    Finish(item.Id, Outcome.NotDelivered, NotInDirectory(line));
                }
            }
            else if (Recipient.Of(contact, _ownName) is var recipient && (recipient != line.Recipient || contact.Password != before.Find(name)?.Password))
            {
                line.Recipient = recipient;
                _outbox.Hasten(line, Now);
            }
        }

        EndIdle();
        Arrange();
        ReportWhenFinished();
    }

    private bool IsGone(Outbox.Line line) => line.Recipient is { ContactName: { } name, TypedPassword: null } && _directory.Find(name) is null;

    private static Failure NotInDirectory(Outbox.Line line) => new(FailureKind.NotInDirectory, Printable.Line(line.Recipient.Label));

    private void TakeBack(string what)
    {
        var ids = Guid.TryParse(what, out var id) ? [id]
            : _outbox.LineOf(what) is { } line ? [.. line.HandedOver.Concat(line.Waiting).Select(item => item.Id)]
            : _outbox.AllAway().Where(away => away.Number.ToString(CultureInfo.InvariantCulture) == what).Select(away => away.Item.Id).ToArray();
        Outbox.Item[] items = [.. ids.Select(_outbox.Find).OfType<Outbox.Item>()];
        foreach (var item in items)
        {
            if (_outbox.TakeBack(item.Id))
            {
                Finish(item.Id, Outcome.Cancelled);
            }
            else
            {
                _console.Show(new NodeEvent.Notice($"The message to {Printable.Line(item.Recipient.Label)} is on its way just now; it is cancelled if it does not get there."));
            }
        }

        if (items.Length == 0)
        {
            _console.Show(new NodeEvent.Problem($"nothing waits that is called {Printable.Line(what)}; /waiting shows what does"));
        }

        EndIdle();
        Arrange();
        ReportWhenFinished();
    }

    private void ShowWaiting(bool asEvents)
    {
        var waiting = _outbox.AllAway();
        if (asEvents)
        {
            foreach (var (item, line) in waiting.Select(away => (away.Item, away.Line)))
            {
                _console.Show(new NodeEvent.MessageWaits(item.Id, item.Recipient.Label, item.Reference, line.Failure, item.Expires!.Value));
            }

            _console.Show(new NodeEvent.WaitingListed(waiting.Count));
        }
        else
        {
            _console.Show(waiting.Count == 0
                ? new NodeEvent.Notice("Nothing waits.")
                : new NodeEvent.Table(WaitingRows.Of(waiting, Now, _services.Clock.GetLocalNow())));
        }
    }

    // Not delivered is what was never sent. Of what was sent once and not acknowledged nobody can say that.
    private Outbox.Line? Finish(Guid id, Outcome outcome, Failure? failure = null, string? peerName = null, bool isPostQuantum = false)
    {
        if (_outbox.Finish(id) is not { } finished)
        {
            return null;
        }

        var item = finished.Item;
        if (finished.MayBeThere)
        {
            outcome = outcome == Outcome.NotDelivered ? Outcome.Unknown : outcome;
            failure = outcome is Outcome.Expired or Outcome.Cancelled ? new Failure(FailureKind.MayBeThere) : failure;
        }

        if (outcome is not (Outcome.Delivered or Outcome.Cancelled) && item.ToldTo is null)
        {
            KeepFailed(item with { MayBeThere = outcome == Outcome.Unknown || finished.MayBeThere });
        }

        var record = RecordOf(item, outcome.InTheLog(), failure?.InWords() ?? "") with { IsPostQuantum = isPostQuantum };
        var sent = new NodeEvent.MessageSent(
            item.Recipient.Label,
            item.Reference,
            item.Id,
            outcome,
            failure,
            item.Recipient.ExpectedName is null ? peerName : null,
            _services.Clock.GetElapsedTime(item.Since),
            finished.HasWaited);
        if (outcome == Outcome.Delivered || item.Number is null || _services.Settings.KeepMessages == TimeSpan.Zero)
        {
            _services.SecureLog.Tell(new SecureLogActor.AppendLater(record));
            Show(sent, item.ToldTo);
        }
        else
        {
            // What was said to have failed, and is not in the log when the node is killed, would wait again at the next start, and might be delivered.
            var ending = Guid.NewGuid();
            _ending.Add(ending, (sent, item.ToldTo));
            _services.SecureLog.Tell(new SecureLogActor.Append(ending, [record]));
        }

        TellOfRoom();
        return finished.Line;
    }

    private bool TellEnd(Guid id)
    {
        if (!_ending.Remove(id, out var end))
        {
            return false;
        }

        Show(end.Sent, end.ToldTo);
        ReportWhenFinished();
        return true;
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
        if (_finisher is null || !IsQuiet)
        {
            return;
        }

        if (!_hasFinished && _outbox.CountAway > 0)
        {
            _console.Show(new NodeEvent.Notice($"{WaitingInWords(" until this node runs again")}."));
        }

        _hasFinished = true;
        _finisher.Tell(new Finished());
    }

    // Everything has its outcome or waits.
    private bool IsQuiet => _outbox.Count == _outbox.CountAway
        && _ending.Count == 0
        && (_isStopping || !_outbox.HasToOpen)
        && _conversations.Values.All(line => line.HandedOver.Count == 0 && (_isStopping || line.Waiting.Count == 0))
        && !_pings.Values.Any(ping => ping.IsShown);

    private string WaitingInWords(string since) => WaitingRows.InWords(_outbox.AllAway(), since);

    private LogRecord RecordOf(Outbox.Item item) => RecordOf(item, outcome: null, item.Text) with
    {
        Stream = item.Number?.Stream,
        Sequence = item.Number?.Sequence,
        WrittenAt = item.WrittenAt,
        Expires = item.Expires,
    };

    private LogRecord RecordOf(Outbox.Item item, LogOutcome? outcome, string text) => new(
        Today, LogDirection.Sent, item.Recipient.Label, item.Recipient.Address, item.Id, outcome, text);

    // As the protocol has it; only where there is a stream, since whoever takes no number has no use for it.
    private static double? SecondsOf(Outbox.Item item) => item.Number is null ? null : item.WrittenAt.ToUnixTimeMilliseconds() / 1000.0;

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
    /// <param name="Recipient">To whom.</param>
    /// <param name="Text">The message.</param>
    /// <param name="Keep">How long it waits for a contact who is away; zero for not at all.</param>
    public sealed record SendTo(Recipient Recipient, string Text, TimeSpan Keep) : ILocalOnly
    {
        /// <summary>Shows whom it is for.</summary>
        public override string ToString() => $"{nameof(SendTo)} {Recipient}";
    }

    /// <summary>What became of a message that was submitted.</summary>
    public sealed record Sent(NodeEvent.MessageSent Event) : ILocalOnly;

    /// <summary>A message that was submitted waits for its recipient. What becomes of it is shown to the user.</summary>
    public sealed record Waits(NodeEvent.MessageWaits Event) : ILocalOnly;

    /// <summary>Try what waits now, and send the oldest message again that failed.</summary>
    public sealed record Retry : IRemotable;

    /// <summary>This contact is there: it has called us.</summary>
    public sealed record IsThere(string Name) : IRemotable;

    /// <summary>Take messages back that have no outcome yet.</summary>
    /// <param name="What">A message's id, the name of a contact, or the number of a message that waits.</param>
    public sealed record Cancel(string What) : IRemotable;

    /// <summary>Show what waits for recipients who are away.</summary>
    /// <param name="AsEvents">Whether for a program, or for a person.</param>
    public sealed record ListWaiting(bool AsEvents) : IRemotable;

    /// <summary>What the log says of messages sent before.</summary>
    /// <param name="Waiting">What has no outcome and waits, in the order in which it was written.</param>
    /// <param name="Streams">Our stream to each contact that has one.</param>
    public sealed record FromLog(IReadOnlyList<WaitingMessage> Waiting, IReadOnlyDictionary<string, OutgoingStream> Streams) : ILocalOnly
    {
        /// <summary>How to call those who are not to be looked up in the directory, by name.</summary>
        public IReadOnlyDictionary<string, Recipient> Recipients { get; init; } = new Dictionary<string, Recipient>();

        /// <summary>Nothing.</summary>
        public static FromLog Nothing { get; } = new([], new Dictionary<string, OutgoingStream>());

        /// <summary>What a ledger says.</summary>
        public static FromLog Of(Ledger ledger)
        {
            ArgumentNullException.ThrowIfNull(ledger);
            return new([.. ledger.Waiting], ledger.OutgoingStreams);
        }
    }

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

    /// <summary>Take nothing more, and answer with <see cref="Finished"/> when everything has its outcome, or waits.</summary>
    public sealed record FinishAll : IRemotable;

    /// <summary>The same, but what has not begun is not sent.</summary>
    public sealed record Stop : IRemotable;

    /// <summary>Wait no longer: what is under way ends now, each message with its outcome.</summary>
    public sealed record GiveUp : IRemotable;

    /// <summary>Every message has its outcome or waits, and there will be no more.</summary>
    public sealed record Finished : IRemotable;

    private sealed record TryNow : ILocalOnly;

    private sealed record Ping(Guid Id, SendPing Request, bool IsShown, InitiatorSession.Reached? Reached);
}
