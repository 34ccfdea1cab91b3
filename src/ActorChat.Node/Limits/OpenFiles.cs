// How many files and sockets the operating system lets this process have open. They must never run out: .NET ends a process that cannot
// open a file while it starts a thread.

using System.Globalization;

namespace ActorChat.Node.Limits;

/// <summary>The limit on open files: <c>ulimit -n</c>.</summary>
internal static class OpenFiles
{
    private const string OfThisProcess = "/proc/self/limits";
    private const string Name = "Max open files";

    /// <summary>The limit; null where it is not known (Windows, macOS).</summary>
    public static int? Limit() => File.Exists(OfThisProcess) ? LimitIn(File.ReadLines(OfThisProcess)) : null;

    /// <summary>Reads it from the lines of Linux's table; proc_pid_limits(5).</summary>
    public static int? LimitIn(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
