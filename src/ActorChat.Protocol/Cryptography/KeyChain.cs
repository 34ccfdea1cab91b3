// The key chain of one direction (protocol page, section 5). One HMAC under user_secret turns the agreed DHSK into enc_key; the rest is
// one running SHA-256, fed and read in turn, so that each further key depends on all before it and reveals nothing of an earlier one.

using System.Security.Cryptography;
using ActorChat.Secrets;

namespace ActorChat.Protocol.Cryptography;

/// <summary>enc_key, iv, hmac_key and chap_secret of one direction. Cleared on <see cref="Dispose"/>.</summary>
public sealed class KeyChain : IDisposable
{
    /// <summary>The length of enc_key, hmac_key and chap_secret, in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>The length of iv, in bytes.</summary>
    public const int IvSize = 16;

    // enc_key || iv || hmac_key || chap_secret: each is made from a hash over all that stands before it.
    private readonly LockedBytes _bytes = new((3 * KeySize) + IvSize);

    private KeyChain()
    {
    }

    /// <summary>32 bytes: the AES-256 key.</summary>
    internal ReadOnlySpan<byte> EncKey => _bytes.Span[..KeySize];

    /// <summary>16 bytes: in modern the key from which each PDU's IV is made, in classic every PDU's IV.</summary>
    internal ReadOnlySpan<byte> Iv => _bytes.Span.Slice(KeySize, IvSize);

    /// <summary>32 bytes: the key of the PDUs' HMACs.</summary>
    internal ReadOnlySpan<byte> HmacKey => _bytes.Span.Slice(KeySize + IvSize, KeySize);

    /// <summary>32 bytes: the key with which the side that sends in this direction answers a challenge.</summary>
    internal ReadOnlySpan<byte> ChapSecret => _bytes.Span.Slice((2 * KeySize) + IvSize, KeySize);

    /// <summary>Derives a direction's chain.</summary>
    /// <param name="userSecret">user_secret.</param>
    /// <param name="dhsk">DHSK, the result of the key agreement.</param>
    /// <param name="direction">The ASCII word <c>initiator</c> or <c>responder</c>; it keeps a PDU from being sent back to its sender as if it were an answer.
    /// Empty in classic, where one chain serves both.</param>
    public static KeyChain Derive(UserSecret userSecret, ReadOnlySpan<byte> dhsk, ReadOnlySpan<byte> direction)
    {
        ArgumentNullException.ThrowIfNull(userSecret);
        var chain = new KeyChain();
        var keys = chain._bytes.Span;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];

        // enc_key = HMAC-SHA256(key = user_secret, DHSK || direction)
        Span<byte> agreed = stackalloc byte[dhsk.Length + direction.Length];
        dhsk.CopyTo(agreed);
        direction.CopyTo(agreed[dhsk.Length..]);
        HMACSHA256.HashData(userSecret.Bytes, agreed, keys);

        // iv = first 16 bytes of SHA-256(enc_key)
        SHA256.HashData(keys[..KeySize], digest);
        digest[..IvSize].CopyTo(keys[KeySize..]);

        // hmac_key = SHA-256(enc_key || iv)
        SHA256.HashData(keys[..(KeySize + IvSize)], keys[(KeySize + IvSize)..]);

        // chap_secret = SHA-256(enc_key || iv || hmac_key)
        SHA256.HashData(keys[..((2 * KeySize) + IvSize)], keys[((2 * KeySize) + IvSize)..]);

        CryptographicOperations.ZeroMemory(agreed);
        CryptographicOperations.ZeroMemory(digest);
        return chain;
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();
}
