// log.head: two pages, each a sealed head. It is written in place, not replaced by a new file: the blocks of a replaced file stay on
// the disk, and the old chain keys in them are what must be gone. A head is written over the older page and synced, so that a power
// failure can spoil only the page that is not needed. Then it is written over the other page too, which takes the previous key away.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>Writes and reads <c>log.head</c>.</summary>
/// <param name="file">The open file; owned.</param>
/// <param name="keys">The head's keys; owned.</param>
/// <param name="random">Where IVs come from.</param>
internal sealed class HeadFile(FileStream file, HeadKeys keys, RandomSource random) : IDisposable
{
    private const int Pages = 2;
    private const int Attempts = 3;

    private readonly byte[] _written = new byte[LogFormat.HeadPageSize]; // sealed, and the rest zero
    private int _page;

    /// <summary>Makes <paramref name="head"/> the current one; it is on disk when this returns.</summary>
    /// <exception cref="IOException">It could not be written; the one before is still there.</exception>
    public void Write(LogHead head)
    {
        head.Seal(_written.AsSpan(0, LogFormat.SealedHeadSize), keys.For(head.Segment), random);
        WritePage();
        file.Flush(flushToDisk: true);
        _page = (_page + 1) % Pages;
        WritePage();
    }

    /// <summary>Whether both pages are as the last <see cref="Write"/> left them. Every head is sealed under an IV of its own, so a page that another
    /// writer wrote differs, even with the same head.</summary>
    public bool IsAsWritten()
    {
        Span<byte> box = stackalloc byte[LogFormat.SealedHeadSize];
        for (var page = 0; page < Pages; page++)
        {
            if (RandomAccess.Read(file.SafeFileHandle, box, page * LogFormat.HeadPageSize) != box.Length || !box.SequenceEqual(_written.AsSpan(0, box.Length)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads the head from which a writer goes on; null when neither page holds one.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public LogHead? Read()
    {
        file.Flush(flushToDisk: true); // the last page written may not be on disk yet, and our first write may go over the other one
        var head = Read(file, keys, out var page);
        _page = (page + 1) % Pages; // the first write goes over the page that is not in use
        return head;
    }

    /// <summary>Reads the head while a writer may be changing it.</summary>
    /// <returns>The head; null when the file is missing, or holds none that <paramref name="key"/> opens.</returns>
    public static LogHead? Read(LogFolder folder, LogKey key)
    {
        if (!File.Exists(folder.HeadPath))
        {
            return null;
        }

        using var keys = new HeadKeys(key);
        using var file = new FileStream(folder.HeadPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        LogHead? head = null;
        for (var attempt = 0; head is null && attempt < Attempts; attempt++)
        {
            head = Read(file, keys, out _); // again when a writer was at work and both pages were read half written
        }

        return head;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        keys.Dispose();
    }

    private static LogHead? Read(FileStream file, HeadKeys keys, out int page)
    {
        var pages = new byte[Pages * LogFormat.HeadPageSize];
        var length = RandomAccess.Read(file.SafeFileHandle, pages, fileOffset: 0);
        LogHead? latest = null;
        page = 0;
        for (var i = 0; i < Pages; i++)
        {
            if ((i * LogFormat.HeadPageSize) + LogFormat.SealedHeadSize <= length
                && keys.Open(pages.AsSpan(i * LogFormat.HeadPageSize, LogFormat.SealedHeadSize)) is { } head)
            {
                (var older, latest, page) = IsLater(head, latest) ? (latest, head, i) : (head, latest, page);
                older?.Dispose();
            }
        }

        return latest;
    }

    private static bool IsLater(LogHead head, LogHead? other) =>
        other is null || (head.Segment, head.Offset).CompareTo((other.Segment, other.Offset)) > 0;

    private void WritePage()
    {
        file.Position = _page * LogFormat.HeadPageSize;
        file.Write(_written, 0, _written.Length);
    }
}
