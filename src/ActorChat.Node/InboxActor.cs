// A text's last door: how many a minute, seen before?, logged, shown. It is shown when it is on disk, and once: a sender that lost the receipt sends the
// same id again, gets its receipt, and the user sees nothing new. Each contact's texts pass one after another, so that they keep their order.

using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Pdus;
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
    private readonly BoundedCache<(string From, Guid Id), bool> _seen;
    private readonly Dictionary<string, Queue<Arrival>> _arrivals = [];
    private readonly Dictionary<Guid, string> _beingLogged = [];

    /// <summary>An inbox that remembers nothing yet.</summary>
    /// <param name="settings">How many texts a contact may send, and how many ids are remembered.</param>
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
        _seen = new BoundedCache<(string From, Guid Id), bool>(settings.RememberedIds);
        Receive<SecureLogActor.RecentRecords>(OnRecent);
        Receive<Deliver>(OnDeliver);
        Receive<TurnHasCome>(turn => Log(_arrivals[turn.From].Peek()));
        Receive<SecureLogActor.Stored>(OnStored);
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<ConsoleQueue.Shown>(shown => _secureLog.Tell(new SecureLogActor.AppendLater(LogRecord.Shown(_clock.GetUtcNow(), shown.Number))));
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc cref="InboxActor(NodeSettings, IConsole, TimeProvider, IActorRef)"/>
    public static Props Props(NodeSettings settings, IConsole console, TimeProvider clock, IActorRef secureLog) =>
        Akka.Actor.Props.Create(() => new InboxActor(settings, console, clock, secureLog));

    // An earlier run may have logged and acknowledged what it could not show any more.
    private void OnRecent(SecureLogActor.RecentRecords recent)
    {
        foreach (var message in recent.Received)
        {
            _seen.Set((message.From, message.Id), true);
        }

        foreach (var (number, record) in recent.NotShown)
        {
            var at = TimeZoneInfo.ConvertTime(record.Time, _clock.LocalTimeZone);
            _console.Show(new NodeEvent.MessageArrived(record.PeerName, record.Text, record.MessageId.GetValueOrDefault(), at, number));
        }

        if (recent.ShownUpTo is { } shown)
        {
            _secureLog.Tell(new SecureLogActor.AppendLater(LogRecord.Shown(_clock.GetUtcNow(), shown)));
        }
    }

    private void OnDeliver(Deliver request)
    {
        if (!_arrivals.TryGetValue(request.From, out var arrivals))
        {
            _arrivals.Add(request.From, arrivals = new Queue<Arrival>());
        }

        arrivals.Enqueue(new Arrival(request, Sender, []));
        if (arrivals.Count == 1)
        {
            Begin(arrivals.Peek());
        }
    }

    // Who sends too much waits for his turn; who sends far too much is refused. So is everybody while nobody reads what arrives.
    private void Begin(Arrival arrival)
    {
        if (!_console.HasRoom)
        {
            End(arrival, taken: 0, "what arrived before has not been shown yet");
            return;
        }

        var (from, texts) = (arrival.Request.From, arrival.Request.Texts.Count);
        var wait = _rates.Take(from, texts, _clock.GetElapsedTime(0));
        if (wait > _settings.MaxTextWait)
        {
            _rates.GiveBack(from, texts);
            End(arrival, taken: 0, "more texts than one contact may send");
        }
        else if (wait > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(from, new TurnHasCome(from), wait);
        }
        else
        {
            Log(arrival);
        }
    }

    private void Log(Arrival arrival)
    {
        var (from, address, texts) = (arrival.Request.From, arrival.Request.Address, arrival.Request.Texts);
        arrival.News.AddRange(texts.Where(text => !_seen.TryGet((from, text.Id), out _)).DistinctBy(text => text.Id));
        if (arrival.News.Count == 0)
        {
            End(arrival, texts.Count, problem: null);
            return;
        }

        var id = Guid.NewGuid();
        _beingLogged.Add(id, from);
        _secureLog.Tell(new SecureLogActor.Append(
            id, [.. arrival.News.Select(text => new LogRecord(_clock.GetUtcNow(), LogDirection.Received, from, address, text.Id, Outcome: null, text.Text))]));
    }

    private void OnStored(SecureLogActor.Stored stored)
    {
        if (!_beingLogged.Remove(stored.Id, out var from))
        {
            return;
        }

        var arrival = _arrivals[from].Peek();
        var number = stored.LastNumber - arrival.News.Count;
        foreach (var text in arrival.News)
        {
            _seen.Set((from, text.Id), true);
            _console.Show(new NodeEvent.MessageArrived(from, text.Text, text.Id, _clock.GetLocalNow(), ++number));
        }

        End(arrival, arrival.Request.Texts.Count, problem: null);
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (_beingLogged.Remove(failed.Id, out var from))
        {
            var arrival = _arrivals[from].Peek();
            var before = arrival.Request.Texts.TakeWhile(text => !arrival.News.Contains(text)).Count(); // what was here before is here still
            End(arrival, before, $"they could not be logged: {failed.Reason}");
        }
    }

    private void End(Arrival arrival, int taken, string? problem)
    {
        arrival.Session.Tell(new Answer(taken, problem));
        var from = arrival.Request.From;
        var arrivals = _arrivals[from];
        arrivals.Dequeue();
        if (arrivals.TryPeek(out var next))
        {
            Begin(next);
        }
        else
        {
            _arrivals.Remove(from);
        }
    }

    /// <summary>Texts from an authenticated contact, in the order in which they came. Answered by <see cref="Answer"/>.</summary>
    /// <param name="From">The contact's name.</param>
    /// <param name="Address">Where they came from.</param>
    /// <param name="Texts">At least one.</param>
    public sealed record Deliver(string From, string Address, IReadOnlyList<TextMessage> Texts) : ILocalOnly
    {
        /// <summary>Shows everything but the texts.</summary>
        public override string ToString() => $"{nameof(Deliver)} {Texts.Count} from {From}";
    }

    /// <summary>How many of the texts, from the first on, are on disk and in the inbox, and may be acknowledged.</summary>
    /// <param name="Taken">The number.</param>
    /// <param name="Problem">Why the rest was certainly not taken; null when there is no rest.</param>
    public sealed record Answer(int Taken, string? Problem) : IRemotable;

    private sealed record TurnHasCome(string From) : ILocalOnly;

    // Texts on their way into the log, and the session that waits for their receipt. News are those that were not here before.
    private sealed record Arrival(Deliver Request, IActorRef Session, List<TextMessage> News) : ILocalOnly;
}
