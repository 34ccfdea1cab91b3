// The user's command for each message that arrives, with a node that writes JSON.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class OnMessageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task The_command_is_given_the_message_and_what_it_writes_is_not_in_the_nodes_output()
    {
        var port = Ports.TakeFree();
        var bobs = _folder.WriteDirectory("bob.json", new Entry("alice", "secret", 1));
        var alices = _folder.WriteDirectory("alice.json", new Entry("bob", "secret", port));
        const string command = "sh -c 'echo spoilt; echo spoilt >&2; { echo \"$ACTORCHAT_FROM\"; cat; } > new; mv new got'";
        await using var bob = await NodeProcess.Start(_folder, "--json", "--name", "bob", "--port", $"{port}", "--directory", bobs, "--on-message", command).ListeningAsync();
        await using var alice = await NodeProcess.Start(_folder, "--json", "--new-log", "--name", "alice", "--port", "0", "--directory", alices).ListeningAsync();
        Assert.Equal("delivered", (await alice.TellAsync("bob", "hello $(id)")).Outcome);
        while (!File.Exists(Path.Combine(_folder.Path, "got")))
        {
            await Task.Yield();
        }

        Assert.Equal("alice\nhello $(id)", File.ReadAllText(Path.Combine(_folder.Path, "got")));
        bob.CloseInput();
        Assert.Equal(0, await bob.ExitAsync());
        Assert.All(bob.Output.Items, line => Assert.NotNull(line.Event));
        Assert.Empty(bob.Errors.Items);
    }
}
