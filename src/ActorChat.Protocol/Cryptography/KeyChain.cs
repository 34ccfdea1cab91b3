// The key chain of one direction (protocol page, section 5). One HMAC under user_secret turns the agreed DHSK into enc_key; the rest is
// one running SHA-256, fed and read in turn, so that each further key depends on all before it and none tells anything of an earlier one.

using System.Security.Cryptography;

namespace ActorChat.Protocol.Cryptography;

/// <summary>enc_key, iv, hmac_key and chap_secret of one direction. Cleared on <see cref="Dispose"/>.</summary>
public sealed class KeyChain : IDisposable
{
    /// <summary>The length of enc_key, hmac_key and chap_secret, in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>The length of iv, in bytes.</summary>
    public const int IvSize = 16;

    private readonly byte[] _encKey = new byte[KeySize];
    private readonly byte[] _iv = new byte[IvSize];
    private readonly byte[] _hmacKey = new byte[KeySize];
    private readonly byte[] _chapSecret = new byte[KeySize];

    private KeyChain()
    {
    }

    /// <summary>32 bytes: the AES-256 key.</summary>
    internal ReadOnlySpan<byte> EncKey => _encKey;

    /// <summary>16 bytes: in modern the key from which each PDU's IV is made.</summary>
    internal ReadOnlySpan<byte> Iv => _iv;

    /// <summary>32 bytes: the key of the PDUs' HMACs.</summary>
    internal ReadOnlySpan<byte> HmacKey => _hmacKey;

    /// <summary>32 bytes: what the one who sends in this direction answers a challenge with.</summary>
    internal ReadOnlySpan<byte> ChapSecret => _chapSecret;

    /// <summary>Derives a direction's chain.</summary>
    /// <param name="userSecret">user_secret.</param>
    /// <param name="dhsk">DHSK, the result of the key agreement.</param>
    /// <param name="direction">The ASCII word <c>initiator</c> or <c>responder</c>; it keeps a PDU from being sent back to its sender as if it were an answer.</param>
    public static KeyChain Derive(UserSecret userSecret, ReadOnlySpan<byte> dhsk, ReadOnlySpan<byte> direction)
    {
        ArgumentNullException.ThrowIfNull(userSecret);
        var chain = new KeyChain();
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];

        // enc_key = HMAC-SHA256(key = user_secret, DHSK || direction)
        using (var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, userSecret.Bytes))
        {
            hmac.AppendData(dhsk);
            hmac.AppendData(direction);
            hmac.GetHashAndReset(chain._encKey);
        }

        using var h = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // iv = first 16 bytes of SHA-256(enc_key)
        h.AppendData(chain._encKey);
        h.GetCurrentHash(digest);
        digest[..IvSize].CopyTo(chain._iv);

        // hmac_key = SHA-256(enc_key || iv)
        h.AppendData(chain._iv);
        h.GetCurrentHash(chain._hmacKey);

        // chap_secret = SHA-256(enc_key || iv || hmac_key)
        h.AppendData(chain._hmacKey);
        h.GetCurrentHash(chain._chapSecret);

        CryptographicOperations.ZeroMemory(digest);
        return chain;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_encKey);
        CryptographicOperations.ZeroMemory(_iv);
        CryptographicOperations.ZeroMemory(_hmacKey);
        CryptographicOperations.ZeroMemory(_chapSecret);
    }
}
