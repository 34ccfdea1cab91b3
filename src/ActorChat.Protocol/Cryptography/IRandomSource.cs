// Where random bytes come from. The protocol code makes none of its own, so that a whole conversation can be replayed from a vector.

namespace ActorChat.Protocol.Cryptography;

/// <summary>A source of random bytes.</summary>
public interface IRandomSource
{
    /// <summary>Fills <paramref name="destination"/> with random bytes.</summary>
    void Fill(Span<byte> destination);
}
