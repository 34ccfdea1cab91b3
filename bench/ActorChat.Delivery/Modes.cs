// The measurements, one method each. Nodes use a temporary folder that is removed at the end, and every measurement is bounded.

using System.Diagnostics;
using System.Text.Json.Nodes;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Delivery;

/// <summary>The measurements.</summary>
/// <param name="start">How nodes are started.</param>
/// <param name="report">Where results go.</param>
/// <param name="warmUp">Deliveries before the first that counts.</param>
internal sealed class Modes(NodeStart start, Report report, int warmUp)
{
    private static readonly string HeldOpen = Pair.Config + """

        actorchat.conversation { handshake-deadline = 1 h, pdu-deadline = 1 h, text-deadline = 1 h }
        """;

    /// <summary>One text to each of some recipients at a time, for a while; one block for each number of recipients.</summary>
    public Task DeliverAsync(int[] recipients, TimeSpan duration) => WithPairAsync(async pair =>
    {
        report.DeliveriesHeading("recipients at a time");
        foreach (var count in recipients)
        {
            report.Deliveries("deliver", "recipients", JsonValue.Create(count), await pair.MeasureAsync(count, int.MaxValue, duration));
        }
    });

    /// <summary>Many texts to one recipient, all written at once.</summary>
    public Task BurstAsync(int texts) => WithPairAsync(async pair =>
    {
        report.DeliveriesHeading("burst of texts");
        report.Deliveries("burst", "texts", JsonValue.Create(texts), await pair.MeasureBurstAsync(texts));
    });

    /// <summary>Two nodes that do nothing: after their start, and again after a thousand texts.</summary>
    public async Task IdleAsync(TimeSpan duration)
    {
        using var folder = new Folder();
        using var pair = await Pair.StartAsync(start, folder.Path);
        report.Say("idle                 node    CPU, % of a core   switches/s   resident MB   of it anonymous   threads");
        await RestAsync("after the start");
        await pair.MeasureBurstAsync(1000);
        await RestAsync("after 1,000 texts");
        await pair.StopAsync();

        async Task RestAsync(string when)
        {
            await Task.Delay(5000);
            MeasuredNode[] nodes = [pair.Alice, pair.Bob];
            var before = nodes.Select(node => (node.Account.ProcessorTime, node.Account.CountSwitches())).ToArray();
            var watch = Stopwatch.StartNew();
            await Task.Delay(duration);
            var seconds = watch.Elapsed.TotalSeconds;
            foreach (var (node, name, (time, switches)) in nodes.Zip(["sender", "receiver"], before))
            {
                var percent = 100 * (node.Account.ProcessorTime - time).TotalSeconds / seconds;
                var perSecond = (node.Account.CountSwitches() - switches).All / seconds;
                report.Say($"{when,-20} {name,-8} {percent,15:0.00} {perSecond,12:0} {node.Account.Resident / 1e6,13:0.0} {node.Account.Anonymous / 1e6,17:0.0} {node.Account.Threads,9}");
                report.Add("idle", new JsonObject
                {
                    ["when"] = when, ["node"] = name, ["cpu_percent"] = Cost.Round(percent), ["switches_per_second"] = Cost.Round(perSecond),
                    ["resident_bytes"] = node.Account.Resident, ["anonymous_bytes"] = node.Account.Anonymous, ["threads"] = node.Account.Threads,
                });
            }
        }
    }

    /// <summary>Opens connections and holds them; after each number of them, what the node's memory has become.</summary>
    public async Task ConnectionsAsync(int[] counts)
    {
        using var secret = UserSecret.Derive(Pair.Password, "alice");
        report.Say("connections held       number   resident MB   KB each   in use on the managed heap MB   KB each");
        await HoldAsync("unauthenticated", HeldConversation.ConnectAsync);
        await HoldAsync("authenticated", port => HeldConversation.AuthenticateAsync(port, secret, "alice"));

        async Task HoldAsync(string kind, Func<int, Task<HeldConversation>> open)
        {
            using var folder = new Folder();
            using var bob = await MeasuredNode.StartAsync(start, folder.Path, "bob", Pair.Directory("alice", port: 1, contacts: 10), HeldOpen);
            await bob.QuietAsync();
            var held = new List<HeldConversation>();
            try
            {
                await OpenUntilAsync(200); // warms up
                held.ForEach(conversation => conversation.Dispose());
                held.Clear();
                var (residentBefore, inUseBefore) = await MemoryAsync();
                foreach (var count in counts.Order())
                {
                    await OpenUntilAsync(count);
                    var (resident, inUse) = await MemoryAsync();
                    if (!held.TrueForAll(conversation => conversation.IsOpen))
                    {
                        throw new BenchException($"of {count} {kind} connections the node did not leave all open and silent");
                    }

                    var (residentEach, inUseEach) = ((double)(resident - residentBefore) / count, (double)(inUse - inUseBefore) / count);
                    report.Say($"{kind,-22} {count,6} {resident / 1e6,13:0.0} {residentEach / 1e3,9:0.0} {inUse / 1e6,31:0.0} {inUseEach / 1e3,9:0.0}");
                    report.Add("connections", new JsonObject
                    {
                        ["kind"] = kind, ["connections"] = count, ["resident_bytes"] = resident, ["resident_bytes_each"] = Cost.Round(residentEach),
                        ["in_use_bytes"] = inUse, ["in_use_bytes_each"] = Cost.Round(inUseEach),
                    });
                }
            }
            finally
            {
                held.ForEach(conversation => conversation.Dispose());
            }

            async Task OpenUntilAsync(int count)
            {
                while (held.Count < count)
                {
                    held.Add(await open(bob.Port));
                }
            }

            // Resident memory is read first: the garbage collection before the other figure may give memory back.
            async Task<(long Resident, long InUse)> MemoryAsync()
            {
                await bob.QuietAsync();
                bob.MustBeWell();
                var resident = bob.Account.Resident;
                return (resident, bob.Runtime(collect: true).Held);
            }
        }
    }

    /// <summary>The cost of a delivery with few contacts and with many, in turns.</summary>
    public Task ContactsAsync(int[] contacts, int rounds, int deliveries) => InTurnsAsync("contacts", contacts, rounds, deliveries, (count, folder) =>
        Pair.StartAsync(start, folder, count));

    /// <summary>The cost of a delivery with an empty log and with a long one at both ends, in turns.</summary>
    public Task LogAsync(int[] megabytes, int rounds, int deliveries) => InTurnsAsync("log", megabytes, rounds, deliveries, (size, folder) =>
    {
        if (size > 0)
        {
            PastLog.Write(Path.Combine(folder, "bob"), size * 1_000_000L);
            PastLog.Write(Path.Combine(folder, "alice"), size * 1_000_000L);
        }

        return Pair.StartAsync(start, folder);
    });

    /// <summary>The cost of a delivery beside that of other programs, in turns. Each is a command that prints one JSON object with cpu_ms, per delivery and both ends together.</summary>
    public Task CompareAsync(IReadOnlyDictionary<string, string> peers, int rounds, int deliveries) => WithPairAsync(async pair =>
    {
        var ratios = peers.Keys.ToDictionary(name => name, _ => new List<double>());
        report.Say($"round   node CPU ms   {string.Join("   ", peers.Keys.Select(name => $"{name} CPU ms (ratio)"))}");
        for (var round = 1; round <= rounds; round++)
        {
            var node = await pair.MeasureAsync(1, deliveries);
            var row = new JsonObject { ["round"] = round, ["node"] = node.ToJson() };
            var line = $"{round,5} {node.CpuMilliseconds,13:0.000}   ";
            foreach (var (name, command) in peers)
            {
                var peer = await PeerProgram.RunAsync(command, start.Patience);
                var ratio = node.CpuMilliseconds / (double)peer["cpu_ms"]!;
                ratios[name].Add(ratio);
                line += $"{(double)peer["cpu_ms"]!,12:0.000} ({ratio,6:0.00})   ";
                row[name] = peer;
            }

            report.Say(line);
            report.Add("compare", row);
        }

        foreach (var (name, all) in ratios)
        {
            report.Say($"node / {name}: {Report.Median(all):0.00} (lowest {all.Min():0.00}, highest {all.Max():0.00}, {rounds} rounds)");
            report.Add("ratio", new JsonObject
            {
                ["peer"] = name, ["median"] = Cost.Round(Report.Median(all)), ["lowest"] = Cost.Round(all.Min()), ["highest"] = Cost.Round(all.Max()), ["rounds"] = rounds,
            });
        }
    });

    /// <summary>Fails the run when a delivery costs more than <see cref="Limits"/> allow.</summary>
    public Task CheckAsync(int deliveries) => WithPairAsync(async pair =>
    {
        report.DeliveriesHeading("check, recipients");
        var measured = await pair.MeasureAsync(1, deliveries);
        report.Deliveries("check", "recipients", JsonValue.Create(1), measured);
        Limits.Check(measured);
    });

    private async Task WithPairAsync(Func<Pair, Task> measure)
    {
        using var folder = new Folder();
        using var pair = await Pair.StartAsync(start, folder.Path);
        await pair.WarmUpAsync(warmUp);
        await measure(pair);
        await pair.StopAsync();
    }

    // All pairs run from the beginning and are measured in turns, forwards and backwards, so that the load of the machine affects all alike.
    private async Task InTurnsAsync(string name, int[] values, int rounds, int deliveries, Func<int, string, Task<Pair>> begin)
    {
        using var folder = new Folder();
        var pairs = new List<Pair>();
        try
        {
            foreach (var value in values)
            {
                var pair = await begin(value, Directory.CreateDirectory(Path.Combine(folder.Path, $"{value}")).FullName);
                pairs.Add(pair);
                await pair.MeasureByNameAsync(warmUp);
            }

            var costs = values.Select(_ => new List<double>()).ToArray();
            report.DeliveriesHeading(name);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var i in Enumerable.Range(0, values.Length).OrderBy(i => round % 2 == 0 ? i : -i))
                {
                    var measured = await pairs[i].MeasureByNameAsync(deliveries);
                    costs[i].Add(measured.CpuMilliseconds);
                    report.Deliveries(name, name, JsonValue.Create(values[i]), measured);
                }
            }

            for (var i = 1; i < values.Length; i++)
            {
                double[] ratios = [.. costs[i].Zip(costs[0], (many, few) => many / few)];
                report.Say($"CPU per delivery, {name} {values[i]} against {values[0]}: {Report.Median(ratios):0.00} (lowest {ratios.Min():0.00}, highest {ratios.Max():0.00})");
                report.Add($"{name}_ratio", new JsonObject { ["of"] = values[i], ["against"] = values[0], ["median"] = Cost.Round(Report.Median(ratios)) });
            }

            foreach (var pair in pairs)
            {
                await pair.StopAsync();
            }
        }
        finally
        {
            pairs.ForEach(pair => pair.Dispose());
        }
    }

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorchat-delivery");

        public Folder() => AtExit.Add(this);

        public string Path => _folder.FullName;

        public void Dispose()
        {
            if (AtExit.Remove(this))
            {
                _folder.Delete(recursive: true);
            }
        }
    }
}
