// Somebody else's implementation: interop/python/peer.py, which was written from docs/protocol.md and shares no code with the node.

using System.Diagnostics;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>Runs the Python peer.</summary>
internal static class PythonPeer
{
    // Debian's, since its packages are not there for any other.
    private const string Python = "/usr/bin/python3";

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "interop", "python", "peer.py");

    /// <summary>Why it cannot run here; null when it can.</summary>
    public static string? WhyNot { get; } = !File.Exists(Python) ? $"there is no {Python}"
        : !HasPackages() ? "Python's packages are not installed (Debian: python3-pycryptodome python3-nacl)"
        : null;

    /// <summary>Starts it.</summary>
    public static NodeProcess Start(TemporaryFolder folder, params IEnumerable<string> arguments) =>
        NodeProcess.Start(folder, Python, [], ["-B", Script, .. arguments]);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string[] Lines)> RunAsync(TemporaryFolder folder, params IEnumerable<string> arguments)
    {
        await using var peer = Start(folder, arguments);
        var exitCode = await peer.ExitAsync();
        return (exitCode, [.. peer.Output.Items.Select(line => line.Text), .. peer.Errors.Items]);
    }

    private static bool HasPackages()
    {
        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", "import Cryptodome.Cipher.AES, nacl.pwhash.argon2id"]) { RedirectStandardError = true })!;
        return python.WaitForExit(TimeSpan.FromSeconds(30)) && python.ExitCode == 0;
    }
}
