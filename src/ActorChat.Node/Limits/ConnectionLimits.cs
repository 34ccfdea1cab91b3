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
    int RememberedAddresses)
{
    // At rest a node has some 120 open. Then there are its own calls, its log, and the connections that are accepted only to be refused: some 400
    // when callers come as fast as they can.
    private const int FilesForTheRest = 512;
    private const int Least = 16;

    /// <summary>These limits, lowered where the operating system lets this process have fewer open files than they would take. Strangers get half of what
    /// there is at most: the other half is for those who have proved who they are.</summary>
    /// <param name="openFiles">What it lets us have; null for no limit known.</param>
    public ConnectionLimits FittingIn(int? openFiles)
    {
        var max = openFiles is { } limit ? Math.Min(Max, Math.Max(limit - FilesForTheRest, Least)) : Max;
        return this with { Max = max, MaxUnauthenticated = Math.Min(MaxUnauthenticated, Math.Max(max / 2, 1)) };
    }
}
