// The messages on their way out. To one recipient there is one conversation at a time, so that messages arrive in the order they were
// typed; different recipients do not wait for each other, up to the limit on conversations.

using Akka.Actor;

namespace ActorChat.Node.Consoles;

/// <summary>Which message may go now.</summary>
/// <param name="maxConversations">Conversations at once.</param>
internal sealed class Outbox(int maxConversations)
{
    private readonly LinkedList<Item> _waiting = new();
    private readonly Dictionary<Guid, Item> _underWay = [];
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    /// <summary>Messages without an outcome.</summary>
    public int Count => _waiting.Count + _underWay.Count;

    /// <summary>The ids of the messages under way.</summary>
    public IReadOnlyCollection<Guid> AllUnderWay => [.. _underWay.Keys];

    /// <summary>Puts a message at the end.</summary>
    public void Add(Item item) => _waiting.AddLast(item);

    /// <summary>Takes the next message whose recipient is free, and marks it as under way; null when none may go now.</summary>
    public Item? Next()
    {
        if (_underWay.Count >= maxConversations)
        {
            return null;
        }

        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (_busy.Add(node.Value.Recipient.Address))
            {
                _waiting.Remove(node);
                _underWay.Add(node.Value.Id, node.Value);
                return node.Value;
            }
        }

        return null;
    }

    /// <summary>The message of this id, if it is under way.</summary>
    public Item? UnderWay(Guid id) => _underWay.GetValueOrDefault(id);

    /// <summary>Takes a message out that has its outcome; null when it is not under way.</summary>
    public Item? Finish(Guid id)
    {
        if (!_underWay.Remove(id, out var item))
        {
            return null;
        }

        _busy.Remove(item.Recipient.Address);
        return item;
    }

    /// <summary>Takes everything out that has not begun.</summary>
    public IReadOnlyList<Item> Cancel()
    {
        Item[] cancelled = [.. _waiting];
        _waiting.Clear();
        return cancelled;
    }

    /// <summary>A message to one recipient.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Recipient">To whom.</param>
    /// <param name="Text">The text.</param>
    /// <param name="Reference">The program's own reference, which comes back with the outcome.</param>
    /// <param name="ToldTo">Who is told the outcome; null for the console.</param>
    public sealed record Item(Guid Id, Recipient Recipient, string Text, string? Reference, IActorRef? ToldTo = null);
}
