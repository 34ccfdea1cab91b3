// A dictionary that never grows past its bound: the least recently used entry is dropped first.

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

    /// <summary>Adds a value, or replaces the one of this key.</summary>
    /// <returns>The value that was dropped: the replaced one, or the oldest; default when none was.</returns>
    public TValue? Set(TKey key, TValue value)
    {
        var before = _nodes.TryGetValue(key, out var node) ? node.Value.Value : default;
        Remove(key);
        var oldest = Add(key, value);
        return node is null ? oldest : before;
    }

    /// <summary>Adds an entry whose key is not there yet.</summary>
    /// <returns>The value that was dropped to make room; default when none was.</returns>
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

    public void Clear()
    {
        _nodes.Clear();
        _byUse.Clear();
    }

    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var node))
        {
            _byUse.Remove(node);
        }
    }
}
