// Where salts, IVs and keys come from. A seam only: whoever replays a log from a vector hands in its own, everybody else leaves the default.

namespace ActorChat.Storage.Sealing;

/// <summary>Fills <paramref name="destination"/> with random bytes, as the system's own generator does.</summary>
public delegate void RandomSource(Span<byte> destination);
