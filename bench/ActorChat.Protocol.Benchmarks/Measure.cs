// Time and managed memory of one piece of work, one thread. The fastest of many short batches is printed: whatever else the machine does can only add to it.

using System.Diagnostics;

namespace ActorChat.Protocol.Benchmarks;

internal static class Measure
{
    private const int Batches = 60;

    /// <summary>Prints the microseconds and the allocated bytes of one call of <paramref name="work"/>.</summary>
    public static void Print(string what, int perBatch, Action work)
    {
        for (var i = 0; i < perBatch * 5; i++)
        {
            work();
        }

        var best = double.MaxValue;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var batch = 0; batch < Batches; batch++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < perBatch; i++)
            {
                work();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / perBatch);
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Batches * perBatch);
        Console.WriteLine($"{what,-62} {best,9:F2} µs {bytes,9:F0} B");
    }
}
