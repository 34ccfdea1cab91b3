// Appending with group flush, beside what the disk does by itself. A flush is one sync of the segment and one of log.head; the bare disk gets the same:
// as many bytes appended to one file and synced, one page of another written in place and synced. The two take turns, because a disk that
// others use as well changes its pace from one second to the next.

using System.Diagnostics;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Benchmarks;

internal static class AppendBenchmark
{
    private const int TextSize = 200;
    private const int RecordSize = 332;
    private const int PageSize = 4096;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);
    private static readonly int[] RecordsPerFlush = [1, 8, 64, 512];

    public static void Run(string folder)
    {
        Console.WriteLine();
        Console.WriteLine($"append, {TextSize} bytes of text        flushes/s    records/s    bare disk, two syncs, times/s");
        foreach (var records in RecordsPerFlush)
        {
            var (log, disk) = Measure(Directory.CreateDirectory(Path.Combine(folder, $"append-{records}")).FullName, records);
            Console.WriteLine($"  {records,4} records a flush       {log,9:0}    {log * records,9:0}    {disk,9:0}");
        }
    }

    private static (double Log, double Disk) Measure(string path, int records)
    {
        var folder = new LogFolder(Path.Combine(path, "log"));
        using var key = LogKey.Create(folder, passphrase: null);
        using var writer = LogWriter.Open(folder, key);
        using var appended = new FileStream(Path.Combine(path, "appended"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var inPlace = new FileStream(Path.Combine(path, "in-place"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var record = BenchmarkLog.Record(TextSize);
        var bytes = new byte[records * RecordSize];
        var log = new Stopwatch();
        var disk = new Stopwatch();
        var turns = 0;
        for (; log.Elapsed + disk.Elapsed < Duration; turns++)
        {
            log.Start();
            Flush(writer, record, records);
            log.Stop();
            disk.Start();
            Sync(appended, turns * (long)bytes.Length, bytes);
            Sync(inPlace, 0, bytes.AsSpan(0, Math.Min(bytes.Length, PageSize)));
            disk.Stop();
        }

        return (turns / log.Elapsed.TotalSeconds, turns / disk.Elapsed.TotalSeconds);
    }

    private static void Flush(LogWriter writer, LogRecord record, int records)
    {
        for (var i = 0; i < records; i++)
        {
            writer.Append(record);
        }

        writer.Flush();
    }

    private static void Sync(FileStream file, long position, ReadOnlySpan<byte> bytes)
    {
        file.Position = position;
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
