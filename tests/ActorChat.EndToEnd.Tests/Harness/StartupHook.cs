// Code inside a node: .NET runs Initialize before the program where DOTNET_STARTUP_HOOKS names this assembly. It stands for a library that somebody
// slipped in, and tries to write where the node has no business, on the threads that it gets hold of. What became of it stands in a file.

using System.Runtime.InteropServices;

/// <summary>The name and the place, outside every namespace, are what .NET looks for.</summary>
internal static class StartupHook
{
    /// <summary>Names the folder in which it tries to make files.</summary>
    public const string Elsewhere = "TEST_ELSEWHERE";

    /// <summary>Names the file into which it writes what it found, a line for each.</summary>
    public const string Findings = "TEST_FINDINGS";

    private const int GetDumpable = 3;
    private static int _isDone;

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Elsewhere) is { } folder && Environment.GetEnvironmentVariable(Findings) is { } findings)
        {
            AppDomain.CurrentDomain.AssemblyLoad += (_, _) =>
            {
                // It is called on whichever thread needs an assembly: at the beginning that one may write anywhere.
                if (!MayWrite(folder) && Interlocked.Exchange(ref _isDone, 1) == 0)
                {
                    File.AppendAllText(findings, $"dumpable {Control(GetDumpable, 0, 0, 0, 0)}\nthe thread is bound\n");
                    ThreadPool.QueueUserWorkItem(_ => Try("a thread of the pool", folder, findings));
                    Abandon(() => Try("the finalizer thread", folder, findings));
                    ThreadPool.QueueUserWorkItem(_ => GC.Collect());
                }
            };
        }
    }

    private static void Try(string who, string folder, string findings) => File.AppendAllText(findings, $"{who} is {(MayWrite(folder) ? "free" : "bound")}\n");

    private static bool MayWrite(string folder)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString());
        try
        {
            File.WriteAllText(path, "");
            File.Delete(path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Abandon(Action action) => _ = new Abandoned(action);

    [DllImport("libc", EntryPoint = "prctl")]
    private static extern int Control(int option, nuint unused2, nuint unused3, nuint unused4, nuint unused5);

    private sealed class Abandoned(Action action)
    {
        ~Abandoned() => action();
    }
}
