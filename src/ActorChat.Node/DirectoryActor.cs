// Holds the directory. It loads and validates the file, sealed or plain, answers look-ups by name, and watches the file: when it has changed
// it is loaded again within two seconds. When a later load fails, the last good directory stays in force.

using System.Security.Cryptography;
using ActorChat.Node.Serialization;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>The node's contacts.</summary>
public sealed class DirectoryActor : ReceiveActor, IWithTimers
{
    private readonly int _maxSize;
    private readonly TimeSpan _checkInterval;
    private ContactDirectory _directory = ContactDirectory.Empty;
    private Load? _request;
    private IActorRef _owner = ActorRefs.Nobody;
    private string? _ownName;
    private FileVersion? _loaded;
    private FileVersion? _lastSeen;
    private string? _told;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public DirectoryActor(int maxSize, TimeSpan checkInterval)
    {
        _maxSize = maxSize;
        _checkInterval = checkInterval;
        Receive<Load>(request =>
        {
            _request = request;
            _owner = Sender;
            _told = null;
            Timers.StartPeriodicTimer(nameof(Check), new Check(), _checkInterval);
            BeginLoad();
        });
        Receive<Reload>(_ =>
        {
            _told = null;
            BeginLoad();
        });
        Receive<Check>(_ => OnCheck());
        Receive<FileRead>(OnFileRead);
        Receive<NotRead>(OnNotRead);
        Receive<UseName>(request => _ownName = request.OwnName);
        Receive<LookUp>(request => Sender.Tell(new LookedUp(request.Username == _ownName ? null : _directory.Find(request.Username))));
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make the actor.</summary>
    /// <param name="maxSize">The largest file that is read, in bytes.</param>
    /// <param name="checkInterval">How often the file is looked at for changes.</param>
    public static Props Props(int maxSize, TimeSpan checkInterval) => Akka.Actor.Props.Create(() => new DirectoryActor(maxSize, checkInterval));

    // A file that is just being saved changes from one look to the next; it is loaded when it has been the same twice.
    private void OnCheck()
    {
        var version = FileVersion.Of(_request!.Path);
        if (version is not null && version != _loaded && version == _lastSeen)
        {
            BeginLoad();
        }

        _lastSeen = version;
    }

    private void BeginLoad()
    {
        var request = _request!;
        _loaded = FileVersion.Of(request.Path);
        Task.Run(() => ReadAsync(request)).PipeTo(
            Self, success: file => file, failure: e => NotRead.Because(e, request.Path));
    }

    // What keeps a file from being read may pass without a change to the file, as when no descriptors are left: so it is tried again at each
    // look, and told once.
    private void OnNotRead(NotRead failed)
    {
        if (failed.MayPass)
        {
            _loaded = null;
        }

        if (failed.Reason != _told)
        {
            _told = failed.Reason;
            _owner.Tell(new NotLoaded(failed.Reason));
        }
    }

    private void OnFileRead(FileRead file)
    {
        _told = null;
        if (DirectoryReader.Read(file.Bytes, out var problems) is not { } directory)
        {
            _owner.Tell(new NotLoaded($"{file.Path}, {DirectoryProblem.FirstOf(problems)}"));
            return;
        }

        _directory = directory;
        _owner.Tell(new Loaded(directory, file.Fingerprint));
    }

    private async Task<FileRead> ReadAsync(Load request)
    {
        await using var file = new FileStream(request.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        LocalTrust.CheckFile(file.SafeFileHandle, request.Path);
        if (file.Length > _maxSize)
        {
            throw new InvalidDataException($"the file is larger than {_maxSize} bytes; is it the right one? (directory.max-size raises the limit)");
        }

        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        var contents = (SealedFile.IsSealed(bytes), request.Passphrase) switch
        {
            (false, _) => bytes,
            (true, null) => throw new InvalidDataException("the file is sealed; give its passphrase with --passphrase-file, ACTORCHAT_PASSPHRASE or --passphrase"),
            (true, var passphrase) => SealedFile.Open(bytes, passphrase),
        };
        return new FileRead(request.Path, contents, SHA256.HashData(bytes));
    }

    /// <summary>Load a file and watch it. Answered by <see cref="Loaded"/> or <see cref="NotLoaded"/>, now and whenever it has changed.</summary>
    /// <param name="Path">The directory file.</param>
    /// <param name="Passphrase">What opens it if it is sealed; null for none.</param>
    public sealed record Load(string Path, string? Passphrase) : ILocalOnly
    {
        /// <summary>Shows the path only.</summary>
        public override string ToString() => $"{nameof(Load)} {Path}";
    }

    /// <summary>Load the file again now.</summary>
    public sealed record Reload : IRemotable;

    /// <summary>The file is good and in force.</summary>
    /// <param name="Directory">Its contacts.</param>
    /// <param name="Fingerprint">SHA-256 of the file as it is on disk.</param>
    public sealed record Loaded(ContactDirectory Directory, byte[] Fingerprint) : ILocalOnly;

    /// <summary>The file is not good; what was in force stays.</summary>
    /// <param name="Reason">File, line, entry, what is wrong and what to do.</param>
    public sealed record NotLoaded(string Reason) : IRemotable;

    /// <summary>This is our own name: an entry of this name is nobody to talk to, and who calls in our name is a stranger.</summary>
    public sealed record UseName(string OwnName) : IRemotable;

    /// <summary>Who has this name? Answered by <see cref="LookedUp"/>.</summary>
    public sealed record LookUp(string Username) : IRemotable;

    /// <summary>The contact, or null.</summary>
    public sealed record LookedUp(Contact? Contact) : ILocalOnly;

    private sealed record FileRead(string Path, byte[] Bytes, byte[] Fingerprint) : ILocalOnly;

    private sealed record NotRead(string Reason, bool MayPass) : ILocalOnly
    {
        public static NotRead Because(Exception e, string path) => e is AggregateException { InnerException: { } inner }
            ? Because(inner, path)
            : new NotRead(e is UntrustedException ? e.Message : $"{path}: {InWords(e)}", MayPass: e is IOException or UnauthorizedAccessException);

        private static string InWords(Exception e) => e switch
        {
            FileNotFoundException or DirectoryNotFoundException or ArgumentException => "there is no such file; give the directory file's name with --directory",
            UnauthorizedAccessException => "it cannot be read: it is a folder, or you lack the permission",
            EndOfStreamException => "the file was being written; try again",
            _ => e.Message,
        };
    }

    private sealed record Check : ILocalOnly;

    // What tells one state of a file from another without reading it.
    private sealed record FileVersion(DateTime WrittenAt, long Length)
    {
        public static FileVersion? Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new FileVersion(file.LastWriteTimeUtc, file.Length) : null;
        }
    }
}
