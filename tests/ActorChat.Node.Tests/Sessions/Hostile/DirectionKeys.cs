// The attacker's own key schedule (protocol page, sections 4 and 5), in plain arrays: he seals what no well-behaved sender would,
// and the tests look for these bytes in the log.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;
using NSec.Cryptography;

namespace ActorChat.Node.Tests.Sessions.Hostile;

internal sealed class DirectionKeys
{
    private static readonly Argon2id Argon2id = PasswordBasedKeyDerivationAlgorithm.Argon2id(
        new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 64 * 1024, NumberOfPasses = 3 });

    private readonly byte[] _iv;

    private DirectionKeys(byte[] encKey)
    {
        EncKey = encKey;
        _iv = SHA256.HashData(encKey)[..16];
        HmacKey = SHA256.HashData([.. encKey, .. _iv]);
        ChapSecret = SHA256.HashData([.. encKey, .. _iv, .. HmacKey]);
    }

    /// <summary>Keys that nobody else has.</summary>
    public static DirectionKeys OfNobody { get; } = new(new byte[32]);

    public byte[] EncKey { get; }

    public byte[] HmacKey { get; }

    public byte[] ChapSecret { get; }

    public static byte[] UserSecret(string password, string initiatorName) => Argon2id.DeriveBytes(
        Encoding.UTF8.GetBytes(password), SHA256.HashData([.. CPace.Label, .. " user_secret\0"u8, .. Encoding.UTF8.GetBytes(initiatorName)])[..16], 32);

    public static DirectionKeys Derive(byte[] userSecret, byte[] dhsk, string direction) =>
        new(HMACSHA256.HashData(userSecret, (byte[])[.. dhsk, .. Encoding.ASCII.GetBytes(direction)]));

    public byte[] HmacOf(ulong number, byte[] blanked) => HMACSHA256.HashData(HmacKey, (byte[])[.. Draft.N(number), .. blanked]);

    /// <summary>A plaintext's ciphertext in base64.</summary>
    public string Encrypt(ulong number, byte[] plaintext) => Convert.ToBase64String(WithKey().EncryptCbc(plaintext, IvOf(number)));

    /// <summary>The same for whole blocks, with whatever stands in place of the padding.</summary>
    public string EncryptUnpadded(ulong number, byte[] blocks) =>
        Convert.ToBase64String(WithKey().EncryptCbc(blocks, IvOf(number), PaddingMode.None));

    public byte[] Decrypt(ulong number, ReadOnlySpan<byte> base64) => WithKey().DecryptCbc(Convert.FromBase64String(Encoding.ASCII.GetString(base64)), IvOf(number));

    private Aes WithKey()
    {
        var aes = Aes.Create();
        aes.Key = EncKey;
        return aes;
    }

    private byte[] IvOf(ulong number) => HMACSHA256.HashData(_iv, Draft.N(number))[..16];
}
