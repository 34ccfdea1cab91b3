// Says in words why a measurement failed. It ends the run, since figures from a run with an error are worth nothing.

namespace ActorChat.Delivery;

/// <summary>The run has failed.</summary>
/// <param name="message">What went wrong.</param>
internal sealed class BenchException(string message) : Exception(message);
