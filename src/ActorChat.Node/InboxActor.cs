// A text's last door: how many a minute, here before?, logged, shown. It is shown when it is on disk, and once: a sender that lost the receipt sends the
// same text again, gets its receipt, and the user sees nothing new.

using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Takes texts from responder sessions, has them logged and shows them.</summary>
public sealed class InboxActor : ReceiveActor, IWithTimers
{
    private readonly NodeSettings _settings;
    private readonly IConsole _console;
    private readonly TimeProvider _clock;
    private readonly IActorRef _secureLog;
    private readonly TextRates _rates;
    private readonly Dictionary<Guid, Arrival> _beingLogged = [];
    private readonly Dictionary<(string From, Guid Id), Arrival> _underWay = [];
    private Ledger _ledger = new();

    /// <summary>An inbox that remembers nothing before <see cref="Begin"/>.</summary>
    /// <param name="settings">How many texts a contact may send.</param>
    /// <param name="console">Where texts are shown.</param>
    /// <param name="clock">For the time logged and shown with a text.</param>
    /// <param name="secureLog">The <see cref="SecureLogActor"/>.</param>
    public InboxActor(NodeSettings settings, IConsole console, TimeProvider clock, IActorRef secureLog)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _console = console;
        _clock = clock;
        _secureLog = secureLog;
        _rates = new TextRates(settings.TextsPerMinute, settings.RememberedTextRates);
        Receive<Begin>(OnBegin);
        Receive<Deliver>(OnDeliver);
        Receive<TurnHasCome>(turn => Log(turn.Arrival));
        Receive<SecureLogActor.Stored>(OnStored);
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<ConsoleQueue.Shown>(shown => _secureLog.Tell(new SecureLogActor.AppendLater(LogRecord.Shown(_clock.GetUtcNow(), shown.Number))));
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc cref="InboxActor(NodeSettings, IConsole, TimeProvider, IActorRef)"/>
    public static Props Props(NodeSettings settings, IConsole console, TimeProvider clock, IActorRef secureLog) =>
        Akka.Actor.Props.Create(() => new InboxActor(settings, console, clock, secureLog));

    // An earlier run may have logged and acknowledged what it could not show any more. From now on the log says what was shown.
    private void OnBegin(Begin begin)
    {
        _ledger = begin.Ledger;
        foreach (var (number, record) in begin.NotShown)
        {
            var at = TimeZoneInfo.ConvertTime(record.Time, _clock.LocalTimeZone);
            _console.Show(new NodeEvent.MessageArrived(record.PeerName, record.Text, record.MessageId.GetValueOrDefault(), at, number));
        }

        if (_ledger.ShownUpTo is null)
        {
            _secureLog.Tell(new SecureLogActor.AppendLater(LogRecord.Shown(_clock.GetUtcNow(), _ledger.UpTo)));
        }
    }

    // Who sends too much waits for his turn; who sends far too much is refused. So is everybody while nobody reads what arrives.
    private void OnDeliver(Deliver request)
    {
        var arrival = new Arrival(request, Sender);
        if (!_console.HasRoom)
        {
            arrival.Answer(taken: 0, "what arrived before has not been shown yet");
            return;
        }

        var (from, texts) = (request.From, request.Texts.Count);
        var wait = _rates.Take(from, texts, _clock.GetElapsedTime(0));
        if (wait > _settings.MaxTextWait)
        {
            _rates.GiveBack(from, texts);
            arrival.Answer(taken: 0, "more texts than one contact may send");
        }
        else if (wait > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(arrival, new TurnHasCome(arrival), wait);
        }
        else
        {
            Log(arrival);
        }
    }

    private void Log(Arrival arrival)
    {
        var (from, address, texts) = (arrival.Request.From, arrival.Request.Address, arrival.Request.Texts);
        TextMessage[] news = [.. texts.Where(text => !_ledger.Judge(from, text.Id, text.Number?.Stream, text.Number?.Sequence).IsKnown).DistinctBy(text => text.Id)];
        if (news.Length == 0)
        {
            arrival.Answer(texts.Count, problem: null);
            return;
        }

        foreach (var text in news)
        {
            if (_underWay.TryGetValue((from, text.Id), out var other))
            {
                other.Behind.Add(arrival); // the same text twice at once: it is judged again when the first is on disk, or is not
                return;
            }
        }

        var id = Guid.NewGuid();
        arrival.News.AddRange(news);
        arrival.News.ForEach(text => _underWay.Add((from, text.Id), arrival));
        _beingLogged.Add(id, arrival);
        arrival.Records = [.. news.Select(text => RecordOf(from, address, text, arrival.Request.IsPostQuantum))];
        _secureLog.Tell(new SecureLogActor.Append(id, arrival.Records));
    }

    private void OnStored(SecureLogActor.Stored stored)
    {
        if (Take(stored.Id) is not { } arrival)
        {
            return;
        }

        var from = arrival.Request.From;
        var number = stored.LastNumber - arrival.News.Count;
        foreach (var (text, record) in arrival.News.Zip(arrival.Records))
        {
            _ledger.Remember(record);
            _console.Show(new NodeEvent.MessageArrived(from, text.Text, text.Id, _clock.GetLocalNow(), ++number));
        }

        arrival.Answer(arrival.Request.Texts.Count, problem: null);
        arrival.Behind.ForEach(Log);
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (Take(failed.Id) is { } arrival)
        {
            var before = arrival.Request.Texts.TakeWhile(text => !arrival.News.Contains(text)).Count(); // what was here before is here still
            arrival.Answer(before, $"they could not be logged: {failed.Reason}");
            arrival.Behind.ForEach(Log);
        }
    }

    private LogRecord RecordOf(string from, string address, TextMessage text, bool isPostQuantum) =>
        new(_clock.GetUtcNow(), LogDirection.Received, from, address, text.Id, Outcome: null, text.Text)
        {
            Stream = text.Number?.Stream,
            Sequence = text.Number?.Sequence,
            WrittenAt = text.Sent is { } seconds ? WrittenAt(seconds) : null,
            IsPostQuantum = isPostQuantum,
        };

    // The peer may say anything, also what no calendar has.
    private static DateTimeOffset? WrittenAt(double seconds) =>
        seconds is > 0 and < 253_402_300_800 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null; // before the year 10000

    private Arrival? Take(Guid id)
    {
        if (_beingLogged.Remove(id, out var arrival))
        {
            arrival.News.ForEach(text => _underWay.Remove((arrival.Request.From, text.Id)));
        }

        return arrival;
    }

    /// <summary>The log is open.</summary>
    /// <param name="Ledger">What it says of the messages received; it belongs to the inbox from now on.</param>
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

    private sealed record TurnHasCome(Arrival Arrival) : ILocalOnly;

    // Texts on their way into the log, and the session that waits for their receipt. News are those that were not here before; behind them wait others
    // with one of the same.
    private sealed class Arrival(Deliver request, IActorRef session)
    {
        public Deliver Request { get; } = request;

        public List<TextMessage> News { get; } = [];

        public IReadOnlyList<LogRecord> Records { get; set; } = [];

        public List<Arrival> Behind { get; } = [];

        public void Answer(int taken, string? problem) => session.Tell(new Answer(taken, problem));
    }
}
