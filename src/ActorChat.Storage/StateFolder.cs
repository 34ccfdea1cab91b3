// The folder where a node of one name keeps what must survive it: its secure log. One node at a time; the lock ends with the process,
// however that ends.

using System.Globalization;
using System.Text;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage;

/// <summary>Another process has the state folder.</summary>
public sealed class StateFolderInUseException : IOException
{
    /// <summary>Makes the exception.</summary>
    public StateFolderInUseException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>A node's state folder, held by this process until it is disposed.</summary>
public sealed class StateFolder : IDisposable
{
    // What .NET reports as the cause when somebody else has the lock: a Windows error code, or the errno of flock.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly FileStream _lock;

    private StateFolder(string path, FileStream exclusive)
    {
        Path = path;
        _lock = exclusive;
        Log = new LogFolder(path);
    }

    /// <summary>The folder, as an absolute path.</summary>
    public string Path { get; }

    /// <summary>The secure log in it.</summary>
    public LogFolder Log { get; }

    /// <summary>Where the state of a node of this name is kept unless the user says otherwise: <c>$XDG_STATE_HOME/actorchat/NAME</c>,
    /// <c>~/.local/state/actorchat/NAME</c>, or on Windows and macOS the local application data.</summary>
    public static string DefaultPath(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return System.IO.Path.Combine(DefaultRoot(), FileNameOf(name));
    }

    /// <summary>Makes a folder of mode 0700 if it is not there.</summary>
    /// <exception cref="UntrustedException">It is there, and others own it or may write to it.</exception>
    /// <exception cref="IOException">It is a file, or cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static void Make(string path) => PrivateFile.CreateFolder(path);

    /// <summary>The default state folders on this machine that hold a log.</summary>
    public static IReadOnlyList<string> WithLogs() => Directory.Exists(DefaultRoot())
        ? [.. Directory.EnumerateDirectories(DefaultRoot()).Where(path => new LogFolder(path).Exists).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Makes the folder if it is not there (mode 0700) and takes it. An existing folder keeps its mode.</summary>
    /// <exception cref="StateFolderInUseException">Another process has it. The message says which one.</exception>
    /// <exception cref="UntrustedException">Others own it or may write to it.</exception>
    /// <exception cref="IOException">It is a file, or cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made or written.</exception>
    public static StateFolder Open(string path)
    {
        var folder = System.IO.Path.GetFullPath(path);
        if (File.Exists(folder))
        {
            throw new IOException($"the state folder {folder} is a file; name a folder with --state");
        }

        PrivateFile.CreateFolder(folder);
        var lockPath = System.IO.Path.Combine(folder, "node.lock");
        var processIdPath = System.IO.Path.Combine(folder, "node.pid");
        var options = PrivateFile.Options(FileMode.OpenOrCreate);
        options.Share = FileShare.None;
        FileStream exclusive;
        try
        {
            exclusive = new FileStream(lockPath, options);
        }
        catch (IOException e) when (e.HResult is SharingViolation or LinuxWouldBlock or MacWouldBlock)
        {
            // The process that has it may not have written its number yet.
            var holder = File.Exists(processIdPath) ? $"process {File.ReadAllText(processIdPath)}" : "another process";
            throw new StateFolderInUseException($"the state folder {folder} is in use by {holder}; stop that node, or give this one its own with --state", e);
        }

        PrivateFile.Replace(processIdPath, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        return new StateFolder(folder, exclusive);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>The folder that the default state folders of all names are in.</summary>
    /// <exception cref="IOException">There is no home folder.</exception>
    public static string DefaultRoot()
    {
        var configured = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        var home =
            System.IO.Path.IsPathRooted(configured) ? configured
            : OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return System.IO.Path.IsPathRooted(home)
            ? System.IO.Path.Combine(home, "actorchat")
            : throw new IOException("there is no home folder to keep the state in: set HOME, or name the state folder with --state");
    }

    // A name may hold anything, even a path, so all but harmless characters are written as %XX.
    private static string FileNameOf(string name)
    {
        var escaped = Uri.EscapeDataString(name);
        return escaped.StartsWith('.') ? "%2E" + escaped[1..] : escaped;
    }
}
