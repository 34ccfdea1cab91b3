// Nodes that know each other: each has its port before any of them runs, since their directory files name the ports.

using ActorChat.Tests.Shared;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A node to be started.</summary>
/// <param name="Name">Its own name.</param>
/// <param name="Directory">Its contacts, given everybody's port; its own entry is added.</param>
/// <param name="Config">Its settings in HOCON.</param>
/// <param name="IsPlain">Whether it has the console for people instead of the JSON lines.</param>
/// <param name="OpenFiles">How many files and sockets it may have open; null for as many as we.</param>
/// <param name="IsFirstStart">Whether it has its contacts' secrets still to derive.</param>
internal sealed record Plan(
    string Name, Func<IReadOnlyDictionary<string, int>, IEnumerable<Entry>> Directory, string Config = Plan.Patient, bool IsPlain = false, int? OpenFiles = null, bool IsFirstStart = false)
{
    /// <summary>So that no deadline passes only because the machine is busy. Lines that tests have cut then stay long, each in its contact's name. What fails is told at once and does not wait.</summary>
    public const string Patient = $"actorchat {{ outbox.keep = 0 \n listen.max-connections-per-contact = 1000 }}\n{PatientDeadlines}";

    /// <summary>Its deadlines alone.</summary>
    public const string PatientDeadlines = "actorchat { conversation { handshake-deadline = 60 s \n text-deadline = 60 s \n pdu-deadline = 60 s } \n stop-deadline = 60 s }\n";

    /// <summary>What fails waits, and is soon tried again.</summary>
    public const string Waiting = $"{PatientDeadlines}actorchat.outbox {{ first-retry = 100 ms, longest-retry = 500 ms }}\n";

    /// <summary>A node that knows these people, with the secret that it shares with each.</summary>
    public static Plan Knows(string name, params string[] contacts) =>
        new(name, ports => contacts.Select(contact => new Entry(contact, Entry.Secret(name, contact), ports[contact])));
}

/// <summary>Starts nodes together.</summary>
internal static class Nodes
{
    private const int Attempts = 5;

    /// <summary>Starts the nodes and waits until all listen.</summary>
    public static async Task<NodeProcess[]> StartAsync(TemporaryFolder folder, params Plan[] plans)
    {
        for (var attempt = 1; ; attempt++)
        {
            var ports = plans.ToDictionary(plan => plan.Name, _ => Ports.TakeFree());
            NodeProcess[] nodes = [.. plans.Select(plan => Start(folder, plan, ports))];
            try
            {
                return await Task.WhenAll(nodes.Select(node => node.ListeningAsync()));
            }
            catch
            {
                await StopAsync(nodes);
                if (attempt == Attempts || !nodes.Any(LostItsPort))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Ends them all.</summary>
    public static Task StopAsync(IEnumerable<NodeProcess> nodes) => Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));

    /// <summary>Has two nodes send each other a message, and see it arrive.</summary>
    public static async Task AssertTalkAsync(NodeProcess one, NodeProcess other)
    {
        await Task.WhenAll(AssertTellsAsync(one, other), AssertTellsAsync(other, one));

        static async Task AssertTellsAsync(NodeProcess sender, NodeProcess receiver)
        {
            var text = $"{sender.Name} still talks to {receiver.Name} {Guid.NewGuid()}";
            var sent = await sender.TellAsync(receiver.Name, text);
            Assert.Equal(("delivered", null), (sent.Outcome, sent.Reason));
            var message = await receiver.MessageAsync(text);
            Assert.Equal((sender.Name, sent.Id), (message.From, message.Id));
        }
    }

    /// <summary>Has a node with short deadlines send a message, and again where one of them passed: on a busy machine that may happen.</summary>
    public static async Task AssertReachesAsync(NodeProcess hasty, NodeProcess receiver)
    {
        const int attempts = 10;
        Sent sent;
        var attempt = 0;
        var text = $"{hasty.Name} reaches {receiver.Name} {Guid.NewGuid()}";
        do
        {
            sent = await hasty.TellAsync(receiver.Name, text);
        }
        while (sent.Reason?.StartsWith("no answer in time", StringComparison.Ordinal) == true && ++attempt < attempts);

        Assert.Equal(("delivered", null), (sent.Outcome, sent.Reason));
        await receiver.MessageAsync(text);
    }

    private static NodeProcess Start(TemporaryFolder folder, Plan plan, Dictionary<string, int> ports)
    {
        var own = new Entry(plan.Name, "nobody needs to know", ports[plan.Name]);
        var directory = folder.WriteDirectory($"{plan.Name}.json", [own, .. plan.Directory(ports)]);
        var config = folder.Write($"{plan.Name}.conf", plan.Config);
        if (!plan.IsFirstStart)
        {
            EarlierStart.LeaveIn(Path.Combine(folder.Path, "state", "actorchat", plan.Name), plan.Name, directory);
        }

        string[] arguments = ["--port", $"{own.Port}", "--directory", directory, "--config", config];
        return NodeProcess.Start(folder, [], plan.IsPlain ? arguments : [.. arguments, "--json"], plan.OpenFiles);
    }

    private static bool LostItsPort(NodeProcess node) => node.Output.Items.Select(line => line.Text).Concat(node.Errors.Items).Any(line => line.Contains("is in use"));
}
