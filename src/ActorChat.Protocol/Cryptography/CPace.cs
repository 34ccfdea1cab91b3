// CPace, a balanced password-authenticated key exchange: suite CPACE-X25519-SHA512 of draft-irtf-cfrg-cpace-21.
// The base point of an ordinary Diffie-Hellman exchange is replaced by a generator made from the password. Somebody who does not know the password
// does not know the generator: a conversation lets him test one guess, and its transcript none.

using System.Buffers;
using System.Security.Cryptography;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Cryptography;

/// <summary>The functions of CPACE-X25519-SHA512 (draft-irtf-cfrg-cpace-21; protocol page, section 4).</summary>
public static class CPace
{
    /// <summary>The length of a scalar, a generator and a public value, in bytes.</summary>
    public const int ElementSize = 32;

    /// <summary>The length of the intermediate session key ISK, in bytes.</summary>
    public const int IskSize = SHA512.HashSizeInBytes;

    /// <summary>The block size of SHA-512 in bytes: the password's part fills the first block, so that hashing takes the same time for every password.</summary>
    private const int HashBlockSize = 128;

    /// <summary><c>LABEL</c>, the ASCII string <c>ActorChat/1</c>: keys of this protocol are of no use in another, nor the other way round.</summary>
    public static ReadOnlySpan<byte> Label => "ActorChat/1"u8;

    private static ReadOnlySpan<byte> DomainSeparator => "CPace255"u8;

    /// <summary>The generator <c>g = Elligator2(SHA-512(lv_cat("CPace255", PRS, zeros, CI, sid))[0..32])</c>, 32 bytes.</summary>
    /// <param name="passwordRelatedString">PRS, the shared secret.</param>
    /// <param name="channelIdentifier">CI, what both sides know of the channel.</param>
    /// <param name="sessionId">sid, agreed beforehand, or empty.</param>
    /// <param name="generator">Receives 32 bytes.</param>
    public static void CalculateGenerator(
        ReadOnlySpan<byte> passwordRelatedString, ReadOnlySpan<byte> channelIdentifier, ReadOnlySpan<byte> sessionId, Span<byte> generator)
    {
        // One byte for each of three lengths. A PRS whose length needs two bytes fills the block by itself.
        ReadOnlySpan<byte> zeros = stackalloc byte[Math.Max(0, HashBlockSize - 3 - passwordRelatedString.Length - DomainSeparator.Length)];
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        using (var parts = new PooledBuffer(2 * HashBlockSize))
        {
            WriteLengthValue(parts, DomainSeparator);
            WriteLengthValue(parts, passwordRelatedString);
            WriteLengthValue(parts, zeros);
            WriteLengthValue(parts, channelIdentifier);
            WriteLengthValue(parts, sessionId);
            SHA512.HashData(parts.Written, hash);
        }

        Elligator.MapToCurve(hash[..Elligator.FieldElementSize], generator);
        CryptographicOperations.ZeroMemory(hash);
    }

    /// <summary><c>X25519(scalar, element)</c> (RFC 7748): the public value Y from one's own scalar and the generator, or K from that scalar and the other side's public value.</summary>
    /// <param name="scalar">32 bytes.</param>
    /// <param name="element">32 bytes.</param>
    /// <param name="result">Receives 32 bytes.</param>
    /// <returns>False when the result is all zeros: the element has low order and the result would be known to everybody, so the agreement must be aborted.</returns>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public static bool ScalarMultiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> element, Span<byte> result)
    {
        if ((scalar.Length, element.Length, result.Length) != (ElementSize, ElementSize, ElementSize))
        {
            throw new ArgumentException($"A scalar, an element and a product have {ElementSize} bytes.");
        }

        if (Sodium.ScalarMultiply(result, scalar, element) == 0)
        {
            return true;
        }

        result.Clear();
        return false;
    }

    /// <summary><c>ISK = SHA-512(lv_cat("CPace255_ISK", sid, K) || lv_cat(Ya, ADa) || lv_cat(Yb, ADb))</c>, the initiator's part first.
    /// ADa and ADb are the two PDUs as sent, so every byte of them is part of the key: if one is altered on the way, the two sides get different keys.</summary>
    /// <param name="sessionId">sid.</param>
    /// <param name="sharedElement">K, 32 bytes.</param>
    /// <param name="ya">The initiator's public value, 32 bytes.</param>
    /// <param name="ada">The initiator's associated data.</param>
    /// <param name="yb">The responder's public value, 32 bytes.</param>
    /// <param name="adb">The responder's associated data.</param>
    /// <param name="isk">Receives 64 bytes.</param>
    public static void DeriveIsk(
        ReadOnlySpan<byte> sessionId,
        ReadOnlySpan<byte> sharedElement,
        ReadOnlySpan<byte> ya,
        ReadOnlySpan<byte> ada,
        ReadOnlySpan<byte> yb,
        ReadOnlySpan<byte> adb,
        Span<byte> isk)
    {
        using var parts = new PooledBuffer(ada.Length + adb.Length + (2 * HashBlockSize));
        WriteLengthValue(parts, "CPace255_ISK"u8);
        WriteLengthValue(parts, sessionId);
        WriteLengthValue(parts, sharedElement);
        WriteLengthValue(parts, ya);
        WriteLengthValue(parts, ada);
        WriteLengthValue(parts, yb);
        WriteLengthValue(parts, adb);
        SHA512.HashData(parts.Written, isk);
    }

    // lv(part): the length in LEB128, seven bits a byte from the lowest up, then the part itself, so that no two lists of parts look alike.
    private static void WriteLengthValue(PooledBuffer output, ReadOnlySpan<byte> part)
    {
        var length = (uint)part.Length;
        while (length > 0x7f)
        {
            output.Write([(byte)(length | 0x80)]);
            length >>= 7;
        }

        output.Write([(byte)length]);
        output.Write(part);
    }
}
