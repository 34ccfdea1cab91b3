// One secret in locked memory: what keys, user secrets and passphrases are kept in while they live. It is none of the collector's memory, so nothing
// moves it and no copy is left behind; the system does not write it to swap, nor into a core file. See LockedMemory for where it comes from.

using System.Security.Cryptography;

namespace ActorChat.Secrets;

/// <summary>A secret of a fixed length, zeros at first. Its owner clears it with <see cref="Dispose"/>; one that is forgotten keeps its place for good.</summary>
public sealed unsafe class LockedBytes : IDisposable
{
    private nint _place;

    /// <summary>Takes a place for so many bytes.</summary>
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

    /// <summary>The bytes. Not to be used when the secret may be disposed meanwhile: their place is somebody else's then.</summary>
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

    /// <summary>Clears the bytes and gives their place back. A second call does nothing.</summary>
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
