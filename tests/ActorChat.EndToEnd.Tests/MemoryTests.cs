// What a thief finds in a running node's memory. The test knows the keys, because it plays the contacts and has the verification key. It reads all memory
// that the process can write to. One key must be there, the chain key for the log's next record: that shows that the search works.

using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorChat.EndToEnd.Tests.Harness;
using ActorChat.Storage.SecureLog;

namespace ActorChat.EndToEnd.Tests;

public sealed class MemoryTests : IDisposable
{
    private const string Passphrase = "a passphrase that opens what is at rest";
    private const int MaxLinks = 100;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("a file")]
    [InlineData("the environment")]
    public async Task A_running_node_has_no_passphrase_no_keys_of_ended_conversations_and_no_earlier_key_of_its_log(string passphraseFrom)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux shows a process's memory as a file");
        using var carol = new TcpListener(IPAddress.Loopback, port: 0);
        carol.Start();
        var directory = _folder.WriteDirectory("bob.json", new Entry("alice", "alice's secret", 1), new Entry("carol", "carol's secret", ((IPEndPoint)carol.LocalEndpoint).Port));
        string[] arguments = ["--json", "--name", "bob", "--port", "0", "--directory", directory, "--verification-key-out", "bob.verification"];
        var isInFile = passphraseFrom == "a file";
        var environment = new Dictionary<string, string> { ["DOTNET_GCgen0size"] = "10000" }; // 64 KiB, so that the collector often moves what is not pinned
        if (!isInFile)
        {
            environment["ACTORCHAT_PASSPHRASE"] = Passphrase;
        }

        await using var bob = NodeProcess.Start(_folder, environment, isInFile ? [.. arguments, "--passphrase-file", _folder.Write("passphrase", Passphrase + "\n")] : arguments);
        await bob.ListeningAsync();

        var secrets = new List<(string Name, byte[] Bytes)> { ("the passphrase in UTF-16", Encoding.Unicode.GetBytes(Passphrase)) };
        if (isInFile)
        {
            secrets.Add(("the passphrase in UTF-8", Encoding.UTF8.GetBytes(Passphrase))); // .NET's runtime has a copy of the environment that nobody can reach
        }

        for (var i = 0; i < 10; i++)
        {
            using var alice = await KnownPeer.CallAsync(bob.Port, "alice", "alice's secret", $"hello {i}");
            await bob.SendAsync("carol", $"hello {i}");
            using var answered = await KnownPeer.AnswerAsync(carol, "carol", "bob", "carol's secret");
            secrets.AddRange([.. alice.Keys, .. answered.Keys]);
        }

        var text = (await File.ReadAllTextAsync(Path.Combine(_folder.Path, "bob.verification"))).Trim();
        secrets.Add(("the verification key's text in UTF-8", Encoding.UTF8.GetBytes(text)));
        secrets.Add(("the verification key's text in UTF-16", Encoding.Unicode.GetBytes(text)));
        var links = Links(text);
        AssertHasNoneOf(bob.Id, secrets, links);
    }

    // Searches again for a while: the actors of the last conversation may still be ending, and a record may still be on its way to the log.
    private static void AssertHasNoneOf(int process, List<(string Name, byte[] Bytes)> secrets, List<(string Name, byte[] Bytes)> links)
    {
        Dictionary<string, long> found;
        var patience = DateTime.UtcNow + NodeProcess.Patience;
        do
        {
            try
            {
                found = ProcessMemory.Find(process, [.. secrets, .. links]);
            }
            catch (UnauthorizedAccessException)
            {
                Skip.If(true, "a node's memory is shown to nobody but root, since it is not dumpable");
                return;
            }
        }
        while ((found.Count != 1 || !links.Exists(link => found.ContainsKey(link.Name))) && DateTime.UtcNow < patience);

        Assert.True(found.Count == 1, $"In memory: {string.Join(", ", found.Keys)}");
        var (current, address) = found.Single();
        Assert.Contains(current, links.Skip(1).Select(link => link.Name));
        AssertIsLocked(process, address);
    }

    // The secrets are kept out of swap and core files, where the system lets a user lock memory.
    private static void AssertIsLocked(int process, long address)
    {
        if (!File.ReadAllLines($"/proc/{process}/limits").Single(line => line.StartsWith("Max locked memory", StringComparison.Ordinal)).Contains(" 0 ", StringComparison.Ordinal))
        {
            var flags = ProcessMemory.FlagsAt(process, address);
            Assert.Contains("lo", flags);
            Assert.Contains("dd", flags);
        }
    }

    private static List<(string Name, byte[] Bytes)> Links(string verificationKey)
    {
        using var first = VerificationKey.Parse(verificationKey);
        using var key = new ChainKey(first.Bytes);
        var links = new List<(string Name, byte[] Bytes)>();
        for (var link = 0; link < MaxLinks; link++)
        {
            links.Add(($"key {link} of the chain", key.Bytes.ToArray()));
            key.Advance();
        }

        return links;
    }
}
