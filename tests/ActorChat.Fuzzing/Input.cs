// Takes an input apart, for targets that need several values. They stand one after another in it. A short input gives zeros and empty pieces.

using System.Buffers.Binary;

namespace ActorChat.Fuzzing;

internal ref struct Input(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Everything that has not been taken.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte TakeByte() => Take(1) is [var b] ? b : (byte)0;

    public ReadOnlySpan<byte> Take(int size)
    {
        var taken = _rest[..Math.Min(size, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }

    /// <summary>A piece with its length, 2 bytes big-endian, before it.</summary>
    public ReadOnlySpan<byte> TakePiece() => Take(2) is { Length: 2 } length ? Take(BinaryPrimitives.ReadUInt16BigEndian(length)) : [];

    /// <summary>Writes a piece as <see cref="TakePiece"/> reads it.</summary>
    public static byte[] Piece(ReadOnlySpan<byte> piece) => [(byte)(piece.Length >> 8), (byte)piece.Length, .. piece];
}
