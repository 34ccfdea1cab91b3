// How many connections a node takes, in one immutable record; hocon/actorchat.conf explains each.

namespace ActorChat.Node.Limits;

/// <summary>The limits under <c>listen</c>.</summary>
/// <param name="Max"><c>max-connections</c>.</param>
/// <param name="MaxPerAddress"><c>max-connections-per-address</c>.</param>
/// <param name="MaxUnauthenticated"><c>max-unauthenticated</c>.</param>
/// <param name="MaxUnauthenticatedPerAddress"><c>max-unauthenticated-per-address</c>.</param>
/// <param name="HandshakesPerSecond"><c>handshakes-per-second</c>.</param>
/// <param name="HandshakeBurst"><c>handshake-burst</c>.</param>
/// <param name="HandshakesPerSecondPerAddress"><c>handshakes-per-second-per-address</c>.</param>
/// <param name="HandshakeBurstPerAddress"><c>handshake-burst-per-address</c>.</param>
/// <param name="RememberedAddresses"><c>remembered-addresses</c>.</param>
public sealed record ConnectionLimits(
    int Max,
    int MaxPerAddress,
    int MaxUnauthenticated,
    int MaxUnauthenticatedPerAddress,
    int HandshakesPerSecond,
    int HandshakeBurst,
    int HandshakesPerSecondPerAddress,
    int HandshakeBurstPerAddress,
    int RememberedAddresses);
