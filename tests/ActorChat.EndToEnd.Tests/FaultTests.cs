// What goes wrong around a node while it runs: its directory file, and the descriptors that the system has for it.

using System.Diagnostics;
using System.Globalization;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class FaultTests
{
    [Theory]
    [InlineData("deleted")]
    [InlineData("a folder in its place")]
    [InlineData("half written")]
    public async Task The_last_good_directory_stays_while_the_file_is_broken_and_a_good_one_is_loaded_again(string fault)
    {
        using var folder = new TemporaryFolder();
        var nodes = await Nodes.StartAsync(folder, Plan.Knows("alice", "bob"), Plan.Knows("bob", "alice"));
        try
        {
            var (alice, bob) = (nodes[0], nodes[1]);
            var path = Path.Combine(folder.Path, "alice.json");
            var good = await File.ReadAllTextAsync(path);
            File.Delete(path);
            switch (fault)
            {
                case "a folder in its place":
                    Directory.CreateDirectory(path);
                    break;
                case "half written":
                    await File.WriteAllTextAsync(path, good[..(good.Length / 2)]);
                    await alice.LineAsync(line => line.IsEvent("error") && line.Text.Contains("stays in force", StringComparison.Ordinal), "that the file is not good");
                    break;
            }

            await Nodes.AssertTalkAsync(alice, bob);
            if (fault == "a folder in its place")
            {
                Directory.Delete(path);
            }

            folder.WriteDirectory("alice.json", new Entry("bob", Entry.Secret("alice", "bob"), bob.Port), new Entry("robert", "somebody new", bob.Port));
            Assert.NotNull(await alice.Errors.WaitAsync(line => line.Contains("The directory was loaded again: 2 contacts", StringComparison.Ordinal), 1, NodeProcess.Patience));
            await Nodes.AssertTalkAsync(alice, bob);
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    [Fact]
    public async Task A_node_without_descriptors_goes_on_accepting_when_there_are_some_again()
    {
        const int spare = 20;
        if (!OperatingSystem.IsLinux())
        {
            return; // the limit of a running process can be set, and its descriptors counted, on Linux only
        }

        using var folder = new TemporaryFolder();
        const string wide = "listen { max-unauthenticated-per-address = 1000 \n max-connections-per-address = 1000 \n handshake-burst-per-address = 1000 } \n conversation.pdu-deadline = 60 s";
        var nodes = await Nodes.StartAsync(
            folder, Plan.Knows("alice", "bob"), Plan.Knows("bob", "alice") with { Config = $"{Plan.Patient} \n actorchat {{ {wide} }}" });
        try
        {
            var (alice, bob) = (nodes[0], nodes[1]);
            await Nodes.AssertTalkAsync(alice, bob);
            var limit = Descriptors(bob) + spare;
            using var prlimit = Process.Start("prlimit", ["--pid", bob.Id.ToString(CultureInfo.InvariantCulture), $"--nofile={limit}:{limit}"]);
            await prlimit.WaitForExitAsync();

            Stranger[] strangers = [.. await Task.WhenAll(Enumerable.Range(0, 2 * spare).Select(_ => Stranger.CallAsync(bob.Port)))];
            var patience = Stopwatch.StartNew();
            while (Descriptors(bob) < limit)
            {
                Assert.True(patience.Elapsed < NodeProcess.Patience, "the descriptors were not used up");
            }

            foreach (var stranger in strangers)
            {
                await stranger.DisposeAsync();
            }

            await Nodes.AssertTalkAsync(alice, bob);
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    private static int Descriptors(NodeProcess node) => Directory.GetFileSystemEntries($"/proc/{node.Id}/fd").Length;
}
