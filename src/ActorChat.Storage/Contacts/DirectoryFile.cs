// The directory file on disk, plain or sealed, as the commands read and write it. It holds passwords, so it is written for its owner alone.

using System.Security.Cryptography;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.Contacts;

/// <summary>Reads and writes directory files. Every error names the file and what to do.</summary>
public static class DirectoryFile
{
    /// <summary>The message for a sealed file that is read without a passphrase.</summary>
    public const string WantsPassphrase = "the file is sealed; give its passphrase with --passphrase-file, ACTORCHAT_PASSPHRASE or --passphrase";

    /// <summary>Whether the file begins as a sealed one does.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool IsSealed(string path) => Guarded(path, () =>
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var start = new byte[8];
        return SealedFile.IsSealed(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
    });

    /// <summary>The bytes of a file, sealed or not; null when there are more than <paramref name="maxSize"/>.</summary>
    /// <exception cref="UntrustedException">Others own the file or may write to it.</exception>
    public static byte[]? ReadBytes(string path, int maxSize) => PrivateFile.Read(path, maxSize);

    /// <summary>Reads a file, opening it if it is sealed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">What opens it; not needed for a plain one.</param>
    /// <returns>The file's text, not checked yet; <see cref="DirectoryReader"/> does that.</returns>
    /// <exception cref="IOException">The file cannot be read or opened.</exception>
    public static byte[] Read(string path, Passphrase? passphrase = null) => Guarded(path, () =>
    {
        var file = ReadBytes(path, SealedFile.MaxFileSize) ?? throw new IOException($"the file is larger than {SealedFile.MaxFileSize} bytes; is it the right one?");
        return !SealedFile.IsSealed(file) ? file
            : passphrase is null ? throw new IOException(WantsPassphrase)
            : SealedFile.Open(file, passphrase.Utf8);
    });

    /// <summary>Writes a file of mode 0600. It replaces the old one only when all of it is on disk.</summary>
    /// <param name="path">The file; where it is a symbolic link, the file that it leads to.</param>
    /// <param name="utf8">The directory's text.</param>
    /// <param name="passphrase">What to seal it under; null for a plain file.</param>
    /// <exception cref="IOException">The file cannot be written; what was there is still there.</exception>
    public static void Write(string path, byte[] utf8, Passphrase? passphrase) => Guarded(path, () =>
    {
        var target = Target(path);
        if (passphrase is null)
        {
            PrivateFile.Replace(target, utf8);
        }
        else
        {
            PrivateFile.Replace(target, SealedUnderTheSameSalt(target, utf8, passphrase) ?? SealedFile.Seal(utf8, passphrase.Utf8));
        }

        return true;
    });

    /// <summary>The same, and makes the file's folder where it is not there, with mode 0700.</summary>
    /// <inheritdoc cref="Write"/>
    public static void Make(string path, byte[] utf8, Passphrase? passphrase)
    {
        Guarded(path, () =>
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            {
                PrivateFile.CreateFolder(folder);
            }

            return true;
        });
        Write(path, utf8, passphrase);
    }

    /// <summary>A warning about a plain file that others may read, without a full stop; null when there is nothing to warn of.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Warning(string path) => IsSealed(path) ? null : LocalTrust.Warning(path, "passwords");

    // A running node has given up the passphrase and kept the key for this salt. With the same salt it can read the new file too.
    private static byte[]? SealedUnderTheSameSalt(string path, byte[] utf8, Passphrase passphrase)
    {
        try
        {
            var file = PrivateFile.Read(path, SealedFile.MaxFileSize) ?? [];
            using var key = SealedFileKey.Derive(file, passphrase.Utf8);
            CryptographicOperations.ZeroMemory(key.Open(file));
            return key.Seal(utf8);
        }
        catch (Exception e) when (e is IOException or SealedFileException)
        {
            return null; // there is no file, or it is not sealed under this passphrase
        }
    }

    private static string Target(string path) => new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;

    private static T Guarded<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is not UntrustedException and (IOException or UnauthorizedAccessException or SealedFileException or NotSupportedException or ArgumentException))
        {
            throw new IOException($"{path}: {Reason(e)}", e);
        }
    }

    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file or folder; check the name",
        UnauthorizedAccessException => "it is a folder, or you lack the permission; choose another file, or change its permissions",
        EndOfStreamException => "the file was being written; try again",
        NotSupportedException => "it is not a file that can be read from end to end, such as a pipe; give a regular file",
        ArgumentException => "that is not a file name; check it",
        _ => e.Message,
    };
}
