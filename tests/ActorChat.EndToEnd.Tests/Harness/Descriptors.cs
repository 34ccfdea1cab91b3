// How many descriptors a process has and may have. Linux lets us lower the limit of one that runs: prlimit(2).

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>The descriptors of another process.</summary>
internal static class Descriptors
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    /// <summary>How many it has.</summary>
    public static int CountOf(NodeProcess process) => Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length;

    /// <summary>From now on it may have this many more, wherever there is a number free below.</summary>
    public static void LimitTo(NodeProcess process, int more) => SetLimit(process, (ulong)(CountOf(process) + more));

    /// <summary>From now on it may have as many as we.</summary>
    public static void Unlimit(NodeProcess process)
    {
        if (GetOwn(OpenFiles, out var own) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        SetLimit(process, own.Soft);
    }

    private static void SetLimit(NodeProcess process, ulong limit)
    {
        if (GetOwn(OpenFiles, out var own) != 0 || Set(process.Id, OpenFiles, new Limit(limit, own.Hard), IntPtr.Zero) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static extern int GetOwn(int resource, out Limit limit);

    [DllImport("libc", EntryPoint = "prlimit64", SetLastError = true)]
    private static extern int Set(int processId, int resource, in Limit renewed, IntPtr old);

    private readonly record struct Limit(ulong Soft, ulong Hard);
}
