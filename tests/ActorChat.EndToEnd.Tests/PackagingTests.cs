// The two ways to ship the program, made as a user makes them: the .NET tool, installed from a folder of packages, and
// the published program, by itself in an empty place. The machine's own package folders and tools are not touched.

using System.IO.Compression;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

[Collection(nameof(Alone))]
public sealed class PackagingTests : IDisposable
{
    // Making a package or a file keeps a busy machine busy for minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly string Repository = FindRepository();
    private static readonly string Project = Path.Combine(Repository, "src", "ActorChat");
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _elsewhere = new();

    public void Dispose()
    {
        _folder.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Packed_as_a_tool_it_runs_where_it_is_installed()
    {
        var feed = Path.Combine(_elsewhere.Path, "feed");
        await DotNetAsync(["pack", Project, "--no-build", "--configuration", Configuration, "--output", feed]);
        var package = Assert.Single(Directory.EnumerateFiles(feed));
        Assert.Matches(@"^ActorChat\.\d+\.\d+\.\d+(-[0-9a-z.]+)?\.nupkg$", Path.GetFileName(package));
        using (var zip = ZipFile.OpenRead(package))
        {
            Assert.Superset(new HashSet<string> { "LICENSE", "README.md" }, zip.Entries.Select(entry => entry.FullName).ToHashSet());
        }

        Dictionary<string, string> environment = new()
        {
            ["NUGET_PACKAGES"] = Path.Combine(_elsewhere.Path, "packages"), // elsewhere a tool of this version may be there already
            ["DOTNET_CLI_HOME"] = Path.Combine(_elsewhere.Path, "home"),
        };
        await DotNetAsync(["tool", "install", "ActorChat", "--prerelease", "--source", feed, "--create-manifest-if-needed"], environment);
        var revision = Path.Exists(Path.Combine(Repository, ".git")) ? "\\+[0-9a-f]{40}" : ""; // an archive of the sources has none
        Assert.Matches($@"^\d+\.\d+\.\d+(-[0-9a-z.]+)?{revision}$", Assert.Single(await DotNetAsync(["actorchat", "--version"], environment)));
        AssertDemo(await DotNetAsync(["actorchat", "demo"], environment));
    }

    [SkippableFact]
    public async Task Published_it_runs_alone_and_unpacks_nothing()
    {
        // Compiling ahead of time takes two minutes of a processor, and only changes how fast it starts: bench/ActorChat.StartUp measures that.
        // The analyzers have read these sources in the build.
        await PublishAsync(["publish", Project, "--output", Path.Combine(_elsewhere.Path, "file"), "--artifacts-path", Path.Combine(_elsewhere.Path, "artifacts"), "-p:PublishReadyToRun=false", "-p:RunAnalyzers=false"]);
        string[] files = [.. Directory.EnumerateFileSystemEntries(Path.Combine(_elsewhere.Path, "file")).Select(file => Path.GetFileName(file)).Order()];
        Assert.Equal(3, files.Length);
        Assert.StartsWith("actorchat", files[0]);
        Assert.Contains("libsodium", files[1], StringComparison.Ordinal);
        Assert.Equal("packages.lock.json", files[2]);
        Assert.Contains("\"Akka\"", await File.ReadAllTextAsync(Path.Combine(_elsewhere.Path, "file", files[2])), StringComparison.Ordinal);
        foreach (var file in files)
        {
            File.Move(Path.Combine(_elsewhere.Path, "file", file), Path.Combine(_folder.Path, file));
        }

        var alone = Path.Combine(_folder.Path, files[0]);
        Dictionary<string, string> environment = new()
        {
            ["DOTNET_ROOT"] = _elsewhere.Path, // there is no .NET there
            ["HOME"] = Path.Combine(alone, "no-home"), // nothing can be written there
            ["PATH"] = "",
            ["DOTNET_EnableDiagnostics"] = "1", // so that its owner may look into /proc
        };
        Assert.Matches(@"^\d+\.\d+\.\d+(-[0-9a-z.]+)?(\+[0-9a-f]+)?$", Assert.Single(await RunAsync(alone, ["--version"], environment)));
        AssertDemo(await RunAsync(alone, ["demo"], environment));
        Assert.Equal(files, Directory.EnumerateFileSystemEntries(_folder.Path).Select(file => Path.GetFileName(file)).Order());

        var people = _folder.WriteDirectory("people.json", new Entry("bob", "any secret of theirs", 5002));
        await using var node = NodeProcess.Start(_folder, alone, environment, ["--json", "--port", "0", "--name", "alice", "--directory", people]);
        Assert.Equal("alice", (await node.ListeningAsync()).Name);
        if (OperatingSystem.IsLinux())
        {
            Assert.DoesNotContain("/shared/Microsoft.NETCore.App/", await File.ReadAllTextAsync($"/proc/{node.Id}/maps")); // the runtime is its own
        }

        node.CloseInput();
        Assert.Equal(0, await node.ExitAsync());
    }

    private static void AssertDemo(IReadOnlyList<string> lines) =>
        Assert.Equal(2, lines.Count(line => line.EndsWith("every one whole, in its place and unaltered.", StringComparison.Ordinal)));

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ActorChat.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests do not run inside their repository");
        }

        return folder.FullName;
    }

    private Task<string[]> DotNetAsync(string[] arguments, Dictionary<string, string>? environment = null) => RunAsync(NodeProcess.DotNet, arguments, environment ?? []);

    // The runtime that goes into the file is a package, and not every registry has it for every machine.
    private async Task PublishAsync(string[] arguments)
    {
        await using var process = NodeProcess.Start(_folder, NodeProcess.DotNet, [], arguments);
        if (await process.ExitAsync(Patience) == 0)
        {
            return;
        }

        var lines = process.Output.Items.Select(line => line.Text).ToArray();
        var missing = lines.FirstOrDefault(line => line.Contains("error NU1", StringComparison.Ordinal) && line.Contains("Microsoft.NETCore.App.", StringComparison.Ordinal));
        Skip.If(missing is not null, $"no package source has the runtime for this machine: {missing}");
        Assert.Fail(string.Join('\n', lines));
    }

    private async Task<string[]> RunAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        await using var process = NodeProcess.Start(_folder, program, environment, arguments);
        process.CloseInput();
        var exitCode = await process.ExitAsync(Patience);
        string[] lines = [.. process.Output.Items.Select(line => line.Text)];
        Assert.True(exitCode == 0, $"exit code {exitCode} of {string.Join(' ', arguments)}:\n{string.Join('\n', lines.Concat(process.Errors.Items))}");
        return lines;
    }
}
