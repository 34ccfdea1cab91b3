// Decides about each new connection before it costs anything. Peers that are not authenticated yet have narrow limits of their own, so that
// connections held open by strangers take no room from conversations under way. An address where a contact was met lately, or where the
// directory has one, is not counted among the strangers, so they cannot crowd it out.

using System.Net;

namespace ActorChat.Node.Limits;

/// <summary>Counts connections and handshakes, in all and by <see cref="Network"/>.</summary>
/// <param name="limits">The limits.</param>
internal sealed class Admission(ConnectionLimits limits)
{
    private readonly Dictionary<IPAddress, Count> _byAddress = [];
    private readonly BoundedCache<IPAddress, TokenBucket> _handshakesByAddress = new(limits.RememberedAddresses);
    private readonly BoundedCache<IPAddress, bool> _metLately = new(limits.RememberedAddresses);
    private readonly TokenBucket _handshakes = new(limits.HandshakesPerSecond, limits.HandshakeBurst);
    private HashSet<IPAddress> _inDirectory = [];
    private Count _all;
    private int _unknownUnauthenticated;

    /// <summary>How many connections are open.</summary>
    public int Open => _all.Connections;

    /// <summary>Sets the addresses of contacts, in place of those before.</summary>
    public void Know(IEnumerable<IPAddress> addresses) => _inDirectory = [.. addresses.Select(Network.Of)];

    /// <summary>Admits a new connection, or says why not. Connections that are open already are never closed for it.</summary>
    /// <returns>Null when it is admitted; else why not.</returns>
    public string? TryAdmit(IPAddress address, TimeSpan now, out Admitted admitted)
    {
        var network = Network.Of(address);
        var isKnown = _inDirectory.Contains(network) || _metLately.TryGet(network, out _);
        var here = _byAddress.GetValueOrDefault(network);
        if (!_handshakesByAddress.TryGet(network, out var handshakes))
        {
            handshakes = new TokenBucket(limits.HandshakesPerSecondPerAddress, limits.HandshakeBurstPerAddress);
            _handshakesByAddress.Add(network, handshakes);
        }

        admitted = new Admitted(network, isKnown);
        var refusal =
            _all.Connections >= limits.Max ? $"{_all.Connections} connections are open"
            : here.Connections >= limits.MaxPerAddress ? $"{here.Connections} connections of this address are open"
            : here.Unauthenticated >= limits.MaxUnauthenticatedPerAddress ? $"{here.Unauthenticated} connections of this address are not authenticated"
            : !handshakes.HasToken(now) ? "too many handshakes from this address"
            : !isKnown && _unknownUnauthenticated >= limits.MaxUnauthenticated ? $"{_unknownUnauthenticated} connections are not authenticated"
            : !isKnown && !_handshakes.HasToken(now) ? "too many handshakes"
            : null;
        if (refusal is not null)
        {
            return refusal;
        }

        handshakes.Take(now);
        _handshakes.Take(now);
        Add(admitted, connections: 1, unauthenticated: 1);
        return null;
    }

    /// <summary>A peer has proved who it is. Its handshake is no longer counted: a contact may connect as often as it has messages.</summary>
    public void Authenticated(Admitted admitted)
    {
        _handshakes.GiveBack();
        if (_handshakesByAddress.TryGet(admitted.Network, out var handshakes))
        {
            handshakes.GiveBack();
        }

        if (!_metLately.TryGet(admitted.Network, out _))
        {
            _metLately.Add(admitted.Network, true);
        }

        Add(admitted, connections: 0, unauthenticated: -1);
    }

    /// <summary>A connection is closed.</summary>
    public void Ended(Admitted admitted, bool wasAuthenticated) => Add(admitted, connections: -1, unauthenticated: wasAuthenticated ? 0 : -1);

    private void Add(Admitted admitted, int connections, int unauthenticated)
    {
        _all = _all.Plus(connections, unauthenticated);
        _unknownUnauthenticated += admitted.IsKnown ? 0 : unauthenticated;
        var here = _byAddress.GetValueOrDefault(admitted.Network).Plus(connections, unauthenticated);
        if (here.Connections == 0)
        {
            _byAddress.Remove(admitted.Network);
        }
        else
        {
            _byAddress[admitted.Network] = here;
        }
    }

    /// <summary>How a connection was counted.</summary>
    /// <param name="Network">The address under which it was counted.</param>
    /// <param name="IsKnown">Whether a contact was expected there.</param>
    internal readonly record struct Admitted(IPAddress Network, bool IsKnown);

    private readonly record struct Count(int Connections, int Unauthenticated)
    {
        public Count Plus(int connections, int unauthenticated) => new(Connections + connections, Unauthenticated + unauthenticated);
    }
}
