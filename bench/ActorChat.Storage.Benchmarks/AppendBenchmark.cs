// Appending with group flush, beside what the disk does by itself: a flush is one sync of the segment and one of log.head.

using System.Diagnostics;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Benchmarks;

internal static class AppendBenchmark
{
    private const int TextSize = 200;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly int[] RecordsPerFlush = [1, 8, 64, 512];

    public static void Run(string folder)
    {
        Console.WriteLine();
        Console.WriteLine($"append, {TextSize} bytes of text           flushes/s    records/s");
        foreach (var records in RecordsPerFlush)
        {
            var rate = MeasureLog(Path.Combine(folder, $"append-{records}"), records);
            Console.WriteLine($"  {records,4} records a flush          {rate,9:0}    {rate * records,9:0}");
        }

        Console.WriteLine("the disk by itself, with one fsync each    writes/s");
        Console.WriteLine($"  64 records' bytes, appended  {MeasureDisk(Path.Combine(folder, "appended"), 64 * 320, append: true),9:0}");
        Console.WriteLine($"  one page, in place           {MeasureDisk(Path.Combine(folder, "in-place"), 4096, append: false),9:0}");
    }

    private static double MeasureLog(string path, int recordsPerFlush)
    {
        var folder = new LogFolder(path);
        using var key = LogKey.Create(folder, passphrase: null);
        using var writer = LogWriter.Open(folder, key);
        var record = BenchmarkLog.Record(TextSize);
        return PerSecond(() =>
        {
            for (var i = 0; i < recordsPerFlush; i++)
            {
                writer.Append(record);
            }

            writer.Flush();
        });
    }

    private static double MeasureDisk(string path, int size, bool append)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var bytes = new byte[size];
        return PerSecond(() =>
        {
            file.Position = append ? file.Length : 0;
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        });
    }

    private static double PerSecond(Action action)
    {
        action();
        var watch = Stopwatch.StartNew();
        var times = 0;
        for (; watch.Elapsed < Duration; times++)
        {
            action();
        }

        return times / watch.Elapsed.TotalSeconds;
    }
}
