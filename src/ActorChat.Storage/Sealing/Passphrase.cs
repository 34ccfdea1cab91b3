// A passphrase on its way from the user to what it opens: bytes in locked memory that can be cleared, unlike a string.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Secrets;

namespace ActorChat.Storage.Sealing;

/// <summary>A passphrase as UTF-8, at least one byte. Cleared on <see cref="Dispose"/>, by the code that read it; later uses throw.</summary>
public sealed class Passphrase : IDisposable
{
    private readonly LockedBytes _utf8;

    /// <summary>Takes a copy. The bytes count as they are: nothing is trimmed or normalised.</summary>
    /// <exception cref="ArgumentException">There are no bytes. An empty line does not mean "no passphrase": null does.</exception>
    public Passphrase(ReadOnlySpan<byte> utf8)
    {
        ThrowIfEmpty(utf8.Length);
        _utf8 = new LockedBytes(utf8);
    }

    private Passphrase(ReadOnlySpan<char> text)
    {
        ThrowIfEmpty(text.Length);
        _utf8 = new LockedBytes(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _utf8.Span);
    }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">They have been cleared.</exception>
    public ReadOnlySpan<byte> Utf8 => _utf8.Span;

    /// <summary>The UTF-8 of a text.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static Passphrase Of(ReadOnlySpan<char> text) => new(text);

    /// <summary>Whether both are the same, compared in constant time.</summary>
    public bool IsSame(Passphrase other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(Utf8, other.Utf8);
    }

    /// <summary>A copy that is disposed separately.</summary>
    public Passphrase Copy() => new(Utf8);

    /// <inheritdoc/>
    public void Dispose() => _utf8.Dispose();

    private static void ThrowIfEmpty(int length)
    {
        if (length == 0)
        {
            throw new ArgumentException("A passphrase has at least one character.");
        }
    }
}
