// The last checks of a text: are there too many in this minute, has it come before? Then it is logged, and shown when it is on disk. It is shown once: a sender that
// lost the receipt sends the same text again and gets its receipt, and the user sees nothing new. Where the sender numbers its texts, a missing number is reported once, with
// the text after it.

using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Takes texts from responder sessions, has them logged and shows them.</summary>
/// <remarks>A program may ask for everything that came in after a record. That is read from the log page by page, the next one when the last one has been
/// shown. What arrives meanwhile is shown after it, so the program sees each message once, in the log's order.</remarks>
public sealed class InboxActor : ReceiveActor, IWithTimers
{
    private const int MaxHeldBack = 1000; // as many as may wait for the screen

    private readonly NodeSettings _settings;
    private readonly IConsole _console;
    private readonly TimeProvider _clock;
    private readonly IActorRef _secureLog;
    private readonly IActorRef _onMessage;
    private readonly TextRates _rates;
    private readonly Dictionary<Guid, Batch> _beingLogged = [];
    private readonly Dictionary<string, Batch> _underWay = []; // the same, by contact
    private readonly List<LogEntry> _heldBack = []; // what arrived while a feed is read
    private Ledger _ledger = new();
    private long _shownUpTo;
    private bool _isFeeding;
    private long _fedUpTo; // the feed has shown up to here, even where the log's Stored comes later
    private long _nextPage; // the feed goes on after this record when it has been shown; 0 while a page is read

    /// <summary>An inbox that remembers nothing before <see cref="Begin"/>.</summary>
    /// <param name="settings">How many texts a contact may send.</param>
    /// <param name="console">Where texts are shown.</param>
    /// <param name="clock">For the time logged and shown with a text.</param>
    /// <param name="secureLog">The <see cref="SecureLogActor"/>.</param>
    /// <param name="onMessage">The <see cref="OnMessageActor"/>, or nobody.</param>
    public InboxActor(NodeSettings settings, IConsole console, TimeProvider clock, IActorRef secureLog, IActorRef onMessage)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _console = console;
        _clock = clock;
        _secureLog = secureLog;
        _onMessage = onMessage;
        _rates = new TextRates(settings.TextsPerMinute, settings.RememberedTextRates);
        Receive<Begin>(OnBegin);
        Receive<Deliver>(OnDeliver);
        Receive<TurnHasCome>(turn => Log(turn.Delivery));
        Receive<SecureLogActor.Stored>(OnStored);
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<ConsoleQueue.Shown>(OnShown);
        Receive<Feed>(OnFeed);
        Receive<SecureLogActor.FeedRead>(read => OnFeedRead(read.Page));
        Receive<SecureLogActor.NotRecalled>(failed => EndFeed(failed.Reason));
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc cref="InboxActor(NodeSettings, IConsole, TimeProvider, IActorRef, IActorRef)"/>
    public static Props Props(NodeSettings settings, IConsole console, TimeProvider clock, IActorRef secureLog, IActorRef onMessage) =>
        Akka.Actor.Props.Create(() => new InboxActor(settings, console, clock, secureLog, onMessage));

    // An earlier run may have logged and acknowledged what it could no longer show. From now on the log says what was shown.
    private void OnBegin(Begin begin)
    {
        _ledger = begin.Ledger;
        foreach (var entry in begin.NotShown)
        {
            Show(entry);
        }

        _shownUpTo = _ledger.ShownUpTo ?? -1;
        if (_ledger.ShownUpTo is null)
        {
            MarkShown(_ledger.UpTo);
        }
    }

    // A contact that sends too much has to wait, and one that sends far too much is refused. While nothing that arrives can be shown, everybody is refused.
    private void OnDeliver(Deliver request)
    {
        var delivery = new Delivery(request, Sender);
        if (!_console.HasRoom || _heldBack.Count >= MaxHeldBack)
        {
            delivery.Answer(taken: 0, "what arrived before has not been shown yet");
            return;
        }

        var (from, texts) = (request.From, request.Texts.Count);
        var wait = _rates.Take(from, texts, _clock.GetElapsedTime(0));
        if (wait > _settings.MaxTextWait)
        {
            _rates.GiveBack(from, texts);
            delivery.Answer(taken: 0, "more texts than one contact may send");
        }
        else if (wait > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(delivery, new TurnHasCome(delivery), wait);
        }
        else
        {
            Log(delivery);
        }
    }

    // One contact's texts go into the log one batch at a time, so that each is compared with what is stored. What comes meanwhile shares the next batch.
    private void Log(Delivery delivery)
    {
        if (_underWay.TryGetValue(delivery.Request.From, out var before))
        {
            before.Behind.Add(delivery);
        }
        else
        {
            LogTogether(delivery.Request.From, [delivery]);
        }
    }

    private void LogTogether(string from, IReadOnlyList<Delivery> deliveries)
    {
        var records = new List<LogRecord>();
        foreach (var request in deliveries.Select(delivery => delivery.Request))
        {
            foreach (var text in request.Texts)
            {
                if (Judge(from, text, records) is { IsKnown: false } judged)
                {
                    records.Add(RecordOf(request, text, judged));
                }
            }
        }

        if (records.Count == 0)
        {
            AnswerAll(deliveries);
            return;
        }

        var batch = new Batch(Guid.NewGuid(), from, deliveries, records);
        _underWay.Add(from, batch);
        _beingLogged.Add(batch.Id, batch);
        _secureLog.Tell(new SecureLogActor.Append(batch.Id, records));
    }

    private void OnStored(SecureLogActor.Stored stored)
    {
        if (Take(stored.Id) is not { } batch)
        {
            return;
        }

        var number = stored.LastNumber - batch.Records.Count;
        foreach (var record in batch.Records)
        {
            _ledger.Remember(record);
            _onMessage.Tell(new OnMessageActor.Arrived(record.PeerName, record.MessageId.GetValueOrDefault(), record.Text));
            var entry = new LogEntry(++number, record);
            if (_isFeeding)
            {
                _heldBack.Add(entry);
            }
            else if (number > _fedUpTo)
            {
                Show(entry);
            }
        }

        AnswerAll(batch.Deliveries);
        Continue(batch);
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (Take(failed.Id) is not { } batch)
        {
            return;
        }

        foreach (var delivery in batch.Deliveries)
        {
            var before = delivery.Request.Texts.TakeWhile(text => Judge(batch.From, text).IsKnown).Count(); // these were stored earlier, so they are still taken
            delivery.Answer(before, $"they could not be logged: {failed.Reason}");
        }

        Continue(batch);
    }

    private void Continue(Batch batch)
    {
        if (batch.Behind.Count > 0)
        {
            LogTogether(batch.From, batch.Behind);
        }
    }

    private Arrival Judge(string from, TextMessage text, IReadOnlyCollection<LogRecord>? before = null) =>
        _ledger.Judge(from, text.Id, text.Number?.Stream, text.Number?.Sequence, before);

    private void Show(LogEntry entry) => _console.Show(NodeEvent.MessageArrived.Of(entry, _clock.LocalTimeZone));

    private void OnShown(ConsoleQueue.Shown shown)
    {
        if (shown.Number > _shownUpTo) // not a message that a feed shows again
        {
            MarkShown(shown.Number);
        }

        if (_nextPage > 0 && shown.Number == _nextPage)
        {
            ReadFeed(_nextPage);
        }
    }

    private void MarkShown(long number)
    {
        _shownUpTo = number;
        _secureLog.Tell(new SecureLogActor.AppendLater(LogRecord.Shown(_clock.GetUtcNow(), number)));
    }

    private void OnFeed(Feed feed)
    {
        if (_isFeeding)
        {
            _console.Show(new NodeEvent.Problem("a feed is being read already; wait until it has come to its end, or start the node again"));
            return;
        }

        _isFeeding = true;
        _console.Show(new NodeEvent.FeedBegun(feed.From));
        ReadFeed(feed.From);
    }

    private void ReadFeed(long from)
    {
        _nextPage = 0;
        _secureLog.Tell(new SecureLogActor.ReadFeed(from));
    }

    private void OnFeedRead(FeedPage page)
    {
        foreach (var entry in page.Entries)
        {
            if (entry.Damage is null)
            {
                Show(entry);
            }
            else
            {
                _console.Show(new NodeEvent.Problem(entry.Record.Text));
            }
        }

        _fedUpTo = page.UpTo;
        if (page.IsLast)
        {
            EndFeed(problem: null);
        }
        else if (page.Entries[^1].Damage is null)
        {
            _nextPage = page.UpTo;
        }
        else
        {
            ReadFeed(page.UpTo);
        }
    }

    private void EndFeed(string? problem)
    {
        _isFeeding = false;
        if (problem is not null)
        {
            _console.Show(new NodeEvent.Problem(problem));
        }

        _heldBack.FindAll(entry => entry.Number > _fedUpTo).ForEach(Show);
        _heldBack.Clear();
    }

    private static void AnswerAll(IEnumerable<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            delivery.Answer(delivery.Request.Texts.Count, problem: null);
        }
    }

    private LogRecord RecordOf(Deliver request, TextMessage text, Arrival judged) =>
        new(_clock.GetUtcNow(), LogDirection.Received, request.From, request.Address, text.Id, Outcome: null, text.Text)
        {
            Stream = text.Number?.Stream,
            Sequence = text.Number?.Sequence,
            WrittenAt = text.Sent is { } seconds ? WrittenAt(seconds) : null,
            IsPostQuantum = request.IsPostQuantum,
            Missing = judged.Missing > 0 ? judged.Missing : null,
            IsLate = judged.IsLate,
        };

    // The peer may send any number, even one that no calendar has.
    private static DateTimeOffset? WrittenAt(double seconds) =>
        seconds is > 0 and < 253_402_300_800 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null; // before the year 10000

    private Batch? Take(Guid id)
    {
        if (_beingLogged.Remove(id, out var batch))
        {
            _underWay.Remove(batch.From);
        }

        return batch;
    }

    /// <summary>The log is open.</summary>
    /// <param name="Ledger">What it says about the messages received; it belongs to the inbox from now on.</param>
    /// <param name="NotShown">What was received and not shown, the oldest first.</param>
    public sealed record Begin(Ledger Ledger, IReadOnlyList<LogEntry> NotShown) : ILocalOnly;

    /// <summary>Texts from an authenticated contact, in the order in which they came. Answered by <see cref="Answer"/>.</summary>
    /// <param name="From">The contact's name.</param>
    /// <param name="Address">Where they came from.</param>
    /// <param name="Texts">At least one.</param>
    public sealed record Deliver(string From, string Address, IReadOnlyList<TextMessage> Texts) : ILocalOnly
    {
        /// <summary>Whether ML-KEM-768 went into the keys under which they came.</summary>
        public bool IsPostQuantum { get; init; }

        /// <summary>Shows everything but the texts.</summary>
        public override string ToString() => $"{nameof(Deliver)} {Texts.Count} from {From}";
    }

    /// <summary>How many of the texts, from the first on, are on disk and in the inbox, and may be acknowledged.</summary>
    /// <param name="Taken">The number.</param>
    /// <param name="Problem">Why the rest was certainly not taken; null when there is no rest.</param>
    public sealed record Answer(int Taken, string? Problem) : IRemotable;

    /// <summary>Show everything that came in after a record, and then what arrives.</summary>
    /// <param name="From">The number of that record; 0 for all.</param>
    public sealed record Feed(long From) : ILocalOnly;

    private sealed record TurnHasCome(Delivery Delivery) : ILocalOnly;

    // Texts that came together, and the session that waits for their receipt.
    private sealed class Delivery(Deliver request, IActorRef session)
    {
        public Deliver Request { get; } = request;

        public void Answer(int taken, string? problem) => session.Tell(new Answer(taken, problem));
    }

    // The texts of one contact that are being logged: a record for each that is new. Behind holds what came meanwhile.
    private sealed class Batch(Guid id, string from, IReadOnlyList<Delivery> deliveries, IReadOnlyList<LogRecord> records)
    {
        public Guid Id => id;

        public string From => from;

        public IReadOnlyList<Delivery> Deliveries => deliveries;

        public IReadOnlyList<LogRecord> Records => records;

        public List<Delivery> Behind { get; } = [];
    }
}
