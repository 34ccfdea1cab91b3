// The key k of the MAC chain, which only moves forward. Every link of the log (a segment's header or a record) has a key of its own,
// and each key is forgotten as soon as the next one is made: whoever takes the machine today cannot compute yesterday's MACs.
// B. Schneier, J. Kelsey, "Secure Audit Logs to Support Computer Forensics" (1999);
// M. Bellare, B. Yee, "Forward-Security in Private-Key Cryptography" (2003).

using System.Security.Cryptography;
using ActorChat.Secrets;

namespace ActorChat.Storage.SecureLog;

/// <summary>The chain's key at one link, 32 bytes. Cleared on <see cref="Dispose"/>.</summary>
internal sealed class ChainKey : IDisposable
{
    private readonly LockedBytes _key;

    /// <summary>Takes a copy of <paramref name="key"/>, 32 bytes.</summary>
    public ChainKey(ReadOnlySpan<byte> key) => _key = new LockedBytes(key);

    /// <summary>The 32 bytes, to be sealed into the head.</summary>
    public ReadOnlySpan<byte> Bytes => _key.Span;

    private static ReadOnlySpan<byte> StepLabel => "next"u8;

    /// <summary>Zeroes the key, until <see cref="CopyFrom"/> puts another in its place.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(_key.Span);

    /// <summary>Takes a copy of the other key.</summary>
    public void CopyFrom(ChainKey other) => other.Bytes.CopyTo(_key.Span);

    /// <summary><c>MAC = HMAC-SHA256(k, chained)</c>: for a header the 88 bytes before its MAC, for a record the previous MAC and the record, whose
    /// length is 12 modulo 16. As 88 is 8 modulo 16, no MAC of the one fits the other.</summary>
    public void Mac(ReadOnlySpan<byte> chained, Span<byte> mac) => HMACSHA256.HashData(Bytes, chained, mac);

    /// <summary>Whether <paramref name="mac"/> is the MAC of <paramref name="chained"/>, compared in constant time.</summary>
    public bool Verify(ReadOnlySpan<byte> chained, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[LogFormat.MacSize];
        Mac(chained, expected);
        return CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    /// <summary>Whether both keys are the same, compared in constant time.</summary>
    public bool IsSame(ChainKey other) => CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    /// <summary><c>k = SHA-256("next" || k)</c>, <paramref name="steps"/> times. The previous key is gone.</summary>
    public void Advance(long steps = 1)
    {
        Span<byte> input = stackalloc byte[StepLabel.Length + LogFormat.KeySize];
        StepLabel.CopyTo(input);
        for (; steps > 0; steps--)
        {
            Bytes.CopyTo(input[StepLabel.Length..]);
            SHA256.HashData(input, _key.Span);
        }

        CryptographicOperations.ZeroMemory(input);
    }

    /// <summary><c>k = HKDF-SHA256(k || log key, no salt, "ActorChat log v1 epoch", 32 bytes)</c>: where an epoch begins, its log key goes into the
    /// chain, so that an earlier k alone does not lead to the next one.</summary>
    public void Enter(Epoch epoch)
    {
        Span<byte> input = stackalloc byte[2 * LogFormat.KeySize];
        Bytes.CopyTo(input);
        epoch.Key.CopyTo(input[LogFormat.KeySize..]);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, input, _key.Span, salt: [], LogFormat.EpochInfo);
        CryptographicOperations.ZeroMemory(input);
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
