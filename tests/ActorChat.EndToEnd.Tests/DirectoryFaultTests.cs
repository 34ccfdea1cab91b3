// A running node whose directory file is damaged or removed: the last good directory stays in use, and the file is loaded when it is good again.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class DirectoryFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("deleted")]
    [InlineData("a folder")]
    [InlineData("half written")]
    [InlineData("empty")]
    public async Task The_last_good_directory_stays_until_the_file_is_good_again(string fault)
    {
        var nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bob"), Plan.Knows("bob", "alice"));
        try
        {
            var (alice, bob) = (nodes[0], nodes[1]);
            var file = Path.Combine(_folder.Path, "alice.json");
            var good = await File.ReadAllTextAsync(file);
            File.Delete(file);
            switch (fault)
            {
                case "a folder":
                    Directory.CreateDirectory(file);
                    break;
                case "half written":
                    await File.WriteAllTextAsync(file, good[..(good.Length / 2)]);
                    break;
                case "empty":
                    await File.WriteAllTextAsync(file, "");
                    break;
            }

            var error = await alice.LineAsync(line => line.IsEvent("error"), "what is wrong with the file");
            Assert.EndsWith("The previous directory stays in use", error.Event!.Value.GetProperty("message").GetString(), StringComparison.Ordinal);

            await Nodes.AssertTalkAsync(alice, bob);
            if (fault == "a folder")
            {
                Directory.Delete(file);
            }

            _folder.WriteDirectory(
                "alice.json", new Entry("bob", Entry.Secret("alice", "bob"), bob.Port), new Entry("bob again", Entry.Secret("alice", "bob"), bob.Port));
            Assert.NotNull(await alice.Errors.WaitAsync(IsLoadedAgain, 1, NodeProcess.Patience));
            await Nodes.AssertTalkAsync(alice, bob);
            Assert.Equal("the node there calls itself bob; check address and port in the directory, or say in the entry that it answers_as bob", (await alice.TellAsync("bob again", "is it you?")).Reason);
            Assert.Single(alice.Errors.Items, IsLoadedAgain);
            Assert.Single(alice.Output.Items, line => line.IsEvent("error"));
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    private static bool IsLoadedAgain(string line) => line.Contains("The directory was loaded again: 2 contacts", StringComparison.Ordinal);
}
