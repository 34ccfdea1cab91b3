// What seals log.head: keys from the log key of the epoch whose segment the head names. So a thief of an earlier key can make no head for a
// later epoch, and a head of the earlier epoch still opens until the later one has its first segment.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>The keys of the heads of a log, one for each epoch. Cleared on <see cref="Dispose"/>.</summary>
internal sealed class HeadKeys(LogKey key) : IDisposable
{
    private readonly (int FirstSegment, SealKeys Keys)[] _epochs =
        [.. key.Epochs.Select(epoch => (epoch.FirstSegment, SealKeys.Derive(epoch.Key, [], LogFormat.HeadKeysInfo)))];

    /// <summary>The keys for a head that names this segment.</summary>
    public SealKeys For(int segment) => Array.FindLast(_epochs, epoch => epoch.FirstSegment <= segment).Keys;

    /// <summary>Opens a sealed head; null when the bytes are not one, or are not under the keys of the segment that it names.</summary>
    public LogHead? Open(ReadOnlySpan<byte> box)
    {
        foreach (var (_, keys) in _epochs)
        {
            if (LogHead.Open(box, keys) is { } head)
            {
                if (For(head.Segment) == keys)
                {
                    return head;
                }

                head.Dispose();
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_epochs, epoch => epoch.Keys.Dispose());
}
