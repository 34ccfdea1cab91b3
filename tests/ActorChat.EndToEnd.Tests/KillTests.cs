// SIGKILL at any moment: during a start, a key derivation, or the writing of derived secrets. The next start can use whatever is left.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class KillTests : IDisposable
{
    private const int Lives = 12;
    private const int LongestRandomLife = 1500; // ms; a start with all its derivations takes less

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task A_node_killed_at_any_moment_also_while_it_writes_its_secrets_starts_again()
    {
        var port = Ports.TakeFree();
        var state = Path.Combine(_folder.Path, "state", "actorchat", "bob");
        var secrets = Path.Combine(state, "secrets.sealed");
        var random = new Random(Seed: 1);
        for (var life = 0; life < Lives; life++)
        {
            // If the creation of the log was cut short, its verification key may be left behind, and no start overwrites that file.
            if (!File.Exists(Path.Combine(state, "log.key")))
            {
                File.Delete(Path.Combine(_folder.Path, "bob.verification"));
            }

            // Another password each time, so that there is something to derive and to write.
            await using var mortal = Bob(port, new Entry("carol", $"the password of life {life}", 1));
            if (life % 2 == 0)
            {
                await Task.Delay(random.Next(LongestRandomLife));
            }
            else
            {
                var before = File.GetLastWriteTimeUtc(secrets);
                Assert.True(SpinWait.SpinUntil(() => File.Exists(secrets + ".new") || File.GetLastWriteTimeUtc(secrets) != before, NodeProcess.Patience));
            }

            mortal.Signal(Signal.Kill);
            await mortal.ExitAsync();
        }

        // The worst that a kill can leave behind, whether or not one of these did.
        File.WriteAllText(secrets + ".new", "half of");
        var writtenBefore = File.GetLastWriteTimeUtc(secrets);
        await using var bob = await Bob(port).ListeningAsync();
        await using var alice = await Start("alice", 0, new Entry("bob", "secret", port)).ListeningAsync();
        Assert.Equal("delivered", (await alice.TellAsync("bob", "still there?")).Outcome);
        Assert.True(SpinWait.SpinUntil(() => File.GetLastWriteTimeUtc(secrets) != writtenBefore, NodeProcess.Patience), "the secrets were not written again");
        bob.CloseInput();
        Assert.Equal(0, await bob.ExitAsync());
        Assert.DoesNotContain(bob.Output.Items, line => line.IsEvent("error"));
        var (exitCode, verify) = await NodeProcess.RunAsync(_folder, "log", "verify", "--name", "bob", "--passphrase-file", PassphraseFile(), "--verification-key-file", "bob.verification");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("The log is whole", Assert.Single(verify.Output.Items).Text, StringComparison.Ordinal);
    }

    private string PassphraseFile() => _folder.Write("passphrase", "thepassphrase\n");

    private NodeProcess Bob(int port, params Entry[] others) => Start("bob", port, [new Entry("alice", "secret", 1), .. others]);

    private NodeProcess Start(string name, int port, params Entry[] contacts) => NodeProcess.Start(
        _folder,
        ["--json", "--new-log", "--name", name, "--port", $"{port}", "--directory", _folder.WriteDirectory($"{name}.json", contacts), "--passphrase-file", PassphraseFile(),
            "--verification-key-out", $"{name}.verification"]);
}
