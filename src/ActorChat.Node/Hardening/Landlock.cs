// Landlock: a Linux thread gives up rights to the file system for good, for itself and for all threads and programs that it starts (landlock(7)).
// Here it gives up everything that changes files, except in some folders. Reading is not restricted. The C library has no functions for it, only system calls.

using System.Runtime.InteropServices;
using System.Text;

namespace ActorChat.Node.Hardening;

/// <summary>A set of rules. It binds each thread that calls <see cref="BindThread"/>.</summary>
internal sealed class Landlock : IDisposable
{
    // System call numbers, the same on every processor.
    private const nint CreateRuleset = 444;
    private const nint AddRule = 445;
    private const nint RestrictSelf = 446;

    private const nint AskVersion = 1;
    private const nint PathBeneath = 1;
    private const int ForPath = 0x200000 | 0x80000; // O_PATH, O_CLOEXEC

    private const ulong WriteFile = 1 << 1;
    private const ulong RemoveFile = 1 << 5;
    private const ulong MakeFolder = 1 << 7;
    private const ulong MakeFile = 1 << 8;
    private const ulong MakeSocket = 1 << 9;
    private const ulong Truncate = 1 << 14;         // since version 3
    private const ulong FirstVersion = WriteFile | (0x1ff << 4); // removing and making files of every kind
    private const ulong MoveToOtherFolder = 1 << 13; // since version 2

    private static readonly string[] Devices = ["/dev/null", "/dev/tty"];

    private readonly int _rules;

    private Landlock(int rules) => _rules = rules;

    /// <summary>Rules that allow changes only in these folders and in all that is in them.</summary>
    /// <returns>Null where the kernel has no Landlock.</returns>
    public static Landlock? Create(IEnumerable<string> folders)
    {
        var version = Call(CreateRuleset, 0, 0, AskVersion);
        if (version < 1)
        {
            return null;
        }

        var handled = FirstVersion | (version >= 2 ? MoveToOtherFolder : 0) | (version >= 3 ? Truncate : 0);
        var rules = Call(CreateRuleset, in handled, sizeof(ulong), 0);
        if (rules < 0)
        {
            return null;
        }

        var landlock = new Landlock((int)rules);
        foreach (var folder in folders)
        {
            landlock.Allow(folder, handled & (WriteFile | RemoveFile | MakeFolder | MakeFile | MakeSocket | Truncate));
        }

        foreach (var device in Devices)
        {
            landlock.Allow(device, handled & (WriteFile | Truncate));
        }

        return landlock;
    }

    /// <summary>Binds the calling thread, and all that it starts. It must have set no_new_privs, or be root.</summary>
    /// <returns>Whether it is bound.</returns>
    public bool BindThread() => Call(RestrictSelf, _rules, 0, 0) == 0;

    /// <inheritdoc/>
    public void Dispose() => _ = Close(_rules);

    // A folder that does not exist gets no rule, so nothing can be written there.
    private void Allow(string path, ulong rights)
    {
        var at = Open(Encoding.UTF8.GetBytes(Path.GetFullPath(path) + '\0'), ForPath);
        if (at >= 0)
        {
            _ = Call(AddRule, _rules, PathBeneath, new Rule { Rights = rights, At = at });
            _ = Close(at);
        }
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint Call(nint number, nint first, nint second, nint third);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint Call(nint number, in ulong handled, nint size, nint flags);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint Call(nint number, nint rules, nint kind, in Rule rule, nint flags = 0);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Rule
    {
        public ulong Rights;
        public int At;
    }
}
