// A measurement that did not go as it must, in words. It ends the run: a figure beside an error would be no figure.

namespace ActorChat.Delivery;

/// <summary>The run has failed.</summary>
/// <param name="message">Why.</param>
internal sealed class BenchException(string message) : Exception(message);
