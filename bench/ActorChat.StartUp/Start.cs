// One start of the program, and the processor time that it has used at some moment, as Linux counts it.

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ActorChat.StartUp;

/// <summary>Starts the program. All times are milliseconds of processor time.</summary>
internal static class Start
{
    // The name of the threads of derivation-dispatcher, as much of it as the kernel keeps.
    private const string Argon2Thread = "derivation-disp";
    private const int Children = -1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs it to its end.</summary>
    public static double ToEnd(string program, string folder, params string[] arguments)
    {
        var before = OfChildren();
        using var process = Run(program, folder, arguments);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return OfChildren() - before;
    }

    /// <summary>Runs it until it has written a line.</summary>
    public static async Task<double> ToLineAsync(string program, string folder, params string[] arguments)
    {
        using var process = Run(program, folder, arguments);
        await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        var time = process.TotalProcessorTime.TotalMilliseconds;
        Kill(process);
        return time;
    }

    /// <summary>Runs it until it listens: what it used, what of that went to Argon2id, and what Argon2id used once all secrets are kept, if waited for.</summary>
    public static async Task<(double All, double Argon2, double Argon2InAll)> ToListeningAsync(
        string program, string folder, string directory, string state, bool untilSecretsAreKept = false)
    {
        using var process = Run(program, folder, "--json", "--port", "0", "--name", "me", "--directory", directory, "--state", state);
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is var line && line?.Contains("\"listening\"", StringComparison.Ordinal) != true)
        {
            if (line is null)
            {
                throw new IOException(await process.StandardError.ReadToEndAsync());
            }
        }

        var (all, argon2) = (process.TotalProcessorTime.TotalMilliseconds, OfArgon2(process.Id));
        var watch = Stopwatch.StartNew();
        while (untilSecretsAreKept && !File.Exists(Path.Combine(folder, state, "secrets.sealed")) && watch.Elapsed < Patience)
        {
            await Task.Delay(20);
        }

        var inAll = OfArgon2(process.Id);
        Kill(process);
        return (all, argon2, inAll);
    }

    private static Process Run(string program, string folder, params string[] arguments)
    {
        string[] command = program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program, .. arguments] : [program, .. arguments];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }

    // A thread's first figure in schedstat is its processor time in nanoseconds.
    private static double OfArgon2(int processId) => Directory.EnumerateDirectories($"/proc/{processId}/task")
        .Where(thread => File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd() == Argon2Thread)
        .Sum(thread => double.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture) / 1e6);

    private static double OfChildren()
    {
        var usage = new long[32]; // struct rusage begins with two times, each in seconds and microseconds
        return GetUsage(Children, usage) == 0 ? (1e3 * (usage[0] + usage[2])) + ((usage[1] + usage[3]) / 1e3) : throw new IOException("getrusage failed");
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern int GetUsage(int who, [Out] long[] usage);
}
