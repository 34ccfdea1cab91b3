// What must be in no log, however talkative: passwords, what people write, and the keys made of them.

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
                    Assert.Contains(" DBG 127.0.0.1:", log); // it is talkative
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

    private static object ByHand(NodeProcess node, string password) => new { address = $"127.0.0.1:{node.Port}", password };

    private string LogOf(string name) => Path.Combine(_folder.Path, $"{name}.log");

    private Plan Talkative(string name, string contact) => new(
        name,
        ports => [new Entry(contact, RightPassword, ports[contact])],
        Plan.Patient + $"actorchat.log {{ file = \"{LogOf(name).Replace(@"\", @"\\")}\" \n file-level = debug \n console-level = debug }}");
}
