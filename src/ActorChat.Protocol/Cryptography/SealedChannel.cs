// The secure channel of one side of a conversation: it seals what goes out and opens what comes in (protocol page, section 5).
// In modern each direction has its own keys and counts its PDUs. The number goes into the HMAC and makes the IV, so a PDU that is repeated,
// reordered or reflected to its sender, or that follows one left out, does not verify. In classic it does.

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

    private readonly IncrementalHash _sendingHmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, sending.HmacKey);
    private readonly IncrementalHash _receivingHmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, receiving.HmacKey);
    private readonly Aes _sendingAes = AesOf(sending);
    private readonly Aes _receivingAes = AesOf(receiving);
    private ulong _sent;
    private ulong _received;

    /// <summary>The longest plaintext whose sealed PDU always fits <paramref name="maxPduSize"/>: base64 makes 4 bytes of 3, padding adds up to 16.</summary>
    /// <param name="maxPduSize">In bytes, without the line feed.</param>
    public static int MaxPlaintextSize(int maxPduSize) => ((maxPduSize - PduWriter.MaxOverhead) / 4 * 3) - BlockSize;

    /// <summary>The inverse: the most bytes that the sealed PDU of a plaintext of this length can have.</summary>
    public static int MaxPduSize(int plaintextSize) => PduWriter.MaxOverhead + ((plaintextSize + BlockSize + 2) / 3 * 4);

    /// <summary>Seals the next PDU of this side.</summary>
    /// <param name="type">Any type but dh_1 and dh_2.</param>
    /// <param name="plaintext">The body's plaintext. Empty writes JSON null, except in a text, which always has a body.</param>
    /// <param name="timestamp">Seconds since the Unix epoch.</param>
    /// <returns>The PDU's bytes, with the line feed that ends it.</returns>
    public byte[] Seal(MsgType type, ReadOnlySpan<byte> plaintext, double timestamp)
    {
        var number = NumberOf(_sent++, stackalloc byte[sizeof(ulong)]);
        _sendingHmac.AppendData(number);
        if (plaintext.IsEmpty && type != MsgType.Text)
        {
            return PduWriter.WriteSecured(format, type, timestamp, ciphertext: [], _sendingHmac);
        }

        using var ciphertext = new PooledBuffer(_sendingAes.GetCiphertextLengthCbc(plaintext.Length));
        ciphertext.Advance(_sendingAes.EncryptCbc(plaintext, IvOf(sending, number, stackalloc byte[KeyChain.IvSize]), ciphertext.GetSpan()));
        return PduWriter.WriteSecured(format, type, timestamp, ciphertext.Written, _sendingHmac);
    }

    /// <summary>Counts the other side's next PDU and checks its HMAC, in constant time, before anything in it is believed or decrypted.</summary>
    /// <returns>Whether the PDU is genuine and in its place.</returns>
    public bool Verify(Pdu pdu)
    {
        ArgumentNullException.ThrowIfNull(pdu);
        var number = NumberOf(_received++, stackalloc byte[sizeof(ulong)]);
        if (!pdu.IsSecured)
        {
            return false;
        }

        _receivingHmac.AppendData(number);
        pdu.FeedForHmac(_receivingHmac);
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        _receivingHmac.GetHashAndReset(expected);
        return CryptographicOperations.FixedTimeEquals(expected, pdu.HmacValue);
    }

    /// <summary>Decrypts the body of the PDU that <see cref="Verify"/> accepted last.</summary>
    /// <returns>The plaintext; null when there is no body, or when its base64, length or padding is wrong. These cases are never told apart.</returns>
    public byte[]? Open(Pdu pdu)
    {
        ArgumentNullException.ThrowIfNull(pdu);
        if (pdu.Body is not { } body)
        {
            return null;
        }

        using var ciphertext = new PooledBuffer(Base64.GetMaxDecodedFromUtf8Length(body.Length));
        if (Base64.DecodeFromUtf8(body.Span, ciphertext.GetSpan(), out _, out var length) != OperationStatus.Done || length == 0 || length % BlockSize != 0)
        {
            return null;
        }

        ciphertext.Advance(length);
        var number = NumberOf(_received - 1, stackalloc byte[sizeof(ulong)]);
        using var plaintext = new PooledBuffer(length);
        plaintext.Advance(_receivingAes.DecryptCbc(
            ciphertext.Written, IvOf(receiving, number, stackalloc byte[KeyChain.IvSize]), plaintext.GetSpan(), PaddingMode.None));
        var padding = PaddingSize(plaintext.Written);
        return padding == 0 ? null : plaintext.Written[..^padding].ToArray();
    }

    /// <summary>This side's answer to the other's challenge: <c>HMAC-SHA256(chap_secret of this direction, challenge)</c>, 32 bytes.</summary>
    public byte[] Respond(ReadOnlySpan<byte> challenge) => HMACSHA256.HashData(sending.ChapSecret, challenge);

    /// <summary>Whether <paramref name="response"/> is the other side's right answer to this side's challenge, compared in constant time.</summary>
    public bool VerifyResponse(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> response)
    {
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(receiving.ChapSecret, challenge, expected);
        return CryptographicOperations.FixedTimeEquals(expected, response);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sendingHmac.Dispose();
        _receivingHmac.Dispose();
        _sendingAes.Dispose();
        _receivingAes.Dispose();
        sending.Dispose();
        receiving.Dispose();
    }

    private static Aes AesOf(KeyChain chain)
    {
        var aes = Aes.Create();
        aes.SetKey(chain.EncKey);
        return aes;
    }

    // The length of the PKCS#7 padding, n bytes of the value n, 1 to 16; 0 when it is wrong. It takes the same time for every padding: .NET's own
    // check throws, and an exception takes many times as long as all the rest.
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

    // N: 8 bytes, big endian, where PDUs are numbered; else empty.
    private ReadOnlySpan<byte> NumberOf(ulong n, Span<byte> number)
    {
        BinaryPrimitives.WriteUInt64BigEndian(number, n);
        return format.IsNumbered ? number : [];
    }

    // The IV of PDU n = first 16 bytes of HMAC-SHA256(key = iv, N): fresh for every PDU and known to nobody without the keys. Without numbers
    // it is the chain's iv every time, and equal beginnings of plaintexts show.
    private static ReadOnlySpan<byte> IvOf(KeyChain chain, ReadOnlySpan<byte> number, Span<byte> iv)
    {
        if (number.IsEmpty)
        {
            return chain.Iv;
        }

        Span<byte> mac = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(chain.Iv, number, mac);
        mac[..KeyChain.IvSize].CopyTo(iv);
        return iv;
    }
}
