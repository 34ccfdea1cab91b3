// Short-lived memory in which a PDU or a plaintext is put together before its size is known. It comes from the shared pool and goes back cleared.

using System.Buffers;

namespace ActorChat.Protocol.Pdus;

/// <summary>A growing buffer of rented memory, cleared and given back on <see cref="Dispose"/>.</summary>
/// <param name="capacity">How many bytes will probably do.</param>
internal sealed class PooledBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>How many bytes are written. It may be set back to overwrite the end.</summary>
    public int Length { get; set; }

    /// <summary>What is written.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, Length);

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsSpan(Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void EnsureRoom(int sizeHint)
    {
        if (_bytes.Length - Length < Math.Max(1, sizeHint))
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + sizeHint));
            Written.CopyTo(larger);
            Return(_bytes);
            _bytes = larger;
        }
    }

    private void Return(byte[] bytes)
    {
        bytes.AsSpan(0, Length).Clear();
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
