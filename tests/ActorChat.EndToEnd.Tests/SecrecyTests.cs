// What must be in no diagnostic log at any level: passwords, message text, and keys.

using System.Text;
using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class SecrecyTests : IDisposable
{
    private const string RightPassword = "rightpassword-4711";
    private const string WrongPassword = "wrongpassword-4712";
    private const string Text = "thesecrettext-4713";
    private const string Malformed = "themalformedline-4714";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Neither_passwords_nor_messages_are_in_a_log_at_its_most_talkative()
    {
        var nodes = await Nodes.StartAsync(_folder, Talkative("alice", "bob"), Talkative("bob", "alice"));
        try
        {
            var (alice, bob) = (nodes[0], nodes[1]);
            Assert.Equal("delivered", (await alice.TellAsync("bob", Text)).Outcome);
            Assert.Equal("delivered", (await bob.TellAsync("alice", Text)).Outcome);
            Assert.Equal("delivered", (await alice.TellAsync(ByHand(bob, RightPassword), Text)).Outcome);
            Assert.Equal("not_delivered", (await alice.TellAsync(ByHand(bob, WrongPassword), Text)).Outcome);
            Assert.Equal("not_delivered", (await alice.TellAsync("nobody", Text)).Outcome);
            await alice.TypeAsync(Malformed);
            await alice.TypeAsync($"{{\"to\": {{\"address\": \"nowhere\", \"password\": \"{WrongPassword}\"}}, \"text\": \"{Text}\"}}");
            await alice.TypeAsync($"{{\"to\": \"bob\", \"text\": \"{Text}");
            await alice.LinesAsync(line => line.IsEvent("error"), 3, "three errors");
            foreach (var node in nodes)
            {
                node.CloseInput();
                Assert.Equal(0, await node.ExitAsync());
                foreach (var log in new[] { string.Join('\n', node.Errors.Items), File.ReadAllText(LogOf(node.Name)) })
                {
                    Assert.Contains(" DBG 127.0.0.1:", log); // the log is at its most talkative
                    Assert.Contains("AwaitingChallenge", log);
                    Assert.DoesNotContain("word-47", log);
                    Assert.DoesNotContain("text-47", log);
                    Assert.DoesNotContain("line-47", log);
                    Assert.DoesNotContain("hmac_val", log);
                    Assert.DoesNotMatch("[0-9A-Fa-f]{32}|[0-9A-Za-z+/]{43}=", log); // a key, in either spelling
                }
            }
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    // All at once: Akka's debug output too, and beside good conversations everything that can go wrong in and around one.
    [Fact]
    public async Task Nothing_secret_is_in_a_log_or_readable_in_a_state_folder_whatever_happened()
    {
        const string passphrase = "thepassphraseword-4715";
        const string newPassword = "newpassword-4716";
        string[] secrets = [RightPassword, WrongPassword, Text, passphrase, newPassword];
        var port = Ports.TakeFree();
        await using (var bob = await Start("bob", port, new Entry("alice", RightPassword, 1)).ListeningAsync())
        {
            await using var alice = await Start("alice", 0, new Entry("bob", RightPassword, port)).ListeningAsync();
            Assert.Equal("delivered", (await alice.TellAsync("bob", Text)).Outcome);
            Assert.Equal("not_delivered", (await alice.TellAsync(ByHand(bob, WrongPassword), Text)).Outcome);

            // Hostile bytes, and the line cut before each answer, after which the same text goes out again.
            foreach (var says in new[] { "{}", "[", "{\"header\": 1}", new string('x', 20_000), "{\"header\": {\"msg_type\": \"dh_1\"}, \"body\": {\"username\": \"alice\"}}" })
            {
                await using var stranger = await Stranger.CallAsync(port);
                await stranger.SendAsync(says + "\n");
                await stranger.HearToTheEndAsync();
            }

            foreach (var answer in Enumerable.Range(1, 5))
            {
                await using var line = new Wiretap(() => port, tapped => Task.FromResult(tapped.IsFromResponder && tapped.Number == answer ? null : tapped.Text));
                Assert.NotEqual("delivered", (await alice.TellAsync(new { address = $"127.0.0.1:{line.Port}", password = RightPassword }, Text)).Outcome);
                Assert.Equal("delivered", (await alice.TellAsync("bob", Text)).Outcome);
            }

            // A text altered on its way, a directory that is no good, and one with another password.
            await using (var line = new Wiretap(() => port, tapped => Task.FromResult<string?>(tapped.Text.Replace("\"text\"", "\"TEXT\"", StringComparison.Ordinal))))
            {
                Assert.NotEqual("delivered", (await alice.TellAsync(new { address = $"127.0.0.1:{line.Port}", password = RightPassword }, Text)).Outcome);
            }

            _folder.Write("bob.json", $"[{{\"username\": \"alice\", \"password\": \"{newPassword}\", \"ip\": 7");
            await bob.LineAsync(line => line.IsEvent("error"), "that the directory is no good");
            _folder.WriteDirectory("bob.json", new Entry("alice", newPassword, 1));
            Assert.NotNull(await bob.Errors.WaitAsync(line => line.Contains("loaded again", StringComparison.Ordinal), 1, NodeProcess.Patience));
            Assert.Equal("not_delivered", (await alice.TellAsync("bob", Text)).Outcome);
            Assert.Equal("delivered", (await alice.TellAsync(ByHand(bob, newPassword), Text)).Outcome);

            foreach (var node in new[] { alice, bob })
            {
                node.CloseInput();
                Assert.Equal(0, await node.ExitAsync());
                var log = string.Join('\n', node.Errors.Items);
                Assert.Contains("now supervising", log); // Akka talks too
                AssertKeeps(secrets, Encoding.UTF8.GetBytes(log), "standard error");
                var withoutIds = Regex.Replace(log + File.ReadAllText(LogOf(node.Name)), "/to-[0-9a-f]{32}", ""); // sessions are named for their message
                Assert.DoesNotMatch("[0-9A-Fa-f]{32}|([0-9a-f]{8}-){3}|[0-9A-Za-z+/]{43}=", withoutIds);
            }
        }

        string[] files = [LogOf("alice"), LogOf("bob"), .. Directory.GetFiles(Path.Combine(_folder.Path, "state"), "*", SearchOption.AllDirectories)];
        Assert.Contains(files, file => file.EndsWith("secrets.sealed", StringComparison.Ordinal));
        Assert.All(files, file => AssertKeeps(secrets, File.ReadAllBytes(file), file));

        NodeProcess Start(string name, int at, Entry contact) => NodeProcess.Start(
            _folder,
            [
                "--json", "--new-log", "--name", name, "--port", $"{at}",
                "--directory", _folder.WriteDirectory($"{name}.json", contact),
                "--passphrase-file", _folder.Write("passphrase", passphrase + "\n"),
                "--config", _folder.Write($"{name}.conf", Talkative(name, "nobody").Config + """
                    akka {
                      log-config-on-start = on
                      log-dead-letters = on
                      log-dead-letters-during-shutdown = on
                      io.tcp.trace-logging = on
                      actor.debug { receive = on, autoreceive = on, lifecycle = on, fsm = on, event-stream = on, unhandled = on, router-misconfiguration = on }
                    }
                    """),
            ]);
    }

    // The secrets are there in no encoding that a log or a careless file could use.
    private static void AssertKeeps(IEnumerable<string> secrets, byte[] bytes, string where)
    {
        foreach (var secret in secrets)
        {
            var plain = Encoding.UTF8.GetBytes(secret);
            byte[][] spellings =
            [
                plain,
                Encoding.Unicode.GetBytes(secret),
                Encoding.UTF8.GetBytes(Convert.ToBase64String(plain).TrimEnd('=')[..^1]),
                Encoding.UTF8.GetBytes(Convert.ToHexString(plain)),
                Encoding.UTF8.GetBytes(Convert.ToHexStringLower(plain)),
            ];
            Assert.All(spellings, spelling => Assert.True(bytes.AsSpan().IndexOf(spelling) < 0, $"{secret} is in {where}"));
        }
    }

    private static object ByHand(NodeProcess node, string password) => new { address = $"127.0.0.1:{node.Port}", password };

    private string LogOf(string name) => Path.Combine(_folder.Path, $"{name}.log");

    private Plan Talkative(string name, string contact) => new(
        name,
        ports => [new Entry(contact, RightPassword, ports[contact])],
        Plan.Patient + $"actorchat.log {{ file = \"{LogOf(name).Replace(@"\", @"\\")}\" \n file-level = debug \n console-level = debug }}");
}
