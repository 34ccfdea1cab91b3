// Sealed files, log.key among them. Random bytes never have a right HMAC, so an input says how much of the sealing is done for it:
//
//   how 1 | the file, with the plaintext and its padding where the ciphertext stands
//
// how: 0 as it is, 1 with the tag that its sealer would have computed, 2 with the plaintext encrypted and then the tag.
// A file with a high but allowed cost is skipped, since it would take up to 256 MiB (docs/sealed-file.md).

using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Fuzzing.Targets;

internal static class SealedFileTarget
{
    public static ReadOnlySpan<byte> Phrase => "correct horse"u8;

    private const int MaxPasses = 2;
    private const int MaxMemoryKiB = 64;
    private const int IvEnd = SealedFile.PrefixSize + SealKeys.IvSize;
    private const int MinSize = IvEnd + SealKeys.BlockSize + SealedFile.TagSize;

    private static readonly LogFolder Folder = new(Scratch.NewFolder());

    public static void Run(byte[] input)
    {
        var parts = new Input(input);
        var how = parts.TakeByte();
        var file = parts.Rest.ToArray();
        if (IsDear(file))
        {
            return;
        }

        byte[]? genuine = null; // the plaintext, where the file is sealed correctly
        if (file.Length >= MinSize && CostOf(file).IsAllowed)
        {
            genuine = how switch { 1 => FixTag(file, encrypt: false), 2 => FixTag(file, encrypt: true), _ => null };
        }

        Open(file, genuine, isFixed: how is 1 or 2);
        OpenLogKey(file);
        SealAgain(file.AsSpan(0, Math.Min(file.Length, 256)));
    }

    /// <summary>A file as an input holds it, with the plaintext in place of the ciphertext.</summary>
    public static byte[] Decrypted(byte[] file)
    {
        var (encKey, _) = Keys(file);
        using var aes = Aes.Create();
        aes.Key = encKey;
        var padded = aes.DecryptCbc(file.AsSpan(IvEnd..^SealedFile.TagSize), file.AsSpan(SealedFile.PrefixSize, SealKeys.IvSize), PaddingMode.None);
        return [.. file[..IvEnd], .. padded, .. file[^SealedFile.TagSize..]];
    }

    private static void Open(byte[] file, byte[]? genuine, bool isFixed)
    {
        byte[]? plaintext = null;
        SealedFileFault? fault = null;
        Require.Within(fixedBytes: 64 * 1024, bytesPerByte: 8, file.Length, () =>
        {
            try
            {
                return plaintext = SealedFile.Open(file, Phrase);
            }
            catch (SealedFileException e)
            {
                fault = e.Fault;
                return null;
            }
        });

        Require.That(SealedFile.IsSealed(file) == (fault != SealedFileFault.NotSealed), "a file is called unsealed just when it does not begin as a sealed one");
        var sound = SealedFile.IsSealed(file) && file.Length >= MinSize && (file.Length - MinSize) % 16 == 0
            && BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(8)) == 1 && CostOf(file).IsAllowed && BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20)) == 1;
        if (!sound)
        {
            Require.That(plaintext is null && fault != SealedFileFault.WrongPassphraseOrDamaged, "what anybody can see is told apart");
        }
        else if (isFixed)
        {
            Require.That((plaintext is null) == (genuine is null), "a file with the right tag opens just when its padding is right");
            Require.Same(genuine, plaintext, "a file opens to what was sealed");
        }
        else if (plaintext is not null)
        {
            var (_, macKey) = Keys(file);
            Require.Same(HMACSHA256.HashData(macKey, file.AsSpan(..^SealedFile.TagSize)), file.AsSpan(^SealedFile.TagSize..), "nothing opens without its tag");
        }
    }

    private static void OpenLogKey(byte[] file)
    {
        File.WriteAllBytes(Folder.KeyPath, file);
        using var passphrase = SealedFile.IsSealed(file) ? new Passphrase(Phrase) : null;
        var contents = file;
        var opened = false;
        try
        {
            contents = passphrase is null ? file : SealedFile.Open(file, passphrase.Utf8);
            using var key = LogKey.Open(Folder, passphrase);
            opened = true;
            Require.Same(contents[11] == 1 ? contents.AsSpan(12, 32) : contents.AsSpan(24, 32), key.Epochs[0].Key, "the first log key is the one in the file");
            Require.That(contents[11] == 2 || key.VerificationKey is null == (contents.Length == 44), "there is a verification key where there is one in the file");
        }
        catch (Exception e) when (e is SecureLogException or SealedFileException)
        {
            Require.That(e.Message.EndsWith('.'), "an error is a sentence");
        }

        Require.That(
            opened || file.Length > 4096 || contents.Length is not (44 or 76) || !contents.AsSpan().StartsWith("ACLOGKEY\0\0\0\u0001"u8),
            "what is a log key opens as one");
    }

    private static void SealAgain(ReadOnlySpan<byte> plaintext) => Require.Same(
        plaintext,
        SealedFile.Open(SealedFile.Seal(plaintext, Phrase, new Argon2Cost(1, Argon2Cost.MinMemoryKiB)), Phrase),
        "what is sealed opens");

    private static bool IsDear(byte[] file) =>
        file.Length >= SealedFile.PrefixSize && CostOf(file) is { IsAllowed: true } cost && (cost.Passes > MaxPasses || cost.MemoryKiB > MaxMemoryKiB);

    private static Argon2Cost CostOf(byte[] file) =>
        new(BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(12)), BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16)));

    // Seals the file, by docs/sealed-file.md and .NET's own primitives. Returns its plaintext, or null when its padding is wrong.
    private static byte[]? FixTag(byte[] file, bool encrypt)
    {
        var (encKey, macKey) = Keys(file);
        using var aes = Aes.Create();
        aes.Key = encKey;
        var iv = file.AsSpan(SealedFile.PrefixSize, SealKeys.IvSize);
        var ciphertext = file.AsSpan(IvEnd..^SealedFile.TagSize);
        ciphertext = ciphertext[..(ciphertext.Length / 16 * 16)];
        if (encrypt)
        {
            aes.EncryptCbc(ciphertext, iv, PaddingMode.None).CopyTo(ciphertext);
        }

        HMACSHA256.HashData(macKey, file.AsSpan(..^SealedFile.TagSize)).CopyTo(file.AsSpan(^SealedFile.TagSize..));
        var padded = aes.DecryptCbc(ciphertext, iv, PaddingMode.None);
        var padding = padded[^1];
        return padding is >= 1 and <= 16 && padded.AsSpan(^padding..).IndexOfAnyExcept(padding) < 0 ? padded[..^padding] : null;
    }

    private static (byte[] EncKey, byte[] MacKey) Keys(byte[] file)
    {
        var keys = CostOf(file).DeriveBytes(Phrase, file.AsSpan(24, 16), 64);
        return (keys[..32], keys[32..]);
    }
}
