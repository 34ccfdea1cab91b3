// A large directory: Argon2id has two secrets to derive for each contact, and a message does not wait for the secrets of the others.

using ActorChat.EndToEnd.Tests.Harness;
using ActorChat.Storage.Sealing;

namespace ActorChat.EndToEnd.Tests;

[Collection(nameof(Alone))]
public sealed class LargeDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_message_just_after_the_start_does_not_wait_for_the_secrets_of_a_large_directory()
    {
        const int contacts = 150;
        var others = Enumerable.Range(0, contacts).Select(i => new Entry($"contact {i}", $"password {i}", 5001));
        var nodes = await Nodes.StartAsync(
            _folder,
            new Plan("alice", ports => [.. others, new Entry("bob", Entry.Secret("alice", "bob"), ports["bob"])], Plan.Patient + "actorchat.keys.write-interval = 100 ms", IsFirstStart: true),
            Plan.Knows("bob", "alice") with { IsFirstStart = true });
        try
        {
            var sent = await nodes[0].TellAsync("bob", "good morning");
            Assert.Equal(("delivered", null), (sent.Outcome, sent.Reason));
            sent = await nodes[1].TellAsync("alice", "good morning to you");
            Assert.Equal(("delivered", null), (sent.Outcome, sent.Reason));
            var kept = new FileInfo(Path.Combine(_folder.Path, "state", "actorchat", "alice", "secrets.sealed"));
            Assert.InRange(kept.Exists ? kept.Length : 0, 0, contacts * SecretsFile.RecordSize); // not half of the two for each
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }
}
