// What a delivery may cost before .ci/run fails. These limits are no goals: they lie far enough above what the code needs
// that only a gross change exceeds them, such as a thread that spins or a copy of everything. Time is not limited.

namespace ActorChat.Delivery;

/// <summary>The most that a delivery may cost one end, one delivery at a time, with the Debug build and on a busy machine.
/// docs/performance.md says what a delivery costs.</summary>
internal static class Limits
{
    private const double MaxSwitches = 250;
    private const double MaxAllocatedBytes = 130_000;

    /// <exception cref="BenchException">It cost more.</exception>
    public static void Check(Measurement measured)
    {
        foreach (var (end, cost) in new[] { ("sender", measured.Sender), ("receiver", measured.Receiver) })
        {
            if (cost.AllSwitches > MaxSwitches)
            {
                throw new BenchException($"a delivery costs the {end} {cost.AllSwitches:0} context switches; at most {MaxSwitches:0} are allowed (Limits.cs)");
            }

            if (cost.AllocatedBytes > MaxAllocatedBytes)
            {
                throw new BenchException($"a delivery has the {end} allocate {cost.AllocatedBytes:0} bytes; at most {MaxAllocatedBytes:0} are allowed (Limits.cs)");
            }
        }
    }
}
