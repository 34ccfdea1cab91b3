// Sealed boxes: several with the same keys open one after another, and an altered one does not.

using System.Security.Cryptography;
using ActorChat.Storage.Sealing;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class SealKeysTests : IDisposable
{
    private const int PrefixSize = 3;
    private const int TagSize = 16;

    private static readonly byte[] Bytes = [.. Enumerable.Range(0, SealKeys.Size).Select(i => (byte)i)];

    private readonly SealKeys _keys = new(Bytes);

    public void Dispose() => _keys.Dispose();

    [Property(MaxTest = 200)]
    public void Boxes_open_one_after_another_in_both_ways_and_an_altered_one_does_not(byte[][] plaintexts, byte at)
    {
        foreach (var plaintext in plaintexts.Append(new byte[5000]))
        {
            var box = new byte[PrefixSize + SealKeys.IvSize + SealKeys.CiphertextSize(plaintext.Length) + TagSize];
            _keys.Seal(box, PrefixSize, plaintext, TagSize, RandomNumberGenerator.Fill);
            Assert.Equal(plaintext, _keys.Open(box, PrefixSize, TagSize)!);
            Assert.True(_keys.TryOpen(box, PrefixSize, TagSize, out var opened));
            Assert.Equal(plaintext, opened.ToArray());
            box[at % box.Length] ^= 1;
            Assert.Null(_keys.Open(box, PrefixSize, TagSize));
            Assert.False(_keys.TryOpen(box, PrefixSize, TagSize, out opened));
            Assert.True(opened.IsEmpty);
        }
    }

    // The IVs come from this pool, so it must never hand out a byte twice.
    [Fact]
    public void Random_bytes_come_from_the_source_in_order_and_each_is_handed_out_once()
    {
        ushort next = 0;
        var pool = new RandomPool(bytes =>
        {
            for (var i = 0; i < bytes.Length; i += 2, next++)
            {
                (bytes[i], bytes[i + 1]) = ((byte)(next >> 8), (byte)next);
            }
        });
        var taken = new byte[1536];
        for (var at = 0; at < taken.Length; at += 16)
        {
            pool.Fill(taken.AsSpan(at, 16));
        }

        Assert.Equal(Enumerable.Range(0, 768), Enumerable.Range(0, 768).Select(i => (taken[2 * i] << 8) | taken[(2 * i) + 1]));
    }

    [Fact]
    public void Keys_of_another_length_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new SealKeys(Bytes.AsSpan(1)));

    [Fact]
    public void A_box_with_nothing_in_it_is_refused_although_the_tag_is_right()
    {
        var before = new byte[PrefixSize + SealKeys.IvSize + SealKeys.BlockSize + TagSize];
        _keys.Seal(before, PrefixSize, "any"u8, TagSize, RandomNumberGenerator.Fill);
        Assert.True(_keys.TryOpen(before, PrefixSize, TagSize, out _));
        var looksPadded = before[^(TagSize + SealKeys.BlockSize)..^TagSize]; // chosen so that CBC would decrypt the IV to one byte of padding
        looksPadded[^1] ^= 1;
        var box = new byte[PrefixSize + SealKeys.IvSize + TagSize];
        using var aes = Aes.Create();
        aes.SetKey(Bytes.AsSpan(0, 32));
        aes.EncryptEcb(looksPadded, box.AsSpan(PrefixSize), PaddingMode.None);
        HMACSHA256.HashData(Bytes.AsSpan(32), box.AsSpan(0, box.Length - TagSize)).AsSpan(0, TagSize).CopyTo(box.AsSpan(box.Length - TagSize));
        Assert.False(_keys.TryOpen(box, PrefixSize, TagSize, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(255)]
    [InlineData(2)]
    public void Invalid_padding_is_refused_although_the_tag_is_right(byte last)
    {
        var box = new byte[PrefixSize + SealKeys.IvSize + 32 + TagSize];
        var padded = Enumerable.Repeat((byte)9, 31).Append(last).ToArray();
        using var aes = Aes.Create();
        aes.SetKey(Bytes.AsSpan(0, 32));
        aes.EncryptCbc(padded, box.AsSpan(PrefixSize, SealKeys.IvSize), box.AsSpan(PrefixSize + SealKeys.IvSize), PaddingMode.None);
        HMACSHA256.HashData(Bytes.AsSpan(32), box.AsSpan(0, box.Length - TagSize)).AsSpan(0, TagSize).CopyTo(box.AsSpan(box.Length - TagSize));
        Assert.Null(_keys.Open(box, PrefixSize, TagSize));
        Assert.False(_keys.TryOpen(box, PrefixSize, TagSize, out _));
    }
}
