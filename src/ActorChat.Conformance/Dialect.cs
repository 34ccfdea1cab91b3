// How a peer speaks, as a value: one choice for each thing that implementations are known to get wrong. The default of each choice is the page's own.
// The codec reads and writes in every dialect, so a conversation can go on once the peer's mistake is known.

namespace ActorChat.Conformance;

/// <summary>What stands in place of <c>header.crc</c> while the CRC is computed.</summary>
internal enum CrcOver
{
    Page,
    Zero, // chosen for classic's dh PDUs only: the page's sender leaves the member out there, and either way is right
    Absent,
    Null,
    EmptyString,
    BodyOnly,
    BeforeHmac,
}

/// <summary>How the CRC is written.</summary>
internal enum CrcForm
{
    Number,
    SignedNumber,
    DecimalString,
    HexString,
}

/// <summary>What the HMAC is computed over.</summary>
internal enum HmacOver
{
    Page,
    Null,
    EmptyString,
    Absent,
    Ciphertext,
    CiphertextText,
    Plaintext,
}

/// <summary>The HMAC's key, or what stands in place of the HMAC.</summary>
internal enum HmacBy
{
    HmacKey,
    Password,
    EncKey,
    ChapSecret,
    KeyItself,
}

/// <summary>How bytes are written as text.</summary>
internal enum ByteForm
{
    Base64,
    Hex,
    Base64OfHex,
}

/// <summary>How the body is encrypted.</summary>
internal enum Cipher
{
    Cbc,
    Ecb,
    IvInFront,
}

/// <summary>How time is written.</summary>
internal enum TimeForm
{
    Seconds,
    String,
    Milliseconds,
}

/// <summary>How classic's public value is written.</summary>
internal enum KeyForm
{
    Page,
    Decimal,
    Number,
    Hex,
    Base64OfHex,
    Base64OfBytes,
    Pem,
}

/// <summary>What classic's DHSK is the SHA-256 of.</summary>
internal enum SharedForm
{
    LittleEndian,
    BigEndian,
    Decimal,
    Hex,
}

/// <summary>How enc_key comes from user_secret and DHSK.</summary>
internal enum EncKeyBy
{
    Page,
    Swapped,
    HashedPassword,
    PlainHash,
}

/// <summary>How the further keys come from enc_key.</summary>
internal enum Chain
{
    Running,
    Separate,
    WholeIv,
}

/// <summary>Where digests are used as their hexadecimal digits.</summary>
[Flags]
internal enum HexKeys
{
    None = 0,
    Iv = 1,
    HmacKey = 2,
    EncKey = 4,
}

/// <summary>What a challenge is answered with.</summary>
internal enum Answer
{
    Page,
    HexText,
    PlainHash,
    Swapped,
    HmacKey,
    OtherDirection,
}

/// <summary>Modern: what CPace's ADa and ADb are.</summary>
internal enum Associated
{
    Pdu,
    WithLineFeed,
    Nothing,
}

/// <summary>Modern: how N goes into the HMAC.</summary>
internal enum Numbering
{
    Page,
    Absent,
    FromOne,
    LittleEndian,
}

/// <summary>Modern: how the IV of PDU n is made.</summary>
internal enum IvBy
{
    Page,
    Fixed,
}

/// <summary>A way to speak the protocol.</summary>
/// <param name="Profile">The profile, one of the two.</param>
internal sealed record Dialect(Profiles Profile)
{
    public Renaming Names { get; init; } = Renaming.None;

    public Renaming Words { get; init; } = Renaming.None;

    public TimeForm TimeForm { get; init; }

    /// <summary>How many minutes the peer's timestamps are behind UTC; negative when ahead, 0 where it keeps to UTC.</summary>
    public int MinutesFromUtc { get; init; }

    public CrcOver CrcOver { get; init; }

    public CrcForm CrcForm { get; init; }

    public HmacOver HmacOver { get; init; }

    public HmacBy HmacBy { get; init; }

    public ByteForm HmacForm { get; init; }

    public ByteForm BodyForm { get; init; }

    public Cipher Cipher { get; init; }

    public KeyForm KeyForm { get; init; }

    public SharedForm SharedForm { get; init; }

    public EncKeyBy EncKeyBy { get; init; }

    public Chain Chain { get; init; }

    public HexKeys HexKeys { get; init; }

    public Answer Answer { get; init; }

    public Associated Associated { get; init; }

    public Numbering Numbering { get; init; }

    public IvBy IvBy { get; init; }

    public bool OneChain { get; init; }

    public bool HalfIsk { get; init; }

    public bool NewConnections { get; init; }

    public bool Greets { get; init; }

    public bool IsModern => Profile == Profiles.Modern;

    /// <summary>The page's own way to speak.</summary>
    public static Dialect Of(Profiles profile) => new(profile);
}

/// <summary>Which of the page's words a peer replaces by its own. Two with the same replacements are equal.</summary>
internal readonly record struct Renaming(string Pairs)
{
    public static Renaming None { get; } = new("");

    /// <summary>The word that the peer has for one of the page's; null where it has the page's own.</summary>
    public string? Of(string word) => All.FirstOrDefault(pair => pair.Page == word).Theirs;

    /// <summary>All replacements.</summary>
    public IEnumerable<(string Page, string Theirs)> All =>
        (Pairs ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).Select(pair => (pair[0], pair[1]));

    /// <summary>The same with a replacement added or changed; null takes the replacement out.</summary>
    public Renaming With(string word, string? theirs)
    {
        var rest = All.Where(pair => pair.Page != word);
        return new Renaming(string.Concat((theirs is null ? rest : rest.Append((word, theirs))).Order().Select(pair => $"{pair.Item1}={pair.Item2}\n")));
    }
}
