// Searching a log for a word that is not in it, so that all of it is read, and folding its ledger from the first record: megabytes a second of the clock and of
// processor time, by the length of text.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Benchmarks;

internal static class SearchBenchmark
{
    private const long LogSize = 200_000_000;

    private static readonly int[] TextSizes = [100, 300, 1000, 4000];

    public static void Run(string folder)
    {
        Console.WriteLine();
        Console.WriteLine($"search and fold, {LogSize / 1_000_000} MB      search MB/s    of processor time    fold MB/s    of processor time");
        foreach (var textSize in TextSizes)
        {
            var log = new LogFolder(Path.Combine(folder, $"search-{textSize}"));
            using var key = BenchmarkLog.Write(log, LogSize, textSize);
            var megabytes = BenchmarkLog.Size(log) / 1e6;
            var search = BenchmarkLog.Time(() => Search(log, key));
            using var writer = LogWriter.Open(log, key);
            var fold = BenchmarkLog.Time(() => writer.OpenLedger());
            Console.WriteLine(
                $"  {textSize,4} bytes of text          {megabytes / search.Seconds,9:0}    {megabytes / search.ProcessorSeconds,17:0}"
                + $"    {megabytes / fold.Seconds,9:0}    {megabytes / fold.ProcessorSeconds,17:0}");
            writer.Dispose();
            Directory.Delete(log.Path, recursive: true);
        }
    }

    private static void Search(LogFolder log, LogKey key)
    {
        if (new LogSearch(log, key, ["nowhere"]).Find(_ => true).Any())
        {
            throw new InvalidOperationException("A word was found that is not there.");
        }
    }
}
