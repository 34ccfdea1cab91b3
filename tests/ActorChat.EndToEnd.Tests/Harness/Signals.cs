// kill(2), since .NET can only kill a process and not ask it to end.

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>The signals that ask a process to end. The numbers are the same on Linux and macOS.</summary>
internal enum Signal
{
    /// <summary>Ctrl+C.</summary>
    Interrupt = 2,

    /// <summary>The end, with no chance to do anything.</summary>
    Kill = 9,

    /// <summary>What kill and service managers send.</summary>
    Terminate = 15,
}

/// <summary>Sends signals.</summary>
internal static class Signals
{
    /// <summary>Why signals cannot be sent here; null where they can.</summary>
    public static string? WhyNot => OperatingSystem.IsWindows() ? "Windows has no signals to send to another process" : null;

    public static void Send(int processId, Signal signal)
    {
        if (Kill(processId, (int)signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
