// The files of a log and their names: log.key, log.head, log.lock, the segments 00000001.log, 00000002.log and so on, and the sealed files beside them.

using System.Globalization;
using ActorChat.Storage.Sealing;
using Microsoft.Win32.SafeHandles;

namespace ActorChat.Storage.SecureLog;

/// <summary>The folder of a secure log.</summary>
/// <param name="path">The folder; made when the log is, mode 0700.</param>
public sealed class LogFolder(string path)
{
    private const string SegmentExtension = ".log";

    /// <summary>The folder, as an absolute path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The file that holds the log key.</summary>
    public string KeyPath => System.IO.Path.Combine(Path, "log.key");

    /// <summary>Whether the log has been created. Its key is written last, so where it exists, the rest was written.</summary>
    public bool Exists => File.Exists(KeyPath);

    internal string SecretsPath => System.IO.Path.Combine(Path, "secrets.sealed");

    internal string InputPath => System.IO.Path.Combine(Path, "input.sealed");

    internal string LedgerPath => System.IO.Path.Combine(Path, "ledger.sealed");

    internal string HeadPath => System.IO.Path.Combine(Path, "log.head");

    private string LockPath => System.IO.Path.Combine(Path, "log.lock");

    internal string SegmentPath(int segment) =>
        System.IO.Path.Combine(Path, segment.ToString("D8", CultureInfo.InvariantCulture) + SegmentExtension);

    /// <summary>The numbers of all segment files, in order. A file with another spelling (1.log) is not one.</summary>
    internal IReadOnlyList<int> Segments() =>
    [
        .. Directory.EnumerateFiles(Path, "*" + SegmentExtension)
            .Where(file => NumberOf(file) is > 0 and var number && file == SegmentPath(number))
            .Select(NumberOf)
            .Order(),
    ];

    internal long SegmentLength(int segment) => new FileInfo(SegmentPath(segment)).Length;

    internal SafeFileHandle OpenSegment(int segment) => File.OpenHandle(SegmentPath(segment), share: FileShare.ReadWrite | FileShare.Delete);

    private static int NumberOf(string file) =>
        int.TryParse(System.IO.Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Locks the log for one writer, until the result is disposed or the process ends, however it ends.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    internal FileStream Lock()
    {
        var options = PrivateFile.Options(FileMode.OpenOrCreate);
        options.Share = FileShare.None;
        try
        {
            return new FileStream(LockPath, options);
        }
        catch (IOException e) when (File.Exists(LockPath))
        {
            throw new IOException($"The secure log in {Path} is being written by another process. Stop that one first.", e);
        }
    }
}
