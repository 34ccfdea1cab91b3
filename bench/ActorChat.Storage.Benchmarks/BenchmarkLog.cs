// A log for measurements: quick to create, with records like those of a chat.

using System.Diagnostics;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Benchmarks;

internal static class BenchmarkLog
{
    /// <summary>A received message of so many bytes of text.</summary>
    public static LogRecord Record(int textSize) => new(
        DateTimeOffset.UnixEpoch, LogDirection.Received, "alice", "192.0.2.1:4711", Guid.NewGuid(), null, new string('x', textSize));

    /// <summary>Writes a log of about so many bytes; the caller disposes its keys, which include the verification key.</summary>
    public static LogKey Write(LogFolder folder, long size, int textSize)
    {
        const int RecordsPerFlush = 1000;
        var key = LogKey.Create(folder, passphrase: null);
        using var writer = LogWriter.Open(folder, key);
        var record = Record(textSize);
        while (Size(folder) < size)
        {
            for (var i = 0; i < RecordsPerFlush; i++)
            {
                writer.Append(record);
            }

            writer.Flush();
        }

        return key;
    }

    /// <summary>The bytes of all segments.</summary>
    public static long Size(LogFolder folder) => Directory.EnumerateFiles(folder.Path, "*.log").Sum(file => new FileInfo(file).Length);

    /// <summary>Runs something, and gives its time and its processor time, which a busy machine distorts less.</summary>
    public static (double Seconds, double ProcessorSeconds) Time(Action action)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        action();
        process.Refresh();
        return (watch.Elapsed.TotalSeconds, (process.TotalProcessorTime - before).TotalSeconds);
    }
}
