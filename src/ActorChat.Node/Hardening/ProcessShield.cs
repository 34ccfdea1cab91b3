// Protects the process from being read from outside, and limits what code inside it can write. The node works without any of it, so what a
// system cannot do is noted for the diagnostic log and is no error. Linux only: other systems have nothing of the kind in a single call.

using System.Globalization;
using System.Runtime.InteropServices;

namespace ActorChat.Node.Hardening;

/// <summary>Closes this process to debuggers and dumps, and restricts its own writing to some folders.</summary>
public static class ProcessShield
{
    /// <summary>A user who sets this variable to 1 wants to use .NET's diagnostic tools, so the process stays open to them.</summary>
    private const string DiagnosticsVariable = "DOTNET_EnableDiagnostics";

    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;
    private const int CoreSize = 4;

    private static readonly List<string> Refused = [];
    private static bool _isRaised;

    /// <summary>What the system did not do, a sentence each, for the diagnostic log.</summary>
    public static IReadOnlyList<string> Refusals => Refused;

    /// <summary>Call this first of all. Nobody but root can then trace the process, read its memory or get a core file of it. No program that it starts gets more
    /// rights than it has (no setuid). What .NET opens for debuggers and diagnostic tools in the folder for temporary files is closed again.</summary>
    public static void Raise()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _isRaised = true;
        Try(() => Control(SetNoNewPrivileges, 1) == 0, "no_new_privs could not be set");
        if (Environment.GetEnvironmentVariable(DiagnosticsVariable) != "1")
        {
            Try(() => Control(SetDumpable, 0) == 0, "the process could not be made undumpable");
            Try(() => SetLimit(CoreSize, new Limit(0, 0)) == 0, "core files could not be switched off");
            Try(CloseDoors, ".NET's diagnostic port could not be closed");
        }
    }

    /// <summary>From now on this process can write only in these folders, to the terminal and to files that are open already; so can programs that it starts.
    /// Call it before other threads exist: Linux binds a thread and those that it starts, not a process. .NET's finalizer thread, which exists before, is
    /// bound too. Without <see cref="Raise"/> before, as in a process that is not all ours, nothing happens.</summary>
    /// <param name="folders">The folders, with all that is in them. A folder that does not exist cannot be made later.</param>
    public static void RestrictWrites(IEnumerable<string> folders)
    {
        if (!_isRaised)
        {
            return;
        }

        using var rules = Landlock.Create(folders);
        if (rules is null)
        {
            Refused.Add("the kernel has no Landlock, so what the process may write is not restricted");
            return;
        }

        Try(rules.BindThread, "Landlock could not be used");
        var isBound = false;
        RunOnFinalizerThread(() => isBound = Control(SetNoNewPrivileges, 1) == 0 && rules.BindThread());
        Try(() => isBound, "Landlock does not bind .NET's finalizer thread");
    }

    private static void Try(Func<bool> action, string refusal)
    {
        if (!action())
        {
            Refused.Add($"{refusal}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    // Before our code runs, the runtime makes a socket for its tools and a pair of pipes for a debugger, open to every process of our user.
    // Once their names are gone, nobody can open them.
    private static bool CloseDoors()
    {
        var id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (var pattern in new[] { $"dotnet-diagnostic-{id}-*-socket", $"clr-debug-pipe-{id}-*" })
            {
                foreach (var door in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
                {
                    File.Delete(door);
                }
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void RunOnFinalizerThread(Action action)
    {
        Abandon(action);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Abandon(Action action) => _ = new Abandoned(action);

    private static int Control(int option, nuint value) => Control(option, value, 0, 0, 0);

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static extern int Control(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static extern int SetLimit(int resource, in Limit limit);

    private readonly record struct Limit(nuint Soft, nuint Hard);

    private sealed class Abandoned(Action action)
    {
        ~Abandoned() => action();
    }
}
