// What waits for whom, and what may be sent now. Each recipient has a line of its own: there is one conversation with it at a time, and its messages go in
// the order in which they were written. Different recipients do not wait for each other, up to the limit on conversations. A line whose conversation
// failed rests before the next one, longer each time. All lines that rest share a limit on attempts per second.

using ActorChat.Node.Limits;
using ActorChat.Protocol.Pdus;
using Akka.Actor;

namespace ActorChat.Node.Outgoing;

/// <summary>The messages without an outcome. Time is monotonic where it is a <see cref="TimeSpan"/>, and the wall clock's where messages expire.</summary>
/// <param name="maxConversations">Conversations at once. Attempts to recipients who were away take at most half of them, so that the others need not wait for their time-outs.</param>
/// <param name="retries">The schedule of attempts.</param>
internal sealed class Outbox(int maxConversations, Retries retries)
{
    /// <summary>The most messages that a conversation has without an outcome. It is large, so that a conversation never has to wait for the outbox.</summary>
    public const int MaxHandedOver = 64;

    private readonly int _maxAttempts = Math.Max(1, maxConversations / 2);
    private readonly Dictionary<(string, string?), Line> _lines = [];
    private readonly Dictionary<Guid, Entry> _entries = [];
    private readonly Queue<Line> _toOpen = new();
    private readonly PriorityQueue<(Line Line, TimeSpan At), TimeSpan> _resting = new(); // may be outdated: the line's own RestsUntil decides
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _expiring = []; // messages that wait in no conversation
    private int _open;
    private int _attempts;
    private int _lastNumber;

    /// <summary>Messages without an outcome.</summary>
    public int Count => _entries.Count;

    /// <summary>Those of them that wait for a recipient who is away.</summary>
    public int CountAway { get; private set; }

    // Whether there is a line to be opened that does not rest.
    private bool HasToOpen => _toOpen.Any(line => line.IsToOpen && line.Waiting.Count > 0);

    /// <summary>Whether every message has its outcome or waits, and no user waits for an outcome.</summary>
    /// <param name="isStopping">Whether no conversation begins any more.</param>
    public bool IsQuiet(bool isStopping) => Count == CountAway
        && (isStopping || (!HasToOpen && !_entries.Values.Any(entry => entry.Node.Value.IsAwaited)))
        && _lines.Values.Where(line => line.IsOpen).All(line => line.HandedOver.Count == 0 && (isStopping || line.Waiting.Count == 0));

    /// <summary>Puts a message at the end of its recipient's line. It may be sent as soon as it is stored. Where the line rests, the next attempt is brought forward.</summary>
    public void Add(Item item, TimeSpan now)
    {
        var line = Put(item);
        if (line.RestsUntil is null)
        {
            OpenLater(line);
        }
        else
        {
            Hasten(line, now);
        }
    }

    /// <summary>Adds a message that waited already when the node started.</summary>
    /// <param name="item">The message.</param>
    /// <param name="now">When the first attempt may be made.</param>
    public void AddAway(Item item, TimeSpan now)
    {
        var line = Put(item);
        var entry = _entries[item.Id];
        entry.IsStored = true;
        SetAway(entry);
        if (line.RestsUntil is null)
        {
            RestUntil(line, now);
        }
    }

    /// <summary>The next line with which a conversation may begin, now marked as open; null when none may.</summary>
    /// <param name="now">The time.</param>
    /// <param name="onlyNew">Whether recipients who were away are skipped, unless there is something new for them, or a user waits for an outcome.</param>
    public Line? Open(TimeSpan now, bool onlyNew = false)
    {
        while (_open < maxConversations && _toOpen.TryDequeue(out var line))
        {
            if (line.IsToOpen && line.Waiting.Count > 0)
            {
                return Open(line);
            }
        }

        if (_open < maxConversations && _attempts < _maxAttempts && NextResting(onlyNew) is { } next && next.At <= now && retries.TryTake(now))
        {
            _resting.Dequeue();
            next.Line.RestsUntil = null;
            next.Line.IsAttempt = true;
            _attempts++;
            return Open(next.Line);
        }

        return null;
    }

    /// <summary>How long until <see cref="Open(TimeSpan, bool)"/> or <see cref="Expired"/> may return something new; null when time alone will not change that.</summary>
    /// <param name="now">The time.</param>
    /// <param name="today">The time by the wall clock.</param>
    /// <param name="onlyNew">As for <see cref="Open(TimeSpan, bool)"/>.</param>
    public TimeSpan? UntilNext(TimeSpan now, DateTimeOffset today, bool onlyNew = false)
    {
        TimeSpan? expiry = _expiring.Count > 0 ? Max(_expiring.Min.At - today, TimeSpan.Zero) : null;
        TimeSpan? attempt = _open < maxConversations && _attempts < _maxAttempts && NextResting(onlyNew) is { } next
            ? Max(next.At - now, retries.UntilNext(now))
            : null;
        return expiry is null || attempt < expiry ? attempt : expiry;
    }

    /// <summary>A message is on disk, so it may be sent.</summary>
    /// <returns>Its line; null when it has its outcome already.</returns>
    public Line? Store(Guid id)
    {
        if (!_entries.TryGetValue(id, out var entry) || entry.IsStored)
        {
            return null;
        }

        entry.IsStored = true;
        return entry.Line;
    }

    /// <summary>The messages that an open line's conversation may have now, in order.</summary>
    public IEnumerable<Item> HandOver(Line line)
    {
        while (line.IsOpen && line.HandedOver.Count < MaxHandedOver && line.Waiting.First is { Value: var item } node && _entries[item.Id].IsStored)
        {
            line.Waiting.Remove(node);
            line.HandedOver.AddLast(node);
            _expiring.Remove(PlaceOf(item));
            yield return item;
        }
    }

    /// <summary>Removes a message that has its outcome.</summary>
    /// <returns>The message and its line; null when it had an outcome already.</returns>
    public Finished? Finish(Guid id)
    {
        if (!_entries.Remove(id, out var entry))
        {
            return null;
        }

        if (entry.Number > 0)
        {
            CountAway--;
            _lastNumber = CountAway == 0 ? 0 : _lastNumber;
        }

        entry.Node.List!.Remove(entry.Node);
        _expiring.Remove(PlaceOf(entry.Node.Value));
        ForgetIfEmpty(entry.Line);
        return new Finished(entry.Node.Value, entry.Line, HasWaited: entry.Number > 0, entry.MayBeThere);
    }

    /// <summary>A line's conversation is over. What was handed over and has no outcome goes back to the front.</summary>
    public void Close(Line line)
    {
        _open--;
        _attempts -= line.IsAttempt ? 1 : 0;
        (line.IsOpen, line.IsAttempt) = (false, false);
        while (line.HandedOver.Last is { } last)
        {
            line.HandedOver.Remove(last);
            line.Waiting.AddFirst(last);
            ExpireLater(_entries[last.Value.Id]);
        }

        OpenLater(line);
        ForgetIfEmpty(line);
    }

    /// <summary>Lets a closed line rest: its conversation failed, and a later one may succeed.</summary>
    public void Rest(Line line, Failure failure, TimeSpan now)
    {
        line.Failure = failure;
        line.Failures++;
        RestUntil(line, now + retries.WaitAfter(line.Failures));
    }

    /// <summary>Marks a message as waiting for a recipient who is away.</summary>
    /// <returns>False when it was marked before.</returns>
    public bool SetAway(Guid id)
    {
        var entry = _entries[id];
        if (entry.Number > 0)
        {
            return false;
        }

        SetAway(entry);
        return true;
    }

    /// <summary>Brings the next attempt forward: to now, before others, but not twice within <see cref="Retries.First"/>.</summary>
    public void Hasten(Line line, TimeSpan now)
    {
        if (line.RestsUntil is not { } until)
        {
            return;
        }

        var at = line.HastenedAt is { } before && now - before < retries.First ? before + retries.First : TimeSpan.MinValue;
        if (at < until)
        {
            line.HastenedAt = Max(at, now);
            RestUntil(line, at);
        }
    }

    /// <summary>Brings the next attempt of every line forward.</summary>
    public void HastenAll(TimeSpan now)
    {
        foreach (var line in _lines.Values)
        {
            Hasten(line, now);
        }
    }

    /// <summary>Something was delivered, so the next wait is the shortest again.</summary>
    public static void Reached(Line line) => (line.Failures, line.HastenedAt) = (0, null);

    /// <summary>Notes that a message was sent and no receipt came.</summary>
    public void MarkSent(Guid id)
    {
        if (_entries.TryGetValue(id, out var entry))
        {
            entry.MayBeThere = true;
        }
    }

    /// <summary>Marks a message as cancelled by the user. One that a conversation has is on its way, and gets its outcome when that is over.</summary>
    /// <returns>Whether it can be finished now.</returns>
    public bool TakeBack(Guid id)
    {
        var entry = _entries[id];
        entry.IsTakenBack = true;
        return entry.Node.List == entry.Line.Waiting;
    }

    /// <summary>Whether the user has cancelled it.</summary>
    public bool IsTakenBack(Guid id) => _entries[id].IsTakenBack;

    /// <summary>Replaces a message by one of the same id.</summary>
    public void Replace(Item item) => _entries[item.Id].Node.Value = item;

    /// <summary>The messages that wait in no conversation and have expired. The caller ends them.</summary>
    public IReadOnlyList<Item> Expired(DateTimeOffset today) =>
        [.. _expiring.TakeWhile(place => place.At <= today).Select(place => _entries[place.Id].Node.Value)];

    /// <summary>What waits in a line, in order.</summary>
    public static IReadOnlyList<Item> WaitingIn(Line line) => [.. line.Waiting];

    /// <summary>Everything that no conversation has yet.</summary>
    public IReadOnlyList<Item> AllWaiting() => [.. _lines.Values.SelectMany(line => line.Waiting)];

    /// <summary>The lines of contacts.</summary>
    public IReadOnlyList<Line> LinesOfContacts() => [.. _lines.Values.Where(line => line.Recipient is { ContactName: not null, TypedPassword: null })];

    /// <summary>The line of a contact; null where there is nothing for it.</summary>
    public Line? LineOf(string contact) => _lines.GetValueOrDefault((contact, null));

    /// <summary>The line of a message without an outcome.</summary>
    public Line LineOf(Guid id) => _entries[id].Line;

    /// <summary>The messages that wait for recipients who are away, in the order in which they began to wait, each with its number.</summary>
    public IReadOnlyList<Away> AllAway() =>
    [
        .. _entries.Values.Where(entry => entry.Number > 0).OrderBy(entry => entry.Number).Select(entry => new Away(entry.Number, entry.Node.Value, entry.Line)),
    ];

    /// <summary>A message without an outcome; null when there is none of this id.</summary>
    public Item? Find(Guid id) => _entries.TryGetValue(id, out var entry) ? entry.Node.Value : null;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private Line Put(Item item)
    {
        var key = (item.Recipient.ContactName ?? item.Recipient.Address, item.Recipient.TypedPassword);
        if (!_lines.TryGetValue(key, out var line))
        {
            _lines.Add(key, line = new Line(key));
        }

        line.Recipient = item.Recipient; // a contact may have moved since
        _entries.Add(item.Id, new Entry(line, line.Waiting.AddLast(item)));
        return line;
    }

    private Line Open(Line line)
    {
        _open++;
        (line.IsOpen, line.IsToOpen, line.WasRejected) = (true, false, false);
        return line;
    }

    private void OpenLater(Line line)
    {
        if (!line.IsOpen && !line.IsToOpen && line.RestsUntil is null && line.Waiting.Count > 0)
        {
            line.IsToOpen = true;
            _toOpen.Enqueue(line);
        }
    }

    private void RestUntil(Line line, TimeSpan at)
    {
        (line.IsToOpen, line.RestsUntil) = (false, at);
        _resting.Enqueue((line, at), at);
    }

    private (Line Line, TimeSpan At)? NextResting(bool onlyNew)
    {
        while (_resting.TryPeek(out var next, out _))
        {
            if (next.Line.RestsUntil == next.At && next.Line.Waiting.Count > 0 && (!onlyNew || next.Line.Waiting.Any(item => item.IsAwaited || _entries[item.Id].Number == 0)))
            {
                return next;
            }

            _resting.Dequeue();
        }

        return null;
    }

    private void SetAway(Entry entry)
    {
        entry.Number = ++_lastNumber;
        CountAway++;
        ExpireLater(entry);
    }

    private void ExpireLater(Entry entry)
    {
        if (entry is { Number: > 0, Node.Value: { Expires: not null } item })
        {
            _expiring.Add(PlaceOf(item));
        }
    }

    private static (DateTimeOffset At, Guid Id) PlaceOf(Item item) => (item.Expires.GetValueOrDefault(), item.Id);

    private void ForgetIfEmpty(Line line)
    {
        if (!line.IsOpen && line.IsEmpty)
        {
            _lines.Remove(line.Key);
        }
    }

    /// <summary>A message to one recipient.</summary>
    /// <param name="Id">Its id, the same at each attempt, so that its receiver shows it once.</param>
    /// <param name="Recipient">Where it goes.</param>
    /// <param name="Text">The text.</param>
    /// <param name="Reference">A program's own reference.</param>
    /// <param name="Since">When the user sent it, as the clock's timestamp.</param>
    /// <param name="ToldTo">Who is told the outcome; null for the console.</param>
    public sealed record Item(Guid Id, Recipient Recipient, string Text, string? Reference, long Since, IActorRef? ToldTo)
    {
        /// <summary>Its place in our stream to this contact; null for an address.</summary>
        public TextNumber? Number { get; init; }

        /// <summary>When the user wrote it.</summary>
        public DateTimeOffset WrittenAt { get; init; }

        /// <summary>Until when it waits for a recipient who is away; null when it does not wait.</summary>
        public DateTimeOffset? Expires { get; init; }

        /// <summary>Whether it may have been sent before, without a receipt.</summary>
        public bool MayBeThere { get; init; }

        /// <summary>Whether a user waits for its outcome, however long that takes.</summary>
        public bool IsAwaited { get; init; }

        /// <summary>The message as the protocol has it. The time goes only with the number.</summary>
        public TextMessage OnTheWire => new(Id, Text, Number, Number is null ? null : WrittenAt.ToUnixTimeMilliseconds() / 1000.0);

        /// <summary>Shows id and recipient only.</summary>
        public override string ToString() => $"{nameof(Item)} {Id} to {Recipient}";
    }

    /// <summary>A message that has been removed.</summary>
    /// <param name="Item">The message.</param>
    /// <param name="Line">Where it was.</param>
    /// <param name="HasWaited">Whether its recipient was away.</param>
    /// <param name="MayBeThere">Whether it was sent, at least once, and no receipt came.</param>
    public sealed record Finished(Item Item, Line Line, bool HasWaited, bool MayBeThere);

    /// <summary>A message that waits for a recipient who is away.</summary>
    /// <param name="Number">The number by which the user refers to it, from 1.</param>
    /// <param name="Item">The message.</param>
    /// <param name="Line">Where it is.</param>
    public sealed record Away(int Number, Item Item, Line Line);

    /// <summary>The messages for one recipient.</summary>
    /// <param name="key">The contact's name or the address, and the typed password.</param>
    public sealed class Line((string, string?) key)
    {
        /// <summary>The contact's name or the address, and the typed password.</summary>
        public (string, string?) Key { get; } = key;

        /// <summary>The recipient, as of the newest message.</summary>
        public Recipient Recipient { get; set; } = null!;

        /// <summary>Whether there is a conversation.</summary>
        public bool IsOpen { get; set; }

        /// <summary>Whether the conversation is an attempt to reach somebody who was away.</summary>
        public bool IsAttempt { get; set; }

        /// <summary>Whether a text was rejected in the conversation, so that the rest waits a while.</summary>
        public bool WasRejected { get; set; }

        /// <summary>The conversation's session, where there is one.</summary>
        public IActorRef Conversation { get; set; } = ActorRefs.Nobody;

        /// <summary>Whether it is in the queue of lines to be opened.</summary>
        public bool IsToOpen { get; set; }

        /// <summary>When the next attempt is due; null when the line does not rest.</summary>
        public TimeSpan? RestsUntil { get; set; }

        /// <summary>When an attempt was brought forward last.</summary>
        public TimeSpan? HastenedAt { get; set; }

        /// <summary>Failures in a row.</summary>
        public int Failures { get; set; }

        /// <summary>The last failure; null where there was none since the node started.</summary>
        public Failure? Failure { get; set; }

        /// <summary>The messages that no conversation has.</summary>
        public LinkedList<Item> Waiting { get; } = new();

        /// <summary>The messages that the conversation has.</summary>
        public LinkedList<Item> HandedOver { get; } = new();

        /// <summary>Whether there are no messages.</summary>
        public bool IsEmpty => Waiting.Count + HandedOver.Count == 0;
    }

    // The state of a message in the outbox.
    private sealed class Entry(Line line, LinkedListNode<Item> node)
    {
        public Line Line { get; } = line;

        public LinkedListNode<Item> Node { get; } = node;

        public bool IsStored { get; set; }

        public bool MayBeThere { get; set; } = node.Value.MayBeThere;

        public bool IsTakenBack { get; set; }

        public int Number { get; set; } // 0 while its recipient is not known to be away
    }
}
