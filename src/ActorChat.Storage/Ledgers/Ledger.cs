// What the secure log adds up to: what waits for whom, how our messages are numbered, which of theirs were stored and up to where they were shown,
// and what is known of each contact. It is folded from the log's records one by one and holds nothing else, so it can be rebuilt at any time.
// Its size grows with contacts, waiting messages and gaps in numbers, not with all messages.

using System.Security.Cryptography;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Ledgers;

/// <summary>The fold of a log's records. Not thread-safe.</summary>
public sealed class Ledger(LedgerLimits? limits = null)
{
    private readonly LedgerLimits _limits = limits ?? new LedgerLimits();
    private readonly SortedDictionary<string, ContactLedger> _contacts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, WaitingMessage> _waiting = []; // by record
    private readonly Dictionary<Guid, long> _waitingById = [];

    /// <summary>The number of the last record that was folded; 0 for none.</summary>
    public long UpTo { get; internal set; }

    /// <summary>Everything received up to this record has been shown; null when the log does not say, as one of version 1 does not.</summary>
    public long? ShownUpTo { get; internal set; }

    /// <summary>Where to begin reading for what was received and not shown: at the first such record, or before it. Null when everything was shown.
    /// Without meaning while <see cref="ShownUpTo"/> is null.</summary>
    public long? FirstUnshown => LastReceived > (ShownUpTo ?? 0) ? (ShownUpTo ?? 0) + 1 : null;

    /// <summary>What waits, in the order in which it was written.</summary>
    public IReadOnlyCollection<WaitingMessage> Waiting => _waiting.Values;

    /// <summary>The number of the last record of a received message; 0 for none.</summary>
    internal long LastReceived { get; set; }

    internal IReadOnlyDictionary<string, ContactLedger> Contacts => _contacts;

    /// <summary>Folds the next record, or the mark in place of records that cannot be read.</summary>
    /// <exception cref="ArgumentException">It is not the next one.</exception>
    public void Add(LogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Number != UpTo + 1)
        {
            throw new ArgumentException($"The ledger holds up to record {UpTo}; record {entry.Number} is not the next. Fold the log in order.", nameof(entry));
        }

        if (entry.Damage is not null)
        {
            UpTo = Math.Max(UpTo, entry.LastLost);
            return;
        }

        UpTo = entry.Number;
        switch (entry.Record)
        {
            case { Direction: LogDirection.Received } received:
                LastReceived = entry.Number;
                ContactOf(received.PeerName).Receive(received);
                break;
            case { Direction: LogDirection.Sent, Outcome: null } sent:
                ContactOf(sent.PeerName).Send(sent);
                Wait(entry.Number, sent);
                break;
            case { Direction: LogDirection.Sent } ended:
                ContactOf(ended.PeerName).End(ended);
                StopWaiting(ended.MessageId);
                break;
            case { Direction: LogDirection.Shown } shown:
                ShownUpTo = Math.Max(ShownUpTo ?? 0, shown.ShownUpTo ?? 0);
                break;
        }
    }

    /// <summary>Remembers one received message for <see cref="Judge"/>, where the log's later records are not folded.</summary>
    public void Remember(LogRecord received)
    {
        ArgumentNullException.ThrowIfNull(received);
        ContactOf(received.PeerName).Receive(received);
    }

    /// <summary>What is known of a message that comes in, before it is stored.</summary>
    /// <param name="from">The contact.</param>
    /// <param name="id">Its id, which identifies a message that is in no stream.</param>
    /// <param name="stream">The stream in which it is numbered; null for none.</param>
    /// <param name="sequence">Its number there; null exactly when <paramref name="stream"/> is.</param>
    /// <param name="before">What came from this contact before it and is not in the log yet; null for nothing.</param>
    public Arrival Judge(string from, Guid? id, ulong? stream, long? sequence, IReadOnlyCollection<LogRecord>? before = null)
    {
        var stored = _contacts.TryGetValue(from, out var contact) ? contact.Judge(id, stream, sequence) : new Arrival(IsKnown: false, Missing: (sequence ?? 1) - 1);
        if (before is null or { Count: 0 })
        {
            return stored;
        }

        if (sequence is not { } number)
        {
            return stored with { IsKnown = stored.IsKnown || before.Any(record => record.Stream is null && record.MessageId == id) };
        }

        var highest = before.Where(record => record.Stream == stream).Max(record => record.Sequence) ?? 0;
        return new Arrival(
            stored.IsKnown || before.Any(record => record.Stream == stream && record.Sequence == number),
            Math.Max(0, Math.Min(stored.Missing, number - 1 - highest)),
            IsLate: stored.IsLate || number < highest);
    }

    /// <summary>The stream of our messages to a contact; null when none was begun yet.</summary>
    public OutgoingStream? StreamTo(string contact) => _contacts.TryGetValue(contact, out var known) ? known.Outgoing : null;

    /// <summary>Our streams by the contact's name, where one was begun.</summary>
    public IReadOnlyDictionary<string, OutgoingStream> OutgoingStreams =>
        _contacts.Where(contact => contact.Value.Outgoing is not null).ToDictionary(contact => contact.Key, contact => contact.Value.Outgoing!.Value);

    /// <summary>What the log knows of a contact.</summary>
    public ContactFacts FactsOf(string contact) => _contacts.TryGetValue(contact, out var known) ? known.Facts : ContactFacts.None;

    /// <summary>A copy that does not change with this one.</summary>
    public Ledger Copy()
    {
        var bytes = LedgerEncoding.Encode(this, segment: 0, offset: 0, new byte[LogFormat.MacSize]);
        var copy = LedgerEncoding.Decode(bytes, _limits)!.Ledger;
        CryptographicOperations.ZeroMemory(bytes);
        return copy;
    }

    internal ContactLedger ContactOf(string name)
    {
        if (!_contacts.TryGetValue(name, out var contact))
        {
            _contacts.Add(name, contact = new ContactLedger(_limits));
        }

        return contact;
    }

    internal void Wait(WaitingMessage message)
    {
        StopWaiting(message.Id);
        _waiting.Add(message.Number, message);
        _waitingById.Add(message.Id, message.Number);
    }

    private void Wait(long number, LogRecord sent)
    {
        if (sent is { MessageId: { } id, Expires: { } expires })
        {
            Wait(new WaitingMessage(number, id, sent.PeerName, sent.Text, sent.WrittenAt ?? sent.Time, expires, sent.Stream, sent.Sequence));
        }
    }

    private void StopWaiting(Guid? id)
    {
        if (id is { } known && _waitingById.Remove(known, out var number))
        {
            _waiting.Remove(number);
        }
    }
}
