// A wall clock that somebody sets while the node is running. Its monotonic time goes on as if nothing had happened, as a machine's does.

namespace ActorChat.Node.Tests.Faults;

internal sealed class SetClock : TimeProvider
{
    private long _ahead;

    /// <summary>Sets it so far ahead of the right time, or behind.</summary>
    public void Set(TimeSpan ahead) => Volatile.Write(ref _ahead, ahead.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ahead));
}
