// From a finished key agreement to the keys, in every dialect. It is written from sections 4 to 6 of the page, independently of ActorChat.Protocol's key
// chain, which knows only the right way.

using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Conformance;

/// <summary>The keys of one direction.</summary>
internal sealed record Keys(byte[] Dhsk, byte[] EncKey, byte[] Iv, byte[] HmacKey, byte[] ChapSecret);

/// <summary>What both sides know after dh_2.</summary>
/// <param name="Password">The shared password.</param>
internal abstract record Secrets(string Password)
{
    private readonly Dictionary<object, Keys> _derived = [];

    /// <summary>The keys of a direction, as a dialect derives them.</summary>
    public Keys Derive(Dialect dialect, bool fromInitiator)
    {
        var how = (dialect.Associated, dialect.HalfIsk, dialect.SharedForm, dialect.EncKeyBy, dialect.Chain, dialect.HexKeys, dialect.OneChain, fromInitiator);
        if (!_derived.TryGetValue(how, out var keys))
        {
            _derived[how] = keys = DeriveAnew(dialect, fromInitiator);
        }

        return keys;
    }

    private Keys DeriveAnew(Dialect dialect, bool fromInitiator)
    {
        var dhsk = Dhsk(dialect);
        var userSecret = dialect.EncKeyBy == EncKeyBy.HashedPassword ? SHA256.HashData(Encoding.UTF8.GetBytes(Password)) : UserSecret;
        byte[] direction = !dialect.IsModern || dialect.OneChain ? [] : fromInitiator ? [.. "initiator"u8] : [.. "responder"u8];
        byte[] agreed = [.. dhsk, .. direction];
        var encKey = dialect.EncKeyBy switch
        {
            EncKeyBy.Swapped => HMACSHA256.HashData(agreed, userSecret),
            EncKeyBy.PlainHash => SHA256.HashData([.. userSecret, .. agreed]),
            _ => HMACSHA256.HashData(userSecret, agreed),
        };
        encKey = dialect.HexKeys.HasFlag(HexKeys.EncKey) ? [.. Hex(encKey)[..32]] : encKey;

        var ivDigest = SHA256.HashData(encKey);
        byte[] iv = dialect.HexKeys.HasFlag(HexKeys.Iv) ? Hex(ivDigest)[..16] : ivDigest[..16];
        byte[] fed = dialect.Chain == Chain.WholeIv ? ivDigest : iv;
        var hmacKey = KeyFrom(dialect, dialect.Chain == Chain.Separate ? fed : [.. encKey, .. fed]);
        var chapSecret = KeyFrom(dialect, dialect.Chain == Chain.Separate ? hmacKey : [.. encKey, .. fed, .. hmacKey]);
        return new Keys(dhsk, encKey, iv, hmacKey, chapSecret);
    }

    /// <summary>What must not appear on the line, besides the keys.</summary>
    public virtual IEnumerable<string> Needles => Password.Length >= 4 ? [Password] : [];

    protected abstract byte[] UserSecret { get; }

    protected abstract byte[] Dhsk(Dialect dialect);

    protected static byte[] Hex(byte[] bytes) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));

    private static byte[] KeyFrom(Dialect dialect, byte[] fed) => dialect.HexKeys.HasFlag(HexKeys.HmacKey) ? Hex(SHA256.HashData(fed)) : SHA256.HashData(fed);
}

/// <summary>Classic: the shared value of Diffie-Hellman.</summary>
internal sealed record ClassicSecrets(string Password, BigInteger Shared) : Secrets(Password)
{
    public override IEnumerable<string> Needles => [.. base.Needles, Shared.ToString(CultureInfo.InvariantCulture), Convert.ToHexStringLower(Shared.ToByteArray(true, true))];

    protected override byte[] UserSecret => Encoding.UTF8.GetBytes(Password);

    protected override byte[] Dhsk(Dialect dialect) => SHA256.HashData(dialect.SharedForm switch
    {
        SharedForm.BigEndian => Shared.ToByteArray(true, isBigEndian: true),
        SharedForm.Decimal => Encoding.ASCII.GetBytes(Shared.ToString(CultureInfo.InvariantCulture)),
        SharedForm.Hex => Encoding.ASCII.GetBytes(Modp14.Hex(Shared)),
        _ => Shared.ToByteArray(true),
    });
}

/// <summary>Modern: the results of CPace and ML-KEM-768.</summary>
internal sealed record ModernSecrets(string Password, byte[] Secret, byte[] K, byte[] Ya, byte[] Dh1, byte[] Yb, byte[] Dh2, byte[] Ss) : Secrets(Password)
{
    protected override byte[] UserSecret => Secret;

    protected override byte[] Dhsk(Dialect dialect)
    {
        var isk = new byte[CPace.IskSize];
        CPace.DeriveIsk([], K, Ya, AssociatedData(dialect, Dh1), Yb, AssociatedData(dialect, Dh2), isk);
        return [.. dialect.HalfIsk ? isk[..32] : isk, .. Ss];
    }

    private static byte[] AssociatedData(Dialect dialect, byte[] pdu) => dialect.Associated switch
    {
        Associated.WithLineFeed => [.. pdu, (byte)'\n'],
        Associated.Nothing => [],
        _ => pdu,
    };
}

/// <summary>Group 14 of RFC 3526.</summary>
internal static class Modp14
{
    public static readonly BigInteger P = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245"
        + "E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
        + "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9"
        + "DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
        NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>A private value: 256 bits.</summary>
    public static BigInteger Private() => new(RandomNumberGenerator.GetBytes(32), isUnsigned: true);

    public static BigInteger Power(BigInteger g, BigInteger x) => BigInteger.ModPow(g, x, P);

    public static string Hex(BigInteger value) => value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
}
