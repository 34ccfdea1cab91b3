// A clock that makes one session fail in the middle of its work: it throws when that session reads it for the nth
// time. All other readers, including other sessions, get the time.

using Akka.Actor;
using Akka.Actor.Internal;

namespace ActorChat.Node.Tests.Faults;

/// <param name="kind">The kind of session that is to fail.</param>
internal sealed class FailingClock(Type kind) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<IActorRef> _known = [];
    private IActorRef? _victim;
    private int _left;

    /// <summary>Whether it has thrown since <see cref="FailAt"/>.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The next session that reads the clock for the first time will fail, at this reading, counted from 1; 0 for none.</summary>
    public void FailAt(int reading)
    {
        lock (_lock)
        {
            (_victim, _left, HasFailed) = (null, reading, false);
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        if (InternalCurrentActorCellKeeper.Current is { } cell && cell.Props.Type == kind)
        {
            lock (_lock)
            {
                if (_known.Add(cell.Self) && _left > 0)
                {
                    _victim ??= cell.Self;
                }

                if (cell.Self.Equals(_victim) && --_left == 0)
                {
                    HasFailed = true;
                    throw new InvalidOperationException("the clock has stopped");
                }
            }
        }

        return base.GetUtcNow();
    }
}
