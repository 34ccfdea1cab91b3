// A wall clock that a test sets while the node is running. Setting it does not move its monotonic time, as on a real machine. That time stands still, so
// that a slow test refills no rate limit.

namespace ActorChat.Node.Tests.Faults;

internal sealed class SetClock : TimeProvider
{
    private long _ahead;

    /// <summary>Sets the clock ahead of the right time by this much, or behind it where negative.</summary>
    public void Set(TimeSpan ahead) => Volatile.Write(ref _ahead, ahead.Ticks);

    public override long GetTimestamp() => 0;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ahead));
}
