// A node that has no descriptors left: what is under way goes on, what needs one more waits or is refused in words, and when there are some again
// everything works as before.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class DescriptorTests : IDisposable
{
    private const int Strangers = 60;
    private const int Few = 20;

    private const string ManyMayCall = """
        actorchat {
          listen { max-unauthenticated-per-address = 1000, max-connections-per-address = 1000, handshake-burst-per-address = 1000 }
          conversation { handshake-deadline = 5 m, pdu-deadline = 5 m, text-deadline = 5 m }
          stop-deadline = 60 s
        }

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public async Task A_node_without_descriptors_keeps_its_conversations_and_accepts_again_when_it_has_some()
    {
        var nodes = await Nodes.StartAsync(
            _folder, Plan.Knows("alice", "bob") with { Config = ManyMayCall }, Plan.Knows("bob", "alice") with { Config = ManyMayCall });
        var strangers = new List<Stranger>();
        try
        {
            var (alice, bob) = (nodes[0], nodes[1]);
            await Nodes.AssertTalkAsync(alice, bob);

            // A conversation is held up before its text.
            var released = new TaskCompletionSource();
            await using var line = new Wiretap(() => bob.Port, async tapped =>
            {
                if (tapped is { IsFromResponder: false, Number: 6 })
                {
                    await released.Task;
                }

                return tapped.Text;
            });
            var reference = await alice.SendAsync(new { address = $"127.0.0.1:{line.Port}", password = Entry.Secret("alice", "bob") }, "under way");
            Assert.NotNull(await line.Seen.WaitAsync(tapped => tapped is { IsFromResponder: false, Number: 6 }, 1, NodeProcess.Patience));

            // Strangers use all descriptors up. Those that the node cannot accept any more wait in the system's queue.
            var before = Descriptors.CountOf(bob);
            Descriptors.LimitTo(bob, Few);
            for (var i = 0; i < Strangers; i++)
            {
                strangers.Add(await Stranger.CallAsync(bob.Port));
            }

            Assert.True(SpinWait.SpinUntil(() => Descriptors.CountOf(bob) >= before + Few, NodeProcess.Patience));
            var waiting = await alice.SendAsync("bob", "waits in the queue");

            // The log has its files open: what is under way is stored and acknowledged. The directory file cannot be opened.
            released.SetResult();
            Assert.Equal("delivered", (await alice.OutcomesAsync(reference))[0].Outcome);
            await bob.MessageAsync("under way");
            _folder.WriteDirectory("bob.json", new Entry("alice", Entry.Secret("alice", "bob"), alice.Port));
            await bob.LineAsync(line => line.IsEvent("error"), "that the directory cannot be read");

            foreach (var stranger in strangers)
            {
                await stranger.DisposeAsync();
            }

            Assert.Equal("delivered", (await alice.OutcomesAsync(waiting))[0].Outcome);
            Assert.NotNull(await bob.Errors.WaitAsync(
                line => line.Contains("The directory was loaded again: 1 contacts", StringComparison.Ordinal), 1, NodeProcess.Patience));
            Assert.Single(bob.Output.Items, line => line.IsEvent("error"));
            await Nodes.AssertTalkAsync(alice, bob);
        }
        finally
        {
            await Nodes.StopAsync(nodes);
            foreach (var stranger in strangers)
            {
                await stranger.DisposeAsync();
            }
        }
    }
}
