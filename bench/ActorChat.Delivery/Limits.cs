// What a delivery may cost before .ci/run fails: the one place for these figures. They are no goals but a fence well behind where the code
// stands, so that only a change of another kind runs into it: a thread that spins again, a copy of everything. Time is not among them.

namespace ActorChat.Delivery;

/// <summary>The most that a delivery may cost one end, one delivery at a time. A Debug build on 2 cores under a load of 15 to 25 (2026-11-24):
/// 430 to 750 switches, 95 to 114 KB.</summary>
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
