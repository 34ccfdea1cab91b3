// The operating system's random bytes, behind the interface through which a test replays those of a vector.

using System.Security.Cryptography;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Node;

/// <summary>Random bytes from the operating system.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    private SystemRandomSource()
    {
    }

    /// <summary>The source; it has no state.</summary>
    public static SystemRandomSource Instance { get; } = new();

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
