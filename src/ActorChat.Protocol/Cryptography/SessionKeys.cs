// Both directions' key chains, as a finished key agreement hands them to the session.

namespace ActorChat.Protocol.Cryptography;

/// <summary>The keys of one conversation. Whoever receives them owns and disposes them.</summary>
/// <param name="initiator">The chain of what the initiator sends.</param>
/// <param name="responder">The chain of what the responder sends.</param>
public sealed class SessionKeys(KeyChain initiator, KeyChain responder) : IDisposable
{
    /// <summary>The chain of what the initiator sends.</summary>
    public KeyChain Initiator { get; } = initiator;

    /// <summary>The chain of what the responder sends.</summary>
    public KeyChain Responder { get; } = responder;

    /// <inheritdoc/>
    public void Dispose()
    {
        Initiator.Dispose();
        Responder.Dispose();
    }
}
