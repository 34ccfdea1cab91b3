// An acknowledged message is in the receiver's log, whatever happens to the receiver then.

using System.Text.Json;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class AcknowledgementTests : IDisposable
{
    private const int Lives = 25;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task A_node_killed_again_and_again_loses_no_message_that_it_acknowledged()
    {
        var port = Ports.TakeFree();
        await using var alice = await Start("alice", 0, new Entry("bob", "secret", port)).ListeningAsync();
        var delivered = new HashSet<Guid>();
        for (var life = 0; life < Lives; life++)
        {
            await using var bob = await Start("bob", port, new Entry("alice", "secret", 1)).ListeningAsync();
            var references = new List<string>();
            for (var i = 0; i < 6; i++)
            {
                references.Add(await alice.SendAsync("bob", $"life {life}, message {i}"));
            }

            // bob is killed while messages are on their way, in each life after a different number of receipts.
            await alice.OutcomesAsync(references[life % 5]);
            bob.Signal(Signal.Kill);
            foreach (var reference in references)
            {
                var sent = (await alice.OutcomesAsync(reference))[0];
                if (sent.Outcome == "delivered")
                {
                    delivered.Add(sent.Id);
                }
            }
        }

        Assert.True(delivered.Count >= Lives);
        var logged = (await Run("log", "export", "--name", "bob"))
            .Select(line => JsonElement.Parse(line)).Where(record => record.GetProperty("direction").GetString() == "received")
            .Select(record => record.GetProperty("id").GetGuid()).ToList();
        Assert.Equal(logged.Count, logged.Distinct().Count());
        Assert.Empty(delivered.Except(logged));
        Assert.Contains("The log is whole", (await Run("log", "verify", "--name", "bob", "--verification-key-file", "bob.verification")).Single(), StringComparison.Ordinal);
    }

    private NodeProcess Start(string name, int port, Entry contact) => NodeProcess.Start(
        _folder,
        "--json", "--name", name, "--new-log", "--port", $"{port}", "--directory", _folder.WriteDirectory($"{name}.json", contact),
        "--verification-key-out", $"{name}.verification");

    private async Task<IReadOnlyList<string>> Run(params string[] arguments)
    {
        var (exitCode, process) = await NodeProcess.RunAsync(_folder, arguments);
        Assert.Empty(process.Errors.Items);
        Assert.Equal(0, exitCode);
        return [.. process.Output.Items.Select(line => line.Text)];
    }
}
