// What the terminal behind the output can do: whether it obeys escape sequences, and how many columns it has.

using System.Runtime.InteropServices;

namespace ActorChat.Screens;

/// <summary>The terminal that is written to, if there is one.</summary>
internal static class TerminalOutput
{
    private const int StandardOutput = -11; // STD_OUTPUT_HANDLE
    private const uint VirtualTerminal = 0x4; // ENABLE_VIRTUAL_TERMINAL_PROCESSING
    private const uint FullRowsWait = 0x8; // DISABLE_NEWLINE_AUTO_RETURN: the cursor leaves a full row with the next character, as on other terminals

    /// <summary>Whether standard output is a terminal that obeys escape sequences. On Windows this also switches them on.</summary>
    public static bool ObeysEscapeSequences => !Console.IsOutputRedirected && (OperatingSystem.IsWindows()
        ? GetStdHandle(StandardOutput) is var handle && GetConsoleMode(handle, out var mode) && SetConsoleMode(handle, mode | VirtualTerminal | FullRowsWait)
        : Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    /// <summary>The columns of a stream: those of the terminal, or no limit where it goes elsewhere.</summary>
    /// <param name="isRedirected">Whether the stream goes elsewhere.</param>
    public static int Columns(bool isRedirected) => isRedirected || Console.WindowWidth <= 0 ? int.MaxValue : Console.WindowWidth;

    [DllImport("kernel32")]
    private static extern nint GetStdHandle(int which);

    [DllImport("kernel32")]
    private static extern bool GetConsoleMode(nint console, out uint mode);

    [DllImport("kernel32")]
    private static extern bool SetConsoleMode(nint console, uint mode);
}
