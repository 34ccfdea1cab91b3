// A queue for a thread that waits most of the time. BlockingCollection spins before it waits: measured, three of four context switches of a node that
// delivers one message after another were its console thread yielding (bench/ActorChat.Delivery). Monitor.Wait sleeps at once.

using System.Diagnostics.CodeAnalysis;

namespace ActorChat.Node.Consoles;

/// <summary>A first-in, first-out queue between threads. It has no bound of its own: the code that adds must limit it.</summary>
public sealed class QuietQueue<T>
    where T : notnull
{
    private readonly Queue<T> _items = new();
    private bool _isComplete;

    /// <summary>How many items wait.</summary>
    public int Count
    {
        get
        {
            lock (_items)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Puts an item at the end; after <see cref="Complete"/> it is dropped.</summary>
    public void Add(T item)
    {
        lock (_items)
        {
            if (!_isComplete)
            {
                _items.Enqueue(item);
                Monitor.Pulse(_items);
            }
        }
    }

    /// <summary>No more will be added.</summary>
    public void Complete()
    {
        lock (_items)
        {
            _isComplete = true;
            Monitor.PulseAll(_items);
        }
    }

    /// <summary>Takes the first item, and waits for one when there is none.</summary>
    /// <returns>False when there is none and will be none.</returns>
    public bool Take([MaybeNullWhen(false)] out T item)
    {
        lock (_items)
        {
            while (_items.Count == 0 && !_isComplete)
            {
                Monitor.Wait(_items);
            }

            return _items.TryDequeue(out item);
        }
    }
}
