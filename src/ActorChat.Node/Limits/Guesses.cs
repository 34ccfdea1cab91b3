// Counts guesses at passwords and says how long the next one is to wait. Every answered dh_1 is a guess until the one who sent it has proved
// that he knows the password, so those that are under way at the same time count too. The wait is bounded, so that nobody is ever locked
// out; and who has proved to be alice from an address is not made to wait there for what others try in her name elsewhere.

using System.Net;

namespace ActorChat.Node.Limits;

/// <summary>Slows the guessing of passwords, by user name and by <see cref="Network"/>. Names that nobody has are counted like any other.</summary>
/// <param name="limits">The limits.</param>
internal sealed class Guesses(GuessLimits limits)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);

    private readonly BoundedCache<string, Counter> _byName = new(limits.Remembered);
    private readonly BoundedCache<IPAddress, Counter> _byNetwork = new(limits.Remembered);
    private readonly BoundedCache<(string Name, IPAddress Network), Counter> _proved = new(limits.Remembered);

    /// <summary>Counts a guess.</summary>
    /// <returns>How long it has to wait for its answer.</returns>
    public TimeSpan Count(string name, IPAddress address, TimeSpan now)
    {
        var network = Network.Of(address);
        var wait = Longer(CounterOf(_byName, name).Count(limits, now), CounterOf(_byNetwork, network).Count(limits, now));
        return _proved.TryGet((name, network), out var own) ? own.Count(limits, now) : wait;
    }

    /// <summary>It was no guess: this one knows the password.</summary>
    public void Proved(string name, IPAddress address)
    {
        var network = Network.Of(address);
        CounterOf(_byName, name).Uncount();
        CounterOf(_byNetwork, network).Uncount();
        CounterOf(_proved, (name, network)).Uncount();
    }

    private static Counter CounterOf<TKey>(BoundedCache<TKey, Counter> counters, TKey key)
        where TKey : notnull
    {
        if (!counters.TryGet(key, out var counter))
        {
            counters.Add(key, counter = new Counter());
        }

        return counter;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // Guesses that were not taken back, less those forgotten since.
    private sealed class Counter
    {
        private double _guesses;
        private TimeSpan _at;

        // The first few are free; from then on each waits twice as long as the one before, up to the bound.
        public TimeSpan Count(GuessLimits limits, TimeSpan now)
        {
            _guesses = Math.Max(0, _guesses - ((now - _at) / limits.ForgetAfter)) + 1;
            _at = now;
            var over = (int)_guesses - limits.Free;
            var wait = over <= 0 ? TimeSpan.Zero : FirstWait * Math.Pow(2, Math.Min(over - 1, 30));
            return wait < limits.MaxWait ? wait : limits.MaxWait;
        }

        public void Uncount() => _guesses = Math.Max(0, _guesses - 1);
    }
}
