// Holds the directory. It loads and validates the file and answers look-ups by name; when a later load fails, the last good one stays.

using ActorChat.Node.Serialization;
using ActorChat.Storage.Contacts;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>The node's contacts.</summary>
public sealed class DirectoryActor : ReceiveActor
{
    private readonly int _maxSize;
    private ContactDirectory _directory = ContactDirectory.Empty;
    private string? _ownName;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public DirectoryActor(int maxSize)
    {
        _maxSize = maxSize;
        Receive<Load>(request =>
        {
            var from = Sender;
            ReadAsync(request.Path).PipeTo(Self, from, success: bytes => new FileRead(request.Path, bytes), failure: e => new NotLoaded($"{request.Path}: {Reason(e)}"));
        });
        Receive<FileRead>(OnFileRead);
        Receive<NotLoaded>(failed => Sender.Tell(failed));
        Receive<UseName>(request => _ownName = request.OwnName);
        Receive<LookUp>(request => Sender.Tell(new LookedUp(request.Username == _ownName ? null : _directory.Find(request.Username))));
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="maxSize">The largest file that is read, in bytes.</param>
    public static Props Props(int maxSize) => Akka.Actor.Props.Create(() => new DirectoryActor(maxSize));

    private void OnFileRead(FileRead file)
    {
        if (DirectoryReader.Read(file.Bytes, out var problems) is not { } directory)
        {
            var more = problems.Count > 1 ? $" (and {problems.Count - 1} more)" : "";
            Sender.Tell(new NotLoaded($"{file.Path}, {problems[0]}{more}"));
            return;
        }

        _directory = directory;
        Sender.Tell(new Loaded(directory));
    }

    private async Task<byte[]> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > _maxSize)
        {
            throw new IOException($"the file is larger than {_maxSize} bytes; is it the right one? (directory.max-size raises the limit)");
        }

        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static string Reason(Exception e) => e.GetBaseException() switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file; give the directory file's name with --directory",
        UnauthorizedAccessException => "it cannot be read: it is a folder, or you lack the permission",
        EndOfStreamException => "the file was being written; try again",
        var other => other.Message,
    };

    /// <summary>Load a file. Answered by <see cref="Loaded"/> or <see cref="NotLoaded"/>.</summary>
    /// <param name="Path">The directory file.</param>
    public sealed record Load(string Path) : IRemotable;

    /// <summary>The file is good and in force.</summary>
    /// <param name="Directory">Its contacts.</param>
    public sealed record Loaded(ContactDirectory Directory) : ILocalOnly;

    /// <summary>The file is not good; what was in force stays.</summary>
    /// <param name="Reason">File, line, entry, what is wrong and what to do.</param>
    public sealed record NotLoaded(string Reason) : IRemotable;

    /// <summary>This is our own name: an entry of this name is nobody to talk to, and who calls in our name is a stranger.</summary>
    public sealed record UseName(string OwnName) : IRemotable;

    /// <summary>Who has this name? Answered by <see cref="LookedUp"/>.</summary>
    public sealed record LookUp(string Username) : IRemotable;

    /// <summary>The contact, or null.</summary>
    public sealed record LookedUp(Contact? Contact) : ILocalOnly;

    private sealed record FileRead(string Path, byte[] Bytes) : ILocalOnly;
}
