// Files that only their owner may read, and that are on disk when the call returns. On Unix a new name is on disk only when
// its folder has been synced too, and .NET has no call for that, nor for syncing a file's contents without its times. A file that is read
// must not be writable by others: see LocalTrust.

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ActorChat.Storage.Sealing;

/// <summary>Opens and replaces files of mode 0600, and makes folders of mode 0700. On Windows the folder's own access rights decide.</summary>
internal static class PrivateFile
{
    private const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode0700 = FileMode0600 | UnixFileMode.UserExecute;

    /// <summary>How a file is opened while other processes may read it. Unbuffered, so that a write fails where it happens.</summary>
    public static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            options.UnixCreateMode = FileMode0600;
        }

        return options;
    }

    /// <summary>Makes the folder if it is not there. An existing folder keeps its mode.</summary>
    /// <exception cref="UntrustedException">It is there, and others own it or may write to it.</exception>
    /// <exception cref="IOException">It is a file, or cannot be made.</exception>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            LocalTrust.CheckFolder(path);
        }
        else if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderMode0700);
            SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    /// <summary>Reads a whole file; null when it is longer than <paramref name="limit"/> bytes: a hostile file must not fill the memory.</summary>
    /// <exception cref="UntrustedException">Others own the file or may write to it.</exception>
    public static byte[]? Read(string path, int limit)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        LocalTrust.CheckFile(stream.SafeFileHandle, path);
        if (stream.Length > limit)
        {
            return null;
        }

        var contents = GC.AllocateUninitializedArray<byte>((int)stream.Length, pinned: true); // the collector leaves no copies of a secret behind
        stream.ReadExactly(contents);
        return contents;
    }

    /// <summary>Puts <paramref name="contents"/> in place of a file, whole or not at all, through a temporary file beside it.</summary>
    /// <exception cref="IOException">The name is a device, a pipe or a socket, which must not be replaced; or the disk fails.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> contents)
    {
        var fullPath = Path.GetFullPath(path);
        if (LocalTrust.IsSpecial(fullPath))
        {
            throw new IOException($"{path} is no ordinary file; name one that may be replaced.");
        }

        var temporary = fullPath + ".new";
        File.Delete(temporary);
        try
        {
            using (var stream = new FileStream(temporary, Options(FileMode.CreateNew)))
            {
                stream.Write(contents);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, fullPath, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder(Path.GetDirectoryName(fullPath)!);
    }

    /// <summary>Syncs the names in a folder to disk.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names itself, and a folder cannot be flushed
        }

        var folder = Open(Encoding.UTF8.GetBytes(path + '\0'), flags: 0);
        var synced = folder >= 0 && Sync(folder) == 0;
        var error = Marshal.GetLastPInvokeErrorMessage();
        if (folder >= 0)
        {
            _ = Close(folder);
        }

        if (!synced)
        {
            throw new IOException($"The folder {path} could not be synced: {error}. Check the disk.");
        }
    }

    /// <summary>Syncs a file's contents to disk, and only the metadata needed to read them: on Linux a write in place then costs no entry in the
    /// file system's journal.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
        }
        else if (SyncData((int)file.DangerousGetHandle()) != 0)
        {
            throw new IOException($"A file could not be synced: {Marshal.GetLastPInvokeErrorMessage()}. Check the disk.");
        }
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int SyncData(int descriptor);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
