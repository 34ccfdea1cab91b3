// Counts failed attempts by key, and says how long the next one has to wait: a few are free, then each waits twice as long
// as the one before, up to a bound. Nobody is ever locked out.

namespace ActorChat.Node.Limits;

/// <summary>Guesses at a password, counted by <typeparamref name="TKey"/>. Times are monotonic.</summary>
/// <param name="limits">The limits.</param>
internal sealed class GuessCounts<TKey>(GuessLimits limits)
    where TKey : notnull
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);

    private readonly BoundedCache<TKey, Counter> _counters = new(limits.Remembered);

    /// <summary>Counts a guess.</summary>
    /// <returns>How long it has to wait for its answer.</returns>
    public TimeSpan Guess(TKey key, TimeSpan now)
    {
        var counter = CounterOf(key);
        counter.Add(limits, now);
        return WaitOf(counter.Guesses);
    }

    /// <summary>How long a guess that came now would have to wait. Nothing is counted.</summary>
    public TimeSpan WaitOfNext(TKey key, TimeSpan now) => _counters.TryGet(key, out var counter) ? WaitOf(counter.Now(limits, now) + 1) : TimeSpan.Zero;

    /// <summary>Takes back one guess: it was none.</summary>
    public void TakeBack(TKey key) => CounterOf(key).TakeBack();

    /// <summary>Takes back all that was counted for a key.</summary>
    public void Forget(TKey key) => _counters.Remove(key);

    /// <summary>Whether anything was ever counted for a key.</summary>
    public bool Knows(TKey key) => _counters.TryGet(key, out _);

    private Counter CounterOf(TKey key)
    {
        if (!_counters.TryGet(key, out var counter))
        {
            _counters.Add(key, counter = new Counter());
        }

        return counter;
    }

    private TimeSpan WaitOf(double guesses)
    {
        var over = (int)guesses - limits.Free;
        var wait = over <= 0 ? TimeSpan.Zero : FirstWait * Math.Pow(2, Math.Min(over - 1, 30));
        return wait < limits.MaxWait ? wait : limits.MaxWait;
    }

    // The guesses that were not taken back, less those forgotten since.
    private sealed class Counter
    {
        private TimeSpan _at;

        public double Guesses { get; private set; }

        public void Add(GuessLimits limits, TimeSpan now)
        {
            Guesses = Now(limits, now) + 1;
            _at = now;
        }

        // After a quiet time no more guesses count than the longest wait needs, so a name that was guessed at all night is soon free again. The bound
        // does not hold before: a peer that authenticates takes its own guess back, and if the bound had swallowed that guess, a contact could
        // authenticate to cancel its guesses at other names.
        public double Now(GuessLimits limits, TimeSpan now)
        {
            var quiet = (now - _at) / limits.ForgetAfter;
            var counted = quiet < 1 ? Guesses : Math.Min(Guesses, limits.Free + GuessesToMaxWait(limits));
            return Math.Max(0, counted - quiet);
        }

        public void TakeBack() => Guesses = Math.Max(0, Guesses - 1);

        private static double GuessesToMaxWait(GuessLimits limits) => 1 + Math.Max(0, Math.Ceiling(Math.Log2(limits.MaxWait / FirstWait)));
    }
}
