// Where a log's MAC chain began. Who holds it can check all of a log from its first byte, and could have forged all of it:
// it belongs on paper or under a passphrase, never beside the log that it verifies.

using System.Security.Cryptography;

namespace ActorChat.Storage.SecureLog;

/// <summary>The verification key of a log, k_0: 32 bytes. Cleared on <see cref="Dispose"/>.</summary>
public sealed class VerificationKey : IDisposable
{
    private const int GroupSize = 8;

    private readonly byte[] _bytes;

    internal VerificationKey(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads what <see cref="ToText"/> wrote; spaces, dashes and capitals do not matter.</summary>
    /// <exception cref="FormatException">It is not 64 hexadecimal digits.</exception>
    public static VerificationKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).Trim();
        if (digits.Length != 2 * LogFormat.KeySize || !digits.All(char.IsAsciiHexDigit))
        {
            throw new FormatException("A verification key is 64 hexadecimal digits in eight groups. Copy it again from where it was kept.");
        }

        var bytes = Convert.FromHexString(digits);
        var key = new VerificationKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>The key for people to keep: 64 hexadecimal digits in eight groups with dashes between.</summary>
    public string ToText() => string.Join('-', Convert.ToHexStringLower(_bytes).Chunk(GroupSize).Select(group => new string(group)));

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
