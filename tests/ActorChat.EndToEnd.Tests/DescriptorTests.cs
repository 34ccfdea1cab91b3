// Every stranger who connects takes a file descriptor of the process. The node never gives away the last ones, because .NET
// can end a process that has none left.

using System.Diagnostics;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class DescriptorTests : IDisposable
{
    private const int OpenFiles = 640;
    private const int Connections = OpenFiles - 512;
    private const int Strangers = 700;

    // Settings under which the system's limit on open files is reached first, and no deadline frees a descriptor.
    private const string ManyMayCallAndStay = """
        actorchat {
          listen {
            max-connections-per-address = 10000
            max-unauthenticated = 10000
            max-unauthenticated-per-address = 10000
            handshake-burst = 10000
            handshake-burst-per-address = 10000
          }
          conversation {
            handshake-deadline = 5 m
            pdu-deadline = 5 m
            text-deadline = 5 m
          }
          stop-deadline = 60 s
        }

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public async Task Strangers_never_take_the_last_descriptors_and_a_conversation_goes_on_beside_them()
    {
        var nodes = await Nodes.StartAsync(
            _folder,
            Plan.Knows("alice", "bob"),
            Plan.Knows("bob", "alice") with { Config = ManyMayCallAndStay, OpenFiles = OpenFiles });
        var strangers = new List<Stranger>();
        var patience = Stopwatch.StartNew();
        try
        {
            var (alice, bob) = (nodes[0], nodes[1]);
            Assert.Contains(
                bob.Errors.Items,
                line => line.Contains($"lets this process open {OpenFiles} files, so it takes {Connections} connections at once", StringComparison.Ordinal));

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

            for (var i = 0; i < Strangers; i++)
            {
                strangers.Add(await Stranger.CallAsync(bob.Port));
            }

            // All strangers beyond the limit are hung up on. The others stay.
            Task<string>[] ends = [.. strangers.Select(stranger => stranger.HearToTheEndAsync())];
            Assert.True(SpinWait.SpinUntil(() => ends.Count(end => end.IsCompleted) >= Strangers - (Connections - 1), NodeProcess.Patience));
            Assert.Equal("not_delivered", (await alice.TellAsync("bob", "there is no place")).Outcome);
            released.SetResult();
            Assert.Equal("delivered", (await alice.OutcomesAsync(reference))[0].Outcome);
            await bob.MessageAsync("under way");

            foreach (var stranger in strangers)
            {
                await stranger.DisposeAsync();
            }

            while ((await alice.TellAsync("bob", "is there one now?")).Outcome != "delivered")
            {
                Assert.True(patience.Elapsed < NodeProcess.Patience, "no place became free");
            }

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
