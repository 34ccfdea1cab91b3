// The beginning of a log's MAC chain. Whoever holds it can check all of a log from its first byte, and could forge all of it:
// it belongs on paper or under a passphrase, never beside the log that it verifies.

using System.Buffers;
using System.Security.Cryptography;
using ActorChat.Secrets;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.SecureLog;

/// <summary>The verification key of a log, k_0: 32 bytes. Cleared on <see cref="Dispose"/>.</summary>
public sealed class VerificationKey : IDisposable
{
    private const int GroupSize = 8;
    private const int TextSize = (2 * LogFormat.KeySize) + (2 * LogFormat.KeySize / GroupSize) - 1;

    private readonly LockedBytes _bytes;

    internal VerificationKey(ReadOnlySpan<byte> bytes) => _bytes = new LockedBytes(bytes);

    internal ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>Reads what <see cref="ToText"/> wrote; spaces, dashes and capitals do not matter.</summary>
    /// <exception cref="FormatException">It is not 64 hexadecimal digits.</exception>
    public static VerificationKey Parse(ReadOnlySpan<char> text)
    {
        Span<char> digits = stackalloc char[2 * LogFormat.KeySize];
        Span<byte> bytes = stackalloc byte[LogFormat.KeySize];
        var count = 0;
        foreach (var character in text)
        {
            if (character != '-' && !char.IsWhiteSpace(character))
            {
                count = count < digits.Length && char.IsAsciiHexDigit(character) ? count + 1 : throw NoKey();
                digits[count - 1] = character;
            }
        }

        try
        {
            return count == digits.Length && Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done ? new VerificationKey(bytes) : throw NoKey();
        }
        finally
        {
            digits.Clear();
            CryptographicOperations.ZeroMemory(bytes);
        }

        static FormatException NoKey() => new("A verification key is 64 hexadecimal digits in eight groups. Copy it again from where it was kept.");
    }

    /// <summary>The key for people to keep: 64 hexadecimal digits in eight groups with dashes between. The text stays in memory until the garbage
    /// collector reuses its place, so <see cref="Save"/> is better where it can be used.</summary>
    public string ToText() => string.Create(TextSize, _bytes, static (text, key) =>
    {
        var bytes = key.Span;
        for (var i = 0; i < bytes.Length; i++)
        {
            var at = (2 * i) + (2 * i / GroupSize);
            Convert.TryToHexStringLower(bytes.Slice(i, 1), text[at..], out _);
            if (at + 2 < text.Length && (2 * (i + 1)) % GroupSize == 0)
            {
                text[at + 2] = '-';
            }
        }
    });

    /// <summary>Writes the key into a new file of mode 0600, in the form of <see cref="ToText"/>, for <c>log verify --verification-key-file</c>.</summary>
    /// <exception cref="IOException">There is such a file already, or it cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Save(string path)
    {
        Span<byte> line = stackalloc byte[TextSize + 1];
        line.Fill((byte)'-');
        for (var i = 0; i < Bytes.Length; i++)
        {
            Convert.TryToHexStringLower(Bytes.Slice(i, 1), line[((2 * i) + (2 * i / GroupSize))..], out _);
        }

        line[^1] = (byte)'\n';
        try
        {
            using var file = new FileStream(path, PrivateFile.Options(FileMode.CreateNew));
            file.Write(line);
            file.Flush(flushToDisk: true);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"{path} is there already; name another file for the verification key, or remove it if it belongs to no log: a start that was cut short leaves it behind", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();
}
