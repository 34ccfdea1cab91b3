// A long secure log, written by the product's own writer, like that of a node that has run for years.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Delivery;

/// <summary>Makes logs of a given size.</summary>
internal static class PastLog
{
    private const int RecordsInAFlush = 10_000;

    /// <summary>Writes messages of 100 bytes until the segments have so many bytes.</summary>
    /// <param name="path">The state folder; it must hold no log yet.</param>
    /// <param name="bytes">The size.</param>
    public static void Write(string path, long bytes)
    {
        var folder = new LogFolder(path);
        using var key = LogKey.Create(folder, passphrase: null);
        using var writer = LogWriter.Open(folder, key);
        var (time, text) = (DateTimeOffset.UtcNow.AddYears(-1), new string('x', 100));
        while (SizeOf(path) < bytes)
        {
            for (var i = 0; i < RecordsInAFlush; i++)
            {
                writer.Append(new LogRecord(time, LogDirection.Received, "contact00001", "192.0.2.1:5001", Guid.NewGuid(), null, text));
            }

            writer.Flush();
        }

        writer.SaveLedger(writer.OpenLedger().Ledger);
    }

    private static long SizeOf(string path) => Directory.EnumerateFiles(path, "*.log").Sum(file => new FileInfo(file).Length);
}
