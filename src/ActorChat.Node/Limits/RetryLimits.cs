// The settings under outbox that say when what waits is tried again.

namespace ActorChat.Node.Limits;

/// <summary>How often what waits is tried.</summary>
/// <param name="First">After the first failure. Also the least time between two attempts that were brought forward.</param>
/// <param name="Longest">The wait doubles with each failure up to this.</param>
/// <param name="PerSecond">Attempts in a second, to all recipients together.</param>
public sealed record RetryLimits(TimeSpan First, TimeSpan Longest, int PerSecond);
