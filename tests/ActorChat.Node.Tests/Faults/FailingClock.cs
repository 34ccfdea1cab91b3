// A clock through which a test makes a session fail in the middle of whatever it is doing: it throws when one session reads it for the nth
// time. Everybody else who reads it, other sessions too, gets the time.

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

    /// <summary>Whether it has thrown since.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>From now on the next session to read the clock for its first time is the victim, and it gets this many readings less one.</summary>
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
