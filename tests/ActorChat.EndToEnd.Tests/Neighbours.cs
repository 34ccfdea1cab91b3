// Four nodes that several classes of tests talk through, started once.

using System.Net.Sockets;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

/// <summary>
/// alice and bob know each other, and all but dave know carol. carol has a wrong password for bob, and several contacts that cannot be reached.
/// carol's calls to bob and dave pass a wiretap.
/// </summary>
public sealed class Neighbours : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _unused = Ports.HoldWithoutListening();
    private readonly Impostor _hangsUp = Impostor.HangsUp();
    private readonly Impostor _web = Impostor.Answers("HTTP/1.1 400 Bad Request\r\n\r\n");
    private readonly Impostor _endless = Impostor.Answers("{\"header\": \"" + new string('x', 100_000));
    private readonly Impostor _json = Impostor.Answers("{}\n");
    private NodeProcess[] _nodes = [];

    internal NodeProcess Alice => _nodes[0];

    internal NodeProcess Bob => _nodes[1];

    internal NodeProcess Carol => _nodes[2];

    internal NodeProcess Dave => _nodes[3];

    internal Wiretap ToBob { get; private set; } = null!;

    internal Wiretap ToDave { get; private set; } = null!;

    internal int UnusedPort => Ports.PortOf(_unused);

    public async Task InitializeAsync()
    {
        ToBob = new Wiretap(() => Bob.Port);
        ToDave = new Wiretap(() => Dave.Port);
        _nodes = await Nodes.StartAsync(
            _folder,
            Plan.Knows("alice", "bob", "carol", "dave"),
            Plan.Knows("bob", "alice", "carol"),
            new Plan("carol", CarolsDirectory),
            Plan.Knows("dave", "alice"));
    }

    public async Task DisposeAsync()
    {
        await Nodes.StopAsync(_nodes);
        foreach (var listener in new IAsyncDisposable[] { ToBob, ToDave, _hangsUp, _web, _endless, _json })
        {
            await listener.DisposeAsync();
        }

        _unused.Dispose();
        _folder.Dispose();
    }

    private IEnumerable<Entry> CarolsDirectory(IReadOnlyDictionary<string, int> ports) =>
    [
        new("alice", Entry.Secret("alice", "carol"), ports["alice"]),
        new("bob", "what carol thinks that bob knows", ToBob.Port),
        new("dave", Entry.Secret("carol", "dave"), ToDave.Port),
        new("frank", Entry.Secret("alice", "carol"), ports["alice"]),
        new("absent", "any", UnusedPort),
        new("nowhere", "any", 5001, "no-such-host.invalid"),
        new("hangs up", "any", _hangsUp.Port),
        new("web", "any", _web.Port),
        new("endless", "any", _endless.Port),
        new("json", "any", _json.Port),
    ];
}

[CollectionDefinition(nameof(Neighbours))]
public sealed class NeighboursCollection : ICollectionFixture<Neighbours>;
