// What waits for whom, and what may go now. Each recipient has a line of its own: there is one conversation with it at a time, and its messages go in
// the order in which they were written. Different recipients do not wait for each other, up to the limit on conversations.

using Akka.Actor;

namespace ActorChat.Node.Consoles;

/// <summary>The messages without an outcome.</summary>
/// <param name="maxConversations">Conversations at once.</param>
internal sealed class Outbox(int maxConversations)
{
    /// <summary>So many messages are handed to a conversation before it has told the outcome of the first: it must not run dry while it waits for us.</summary>
    public const int MaxHandedOver = 64;

    private readonly Dictionary<(string, string?), Line> _lines = [];
    private readonly Dictionary<Guid, Line> _lineOf = [];
    private readonly HashSet<Guid> _notStored = [];
    private readonly Queue<Line> _toOpen = new();
    private int _open;

    /// <summary>Messages without an outcome.</summary>
    public int Count => _lineOf.Count;

    /// <summary>Puts a message at the end of its recipient's line. It may go as soon as it is stored.</summary>
    public void Add(Item item)
    {
        var key = (item.Recipient.ContactName ?? item.Recipient.Address, item.Recipient.TypedPassword);
        if (!_lines.TryGetValue(key, out var line))
        {
            _lines.Add(key, line = new Line(key));
        }

        line.Recipient = item.Recipient; // a contact may have moved since
        line.Waiting.AddLast(item);
        _lineOf.Add(item.Id, line);
        _notStored.Add(item.Id);
        OpenLater(line);
    }

    /// <summary>The next line with which a conversation may begin, now marked as open; null when none may.</summary>
    public Line? Open()
    {
        while (_open < maxConversations && _toOpen.TryDequeue(out var line))
        {
            line.IsToOpen = false;
            if (line.Waiting.Count > 0)
            {
                _open++;
                line.IsOpen = true;
                return line;
            }
        }

        return null;
    }

    /// <summary>A message is on disk, so it may go.</summary>
    /// <returns>Its line; null when it has its outcome already.</returns>
    public Line? Store(Guid id) => _notStored.Remove(id) && _lineOf.TryGetValue(id, out var line) ? line : null;

    /// <summary>What an open line's conversation may have now, in order.</summary>
    public IEnumerable<Item> HandOver(Line line)
    {
        while (line.IsOpen && line.HandedOver.Count < MaxHandedOver && line.Waiting.First is { Value: var item } && !_notStored.Contains(item.Id))
        {
            line.Waiting.RemoveFirst();
            line.HandedOver.AddLast(item);
            yield return item;
        }
    }

    /// <summary>Takes a message out that has its outcome.</summary>
    /// <returns>The message and its line; null when it had one already.</returns>
    public (Item Item, Line Line)? Finish(Guid id)
    {
        if (!_lineOf.Remove(id, out var line))
        {
            return null;
        }

        _notStored.Remove(id);
        foreach (var items in new[] { line.HandedOver, line.Waiting }) // outcomes come in order, so the first is the one
        {
            for (var node = items.First; node is not null; node = node.Next)
            {
                if (node.Value.Id == id)
                {
                    items.Remove(node);
                    ForgetIfEmpty(line);
                    return (node.Value, line);
                }
            }
        }

        throw new InvalidOperationException("A message is in no line that it was put into.");
    }

    /// <summary>A line's conversation is over. What was handed over and has no outcome goes back to the front.</summary>
    public void Close(Line line)
    {
        _open--;
        line.IsOpen = false;
        while (line.HandedOver.Last is { } last)
        {
            line.HandedOver.RemoveLast();
            line.Waiting.AddFirst(last);
        }

        OpenLater(line);
        ForgetIfEmpty(line);
    }

    /// <summary>What waits in a line, in order.</summary>
    public static IReadOnlyList<Item> WaitingIn(Line line) => [.. line.Waiting];

    /// <summary>Everything that no conversation has yet.</summary>
    public IReadOnlyList<Item> AllWaiting() => [.. _lines.Values.SelectMany(line => line.Waiting)];

    private void OpenLater(Line line)
    {
        if (!line.IsOpen && !line.IsToOpen && line.Waiting.Count > 0)
        {
            line.IsToOpen = true;
            _toOpen.Enqueue(line);
        }
    }

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
    /// <param name="Text">What it says.</param>
    /// <param name="Reference">A program's own reference.</param>
    /// <param name="ToldTo">Who is told the outcome; null for the console.</param>
    public sealed record Item(Guid Id, Recipient Recipient, string Text, string? Reference, IActorRef? ToldTo)
    {
        /// <summary>Shows whom it is for.</summary>
        public override string ToString() => $"{nameof(Item)} {Id} to {Recipient}";
    }

    /// <summary>The messages for one recipient.</summary>
    /// <param name="key">By what the recipient is known.</param>
    public sealed class Line((string, string?) key)
    {
        /// <summary>By what the recipient is known.</summary>
        public (string, string?) Key { get; } = key;

        /// <summary>Where the newest of them is to go.</summary>
        public Recipient Recipient { get; set; } = null!;

        /// <summary>Whether there is a conversation.</summary>
        public bool IsOpen { get; set; }

        /// <summary>The conversation's session, where there is one.</summary>
        public IActorRef Conversation { get; set; } = ActorRefs.Nobody;

        /// <summary>Whether it stands in the queue of those to be opened.</summary>
        public bool IsToOpen { get; set; }

        /// <summary>What no conversation has.</summary>
        public LinkedList<Item> Waiting { get; } = new();

        /// <summary>What the conversation has.</summary>
        public LinkedList<Item> HandedOver { get; } = new();

        /// <summary>Whether there is nothing to say.</summary>
        public bool IsEmpty => Waiting.Count + HandedOver.Count == 0;
    }
}
