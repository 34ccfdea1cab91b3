// The terminal that the tests of the console share: started once, and empty at the beginning of each test.

using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

/// <summary>alice sits at a terminal; bob and carol are programs that know her; dave is away.</summary>
public sealed class AliceAtATerminal : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal Terminal Alice { get; private set; } = null!;

    internal int AlicePort { get; private set; }

    internal NodeProcess Bob { get; private set; } = null!;

    internal NodeProcess Carol { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Terminal.WhyNot is null)
        {
            (Alice, Bob, Carol) = await StartAsync(_folder);
            AlicePort = await Alice.ListeningAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (Alice is not null)
        {
            await Alice.DisposeAsync();
            await Nodes.StopAsync([Bob, Carol]);
        }

        _folder.Dispose();
    }

    /// <summary>Starts the three.</summary>
    internal static async Task<(Terminal Alice, NodeProcess Bob, NodeProcess Carol)> StartAsync(TemporaryFolder folder, params string[] variables)
    {
        string[] names = ["alice", "bob", "carol", "dave"];
        var ports = names.ToDictionary(name => name, _ => Ports.TakeFree());
        var config = folder.Write("patient.conf", Plan.Patient);
        foreach (var name in names)
        {
            folder.WriteDirectory($"{name}.json", names.Select(other => new Entry(other, other == name ? "nobody needs to know" : Entry.Secret(name, other), ports[other])));
        }

        string[] ArgumentsOf(string name) => ["--port", $"{ports[name]}", "--directory", $"{name}.json", "--config", config];
        var alice = await Terminal.StartAsync(folder, variables, ArgumentsOf("alice"));
        NodeProcess[] others = [.. new[] { "bob", "carol" }.Select(name => NodeProcess.Start(folder, [.. ArgumentsOf(name), "--json"]))];
        await Task.WhenAll([alice.ListeningAsync(), .. others.Select(other => other.ListeningAsync())]);
        return (alice, others[0], others[1]);
    }
}

[CollectionDefinition(nameof(AliceAtATerminal))]
public sealed class AliceAtATerminalCollection : ICollectionFixture<AliceAtATerminal>;

/// <summary>
/// Begins each test with an empty screen of 80 columns and an empty line. Each test must wait for the outcome of each message that it sends, so that
/// none of them arrives during the next test.
/// </summary>
[Collection(nameof(AliceAtATerminal))]
public abstract class TerminalTestBase(AliceAtATerminal nodes) : IAsyncLifetime
{
    private protected Terminal Alice => nodes.Alice;

    private protected int AlicePort => nodes.AlicePort;

    private protected NodeProcess Bob => nodes.Bob;

    private protected NodeProcess Carol => nodes.Carol;

    public async Task InitializeAsync()
    {
        if (Terminal.WhyNot is null)
        {
            await Alice.PressAsync("C-e", "C-u", "Enter"); // takes back what the test before may have left
            await Alice.TypeAsync("/to");
            await Alice.ShowsAsync(screen => screen[^1].EndsWith("> /to", StringComparison.Ordinal), "the command"); // an Enter right behind it would be taken for a paste
            await Alice.PressAsync("Enter");
            await Alice.ShowsLastAsync(">");
            await Alice.FitAsync(80);
            await Alice.EmptyAsync();
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Looks until the screen shows that messages to somebody were delivered.</summary>
    private protected Task<string[]> DeliveredAsync(string recipient, int times = 1) =>
        Alice.ShowsAsync(screen => screen.Count(row => IsDelivered(row, recipient)) == times, $"{times} delivered to {recipient}");

    /// <summary>Whether a row says that a message was delivered, perhaps which.</summary>
    private protected static bool IsDelivered(string row, string recipient) => Regex.IsMatch(row, $@"^✓ {Regex.Escape(recipient)}( "".*"")?: delivered$");
}
