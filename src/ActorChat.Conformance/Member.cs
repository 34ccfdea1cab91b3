// The members of a PDU by name, and the names that implementations are known to give them.

namespace ActorChat.Conformance;

/// <summary>A member of a PDU.</summary>
/// <param name="Parent">The member whose object holds it; null for the PDU itself.</param>
/// <param name="Modern">Its name in modern.</param>
/// <param name="Classic">Its name in classic.</param>
/// <param name="Others">Names that were seen in the wild.</param>
internal sealed record Member(Member? Parent, string Modern, string Classic, params string[] Others)
{
    public static readonly Member Header = new(null, "header", "header", "head");
    public static readonly Member MsgType = new(Header, "msg_type", "msg_type", "type", "msgtype", "message_type");
    public static readonly Member Timestamp = new(Header, "timestamp", "timestamp", "time", "time_stamp");
    public static readonly Member Crc = new(Header, "crc", "crc", "crc32", "checksum");
    public static readonly Member Body = new(null, "body", "body", "message", "data", "payload");
    public static readonly Member Username = new(Body, "username", "user", "user", "username", "name");
    public static readonly Member Key = new(Body, "key", "key", "public_key", "pub_key", "dh_key");
    public static readonly Member Kem = new(Body, "kem", "kem");
    public static readonly Member Texts = new(Body, "texts", "texts");
    public static readonly Member ProfileWord = new(Body, "profile", "profile");
    public static readonly Member Security = new(null, "security", "security", "sec");
    public static readonly Member Hmac = new(Security, "hmac", "hmac", "mac");
    public static readonly Member HmacType = new(Hmac, "hmac_type", "type", "hmac_type", "hamc_type", "type");
    public static readonly Member HmacValue = new(Hmac, "hmac_val", "val", "hmac_val", "val", "hash", "value", "hmac_value");
    public static readonly Member EncType = new(Security, "enc_type", "enc_type", "encryption", "enc");

    /// <summary>The members that may have other names.</summary>
    public static readonly IReadOnlyList<Member> All = [Header, MsgType, Timestamp, Crc, Body, Username, Key, Security, Hmac, HmacType, HmacValue, EncType];

    /// <summary>The page's words for values, each with the words that peers use instead. They are the same in both profiles but for enc_type.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Words = new Dictionary<string, string[]>
    {
        ["dh_1"] = ["dh1", "dh-1"],
        ["dh_2"] = ["dh2", "dh-2"],
        ["hello"] = [],
        ["chall"] = ["challenge"],
        ["resp"] = ["response"],
        ["ack"] = [],
        ["nack"] = [],
        ["text"] = ["message", "msg"],
        [HmacWord] = ["sha256", "SHA-256", "HMAC-SHA256"],
        [EncWord] = ["AES256CBC", "AES256-CBC", "AES-256-CBC", "AES256_CBC", "AES-CBC", "AES256"],
    };

    /// <summary>What stands for the word of hmac_type and of enc_type in <see cref="Words"/>; the latter differs between the profiles.</summary>
    public const string HmacWord = "SHA256";

    /// <inheritdoc cref="HmacWord"/>
    public const string EncWord = "enc_type";

    /// <summary>The words of msg_type.</summary>
    public static readonly IReadOnlyList<string> MsgTypes = [.. Words.Keys.Where(word => word is not (HmacWord or EncWord))];

    /// <summary>The page's name.</summary>
    public string In(Profiles profile) => profile == Profiles.Modern ? Modern : Classic;

    /// <summary>The page's path.</summary>
    public string PathIn(Profiles profile) => Parent is null ? In(profile) : $"{Parent.PathIn(profile)}/{In(profile)}";

    /// <summary>The path in a dialect.</summary>
    public string PathIn(Dialect dialect) => Parent is null ? NameIn(dialect) : $"{Parent.PathIn(dialect)}/{NameIn(dialect)}";

    /// <summary>The name in a dialect.</summary>
    public string NameIn(Dialect dialect) => dialect.Names.Of(PathIn(dialect.Profile)) ?? In(dialect.Profile);

    /// <summary>The word as the page spells it in a profile.</summary>
    public static string PageWord(string word, Profiles profile) => word != EncWord ? word : profile == Profiles.Modern ? "AES256CBC" : "AES256-CBC";
}
