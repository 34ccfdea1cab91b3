// Runs another program that does the work of a delivery, to its end. bench/peers builds these programs.

using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ActorChat.Delivery;

/// <summary>Runs such a program.</summary>
internal static class PeerProgram
{
    /// <summary>Runs a command of the shell.</summary>
    /// <returns>The JSON object that it printed.</returns>
    /// <exception cref="BenchException">It failed, or printed something else.</exception>
    public static async Task<JsonObject> RunAsync(string command, TimeSpan patience)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec " + command]) { RedirectStandardOutput = true })!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(patience);
            await process.WaitForExitAsync().WaitAsync(patience);
            return process.ExitCode == 0 && JsonNode.Parse(output) is JsonObject result && result.ContainsKey("cpu_ms")
                ? result
                : throw new BenchException($"{command}: exit code {process.ExitCode}, {output}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                process.WaitForExit();
            }
        }
    }
}
