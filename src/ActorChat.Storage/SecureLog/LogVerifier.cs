// Checking a log from its first byte to its last, for whoever holds its verification key. The work is in Verification.

namespace ActorChat.Storage.SecureLog;

/// <summary>Verifies a secure log in constant memory, also while a node is writing it.</summary>
public static class LogVerifier
{
    /// <summary>Verifies a log.</summary>
    /// <param name="folder">The log's folder.</param>
    /// <param name="key">The log's keys, which open the head.</param>
    /// <param name="verificationKey">The verification key that the user kept; null to take the one that <paramref name="key"/> holds.</param>
    /// <param name="progress">Told every few thousand records.</param>
    /// <param name="cancellation">Stops the verification.</param>
    /// <returns>What was found. Faults of the log are findings, not exceptions.</returns>
    /// <exception cref="SecureLogException">No verification key was given and <paramref name="key"/> holds none.</exception>
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
        verificationKey ??= key.VerificationKey ?? throw new SecureLogException(
            LogFault.VerificationKeyWrong,
            "log.key does not hold this log's verification key. Give the one that was shown when the log was created.");
        using var head = HeadFile.Read(folder, key);
        using var verification = new Verification(folder, head, verificationKey, progress, cancellation);
        return verification.Run();
    }

    /// <summary>Whether the log in <paramref name="folder"/> begins with this verification key.</summary>
    internal static bool Begins(LogFolder folder, VerificationKey verificationKey)
    {
        using var file = folder.OpenSegment(1);
        using var key = new ChainKey(verificationKey.Bytes);
        return SegmentHeader.Read(file) is { } header && header.IsVouchedBy(key);
    }
}
