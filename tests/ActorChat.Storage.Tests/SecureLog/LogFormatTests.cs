// The format, computed again from docs/secure-log.md with only .NET's own primitives. A change of the format needs a new version.

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActorChat.Storage.Tests.SecureLog;

public sealed class LogFormatTests
{
    [Fact]
    public void The_files_are_the_documented_ones()
    {
        using var log = new TestLog();
        log.Write("text");

        var key = TestLog.ReadAll(log.Folder.KeyPath);
        Assert.Equal("ACLOGKEY\0\0\0\u0001", Encoding.Latin1.GetString(key[..12]));
        Assert.Equal(44, key.Length);
        var logKey = key[12..];
        var k0 = Convert.FromHexString(log.VerificationKey.ToText().Replace("-", ""));
        var k1 = Next(k0);

        var segment = TestLog.ReadAll(log.SegmentPath(1));
        Assert.Equal("ACLOGSEG\0\0\0\u0001\0\0\0\u0001\0\0\0\0\0\0\0\u0001", Encoding.Latin1.GetString(segment[..24]));
        Assert.Equal(new byte[32], segment[56..88]);
        Assert.Equal(HMACSHA256.HashData(k0, segment[..88]), segment[88..120]);

        var (encryption, seal) = Keys(logKey, segment[24..56], "ActorChat log v1 segment");
        var record = segment[120..];
        Assert.Equal(64, BinaryPrimitives.ReadInt32BigEndian(record));
        Assert.Equal(1, BinaryPrimitives.ReadInt64BigEndian(record.AsSpan(4)));
        Assert.Equal(12 + 16 + 64 + 16 + 32, record.Length);
        Assert.Equal(HMACSHA256.HashData(seal, record[..92])[..16], record[92..108]);
        Assert.Equal(HMACSHA256.HashData(k1, segment[88..228]), record[108..]);
        using var aes = Aes.Create();
        aes.Key = encryption;
        var plaintext = aes.DecryptCbc(record[28..92], record[12..28]);
        Assert.Equal(
            "02" + "0000000000000000" + "01" + "00" + "01" + "00112233445566778899aabbccddeeff",
            Convert.ToHexStringLower(plaintext[..1]) + "0000000000000000" + Convert.ToHexStringLower(plaintext[9..28]));
        Assert.Equal(TestLog.Time.ToUnixTimeSeconds() * 10_000_000, BinaryPrimitives.ReadInt64BigEndian(plaintext.AsSpan(1)));
        Assert.Equal("\0\u0005alice\0\u000e192.0.2.1:4711text", Encoding.Latin1.GetString(plaintext[28..]));

        var head = TestLog.ReadAll(log.Folder.HeadPath);
        Assert.Equal(8192, head.Length);
        Assert.Equal(head[..4096], head[4096..]);
        Assert.Equal("ACLOGHED\0\0\0\u0001", Encoding.Latin1.GetString(head[..12]));
        Assert.Equal(new byte[4096 - 156], head[156..4096]);
        (encryption, seal) = Keys(logKey, [], "ActorChat log v1 head");
        Assert.Equal(HMACSHA256.HashData(seal, head[..124]), head[124..156]);
        aes.Key = encryption;
        Assert.Equal(
            "0000000000000001" + "00000001" + "0000000000000104" + Convert.ToHexStringLower(record[108..]) + Convert.ToHexStringLower(Next(k1)),
            Convert.ToHexStringLower(aes.DecryptCbc(head[28..124], head[12..28])));
    }

    private static byte[] Next(byte[] key) => SHA256.HashData([.. "next"u8, .. key]);

    private static (byte[] Encryption, byte[] Seal) Keys(byte[] logKey, byte[] salt, string info)
    {
        var keys = HKDF.DeriveKey(HashAlgorithmName.SHA256, logKey, 64, salt, Encoding.ASCII.GetBytes(info));
        return (keys[..32], keys[32..]);
    }
}
