// Encrypt, then MAC: the one box in which everything at rest is sealed, whether a file, the log's head or a record.
// A box is  prefix || IV || AES-256-CBC ciphertext || tag,  the tag an HMAC-SHA256 over all bytes before it, prefix included.
// Opening checks the tag in constant time before it decrypts, so there is no padding oracle for somebody without the key.

using System.Security.Cryptography;

namespace ActorChat.Storage.Sealing;

/// <summary>The two keys of a box: 32 bytes for AES-256-CBC, 32 bytes for HMAC-SHA256. Cleared on <see cref="Dispose"/>. Not thread-safe.</summary>
internal sealed class SealKeys : IDisposable
{
    /// <summary>Both keys together, in bytes.</summary>
    public const int Size = 64;

    /// <summary>The length of an IV, in bytes.</summary>
    public const int IvSize = 16;

    /// <summary>The block of AES, in bytes. A ciphertext is one to sixteen bytes longer than its plaintext, and a multiple of this.</summary>
    public const int BlockSize = 16;

    private readonly Aes _aes = Aes.Create();
    private readonly IncrementalHash _mac;
    private ICryptoTransform? _decryptor;
    private byte[] _box = [];
    private byte[] _opened = []; // what was opened last

    /// <summary>Takes a copy of <paramref name="keys"/>: 32 bytes for encryption, then 32 bytes for the MAC.</summary>
    public SealKeys(ReadOnlySpan<byte> keys)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(keys.Length, Size);
        _aes.SetKey(keys[..32]);
        _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys[32..]); // one object for all boxes: a key is set up once
    }

    /// <summary><c>HKDF-SHA256(secret, salt, info, 64 bytes)</c> (RFC 5869).</summary>
    public static SealKeys Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info)
    {
        Span<byte> keys = stackalloc byte[Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, keys, salt, info);
        try
        {
            return new SealKeys(keys);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    /// <summary>The length of the ciphertext of <paramref name="plaintextSize"/> bytes (PKCS #7 always pads).</summary>
    public static int CiphertextSize(int plaintextSize) => plaintextSize + BlockSize - (plaintextSize % BlockSize);

    /// <summary>Seals <paramref name="plaintext"/> behind the prefix that is already in <paramref name="box"/>.</summary>
    /// <param name="box">Exactly <paramref name="prefixSize"/> + 16 + the ciphertext + <paramref name="tagSize"/> bytes.</param>
    /// <param name="prefixSize">How many bytes at the start of the box are authenticated but not encrypted.</param>
    /// <param name="plaintext">What to seal.</param>
    /// <param name="tagSize">How many bytes of the HMAC to keep: 16 to 32.</param>
    /// <param name="random">Where the IV comes from.</param>
    public void Seal(Span<byte> box, int prefixSize, ReadOnlySpan<byte> plaintext, int tagSize, RandomSource random)
    {
        var iv = box.Slice(prefixSize, IvSize);
        random(iv);
        _aes.EncryptCbc(plaintext, iv, box[(prefixSize + IvSize)..^tagSize]);
        Span<byte> tag = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Mac(box[..^tagSize], tag);
        tag[..tagSize].CopyTo(box[^tagSize..]);
    }

    /// <summary>Opens a box.</summary>
    /// <returns>The plaintext; null when the tag does not match or, which only somebody with the keys can bring about, the padding is wrong.</returns>
    public byte[]? Open(ReadOnlySpan<byte> box, int prefixSize, int tagSize)
    {
        if (!HasTag(box, tagSize))
        {
            return null;
        }

        try
        {
            return _aes.DecryptCbc(box[(prefixSize + IvSize)..^tagSize], box.Slice(prefixSize, IvSize));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Opens a box with keys or passwords in it.</summary>
    /// <returns>As <see cref="Open"/>, in pinned memory, so that the garbage collector leaves no copies behind; the caller clears it.</returns>
    public byte[]? OpenSecret(ReadOnlySpan<byte> box, int prefixSize, int tagSize)
    {
        if (!HasTag(box, tagSize))
        {
            return null;
        }

        var ciphertext = box[(prefixSize + IvSize)..^tagSize];
        var padded = GC.AllocateUninitializedArray<byte>(ciphertext.Length, pinned: true);
        try
        {
            var plaintext = GC.AllocateUninitializedArray<byte>(_aes.DecryptCbc(ciphertext, box.Slice(prefixSize, IvSize), padded), pinned: true);
            padded.AsSpan(0, plaintext.Length).CopyTo(plaintext);
            return plaintext;
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    /// <summary>Opens one of many short boxes.</summary>
    /// <param name="box">The box. Two buffers of its length, rounded up, are kept for the next one.</param>
    /// <param name="prefixSize">How many bytes at its start are authenticated but not encrypted.</param>
    /// <param name="tagSize">How many bytes of the HMAC it has.</param>
    /// <param name="plaintext">What was in it, valid until the next call; it is cleared with the keys.</param>
    /// <returns>False when the tag does not match or, which only somebody with the keys can bring about, the padding is wrong.</returns>
    public bool TryOpen(ReadOnlySpan<byte> box, int prefixSize, int tagSize, out ReadOnlySpan<byte> plaintext)
    {
        plaintext = default;
        var size = box.Length - prefixSize - tagSize;
        if (!HasTag(box, tagSize) || size <= IvSize || size % BlockSize != 0)
        {
            return false;
        }

        Decrypt(box.Slice(prefixSize, size));
        var padding = _opened[size - 1];
        if (padding is 0 or > BlockSize || _opened.AsSpan(size - padding, padding).ContainsAnyExcept(padding))
        {
            return false;
        }

        plaintext = _opened.AsSpan(IvSize, size - IvSize - padding);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_opened);
        _decryptor?.Dispose();
        _aes.Dispose();
        _mac.Dispose();
    }

    // In CBC a block needs only the ciphertext block before it. So one decryptor opens all boxes, one after another, with the IV of each as the block before
    // its first; the output for the IV itself is meaningless. Setting up a decryptor for each box costs more than decrypting a short one.
    private void Decrypt(ReadOnlySpan<byte> ivAndCiphertext)
    {
        if (_box.Length < ivAndCiphertext.Length)
        {
            CryptographicOperations.ZeroMemory(_opened);
            var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)ivAndCiphertext.Length);
            (_box, _opened) = (new byte[size], new byte[size]);
        }

        _aes.Padding = PaddingMode.None;
        _decryptor ??= _aes.CreateDecryptor();
        ivAndCiphertext.CopyTo(_box);
        _decryptor.TransformBlock(_box, 0, ivAndCiphertext.Length, _opened, 0);
    }

    private bool HasTag(ReadOnlySpan<byte> box, int tagSize)
    {
        Span<byte> tag = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Mac(box[..^tagSize], tag);
        return CryptographicOperations.FixedTimeEquals(tag[..tagSize], box[^tagSize..]);
    }

    private void Mac(ReadOnlySpan<byte> bytes, Span<byte> mac)
    {
        _mac.AppendData(bytes);
        _mac.GetHashAndReset(mac);
    }
}
