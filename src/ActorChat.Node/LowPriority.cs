// Runs slow work so that it does not hold up anything else. Each piece of work has one thread of low priority, so it takes one core at most and
// everything else goes first. .NET's thread priorities work on Windows; Linux has only a thread's nice value, which .NET does not set, so a system call does.

using System.Runtime.InteropServices;

namespace ActorChat.Node;

/// <summary>Runs work on a thread of low priority.</summary>
internal static class LowPriority
{
    // setpriority(2) with PRIO_PROCESS and 0: on Linux that is the calling thread, not its process.
    private const int OfThread = 0;
    private const uint ThisThread = 0;
    private const int Nice = 10;

    /// <summary>Begins the work on a thread of its own.</summary>
    public static Task<T> Run<T>(Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            if (OperatingSystem.IsLinux())
            {
                _ = SetPriority(OfThread, ThisThread, Nice); // where this is refused, the work runs at normal priority
            }

            try
            {
                result.SetResult(work());
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                result.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = "low priority",
            Priority = ThreadPriority.Lowest,
        }.Start();
        return result.Task;
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    private static extern int SetPriority(int which, uint who, int priority);
}
