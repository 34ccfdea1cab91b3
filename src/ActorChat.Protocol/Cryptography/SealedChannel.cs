// The secure channel of one side of a conversation: it seals what goes out and opens what comes in (protocol page, section 5).
// Each direction has its own keys and counts its PDUs; the number is under the HMAC and makes the IV, so a PDU that is repeated,
// left out, moved or sent back does not verify.

using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Cryptography;

/// <summary>Seals and opens the secured PDUs of one conversation, seen from one side. Clears its keys on <see cref="Dispose"/>.</summary>
/// <param name="format">The profile's spelling.</param>
/// <param name="sending">The chain of this side's direction.</param>
/// <param name="receiving">The chain of the other side's direction.</param>
public sealed class SealedChannel(PduFormat format, KeyChain sending, KeyChain receiving) : IDisposable
{
    /// <summary>The length of a challenge and of the answer to it, in bytes.</summary>
    public const int ChallengeSize = 32;

    private const int BlockSize = 16;

    /// <summary>What a secured PDU has around its body's base64, in bytes, with the longest timestamp, CRC and words.</summary>
    private const int PduOverhead = 256;

    private ulong _sent;
    private ulong _received;

    /// <summary>The longest plaintext whose sealed PDU surely fits <paramref name="maxPduSize"/>: base64 makes 4 bytes of 3, padding adds up to 16.</summary>
    /// <param name="maxPduSize">In bytes, without the line feed.</param>
    public static int MaxPlaintextSize(int maxPduSize) => ((maxPduSize - PduOverhead) / 4 * 3) - BlockSize;

    /// <summary>Seals the next PDU of this side.</summary>
    /// <param name="type">Any type but dh_1 and dh_2.</param>
    /// <param name="plaintext">What the body says; empty for JSON null.</param>
    /// <param name="timestamp">Seconds since the Unix epoch.</param>
    /// <returns>The PDU's bytes, without the line feed.</returns>
    public byte[] Seal(MsgType type, ReadOnlySpan<byte> plaintext, double timestamp)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, _sent++);
        byte[] ciphertext = [];
        if (!plaintext.IsEmpty)
        {
            using var aes = Aes.Create();
            aes.SetKey(sending.EncKey);
            ciphertext = aes.EncryptCbc(plaintext, IvOf(sending, number, stackalloc byte[KeyChain.IvSize]));
        }

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, sending.HmacKey);
        hmac.AppendData(number);
        return PduWriter.WriteSecured(format, type, timestamp, ciphertext, hmac);
    }

    /// <summary>Counts the other side's next PDU and checks its HMAC, in constant time, before anything in it is believed or decrypted.</summary>
    /// <returns>Whether the PDU is genuine and in its place.</returns>
    public bool Verify(Pdu pdu)
    {
        ArgumentNullException.ThrowIfNull(pdu);
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, _received++);
        if (pdu.HmacValue is not { } hmacValue)
        {
            return false;
        }

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, receiving.HmacKey);
        hmac.AppendData(number);
        pdu.FeedForHmac(hmac.AppendData);
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        hmac.GetHashAndReset(expected);
        return CryptographicOperations.FixedTimeEquals(expected, hmacValue.Span);
    }

    /// <summary>Decrypts the body of the PDU that <see cref="Verify"/> accepted last.</summary>
    /// <returns>The plaintext; null when there is no body, or its base64, length or padding is wrong, which are never told apart.</returns>
    public byte[]? Open(Pdu pdu)
    {
        ArgumentNullException.ThrowIfNull(pdu);
        if (pdu.Body is not { } body)
        {
            return null;
        }

        var ciphertext = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length)];
        if (Base64.DecodeFromUtf8(body.Span, ciphertext, out _, out var length) != OperationStatus.Done || length == 0 || length % BlockSize != 0)
        {
            return null;
        }

        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, _received - 1);
        using var aes = Aes.Create();
        aes.SetKey(receiving.EncKey);
        var plaintext = aes.DecryptCbc(ciphertext.AsSpan(0, length), IvOf(receiving, number, stackalloc byte[KeyChain.IvSize]), PaddingMode.None);
        var padding = PaddingSize(plaintext);
        return padding == 0 ? null : plaintext[..^padding];
    }

    /// <summary>This side's answer to the other's challenge: <c>HMAC-SHA256(chap_secret of this direction, challenge)</c>, 32 bytes.</summary>
    public byte[] Respond(ReadOnlySpan<byte> challenge) => HMACSHA256.HashData(sending.ChapSecret, challenge);

    /// <summary>Whether <paramref name="response"/> is the other side's right answer to this side's challenge, compared in constant time.</summary>
    public bool VerifyResponse(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> response) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(receiving.ChapSecret, challenge), response);

    /// <inheritdoc/>
    public void Dispose()
    {
        sending.Dispose();
        receiving.Dispose();
    }

    // PKCS#7: n bytes of the value n at the end, 1 to 16. 0 when they are not. It takes the same time for every padding: .NET's own check
    // throws, and an exception takes many times as long as all the rest.
    private static int PaddingSize(ReadOnlySpan<byte> plaintext)
    {
        int size = plaintext[^1];
        var wrong = (size - 1) | (BlockSize - size); // negative when out of range
        for (var i = 1; i <= BlockSize; i++)
        {
            var inPadding = (i - 1 - size) >> 31; // all ones for the last size bytes
            wrong |= -(inPadding & (plaintext[^i] ^ size));
        }

        return size & ~(wrong >> 31);
    }

    // The IV of PDU n = first 16 bytes of HMAC-SHA256(key = iv, N): fresh for every PDU and known to nobody without the keys.
    private static Span<byte> IvOf(KeyChain chain, ReadOnlySpan<byte> number, Span<byte> iv)
    {
        Span<byte> mac = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(chain.Iv, number, mac);
        mac[..KeyChain.IvSize].CopyTo(iv);
        return iv;
    }
}
