// The lines that the user typed, kept for the arrow keys of the next start. They hold messages, so they are sealed as the log is:
//
//   magic "ACINPUTS" 8 | version 4 | IV 16 | AES-256-CBC ciphertext | HMAC-SHA256 32 over everything before it
//   inside: the lines as a list in JSON, the oldest first

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace ActorChat.Storage.Sealing;

/// <summary>Lines sealed in the state folder. Its keys are cleared on <see cref="Dispose"/>.</summary>
public sealed class InputFile : IDisposable
{
    private const int Version = 1;
    private const int PrefixSize = 12;
    private const int TagSize = 32;
    private const int MaxLinesSize = 1 << 20;

    private readonly string _path;
    private readonly SealKeys _keys;

    /// <summary>The file at <paramref name="path"/>. It owns the keys.</summary>
    internal InputFile(string path, SealKeys keys)
    {
        _path = path;
        _keys = keys;
    }

    private static ReadOnlySpan<byte> Magic => "ACINPUTS"u8;

    /// <summary>Reads what was kept, the oldest line first; nothing when there is no such file, it is of another version, or it was altered.</summary>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public IReadOnlyList<string> Read()
    {
        if (!File.Exists(_path) || PrivateFile.Read(_path, 2 * MaxLinesSize) is not { } file || !HasForm(file) || _keys.Open(file, PrefixSize, TagSize) is not { } lines)
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<string[]>(lines) ?? [];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(lines);
        }
    }

    /// <summary>Keeps the newest lines that fit into 1 MiB, in place of those kept before.</summary>
    /// <exception cref="IOException">The file cannot be written; the one before is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Write(IReadOnlyList<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var first = lines.Count;
        for (var size = 0; first > 0 && (size += JsonSerializer.SerializeToUtf8Bytes(lines[first - 1]).Length + 1) < MaxLinesSize; first--)
        {
        }

        var plaintext = JsonSerializer.SerializeToUtf8Bytes(lines.Skip(first));
        var file = new byte[PrefixSize + SealKeys.IvSize + SealKeys.CiphertextSize(plaintext.Length) + TagSize];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(Magic.Length), Version);
        _keys.Seal(file, PrefixSize, plaintext, TagSize, RandomNumberGenerator.Fill);
        CryptographicOperations.ZeroMemory(plaintext);
        PrivateFile.Replace(_path, file);
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    private static bool HasForm(ReadOnlySpan<byte> file)
    {
        var ciphertextSize = file.Length - PrefixSize - SealKeys.IvSize - TagSize;
        return ciphertextSize > 0 && ciphertextSize % SealKeys.BlockSize == 0 && file.StartsWith(Magic)
            && BinaryPrimitives.ReadInt32BigEndian(file[Magic.Length..]) == Version;
    }
}
