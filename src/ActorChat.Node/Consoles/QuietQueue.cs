// A queue for a thread that waits most of the time. BlockingCollection spins before it waits: measured, three of four context switches of a node that
// delivers one message after another were its console thread yielding (bench/ActorChat.Delivery). A wait on an event sleeps at once. The event is set
// outside the lock, and only for a thread that sleeps: Monitor.Pulse wakes it while the lock is held, so it would have to sleep again for the lock.

using System.Diagnostics.CodeAnalysis;

namespace ActorChat.Node.Consoles;

/// <summary>A first-in, first-out queue to one thread. It has no bound of its own: the code that adds must limit it.</summary>
public sealed class QuietQueue<T> : IDisposable
    where T : notnull
{
    private readonly Queue<T> _items = new();
    private readonly AutoResetEvent _changed = new(initialState: false);
    private bool _isAwaited;
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
        bool isAwaited;
        lock (_items)
        {
            if (_isComplete)
            {
                return;
            }

            _items.Enqueue(item);
            (isAwaited, _isAwaited) = (_isAwaited, false);
        }

        if (isAwaited)
        {
            _changed.Set();
        }
    }

    /// <summary>No more will be added.</summary>
    public void Complete()
    {
        lock (_items)
        {
            if (_isComplete)
            {
                return;
            }

            _isComplete = true;
        }

        _changed.Set();
    }

    /// <summary>Takes the first item, and waits for one when there is none. For one thread at a time.</summary>
    /// <returns>False when there is none and will be none.</returns>
    public bool Take([MaybeNullWhen(false)] out T item)
    {
        while (true)
        {
            lock (_items)
            {
                if (_items.TryDequeue(out item))
                {
                    return true;
                }

                if (_isComplete)
                {
                    return false;
                }

                _isAwaited = true;
            }

            _changed.WaitOne();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _changed.Dispose();
}
