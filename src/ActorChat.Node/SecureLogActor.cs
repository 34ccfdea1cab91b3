// Appends to the secure log, and answers only when the record is on disk. Records that come while a flush is under way wait for the next
// one and share it, so the number of flushes depends on the disk and not on the number of messages. The flush itself runs outside the actor.
// An append that nobody waits for goes with the next flush, or has a flush of its own after secure-log.max-delay.
// The ledger follows what is on disk; its snapshot is written at a segment's end, every 20,000 records, and when the log is closed.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Storage;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node;

/// <summary>The node's secure log.</summary>
/// <remarks>
/// <code>
/// state    waits for             then                                                             next
/// Closed   Open                  open the log outside the actor                                   Opening
/// Opening  the open log          tell whoever asked                                               Writing; Closed when it cannot be opened
/// Writing  Append                queue it; flush outside the actor, unless a flush is under way   the same
///          the flush             fold it, answer each append; flush what came meanwhile           the same
///          Recall, Search,
///          ReadFeed              flush what waits, read outside the actor, tell                   the same
///          FactsOf               flush what waits, tell                                           the same
///          Close                 finish the flush, save the ledger, close the log, tell           Closed
/// </code>
/// </remarks>
public sealed class SecureLogActor : ReceiveActor, IWithTimers
{
    private const int RecordsBetweenSnapshots = 20_000; // reading so many again, at the start after a kill, takes some 20 ms

    private const int FeedPageMessages = 500; // half of what may wait for the screen
    private const int FeedPageLength = 1 << 20;

    private readonly IConsole _console;
    private readonly LogOptions _options;
    private readonly int _maxWaiting;
    private readonly TimeSpan _maxDelay;
    private readonly TimeSpan _maxSearch;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<Waiting> _waiting = new();
    private readonly List<Waiting> _inFlush = [];
    private readonly Queue<Action> _questions = new(); // to be answered when what waits is on disk
    private StateFolder? _folder;
    private LogWriter? _writer;
    private Ledger? _ledger;
    private int _savedSegment;
    private long _savedUpTo;
    private IActorRef? _closer;
    private bool _isFlushing;
    private bool _failing;

    /// <summary>A log that is not open yet.</summary>
    /// <param name="console">Where the user is told that the log fails, or works again.</param>
    /// <param name="settings">The log's settings.</param>
    /// <param name="clock">For the records that the log writes itself.</param>
    public SecureLogActor(IConsole console, NodeSettings settings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _console = console;
        _options = settings.SecureLog with { Time = clock };
        _maxWaiting = settings.MaxWaitingRecords;
        _maxDelay = settings.MaxRecordDelay;
        _maxSearch = settings.MaxSearchTime;
        Become(Closed);
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc cref="SecureLogActor(IConsole, NodeSettings, TimeProvider)"/>
    public static Props Props(IConsole console, NodeSettings settings, TimeProvider clock) =>
        Akka.Actor.Props.Create(() => new SecureLogActor(console, settings, clock));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _writer?.Dispose();
        _folder?.Dispose();
    }

    private void Closed()
    {
        Receive<Open>(request =>
        {
            var from = Sender;
            Task.Run(() => OpenLog(request)).PipeTo(Self, from, failure: e => new NotOpened(Reason(e), ((e as AggregateException)?.InnerException ?? e) is StateFolderInUseException));
            Become(Opening);
        });
        Receive<Append>(request => Sender.Tell(new NotStored(request.Id, "the log is closed")));
        Receive<AppendLater>(_ => { });
        Receive<Recall>(_ => Sender.Tell(new NotRecalled("the log is closed")));
        Receive<Search>(_ => Sender.Tell(new NotRecalled("the log is closed")));
        Receive<ReadFeed>(_ => Sender.Tell(new NotRecalled("the log is closed")));
        Receive<FactsOf>(_ => Sender.Tell(new NotRecalled("the log is closed")));
        Receive<Close>(_ => Sender.Tell(new HasClosed()));
    }

    private void Opening()
    {
        Receive<OpenedLog>(opened =>
        {
            _folder = opened.Folder;
            _writer = opened.Writer;
            _ledger = opened.Ledger;
            (_savedSegment, _savedUpTo) = (opened.Writer.Segment, opened.Writer.Count - opened.Folded);
            Become(Writing);
            Sender.Tell(new Opened(opened.Notice, opened.Ledger.Copy(), opened.NotShown, opened.Secrets, opened.Input));
            FlushWaiting();
        });
        Receive<NotOpened>(failed =>
        {
            Become(Closed);
            Sender.Tell(failed);
            _closer?.Tell(new HasClosed());
        });
        Receive<Close>(_ => _closer = Sender);
    }

    private void Writing()
    {
        Receive<Append>(request =>
        {
            if (_isFlushing && _waiting.Count >= _maxWaiting)
            {
                Sender.Tell(new NotStored(request.Id, "too many records wait for the disk"));
                return;
            }

            _waiting.Enqueue(new Waiting(request.Records, request.Id, Sender));
            FlushWaiting();
        });
        Receive<AppendLater>(request =>
        {
            _waiting.Enqueue(new Waiting([request.Record], null, Sender));
            if (!_isFlushing && !Timers.IsTimerActive(nameof(FlushNow)))
            {
                Timers.StartSingleTimer(nameof(FlushNow), new FlushNow(), _maxDelay);
            }
        });
        Receive<FlushNow>(_ => FlushWaiting());
        ReceiveQuestions();
        Receive<Flushed>(_ => OnFlushed());
        Receive<NotFlushed>(failed => OnNotFlushed(failed.Error));
        Receive<Saved>(OnSaved);
        Receive<Close>(_ =>
        {
            _closer = Sender;
            FlushWaiting();
        });
    }

    // Questions are answered after the next flush, so that the answer includes everything that was appended before.
    private void ReceiveQuestions()
    {
        Receive<Recall>(request => Enqueue(from => Answer(
            reader => new Recalled(reader.Last(request.Count, row => request.With is null || row.Entry.Record.PeerName == request.With)), first: 1, from)));
        Receive<Search>(request => Enqueue(from => Answer(reader => Find(reader, request), first: 1, from)));
        Receive<ReadFeed>(request => Enqueue(from => Answer(
            reader => new FeedRead(new LogFeed(reader, request.From).Next(FeedPageMessages, FeedPageLength)), first: request.From + 1, from)));
        Receive<FactsOf>(request => Enqueue(from => from.Tell(new Facts(request.Names.Distinct().ToDictionary(name => name, _ledger!.FactsOf)))));

        void Enqueue(Action<IActorRef> answer)
        {
            var from = Sender;
            _questions.Enqueue(() => answer(from));
            FlushWaiting();
        }
    }

    // Begins the next flush, if none is under way: its end comes back here.
    private void FlushWaiting()
    {
        if (_isFlushing)
        {
            return;
        }

        while (_waiting.TryPeek(out var next) && Take(next))
        {
            _waiting.Dequeue();
        }

        if (_inFlush.Count == 0)
        {
            AnswerQuestions();
            if (_writer!.Segment != _savedSegment || _writer.Count - _savedUpTo >= (_closer is null ? RecordsBetweenSnapshots : 1))
            {
                SaveLedger();
            }
            else if (_closer is not null)
            {
                CloseLog(_closer);
            }

            return;
        }

        var writer = _writer!;
        Task.Run(writer.Flush).PipeTo(Self, success: () => new Flushed(), failure: e => new NotFlushed(e));
        _isFlushing = true;
    }

    // Between two flushes, so that it holds exactly what is on disk. A start without the snapshot is only slower.
    private void SaveLedger()
    {
        var (writer, ledger) = (_writer!, _ledger!);
        (_savedSegment, _savedUpTo) = (writer.Segment, writer.Count);
        Task.Run(() => writer.SaveLedger(ledger)).PipeTo(Self, success: () => new Saved(null), failure: e => new Saved(e.GetBaseException().Message));
        _isFlushing = true;
    }

    private void OnSaved(Saved saved)
    {
        if (saved.Problem is not null)
        {
            _log.Warning("The ledger's snapshot was not written: {0}", saved.Problem);
        }

        _isFlushing = false;
        FlushWaiting();
    }

    // False when this flush is full and the records have to wait for the next one.
    private bool Take(Waiting waiting)
    {
        try
        {
            _inFlush.Add(waiting with { LastNumber = _writer!.Append([.. waiting.Records]) });
            return true;
        }
        catch (ArgumentException e)
        {
            waiting.NotStored(e.Message); // a record is too long
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void OnFlushed()
    {
        _isFlushing = false;
        foreach (var waiting in _inFlush)
        {
            Fold(waiting);
            waiting.Stored();
        }

        _inFlush.Clear();
        if (_failing)
        {
            _failing = false;
            _console.Show(new NodeEvent.Notice("The secure log can be written again; messages are taken as before."));
        }

        AnswerQuestions();
        FlushWaiting();
    }

    private void Fold(Waiting stored)
    {
        var number = stored.LastNumber - stored.Records.Count;
        foreach (var record in stored.Records)
        {
            _ledger!.Add(new LogEntry(++number, record));
        }
    }

    // Nothing of the batch is in the log. The next record tries again, so the node recovers by itself when there is space.
    private void OnNotFlushed(Exception error)
    {
        _isFlushing = false;
        _inFlush.ForEach(waiting => waiting.NotStored(error.Message));
        _inFlush.Clear();
        if (error.GetBaseException() is SecureLogException { Fault: LogFault.OtherWriter } other)
        {
            Context.Parent.Tell(new Lost(other.Message)); // the other writer may overwrite our records
        }

        if (!_failing)
        {
            _failing = true;
            _log.Error("The secure log cannot be written: {0}", error.Message);
            _console.Show(new NodeEvent.Problem($"{error.Message} Until then messages are refused; none is lost silently"));
        }

        AnswerQuestions();
        FlushWaiting();
    }

    private void AnswerQuestions()
    {
        while (_questions.TryDequeue(out var answer))
        {
            answer();
        }
    }

    // The log may be large, so it is read outside the actor, which goes on writing it.
    private void Answer<T>(Func<LogReader, T> read, long first, IActorRef from)
        where T : notnull
    {
        var reader = _writer!.OpenReader(first);
        Task.Run(() =>
        {
            using (reader)
            {
                return read(reader);
            }
        }).PipeTo(from, Self, answer => answer, e => new NotRecalled(Reason(e)));
    }

    private Found Find(LogReader reader, Search request)
    {
        using var deadline = new CancellationTokenSource(_maxSearch, _options.Time);
        var search = reader.Search(request.Words);
        LogRow[] rows = [.. search.Find(_ => true, progress: null, deadline.Token).Take(request.Count)];
        return new Found(rows, IsWhole: !search.IsCut && rows.Length < request.Count, search.IsDamaged);
    }

    private void CloseLog(IActorRef closer)
    {
        _writer!.Dispose();
        _folder!.Dispose();
        (_writer, _folder, _ledger, _closer) = (null, null, null, null);
        Become(Closed);
        closer.Tell(new HasClosed());
    }

    private OpenedLog OpenLog(Open request)
    {
        var folder = StateFolder.Open(request.Path);
        LogWriter? writer = null;
        try
        {
            string? notice = null;
            var isNew = !folder.Log.Exists;
            using var key = isNew ? LogKey.Create(folder.Log, request.Passphrase, _options, request.VerificationKeyPath) : LogKey.Open(folder.Log, request.Passphrase);
            if (isNew)
            {
                notice = $"A secure log was begun in {folder.Path}"
                    + (request.Passphrase is null ? ". Its key file is protected by its mode only; a passphrase would seal it (actorchat log rekey). " : ", its key sealed under the passphrase. ")
                    + AboutVerificationKey(key, request);
            }
            else if (key.VerificationKey is not null)
            {
                notice = "log.key still holds the verification key, as earlier versions left it there; actorchat log rekey takes it out.";
            }

            writer = LogWriter.Open(folder.Log, key, _options);
            if (writer.Recovery.CutBytes > 0)
            {
                notice = $"{notice} The last run ended in the middle of a record that was never acknowledged; it was cut off, and the log says so.".Trim();
            }

            var ledger = writer.OpenLedger();
            if (!ledger.HasSnapshot)
            {
                writer.SaveLedger(ledger.Ledger);
            }

            notice = $"{notice} {ledger.Notice}".Trim() is { Length: > 0 } told ? told : null;
            return new OpenedLog(
                folder,
                writer,
                notice,
                ledger.Ledger,
                Folded: ledger.HasSnapshot ? ledger.Folded : 0,
                ReadNotShown(writer, ledger.Ledger),
                key.SecretsFile(folder.Log),
                key.InputFile(folder.Log));
        }
        catch
        {
            writer?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    // An earlier run may have logged and acknowledged what it could no longer show. Damage was reported with the ledger. A log that does not say what was
    // shown, as one of version 1, counts as shown.
    private static IReadOnlyList<LogEntry> ReadNotShown(LogWriter writer, Ledger ledger)
    {
        if (ledger is not { ShownUpTo: { } shown, FirstUnshown: { } first })
        {
            return [];
        }

        using var reader = writer.OpenReader(first);
        return [.. reader.Read(pastDamage: true).Where(entry => entry.Number > shown && entry.Record.Direction == LogDirection.Received)];
    }

    // It is told once, and never to a program, whose output ends up in a journal.
    private static string AboutVerificationKey(LogKey key, Open request) =>
        request.VerificationKeyPath is { } path ? $"Its verification key is in {path}; keep that in another place, for actorchat log verify."
        : request.MayShowKey ? $"Its verification key is shown this once and stored nowhere; keep it in another place, for actorchat log verify: {key.VerificationKey!.ToText()}"
        : "Its verification key was not told and is stored nowhere. To have it, stop the node, move that folder away, and begin the log with --verification-key-out FILE.";

    private static string Reason(Exception e) => e switch
    {
        AggregateException { InnerException: { } inner } => Reason(inner),
        SecureLogException or SealedFileException or IOException or UnauthorizedAccessException => e.Message,
        _ => $"the secure log cannot be opened or read: {e.Message}",
    };

    /// <summary>Open the log, or begin one. Answered by <see cref="Opened"/> or <see cref="NotOpened"/>.</summary>
    /// <param name="Path">The state folder.</param>
    /// <param name="Passphrase">What seals its key; null for none.</param>
    /// <param name="VerificationKeyPath">The new file that gets the verification key where a log is begun; null for none.</param>
    /// <param name="MayShowKey">Whether the user may be told the verification key where there is no file for it.</param>
    public sealed record Open(string Path, Passphrase? Passphrase, string? VerificationKeyPath = null, bool MayShowKey = true) : ILocalOnly
    {
        /// <summary>Shows the folder only.</summary>
        public override string ToString() => $"{nameof(Open)} {Path}";
    }

    /// <summary>The log is open.</summary>
    /// <param name="Notice">What the user must be told once; null for nothing.</param>
    /// <param name="Ledger">The ledger of its records; a copy that belongs to the receiver.</param>
    /// <param name="NotShown">What was received and not shown, the oldest first.</param>
    /// <param name="Secrets">Where user secrets are kept, under the same key. The receiver owns it.</param>
    /// <param name="Input">Where the user's own lines are kept, under the same key. The receiver owns it.</param>
    public sealed record Opened(string? Notice, Ledger Ledger, IReadOnlyList<LogEntry> NotShown, SecretsFile Secrets, InputFile Input) : ILocalOnly;

    /// <summary>The log cannot be opened.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    /// <param name="IsInUse">Whether the reason is that another process has it.</param>
    public sealed record NotOpened(string Reason, bool IsInUse) : IRemotable;

    /// <summary>Append records, all in one flush. Answered by <see cref="Stored"/> when they are on disk, or by <see cref="NotStored"/>.</summary>
    /// <param name="Id">Comes back with the answer.</param>
    /// <param name="Records">At least one.</param>
    public sealed record Append(Guid Id, IReadOnlyList<LogRecord> Records) : ILocalOnly;

    /// <summary>Append a record that nobody waits for, within <c>secure-log.max-delay</c>. It comes after everything that was appended before.</summary>
    public sealed record AppendLater(LogRecord Record) : ILocalOnly;

    /// <summary>The records are on disk.</summary>
    /// <param name="Id">The id of their <see cref="Append"/>.</param>
    /// <param name="LastNumber">The number of the last of them; the others are right before it.</param>
    public sealed record Stored(Guid Id, long LastNumber) : IRemotable;

    /// <summary>None of the records is in the log.</summary>
    /// <param name="Id">The id of their <see cref="Append"/>.</param>
    /// <param name="Reason">Why.</param>
    public sealed record NotStored(Guid Id, string Reason) : IRemotable;

    /// <summary>Read the last messages. Answered by <see cref="Recalled"/> or <see cref="NotRecalled"/>.</summary>
    /// <param name="With">Only those from and to this contact; null for all.</param>
    /// <param name="Count">The most messages.</param>
    public sealed record Recall(string? With, int Count) : ILocalOnly;

    /// <summary>What the log has, the oldest first.</summary>
    public sealed record Recalled(IReadOnlyList<LogRow> Rows) : ILocalOnly;

    /// <summary>Find the last messages that hold all of these words. Answered by <see cref="Found"/> or <see cref="NotRecalled"/>.</summary>
    /// <param name="Words">At least one.</param>
    /// <param name="Count">The most messages.</param>
    public sealed record Search(IReadOnlyList<string> Words, int Count) : ILocalOnly
    {
        /// <summary>Does not show the words.</summary>
        public override string ToString() => nameof(Search);
    }

    /// <summary>What was found.</summary>
    /// <param name="Rows">The newest first.</param>
    /// <param name="IsWhole">Whether all of the log was searched; else enough was found, or <c>secure-log.max-search</c> was over.</param>
    /// <param name="IsDamaged">Whether something could not be read, and so was not searched.</param>
    public sealed record Found(IReadOnlyList<LogRow> Rows, bool IsWhole, bool IsDamaged) : ILocalOnly;

    /// <summary>Read messages that came in after a record, the oldest first. Answered by <see cref="FeedRead"/> or <see cref="NotRecalled"/>.</summary>
    /// <param name="From">The number of that record; 0 for all.</param>
    public sealed record ReadFeed(long From) : ILocalOnly;

    /// <summary>The first page of them.</summary>
    public sealed record FeedRead(FeedPage Page) : ILocalOnly;

    /// <summary>Say what is known of these contacts. Answered by <see cref="Facts"/> or <see cref="NotRecalled"/>.</summary>
    public sealed record FactsOf(IReadOnlyList<string> Names) : ILocalOnly;

    /// <summary>What the log says about each of the contacts asked for.</summary>
    public sealed record Facts(IReadOnlyDictionary<string, ContactFacts> ByName) : ILocalOnly;

    /// <summary>The log cannot be read.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    public sealed record NotRecalled(string Reason) : IRemotable;

    /// <summary>To the parent: the log cannot be written any more in this run.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    public sealed record Lost(string Reason) : IRemotable;

    /// <summary>Write what waits and close. Answered by <see cref="HasClosed"/>.</summary>
    public sealed record Close : IRemotable;

    /// <summary>The log is closed.</summary>
    public sealed record HasClosed : IRemotable;

    private sealed record OpenedLog(
        StateFolder Folder, LogWriter Writer, string? Notice, Ledger Ledger, long Folded, IReadOnlyList<LogEntry> NotShown, SecretsFile Secrets, InputFile Input) : ILocalOnly;

    // Records to be flushed, and who is told when they are on disk; nobody where there is no id.
    private sealed record Waiting(IReadOnlyList<LogRecord> Records, Guid? Id, IActorRef From, long LastNumber = 0)
    {
        public void Stored()
        {
            if (Id is { } id)
            {
                From.Tell(new Stored(id, LastNumber));
            }
        }

        public void NotStored(string reason)
        {
            if (Id is { } id)
            {
                From.Tell(new NotStored(id, reason));
            }
        }
    }

    private sealed record FlushNow : ILocalOnly;

    private sealed record Flushed : ILocalOnly;

    private sealed record NotFlushed(Exception Error) : ILocalOnly;

    private sealed record Saved(string? Problem) : ILocalOnly;
}
