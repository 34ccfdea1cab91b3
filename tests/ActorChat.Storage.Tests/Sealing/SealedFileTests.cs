// The sealed file: the right passphrase gives back what was sealed, and everything else gives an error.

using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorChat.Storage.Sealing;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class SealedFileTests
{
    private static ReadOnlySpan<byte> Passphrase => "correct horse"u8;

    internal static readonly Argon2Cost Cheap = new(Passes: 1, Argon2Cost.MinMemoryKiB);

    [Theory]
    [InlineData(1, 8, true)]
    [InlineData(16, 262_144, true)]
    [InlineData(0, 8, false)]
    [InlineData(17, 8, false)]
    [InlineData(1, 7, false)]
    [InlineData(1, 262_145, false)]
    public void A_cost_has_its_bounds(int passes, int memoryKiB, bool isAllowed) => Assert.Equal(isAllowed, new Argon2Cost(passes, memoryKiB).IsAllowed);

    [Property(MaxTest = 50)]
    public void What_was_sealed_opens_under_its_passphrase(byte[] plaintext) =>
        Assert.Equal(plaintext, SealedFile.Open(SealedFile.Seal(plaintext, Passphrase, Cheap), Passphrase));

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        byte next = 0;
        var file = SealedFile.Seal("directory"u8, Passphrase, new Argon2Cost(2, 16), Count);

        Assert.Equal("4143534541 4c4544 00000001 00000002 00000010 00000001".Replace(" ", ""), Convert.ToHexStringLower(file[..24]));
        Assert.Equal([.. Enumerable.Range(0, 32).Select(i => (byte)i)], file[24..56]); // salt, then IV
        Assert.Equal(56 + 16 + 32, file.Length);

        // The same file computed from docs/sealed-file.md alone.
        var argon2 = NSec.Cryptography.PasswordBasedKeyDerivationAlgorithm.Argon2id(
            new NSec.Cryptography.Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 16, NumberOfPasses = 2 });
        var keys = argon2.DeriveBytes(Passphrase, file.AsSpan(24, 16), 64);
        using var aes = Aes.Create();
        aes.Key = keys[..32];
        Assert.Equal(aes.EncryptCbc("directory"u8, file.AsSpan(40, 16)), file[56..72]);
        Assert.Equal(HMACSHA256.HashData(keys[32..], file[..72]), file[72..]);

        void Count(Span<byte> destination)
        {
            foreach (ref var b in destination)
            {
                b = next++;
            }
        }
    }

    [Fact]
    public void Sealing_twice_gives_different_files() =>
        Assert.NotEqual(SealedFile.Seal("x"u8, Passphrase, Cheap), SealedFile.Seal("x"u8, Passphrase, Cheap));

    [Fact]
    public void The_default_cost_is_three_passes_over_64_MiB()
    {
        var file = SealedFile.Seal("x"u8, Passphrase);

        Assert.Equal(3, BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(12)));
        Assert.Equal(65536, BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16)));
        Assert.Equal("x"u8, SealedFile.Open(file, Passphrase));
    }

    [Fact]
    public void A_wrong_passphrase_is_told_with_a_remedy()
    {
        var e = Assert.Throws<SealedFileException>(() => SealedFile.Open(SealedFile.Seal("x"u8, Passphrase, Cheap), "incorrect horse"u8));

        Assert.Equal(SealedFileFault.WrongPassphraseOrDamaged, e.Fault);
        Assert.EndsWith("restore the file from a copy.", e.Message);
    }

    [Fact]
    public void Each_flipped_byte_gives_one_clear_error()
    {
        var file = SealedFile.Seal("a directory of contacts"u8, Passphrase, Cheap);
        for (var i = 0; i < file.Length; i++)
        {
            var flipped = (byte[])file.Clone();
            flipped[i] ^= 0xff;
            var e = Assert.Throws<SealedFileException>(() => SealedFile.Open(flipped, Passphrase));
            var expected = i switch
            {
                < 8 => SealedFileFault.NotSealed,
                < 12 => SealedFileFault.UnknownVersion,
                18 or 19 => SealedFileFault.WrongPassphraseOrDamaged, // these flips give another cost that is allowed
                < 24 => SealedFileFault.Damaged,
                _ => SealedFileFault.WrongPassphraseOrDamaged,
            };
            Assert.Equal((i, expected), (i, e.Fault));
        }
    }

    [Fact]
    public void Each_length_but_its_own_gives_one_clear_error()
    {
        var file = SealedFile.Seal("a directory of contacts"u8, Passphrase, Cheap);
        for (var length = 0; length < file.Length + 32; length++)
        {
            byte[] other = [.. file.Take(length), .. new byte[Math.Max(0, length - file.Length)]];
            if (length != file.Length)
            {
                Assert.Throws<SealedFileException>(() => SealedFile.Open(other, Passphrase));
            }
        }
    }

    [Property(MaxTest = 200)]
    public void Any_other_bytes_give_a_documented_error(byte[] bytes, bool sealedStart)
    {
        byte[] file = sealedStart ? [.. "ACSEALED"u8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 1, .. bytes] : bytes;
        Assert.Throws<SealedFileException>(() => SealedFile.Open(file, Passphrase));
    }

    [Theory]
    [InlineData(17, 8)]
    [InlineData(int.MaxValue, 8)]
    [InlineData(-1, 8)]
    [InlineData(0, 8)]
    [InlineData(1, 7)]
    [InlineData(1, -1)]
    [InlineData(1, (256 * 1024) + 1)]
    [InlineData(1, int.MaxValue)] // two terabytes
    public void A_file_that_asks_for_too_much_is_refused_before_anything_is_spent(int passes, int memoryKiB)
    {
        var file = SealedFile.Seal("x"u8, Passphrase, Cheap);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(12), passes);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), memoryKiB);

        // If Argon2id ran at that cost, it would take days, run out of memory, or end in another fault (a wrong key).
        Assert.Equal(SealedFileFault.Damaged, Assert.Throws<SealedFileException>(() => SealedFile.Open(file, Passphrase)).Fault);
        Assert.Throws<ArgumentException>(() => SealedFile.Seal("x"u8, Passphrase, new Argon2Cost(passes, memoryKiB)));
    }

    [Fact]
    public void An_empty_passphrase_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SealedFile.Seal("x"u8, [], Cheap));
        Assert.Throws<ArgumentException>(() => SealedFile.Open(SealedFile.Seal("x"u8, Passphrase, Cheap), []));
    }

    [Fact]
    public void A_sealed_file_is_recognised_by_its_first_bytes()
    {
        Assert.True(SealedFile.IsSealed(SealedFile.Seal([], Passphrase, Cheap).AsSpan(0, 8)));
        Assert.False(SealedFile.IsSealed("{ \"contacts\": []"u8));
        Assert.False(SealedFile.IsSealed("ACSEALE"u8));
    }

    [Fact]
    public void A_file_is_replaced_whole_and_is_nobody_elses()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("directory.sealed");
        SealedFile.Write(path, "first"u8, Passphrase, Cheap);
        SealedFile.Write(path, "second"u8, "other"u8, Cheap);

        Assert.Equal("second"u8, SealedFile.Read(path, "other"u8));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void A_file_that_cannot_be_replaced_stays_and_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("occupied"));

        Assert.ThrowsAny<Exception>(() => SealedFile.Write(folder.File("occupied"), "x"u8, Passphrase, Cheap));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_too_long_to_be_one_is_refused_without_being_read()
    {
        using var folder = new TemporaryFolder();
        using (var stream = File.Create(folder.File("long")))
        {
            stream.SetLength(SealedFile.MaxFileSize + 1L); // sparse
        }

        Assert.Equal(SealedFileFault.Damaged, Assert.Throws<SealedFileException>(() => SealedFile.Read(folder.File("long"), Passphrase)).Fault);
    }
}
