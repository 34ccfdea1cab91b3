// A wall clock that somebody sets while the node is running. Its monotonic time does not notice, as a machine's does not; it stands still, so
// that no limit lets more through because a test takes long.

namespace ActorChat.Node.Tests.Faults;

internal sealed class SetClock : TimeProvider
{
    private long _ahead;

    /// <summary>Sets it so far ahead of the right time, or behind.</summary>
    public void Set(TimeSpan ahead) => Volatile.Write(ref _ahead, ahead.Ticks);

    public override long GetTimestamp() => 0;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ahead));
}
