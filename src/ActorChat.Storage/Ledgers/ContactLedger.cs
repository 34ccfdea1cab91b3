// The part of the ledger that concerns one contact.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Ledgers;

/// <summary>What the log says about one contact.</summary>
internal sealed class ContactLedger(LedgerLimits limits)
{
    private readonly List<(ulong Stream, NumberRanges Numbers)> _streams = []; // the one used last at the end
    private readonly Queue<Guid> _ids = [];
    private readonly HashSet<Guid> _known = [];

    /// <summary>The contact's streams, the least recently used first.</summary>
    public IReadOnlyList<(ulong Stream, NumberRanges Numbers)> Streams => _streams;

    /// <summary>The ids of the contact's messages that were in no stream, the oldest first.</summary>
    public IReadOnlyCollection<Guid> Ids => _ids;

    public OutgoingStream? Outgoing { get; set; }

    public ContactFacts Facts { get; set; } = ContactFacts.None;

    public void Receive(LogRecord record)
    {
        Facts = Facts with { LastMet = record.Time };
        if (record is { Stream: { } stream, Sequence: { } sequence })
        {
            Use(stream).Add(sequence);
        }
        else if (record.MessageId is { } id)
        {
            Remember(id);
        }
    }

    public void Send(LogRecord record)
    {
        Facts = Facts with { LastSent = record.Time, Outcome = null, Reason = "" };
        if (record is { Stream: { } stream, Sequence: { } sequence })
        {
            var next = Outgoing is { } known && known.Stream == stream ? Math.Max(known.Next, sequence + 1) : sequence + 1;
            Outgoing = new OutgoingStream(stream, next);
        }
    }

    public void End(LogRecord record) => Facts = new ContactFacts(
        record.Outcome == LogOutcome.Delivered ? record.Time : Facts.LastMet, record.Time, record.Outcome, record.Text);

    public Arrival Judge(Guid? id, ulong? stream, long? sequence)
    {
        if (stream is null || sequence is not { } number)
        {
            return new Arrival(id is { } given && _known.Contains(given), Missing: 0);
        }

        var numbers = _streams.Find(known => known.Stream == stream).Numbers;
        var highest = numbers?.Highest ?? 0;
        return numbers?.Contains(number) == true
            ? new Arrival(IsKnown: true, Missing: 0)
            : new Arrival(IsKnown: false, Math.Max(0, number - 1 - highest), IsLate: number < highest);
    }

    /// <summary>The numbers of a stream, which becomes the most recently used.</summary>
    public NumberRanges Use(ulong stream)
    {
        var index = _streams.FindIndex(known => known.Stream == stream);
        var used = index < 0 ? (stream, new NumberRanges(limits.Ranges)) : _streams[index];
        if (index >= 0 || _streams.Count == limits.Streams)
        {
            _streams.RemoveAt(Math.Max(index, 0));
        }

        _streams.Add(used);
        return used.Item2;
    }

    public void Remember(Guid id)
    {
        if (!_known.Add(id))
        {
            return;
        }

        _ids.Enqueue(id);
        if (_ids.Count > limits.Ids)
        {
            _known.Remove(_ids.Dequeue());
        }
    }
}
