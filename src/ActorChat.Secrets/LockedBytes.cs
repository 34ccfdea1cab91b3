// One secret in locked memory: keys, user secrets and passphrases are kept in it. It is outside the garbage collector's heap, so it is never moved and
// no copy is left behind. The system writes it neither to swap nor into a core file. See LockedMemory for where it comes from.

using System.Security.Cryptography;

namespace ActorChat.Secrets;

/// <summary>A secret of a fixed length, zeros at first. Its owner clears it with <see cref="Dispose"/>; there is no finalizer, so one that is not disposed keeps its memory.</summary>
public sealed unsafe class LockedBytes : IDisposable
{
    private nint _place;

    /// <summary>A secret of <paramref name="length"/> zeros.</summary>
    /// <param name="length">In bytes, 1 or more.</param>
    public LockedBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Length = length;
        _place = LockedMemory.Rent(length);
    }

    /// <summary>Takes a copy of <paramref name="bytes"/>, 1 or more.</summary>
    public LockedBytes(ReadOnlySpan<byte> bytes)
        : this(bytes.Length) => bytes.CopyTo(Span);

    /// <summary>In bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes. Do not use them when the secret may be disposed meanwhile: their memory may then hold another secret.</summary>
    /// <exception cref="ObjectDisposedException">They have been cleared.</exception>
    public Span<byte> Span
    {
        get
        {
            var place = _place;
            ObjectDisposedException.ThrowIf(place == 0, this);
            return new Span<byte>((void*)place, Length);
        }
    }

    /// <summary>Clears the bytes and returns their memory. A second call does nothing.</summary>
    public void Dispose()
    {
        var place = Interlocked.Exchange(ref _place, 0);
        if (place != 0)
        {
            CryptographicOperations.ZeroMemory(new Span<byte>((void*)place, Length));
            LockedMemory.Return(place, Length);
        }
    }
}
