// Two nodes, alice and bob; she sends, he receives. What a node does against floods is turned up so far that it is never in the way.
//
// Conversations at once need recipients at once, since a node holds one conversation with each recipient at a time. All of them are bob:
// every address of 127.0.0.0/8 is this machine, so alice writes to 127.1.0.1, 127.1.0.2 and so on, each with bob's port. She gives address
// and password, as a program may, because a name from her directory would have to be the one that answers. So there is one process at each
// end, and what is counted per delivery is what a node spends on it, not what hundreds of processes cost.

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorChat.Delivery;

/// <summary>A sender and a receiver.</summary>
internal sealed class Pair : IDisposable
{
    /// <summary>Settings for both ends.</summary>
    public const string Config = """
        actorchat {
          listen {
            max-connections = 15000, max-connections-per-address = 15000, max-connections-per-contact = 15000
            max-unauthenticated = 1000000, max-unauthenticated-per-address = 1000000
            handshakes-per-second = 1000000, handshake-burst = 1000000
            handshakes-per-second-per-address = 1000000, handshake-burst-per-address = 1000000
          }
          texts.per-minute = 1000000
          guesses.free = 1000000
          directory.max-size = 64 MiB
          outbox { max-conversations = 10000, max-waiting = 100000 }
          secure-log.max-waiting = 100000
        }
        """;

    /// <summary>What both know.</summary>
    public const string Password = "a password that only these two know";

    private const string ByName = "\"bob\"";
    private static readonly string Text = new('x', 100);

    private Pair(MeasuredNode alice, MeasuredNode bob) => (Alice, Bob) = (alice, bob);

    public MeasuredNode Alice { get; }

    public MeasuredNode Bob { get; }

    /// <summary>Starts both and waits until they have their contacts' secrets ready.</summary>
    /// <param name="start">How.</param>
    /// <param name="folder">Where. A state that is already there, in "alice" and "bob", is taken up.</param>
    /// <param name="contacts">How many each of them has in the directory.</param>
    public static async Task<Pair> StartAsync(NodeStart start, string folder, int contacts = 10)
    {
        var bob = await MeasuredNode.StartAsync(start, folder, "bob", Directory("alice", port: 1, contacts), Config);
        try
        {
            var pair = new Pair(await MeasuredNode.StartAsync(start, folder, "alice", Directory("bob", bob.Port, contacts), Config), bob);
            await pair.Alice.QuietAsync();
            await pair.Bob.QuietAsync();
            return pair;
        }
        catch
        {
            bob.Dispose();
            throw;
        }
    }

    /// <summary>A directory with one real contact at 127.0.0.1, the last, and others whom nobody calls. Behind the tenth these speak classic: their secrets
    /// lie beside the others and are looked for in the same way, and cost no Argon2id, which would be a quarter of an hour for 10,000.</summary>
    public static string Directory(string name, int port, int contacts) => new JsonArray(
        [
            .. Enumerable.Range(1, contacts - 1).Select(i => Entry($"contact{i:D5}", "192.0.2.1", 5001, i < 10 ? "modern" : "classic")),
            Entry(name, "127.0.0.1", port, "modern"),
        ]).ToJsonString();

    /// <summary>Brings both ends to where just-in-time compilation has done its work.</summary>
    public async Task WarmUpAsync(int deliveries)
    {
        await MeasureAsync(8, deliveries / 2);
        await MeasureAsync(1, deliveries / 2);
    }

    /// <summary>Delivers texts of 100 bytes, each in its turn after the one before it to the same recipient.</summary>
    /// <param name="recipients">How many recipients have one on its way at a time.</param>
    /// <param name="deliveries">How many in all.</param>
    /// <param name="limit">Begins none after this time; null for no limit.</param>
    public Task<Measurement> MeasureAsync(int recipients, int deliveries, TimeSpan? limit = null) => MeasureAsync(async latencies =>
    {
        var (begin, left) = (Stopwatch.GetTimestamp(), deliveries);
        await Task.WhenAll(Enumerable.Range(0, recipients).Select(recipient => Task.Run(async () =>
        {
            var to = ByAddress(recipient);
            while (Interlocked.Decrement(ref left) >= 0 && !(Stopwatch.GetElapsedTime(begin) > limit))
            {
                await DeliverAsync(to, latencies);
            }
        })));
    });

    /// <summary>Delivers to the contact in the directory, one at a time.</summary>
    public Task<Measurement> MeasureByNameAsync(int deliveries) => MeasureAsync(async latencies =>
    {
        for (var i = 0; i < deliveries; i++)
        {
            await DeliverAsync(ByName, latencies);
        }
    });

    /// <summary>Delivers texts to one recipient, all written at once.</summary>
    public Task<Measurement> MeasureBurstAsync(int texts) => MeasureAsync(latencies =>
        Task.WhenAll(Enumerable.Range(0, texts).Select(_ => DeliverAsync(ByName, latencies))));

    /// <summary>Ends both well.</summary>
    public async Task StopAsync()
    {
        await Alice.StopAsync();
        await Bob.StopAsync();
    }

    public void Dispose()
    {
        Alice.Dispose();
        Bob.Dispose();
    }

    private static JsonObject Entry(string name, string address, int port, string profile) =>
        new() { ["username"] = name, ["password"] = Password, ["ip"] = address, ["port"] = port, ["profile"] = profile };

    private string ByAddress(int recipient) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"address":"127.1.{{recipient / 250}}.{{1 + (recipient % 250)}}:{{Bob.Port}}","password":"{{Password}}"}""");

    private async Task DeliverAsync(string to, List<double> latencies)
    {
        var begin = Stopwatch.GetTimestamp();
        await Alice.DeliverAsync(to, Text);
        var took = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        lock (latencies)
        {
            latencies.Add(took);
        }
    }

    private async Task<Measurement> MeasureAsync(Func<List<double>, Task> deliver)
    {
        var arrivedBefore = Bob.Arrived;
        var latencies = new List<double>();
        var (sender, receiver) = (NodeMeter.Begin(Alice), NodeMeter.Begin(Bob));
        using var self = Process.GetCurrentProcess();
        var (ownTime, watch) = (self.TotalProcessorTime, Stopwatch.StartNew());
        using (var sampling = new Timer(_ => { Alice.Account.CountSwitches(); Bob.Account.CountSwitches(); }, null, 500, 500))
        {
            await deliver(latencies);
            watch.Stop();
            await Bob.ArrivedAsync(arrivedBefore + latencies.Count);
            Alice.MustBeWell();
        }

        self.Refresh();
        ownTime = self.TotalProcessorTime - ownTime;
        return new Measurement(watch.Elapsed, latencies, sender.End(latencies.Count), receiver.End(latencies.Count), ownTime);
    }
}
