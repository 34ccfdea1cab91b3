// A dictionary that never grows past its bound: the entry that was not used for the longest time goes first.

namespace ActorChat.Node;

/// <summary>A cache of at most <paramref name="capacity"/> entries, least recently used first out.</summary>
/// <param name="capacity">The bound, at least 1.</param>
internal sealed class BoundedCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = new();

    public IEnumerable<TValue> Values => _byUse.Select(entry => entry.Value);

    public bool TryGet(TKey key, out TValue value)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            value = default!;
            return false;
        }

        _byUse.Remove(node);
        _byUse.AddLast(node);
        value = node.Value.Value;
        return true;
    }

    /// <summary>Puts a value in place of the one of this key, if there is one.</summary>
    /// <returns>The value that had to go: the one before, or the one that made room.</returns>
    public TValue? Set(TKey key, TValue value)
    {
        var before = _nodes.TryGetValue(key, out var node) ? node.Value.Value : default;
        Remove(key);
        var oldest = Add(key, value);
        return node is null ? oldest : before;
    }

    /// <summary>Adds an entry whose key is not there yet.</summary>
    /// <returns>The value that had to go to make room, if any.</returns>
    public TValue? Add(TKey key, TValue value)
    {
        _nodes.Add(key, _byUse.AddLast((key, value)));
        if (_nodes.Count <= capacity)
        {
            return default;
        }

        var oldest = _byUse.First!.Value;
        _byUse.RemoveFirst();
        _nodes.Remove(oldest.Key);
        return oldest.Value;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _nodes.Clear();
        _byUse.Clear();
    }

    /// <summary>Forgets an entry, if it is there.</summary>
    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var node))
        {
            _byUse.Remove(node);
        }
    }
}
