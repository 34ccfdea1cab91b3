// What the process refuses to whoever would read it from outside, or write with its rights from inside. None of it is needed for the node to work, so
// what a system cannot do is remembered for the diagnostic log, and is no error. Linux only: elsewhere there is nothing of the kind that one call gives.

using System.Globalization;
using System.Runtime.InteropServices;

namespace ActorChat.Node.Hardening;

/// <summary>Closes this process to debuggers and dumps, and all but some folders to its own writing.</summary>
public static class ProcessShield
{
    /// <summary>Who sets this variable to 1 wants .NET's tools to get at the process, and so it is left as .NET makes it.</summary>
    private const string DiagnosticsVariable = "DOTNET_EnableDiagnostics";

    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;
    private const int CoreSize = 4;

    private static readonly List<string> Refused = [];
    private static bool _isRaised;

    /// <summary>What the system would not do, a sentence each, for the diagnostic log.</summary>
    public static IReadOnlyList<string> Refusals => Refused;

    /// <summary>To be called first of all. Nobody but root may trace the process, read its memory or have a core file of it; no program that it starts gets more
    /// rights than it has (no setuid); and what .NET opens for debuggers and diagnostic tools in the folder for temporary files is closed again.</summary>
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

    /// <summary>From now on this process writes in these folders, to the terminal and to what is open already, and nowhere else; programs that it starts are bound by it too.
    /// To be called before other threads are there: Linux binds threads, and those that they make, not processes. .NET's finalizer thread, which was there before, is
    /// bound as well. Without <see cref="Raise"/> before, as in a process that is not all ours, nothing happens.</summary>
    /// <param name="folders">The folders, with all that is in them. One that is not there cannot be made.</param>
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

    // The runtime makes them before any code of ours runs, for whoever has our user id: a socket for its tools, and a pair of pipes for a debugger.
    // Without their names nobody can open them any more.
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
