// What one flush costs: processor time by the system's accounting, allocated bytes, and time. There are few enough flushes that a busy disk
// does not make the run long. To compare two builds, run them in turns.

using System.Diagnostics;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Benchmarks;

internal static class FlushBenchmark
{
    private const int TextSize = 100;
    private const int Flushes = 8000;
    private const int WarmUp = 5000;

    private static readonly int[] RecordsPerFlush = [1, 4, 16];

    public static void Run(string folder)
    {
        Console.WriteLine();
        Console.WriteLine($"flush, {TextSize} bytes of text     user us    system us    allocated bytes    p50 us    p99 us");
        foreach (var records in RecordsPerFlush)
        {
            Measure(new LogFolder(Path.Combine(folder, $"flush-{records}")), records);
        }
    }

    private static void Measure(LogFolder folder, int records)
    {
        using var key = LogKey.Create(folder, passphrase: null);
        using var writer = LogWriter.Open(folder, key);
        var record = BenchmarkLog.Record(TextSize);
        var times = new double[Flushes];
        Flush(WarmUp);
        using var process = Process.GetCurrentProcess();
        var (user, system) = (process.UserProcessorTime, process.PrivilegedProcessorTime);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Flush(Flushes);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        process.Refresh();
        (user, system) = (process.UserProcessorTime - user, process.PrivilegedProcessorTime - system);
        Array.Sort(times);
        Console.WriteLine(
            $"  {records,3} records a flush       {user.TotalMicroseconds / Flushes,8:0.0}    {system.TotalMicroseconds / Flushes,9:0.0}"
            + $"    {allocated / Flushes,15}    {times[Flushes / 2],6:0}    {times[Flushes * 99 / 100],6:0}");

        void Flush(int flushes)
        {
            for (var i = 0; i < flushes; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                for (var j = 0; j < records; j++)
                {
                    writer.Append(record);
                }

                writer.Flush();
                times[i % times.Length] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
            }
        }
    }
}
