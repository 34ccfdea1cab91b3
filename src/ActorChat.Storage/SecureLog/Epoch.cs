// A part of the log with a log key of its own. A log has one epoch until somebody begins another (log rekey --new-key): then a thief of the
// earlier key reads nothing that comes after, and cannot change what the earlier epoch held when it ended.

using ActorChat.Secrets;

namespace ActorChat.Storage.SecureLog;

/// <summary>An epoch: where it begins, and its log key, 32 bytes, cleared on <see cref="Dispose"/>.</summary>
internal sealed class Epoch : IDisposable
{
    private readonly LockedBytes _key;

    /// <summary>Takes a copy of <paramref name="key"/>.</summary>
    public Epoch(int firstSegment, long firstRecord, ReadOnlySpan<byte> key)
    {
        (FirstSegment, FirstRecord) = (firstSegment, firstRecord);
        _key = new LockedBytes(key);
    }

    /// <summary>The number of the segment that it begins with; 1 for the log's first.</summary>
    public int FirstSegment { get; }

    /// <summary>The number of the record that it begins with; 1 for the log's first.</summary>
    public long FirstRecord { get; }

    /// <summary>The log key, 32 bytes.</summary>
    public ReadOnlySpan<byte> Key => _key.Span;

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
