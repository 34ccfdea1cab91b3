// How a node is to be started: what the user said on the command line or at the first questions.

using ActorChat.Storage.Sealing;

namespace ActorChat.Node;

/// <summary>What to start.</summary>
/// <param name="Port">The port to listen on; 0 takes a free one.</param>
/// <param name="DirectoryPath">The directory file.</param>
/// <param name="Name">Our own name; null finds it in the directory, or asks.</param>
/// <param name="StatePath">The state folder; null for the one of our name.</param>
/// <param name="Passphrase">What seals the directory file and the secure log's key; null for none.</param>
/// <param name="IsProgram">Whether input and output are a program's JSON lines: then nothing can be asked.</param>
/// <param name="UsualName">Our own name where the directory does not tell it; null asks.</param>
public sealed record NodeOptions(
    int Port, string DirectoryPath, string? Name, string? StatePath, Passphrase? Passphrase, bool IsProgram, string? UsualName = null)
{
    /// <summary>What seals the directory file and the secure log's key; null for none, and once the node has started.</summary>
    public Passphrase? Passphrase { get; private set; } = Passphrase;

    /// <summary>The new file that gets the verification key where a secure log is begun; null for none.</summary>
    public string? VerificationKeyPath { get; init; }

    /// <summary>What the node does before it ends. It then listens to nobody, loads no directory and asks for no input; for pings alone it opens no secure log. Null for a node that runs.</summary>
    public IReadOnlyList<OutboxActor.Errand>? Errands { get; init; }

    /// <summary>Clears the passphrase, so that the memory of a running node does not hold what opens its files.</summary>
    public void ForgetPassphrase()
    {
        Passphrase?.Dispose();
        Passphrase = null;
    }

    /// <summary>Shows everything but the passphrase.</summary>
    public override string ToString() => $"{nameof(NodeOptions)} {Port} {DirectoryPath} {Name} {StatePath}";
}
