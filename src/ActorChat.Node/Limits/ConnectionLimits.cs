// How many connections a node takes, in one immutable record; hocon/actorchat.conf explains each.

namespace ActorChat.Node.Limits;

/// <summary>The limits under <c>listen</c>.</summary>
/// <param name="Max"><c>max-connections</c>.</param>
/// <param name="MaxPerAddress"><c>max-connections-per-address</c>.</param>
/// <param name="MaxPerContact"><c>max-connections-per-contact</c>.</param>
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
    int MaxPerContact,
    int MaxUnauthenticated,
    int MaxUnauthenticatedPerAddress,
    int HandshakesPerSecond,
    int HandshakeBurst,
    int HandshakesPerSecondPerAddress,
    int HandshakeBurstPerAddress,
    int RememberedAddresses)
{
    // At rest a node has some 120 files open. The rest is for its own calls, its log, and connections that are accepted only to be refused: some 400
    // when callers come as fast as they can.
    private const int FilesForTheRest = 512;
    private const int Least = 16;

    /// <summary>These limits, lowered where the operating system allows this process fewer open files than they need. Strangers get at most half of the
    /// connections: the other half is for peers that have proved who they are.</summary>
    /// <param name="openFiles">How many open files the system allows; null for no known limit.</param>
    public ConnectionLimits FittingIn(int? openFiles)
    {
        var max = openFiles is { } limit ? Math.Min(Max, Math.Max(limit - FilesForTheRest, Least)) : Max;
        return this with { Max = max, MaxUnauthenticated = Math.Min(MaxUnauthenticated, Math.Max(max / 2, 1)) };
    }
}
