// What a node refuses: to be traced and dumped from outside, and to write anywhere but where it must from inside. Looked at in /proc, in the folder for
// temporary files, and by code inside the node (Harness/StartupHook.cs).

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class ShieldTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public async Task A_node_opens_no_door_for_debuggers_and_leaves_no_core_file()
    {
        await using var node = await Start([]).ListeningAsync();

        Assert.Empty(DoorsOf(node));
        Assert.Matches(@"\nNoNewPrivs:\s+1\n", await File.ReadAllTextAsync($"/proc/{node.Id}/status"));
        Assert.Matches(@"\nMax core file size\s+0\s+0\s", await File.ReadAllTextAsync($"/proc/{node.Id}/limits"));
    }

    [LinuxFact]
    public async Task Diagnostics_of_dot_net_are_there_for_a_user_who_asks_for_them()
    {
        await using var node = await Start(new() { ["DOTNET_EnableDiagnostics"] = "1" }).ListeningAsync();

        Assert.NotEmpty(DoorsOf(node));
    }

    [SkippableFact]
    public async Task Code_inside_a_node_can_write_in_its_state_folder_and_nowhere_else()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux has Landlock");
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder.Path, "elsewhere")).FullName;
        var state = Directory.CreateDirectory(Path.Combine(_folder.Path, "state", "actorchat", "alice")).FullName;
        var findings = Path.Combine(state, "findings");
        var config = _folder.Write("alice.conf", $"actorchat.log {{ file = \"{Path.Combine(_folder.Path, "logs", "alice.log")}\", file-level = debug }}\nactorchat.outbox.keep = 0\n");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "logs"));
        await using var node = await Start(
            new() { ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location, [StartupHook.Elsewhere] = elsewhere, [StartupHook.Findings] = findings },
            "--config", config).ListeningAsync();
        await node.TellAsync("bob", "nobody is there"); // so that everything has been loaded

        var log = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "logs", "alice.log"));
        Skip.If(log.Contains("the kernel has no Landlock", StringComparison.Ordinal), "this kernel has no Landlock");
        string[] expected = ["a thread of the pool is bound", "dumpable 0", "the finalizer thread is bound", "the thread is bound"];
        Assert.True(SpinWait.SpinUntil(() => File.Exists(findings) && File.ReadAllLines(findings).Length >= expected.Length, NodeProcess.Patience));
        Assert.Equal(expected, File.ReadAllLines(findings).Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    private static IEnumerable<string> DoorsOf(NodeProcess node) =>
        Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{node.Id}-*").Concat(Directory.EnumerateFiles(Path.GetTempPath(), $"clr-debug-pipe-{node.Id}-*"));

    private NodeProcess Start(Dictionary<string, string> environment, params string[] more) => NodeProcess.Start(
        _folder, environment, ["--json", "--name", "alice", "--port", "0", "--directory", _folder.WriteDirectory("alice.json", new Entry("bob", "a secret", 1)), .. more]);
}
