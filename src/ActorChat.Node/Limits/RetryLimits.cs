// The settings under outbox that say when waiting messages are tried again.

namespace ActorChat.Node.Limits;

/// <summary>How often waiting messages are tried.</summary>
/// <param name="First">The wait after the first failure. Also the shortest time between two attempts that were brought forward.</param>
/// <param name="Longest">The wait doubles with each failure up to this.</param>
/// <param name="PerSecond">Attempts per second, to all recipients together.</param>
public sealed record RetryLimits(TimeSpan First, TimeSpan Longest, int PerSecond);
