// The directory file as the DirectoryActor sees it: read, opened if it is sealed, parsed. It does file work, so it runs outside the actor, one
// read at a time. It does not keep the passphrase, which opens more than the directory, but only the key of this one file.

using System.Security.Cryptography;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;

namespace ActorChat.Node;

/// <summary>Reads one directory file again and again.</summary>
/// <param name="path">The file.</param>
/// <param name="passphrase">What opens it if it is sealed; null for none. Given up after the first read that succeeds.</param>
/// <param name="maxSize">The largest file that is read, in bytes.</param>
internal sealed class DirectorySource(string path, Passphrase? passphrase, int maxSize) : IDisposable
{
    private readonly bool _hadPassphrase = passphrase is not null;
    private Passphrase? _passphrase = passphrase;
    private SealedFileKey? _key;

    /// <summary>Calls back at every sign of a change of the file, until the watcher is disposed.</summary>
    /// <returns>Null where the system or the file system cannot watch files.</returns>
    public FileSystemWatcher? Watch(Action changed)
    {
        try
        {
            var fullPath = Path.GetFullPath(path);
            var watcher = new FileSystemWatcher(Path.GetDirectoryName(fullPath)!, Path.GetFileName(fullPath));
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Error += (_, _) => changed();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Reads the file, changed or not.</summary>
    public Sighting Read() => Guarded(() => Take(ReadBytes()));

    /// <summary>Looks whether the file has changed. While it is being saved it differs from one look to the next; it is read when two looks agree.</summary>
    /// <param name="taken">The fingerprint of what was read last.</param>
    /// <param name="seen">The fingerprint of the last look.</param>
    public Sighting Look(byte[]? taken, byte[]? seen) => Guarded(() =>
    {
        if (!File.Exists(path) || ReadBytesIfThere() is not { } bytes)
        {
            return new Sighting.Gone($"{path}: the directory file is gone");
        }

        var fingerprint = SHA256.HashData(bytes);
        return fingerprint.AsSpan().SequenceEqual(taken) ? new Sighting.Nothing()
            : fingerprint.AsSpan().SequenceEqual(seen) ? Take(bytes)
            : new Sighting.Changing(fingerprint);
    });

    /// <inheritdoc/>
    public void Dispose() => _key?.Dispose();

    // A link may lead nowhere, and a file may disappear right after the check.
    private byte[]? ReadBytesIfThere()
    {
        try
        {
            return ReadBytes();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private byte[] ReadBytes() => DirectoryFile.ReadBytes(path, maxSize)
        ?? throw new InvalidDataException($"the file is larger than {maxSize} bytes; is it the right one? (directory.max-size raises the limit)");

    private Sighting Take(byte[] bytes)
    {
        var fingerprint = SHA256.HashData(bytes);
        try
        {
            var contents = SealedFile.IsSealed(bytes) ? Open(bytes) : bytes;
            if (DirectoryReader.Read(contents, out var problems) is not { } directory)
            {
                return new Sighting.Bad(fingerprint, $"{path}, {DirectoryProblem.FirstOf(problems)}");
            }

            _passphrase = null;
            return new Sighting.Good(fingerprint, directory);
        }
        catch (Exception e) when (e is SealedFileException or InvalidDataException)
        {
            return new Sighting.Bad(fingerprint, $"{path}: {e.Message}");
        }
    }

    private byte[] Open(byte[] file)
    {
        if (_key?.BelongsTo(file) == true)
        {
            return _key.Open(file);
        }

        if (_passphrase is null)
        {
            throw new InvalidDataException(_hadPassphrase
                ? "the file was sealed again, and its passphrase is not kept while the node runs; start the node again"
                : DirectoryFile.WantsPassphrase);
        }

        var key = SealedFileKey.Derive(file, _passphrase.Utf8);
        try
        {
            var contents = key.Open(file);
            (_key, key) = (key, _key);
            return contents;
        }
        finally
        {
            key?.Dispose();
        }
    }

    private Sighting Guarded(Func<Sighting> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new Sighting.NotRead(e is UntrustedException ? e.Message : $"{path}: {InWords(e)}", MayPass: e is IOException or UnauthorizedAccessException);
        }
    }

    private static string InWords(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException or ArgumentException => "there is no such file; give the directory file's name with --directory",
        UnauthorizedAccessException => "it cannot be read: it is a folder, or you lack the permission",
        EndOfStreamException => "the file was being written; try again",
        _ => e.Message,
    };
}

/// <summary>The result of looking at the directory file.</summary>
internal abstract record Sighting
{
    /// <summary>The file has not changed.</summary>
    public sealed record Nothing : Sighting;

    /// <summary>The file is not there, perhaps only for a moment: some editors remove the old one before they write the new one.</summary>
    public sealed record Gone(string Reason) : Sighting;

    /// <summary>The file has changed and may still be changing.</summary>
    public sealed record Changing(byte[] Fingerprint) : Sighting;

    /// <summary>The file is good.</summary>
    public sealed record Good(byte[] Fingerprint, ContactDirectory Directory) : Sighting;

    /// <summary>The file was read and has problems.</summary>
    public sealed record Bad(byte[] Fingerprint, string Reason) : Sighting;

    /// <summary>The file could not be read.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    /// <param name="MayPass">Whether the reason may pass without a change to the file, as when no descriptors are left.</param>
    public sealed record NotRead(string Reason, bool MayPass) : Sighting;
}
