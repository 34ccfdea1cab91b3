// What seals log.head: keys from the log key of the epoch in whose segment the head stands. So a thief of an earlier key can make no head for a
// later epoch, and a head that still stands in the earlier one opens until the first segment of the later one is there.

using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>The keys of the heads of a log, one for each epoch. Cleared on <see cref="Dispose"/>.</summary>
internal sealed class HeadKeys(LogKey key) : IDisposable
{
    private readonly (int FirstSegment, SealKeys Keys)[] _epochs =
        [.. key.Epochs.Select(epoch => (epoch.FirstSegment, SealKeys.Derive(epoch.Key, [], LogFormat.HeadKeysInfo)))];

    /// <summary>The keys for a head that stands in this segment.</summary>
    public SealKeys For(int segment) => Array.FindLast(_epochs, epoch => epoch.FirstSegment <= segment).Keys;

    /// <summary>Opens a sealed head; null when it is none, or is not under the keys of the segment that it names.</summary>
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
