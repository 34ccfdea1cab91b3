// log verify: megabytes per second on one core by the length of the texts, and the memory that it takes for a small and for a large log.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Benchmarks;

internal static class VerifyBenchmark
{
    private const long MB = 1_000_000;

    private static readonly int[] TextSizes = [100, 300, 1000, 4000];

    public static void Run(string folder)
    {
        Console.WriteLine();
        Console.WriteLine("verify, 50 MB, by length of text          MB/s    MB/s of processor time    records/s");
        foreach (var textSize in TextSizes)
        {
            var measured = Measure(Path.Combine(folder, $"text-{textSize}"), 50 * MB, textSize, runs: 3);
            Console.WriteLine(
                $"  {textSize,5} bytes ({measured.Size / measured.Records,5} a record)      "
                + $"{measured.Rate,8:0}    {measured.ProcessorRate,22:0}    {measured.RecordRate,9:0}");
        }

        Console.WriteLine();
        Console.WriteLine("verify, 1000 bytes of text                MB/s    allocated in all    largest heap");
        foreach (var size in new[] { 10 * MB, 1000 * MB })
        {
            var measured = Measure(Path.Combine(folder, $"size-{size}"), size, textSize: 1000, runs: 1);
            Console.WriteLine(
                $"  {measured.Size / MB,5} MB                          "
                + $"{measured.Rate,8:0}    {measured.Allocated / 1024.0,13:0} KiB    {measured.Heap / 1024.0,8:0} KiB");
        }
    }

    private static Measured Measure(string path, long size, int textSize, int runs)
    {
        var folder = new LogFolder(path);
        using var key = BenchmarkLog.Write(folder, size, textSize);
        LogVerifier.Verify(folder, key); // once to warm up the code and the system's file cache
        var best = default(Measured);
        for (var run = 0; run < runs; run++)
        {
            GC.Collect();
            var watcher = new HeapWatcher();
            LogReport? report = null;
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var (seconds, processorSeconds) = BenchmarkLog.Time(() => report = LogVerifier.Verify(folder, key, progress: watcher));
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            if (report is not { IsIntact: true })
            {
                throw new InvalidOperationException("The log does not verify.");
            }

            var bytes = BenchmarkLog.Size(folder);
            var measured = new Measured(
                bytes, report.Count, bytes / 1e6 / seconds, bytes / 1e6 / processorSeconds, report.Count / seconds, allocated, watcher.Largest);
            best = measured.Rate > best.Rate ? measured : best;
        }

        Directory.Delete(path, recursive: true);
        return best;
    }

    private readonly record struct Measured(
        long Size, long Records, double Rate, double ProcessorRate, double RecordRate, long Allocated, long Heap);

    private sealed class HeapWatcher : IProgress<LogProgress>
    {
        public long Largest { get; private set; }

        public void Report(LogProgress value) => Largest = Math.Max(Largest, GC.GetTotalMemory(forceFullCollection: false));
    }
}
