// Everything that a process has written so far, kept to the end, so that tests that share a node each find what is theirs and can also
// say what did not happen.

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A list that grows, and that can be waited on.</summary>
internal sealed class Transcript<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _isComplete;

    /// <summary>What is there by now.</summary>
    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _items];
            }
        }
    }

    public void Add(T item) => Change(() => _items.Add(item));

    /// <summary>There will be no more: whoever still waits, waits in vain.</summary>
    public void Complete() => Change(() => _isComplete = true);

    /// <summary>Waits until there are so many of a kind.</summary>
    /// <returns>All of that kind, in order; null when there will not be so many, or not in time.</returns>
    public async Task<IReadOnlyList<T>?> WaitAsync(Func<T, bool> isWanted, int count, TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                T[] wanted = [.. _items.Where(isWanted)];
                if (wanted.Length >= count)
                {
                    return wanted;
                }

                if (_isComplete)
                {
                    return null;
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }
}
