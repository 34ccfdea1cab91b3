// A passphrase on its way from the user to what it opens: bytes that can be cleared, where a string could not. They are pinned, so that the
// collector leaves no copies of them behind when it moves things.

using System.Security.Cryptography;
using System.Text;

namespace ActorChat.Storage.Sealing;

/// <summary>A passphrase as UTF-8, at least one byte. Cleared on <see cref="Dispose"/>, by whoever read it; whoever it was handed to is done by then, or gets an error.</summary>
public sealed class Passphrase : IDisposable
{
    private readonly byte[] _utf8;
    private bool _isCleared;

    /// <summary>Takes a copy. The bytes count as they are: nothing is trimmed or normalised.</summary>
    /// <exception cref="ArgumentException">There are none. Somebody who types nothing does not mean "no passphrase": that is what null is for.</exception>
    public Passphrase(ReadOnlySpan<byte> utf8)
    {
        _utf8 = Pinned(utf8.Length);
        utf8.CopyTo(_utf8);
    }

    private Passphrase(ReadOnlySpan<char> text)
    {
        _utf8 = Pinned(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _utf8);
    }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">They have been cleared.</exception>
    public ReadOnlySpan<byte> Utf8
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isCleared, this);
            return _utf8;
        }
    }

    /// <summary>The UTF-8 of a text.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static Passphrase Of(ReadOnlySpan<char> text) => new(text);

    /// <summary>Whether both are the same, compared in constant time.</summary>
    public bool IsSame(Passphrase other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(Utf8, other.Utf8);
    }

    /// <summary>A copy that is cleared by itself.</summary>
    public Passphrase Copy() => new(Utf8);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isCleared = true;
        CryptographicOperations.ZeroMemory(_utf8);
    }

    private static byte[] Pinned(int size) => size > 0
        ? GC.AllocateUninitializedArray<byte>(size, pinned: true)
        : throw new ArgumentException("A passphrase has at least one character.");
}
