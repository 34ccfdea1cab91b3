// Checks a log from its first byte to its last: with the verification key everything, without it what the log key alone can tell. Verification does
// the work.

namespace ActorChat.Storage.SecureLog;

/// <summary>Verifies a secure log in constant memory, even while a node is writing it.</summary>
public static class LogVerifier
{
    /// <summary>Verifies a log.</summary>
    /// <param name="folder">The log's folder.</param>
    /// <param name="key">The log's keys.</param>
    /// <param name="verificationKey">The verification key that the user kept; null to use the one in <paramref name="key"/>, which logs of earlier versions
    /// have. Without either the MAC chain is not checked, only that every record opens under the log key and is in its place.</param>
    /// <param name="progress">Told every few thousand records.</param>
    /// <param name="cancellation">Stops the verification.</param>
    /// <returns>What was found. Faults of the log are findings, not exceptions.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LogReport Verify(
        LogFolder folder,
        LogKey key,
        VerificationKey? verificationKey = null,
        IProgress<LogProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(key);
        using var head = HeadFile.Read(folder, key);
        using var verification = new Verification(folder, key, head, verificationKey ?? key.VerificationKey, progress, cancellation);
        return verification.Run();
    }
}
