// The mistakes that are common in the wild, a line each: what it is, which check it fails, and how it changes a dialect. A mistake is recognised by finding
// the dialect in which the peer's bytes are right; that dialect is then spoken with the peer. Wire.LearnNames recognises other names of members and words.

namespace ActorChat.Conformance;

/// <summary>Where a mistake shows.</summary>
internal enum Shows
{
    /// <summary>In every PDU, dh_1 and dh_2 included.</summary>
    Everywhere,

    /// <summary>In dh_1 and dh_2.</summary>
    Agreement,

    /// <summary>In the secured PDUs.</summary>
    Sealed,

    /// <summary>In the body of a secured PDU.</summary>
    Bodies,

    /// <summary>In how the bytes travel.</summary>
    Line,
}

/// <summary>A known mistake.</summary>
/// <param name="Id">Its name (protocol page, section 10).</param>
/// <param name="Check">The check that it fails.</param>
/// <param name="Profiles">The profiles in which it is a mistake.</param>
/// <param name="Shows">Where it shows.</param>
/// <param name="Mark">The member whose value it makes wrong.</param>
/// <param name="Sentence">What the peer does.</param>
/// <param name="Apply">The same dialect with this mistake.</param>
internal sealed record Deviation(string Id, string Check, Profiles Profiles, Shows Shows, Member Mark, string Sentence, Func<Dialect, Dialect> Apply)
{
    private const Profiles Both = Profiles.Both;
    private const Profiles Modern = Profiles.Modern;
    private const Profiles Classic = Profiles.Classic;

    /// <summary>All of them but those of names.</summary>
    public static IReadOnlyList<Deviation> All { get; } =
    [
        new("crc.absent", "2.crc.1", Modern, Shows.Everywhere, Member.Crc, "The CRC is computed over the PDU without the member crc.", d => d with { CrcOver = CrcOver.Absent }),
        new("crc.null", "2.crc.1", Both, Shows.Everywhere, Member.Crc, "The CRC is computed over the PDU with crc null.", d => d with { CrcOver = CrcOver.Null }),
        new("crc.empty", "2.crc.1", Both, Shows.Everywhere, Member.Crc, "The CRC is computed over the PDU with crc an empty string.", d => d with { CrcOver = CrcOver.EmptyString }),
        new("crc.body", "2.crc.1", Both, Shows.Everywhere, Member.Crc, "The CRC is computed over the body alone.", d => d with { CrcOver = CrcOver.BodyOnly }),
        new("crc.early", "2.crc.1", Both, Shows.Sealed, Member.Crc, "The CRC is computed before hmac_val is in place.", d => d with { CrcOver = CrcOver.BeforeHmac }),
        new("crc.hex", "2.crc.2", Both, Shows.Everywhere, Member.Crc, "The CRC is a string of hexadecimal digits.", d => d with { CrcForm = CrcForm.HexString }),
        new("crc.string", "2.crc.2", Both, Shows.Everywhere, Member.Crc, "The CRC is a string of decimal digits.", d => d with { CrcForm = CrcForm.DecimalString }),
        new("crc.signed", "2.crc.2", Both, Shows.Everywhere, Member.Crc, "The CRC is a signed number.", d => d with { CrcForm = CrcForm.SignedNumber }),

        new("timestamp.string", "2.timestamp.1", Both, Shows.Everywhere, Member.Timestamp, "The timestamp is a string.", d => d with { TimeForm = TimeForm.String }),
        new("timestamp.milliseconds", "2.timestamp.1", Both, Shows.Everywhere, Member.Timestamp, "The timestamp counts milliseconds.", d => d with { TimeForm = TimeForm.Milliseconds }),

        new("key.decimal", "6.key.1", Classic, Shows.Agreement, Member.Key, "The public value is its decimal digits, not base64 of them.", d => d with { KeyForm = KeyForm.Decimal }),
        new("key.number", "6.key.1", Classic, Shows.Agreement, Member.Key, "The public value is a JSON number.", d => d with { KeyForm = KeyForm.Number }),
        new("key.hex", "6.key.1", Classic, Shows.Agreement, Member.Key, "The public value is in hexadecimal digits.", d => d with { KeyForm = KeyForm.Hex }),
        new("key.base64-of-hex", "6.key.1", Classic, Shows.Agreement, Member.Key, "The public value is base64 of its hexadecimal digits.", d => d with { KeyForm = KeyForm.Base64OfHex }),
        new("key.base64-of-bytes", "6.key.1", Classic, Shows.Agreement, Member.Key, "The public value is base64 of its bytes, not of its decimal digits.", d => d with { KeyForm = KeyForm.Base64OfBytes }),
        new("key.pem", "6.key.1", Classic, Shows.Agreement, Member.Key, "The public value is a PEM file.", d => d with { KeyForm = KeyForm.Pem }),

        new("hmac.hex", "2.hmac.2", Both, Shows.Sealed, Member.HmacValue, "The HMAC is in hexadecimal digits.", d => d with { HmacForm = ByteForm.Hex }),
        new("hmac.base64-of-hex", "2.hmac.2", Both, Shows.Sealed, Member.HmacValue, "The HMAC is base64 of its hexadecimal digits.", d => d with { HmacForm = ByteForm.Base64OfHex }),
        new("body.hex", "2.body.1", Both, Shows.Bodies, Member.Body, "The body is in hexadecimal digits.", d => d with { BodyForm = ByteForm.Hex }),
        new("body.base64-of-hex", "2.body.1", Both, Shows.Bodies, Member.Body, "The body is base64 of its hexadecimal digits.", d => d with { BodyForm = ByteForm.Base64OfHex }),

        new("hmac.ciphertext", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC is computed over the ciphertext only.", d => d with { HmacOver = HmacOver.Ciphertext }),
        new("hmac.ciphertext-text", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC is computed over the body's text only.", d => d with { HmacOver = HmacOver.CiphertextText }),
        new("hmac.plaintext", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC is computed over the plaintext.", d => d with { HmacOver = HmacOver.Plaintext }),
        new("hmac.null", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC is computed over the PDU with crc and hmac_val null.", d => d with { HmacOver = HmacOver.Null }),
        new("hmac.empty", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC is computed over the PDU with crc and hmac_val empty strings.", d => d with { HmacOver = HmacOver.EmptyString }),
        new("hmac.absent", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC is computed over the PDU without crc and hmac_val.", d => d with { HmacOver = HmacOver.Absent }),
        new("hmac.by-password", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC's key is the password itself.", d => d with { HmacBy = HmacBy.Password }),
        new("hmac.by-enc-key", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC's key is enc_key.", d => d with { HmacBy = HmacBy.EncKey }),
        new("hmac.by-chap-secret", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "The HMAC's key is chap_secret.", d => d with { HmacBy = HmacBy.ChapSecret }),
        new("hmac.key-itself", "2.hmac.1", Both, Shows.Sealed, Member.HmacValue, "hmac_val is the HMAC's key, for everybody to read.", d => d with { HmacBy = HmacBy.KeyItself }),

        new("body.ecb", "2.body.1", Both, Shows.Bodies, Member.Body, "The body is encrypted in ECB.", d => d with { Cipher = Cipher.Ecb }),
        new("body.iv-in-front", "5.iv.1", Both, Shows.Bodies, Member.Body, "An IV of the sender's own stands in front of the ciphertext.", d => d with { Cipher = Cipher.IvInFront }),
        new("iv.fixed", "5.iv.1", Modern, Shows.Bodies, Member.Body, "Every PDU has the chain's IV.", d => d with { IvBy = IvBy.Fixed }),

        new("chain.separate", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "Each key is the SHA-256 of the one before alone, not of all before.", d => d with { Chain = Chain.Separate }),
        new("chain.whole-iv", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "The running hash is fed with 32 bytes for the IV, not with its 16.", d => d with { Chain = Chain.WholeIv }),
        new("chain.hex-iv", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "The IV is the first 16 hexadecimal digits of its digest.", d => d with { HexKeys = d.HexKeys | HexKeys.Iv }),
        new("chain.hex-keys", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "hmac_key and chap_secret are the hexadecimal digits of their digests.", d => d with { HexKeys = d.HexKeys | HexKeys.HmacKey }),
        new("chain.hex-enc-key", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "enc_key is the first 32 hexadecimal digits of its HMAC.", d => d with { HexKeys = d.HexKeys | HexKeys.EncKey }),
        new("chain.swapped", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "enc_key has DHSK as the HMAC's key and user_secret as its message.", d => d with { EncKeyBy = EncKeyBy.Swapped }),
        new("chain.hashed-password", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "user_secret is the SHA-256 of the password.", d => d with { EncKeyBy = EncKeyBy.HashedPassword }),
        new("chain.plain-hash", "5.chain.1", Both, Shows.Sealed, Member.HmacValue, "enc_key is a SHA-256 of user_secret and DHSK, not an HMAC.", d => d with { EncKeyBy = EncKeyBy.PlainHash }),
        new("chain.one", "5.chain.1", Modern, Shows.Sealed, Member.HmacValue, "Both directions have the same keys.", d => d with { OneChain = true }),
        new("dhsk.half", "5.chain.1", Modern, Shows.Sealed, Member.HmacValue, "DHSK has the first 32 bytes of ISK, not all 64.", d => d with { HalfIsk = true }),
        new("ad.line-feed", "5.chain.1", Modern, Shows.Sealed, Member.HmacValue, "ADa and ADb hold the line feed.", d => d with { Associated = Associated.WithLineFeed }),
        new("ad.nothing", "5.chain.1", Modern, Shows.Sealed, Member.HmacValue, "ADa and ADb are empty.", d => d with { Associated = Associated.Nothing }),
        new("number.absent", "5.number.1", Modern, Shows.Sealed, Member.HmacValue, "The PDU's number is not under the HMAC.", d => d with { Numbering = Numbering.Absent }),
        new("number.from-one", "5.number.1", Modern, Shows.Sealed, Member.HmacValue, "PDUs are numbered from 1.", d => d with { Numbering = Numbering.FromOne }),
        new("number.little-endian", "5.number.1", Modern, Shows.Sealed, Member.HmacValue, "The PDU's number is little endian.", d => d with { Numbering = Numbering.LittleEndian }),
        new("dhsk.big-endian", "6.dhsk.1", Classic, Shows.Sealed, Member.HmacValue, "DHSK hashes the shared value big endian.", d => d with { SharedForm = SharedForm.BigEndian }),
        new("dhsk.decimal", "6.dhsk.1", Classic, Shows.Sealed, Member.HmacValue, "DHSK hashes the shared value's decimal digits.", d => d with { SharedForm = SharedForm.Decimal }),
        new("dhsk.hex", "6.dhsk.1", Classic, Shows.Sealed, Member.HmacValue, "DHSK hashes the shared value's hexadecimal digits.", d => d with { SharedForm = SharedForm.Hex }),

        new("answer.hex", "3.answer.1", Both, Shows.Bodies, Member.Body, "The answer to a challenge is the hexadecimal digits of its HMAC.", d => d with { Answer = Answer.HexText }),
        new("answer.plain-hash", "3.answer.1", Both, Shows.Bodies, Member.Body, "The answer is a SHA-256 of chap_secret and the challenge, not an HMAC.", d => d with { Answer = Answer.PlainHash }),
        new("answer.swapped", "3.answer.1", Both, Shows.Bodies, Member.Body, "The answer has the challenge as the HMAC's key.", d => d with { Answer = Answer.Swapped }),
        new("answer.by-hmac-key", "3.answer.1", Both, Shows.Bodies, Member.Body, "The answer's key is hmac_key.", d => d with { Answer = Answer.HmacKey }),
        new("answer.other-direction", "3.answer.1", Modern, Shows.Bodies, Member.Body, "The answer's key is the chap_secret of the other direction.", d => d with { Answer = Answer.OtherDirection }),

        new("timestamp.local", "2.timestamp.2", Both, Shows.Everywhere, Member.Timestamp, "The timestamp is local time, not UTC.", d => d.MinutesFromUtc != 0 ? d : d with { MinutesFromUtc = 60 }),
        new("line.new-connection", "1.connection.1", Both, Shows.Line, Member.MsgType, "The peer wants a new connection for each PDU.", d => d with { NewConnections = true }),
        new("line.greeting", "1.pdu.1", Both, Shows.Line, Member.MsgType, "A plain greeting, such as \"hello NAME\", stands on the line beside the PDUs.", d => d with { Greets = true }),
    ];

    /// <summary>Whether a dialect has it.</summary>
    public bool IsIn(Dialect dialect) => Profiles.HasFlag(dialect.Profile) && Apply(dialect) == dialect;

    /// <summary>All deviations of a dialect: the known ones, and one for each name.</summary>
    public static IEnumerable<Deviation> Of(Dialect dialect) =>
        All.Where(deviation => deviation.IsIn(dialect))
            .Concat(dialect.Names.All.Select(pair => OfName(pair.Page, pair.Theirs)))
            .Concat(dialect.Words.All.Select(pair => OfWord(pair.Page, pair.Theirs, dialect.Profile)));

    private static Deviation OfName(string path, string theirs)
    {
        var member = Member.All.First(member => member.PathIn(Profiles.Modern) == path || member.PathIn(Profiles.Classic) == path);
        return new($"name.{theirs}", "2.names.1", Both, Shows.Everywhere, member,
            $"The member {path[(path.LastIndexOf('/') + 1)..]} is called {theirs}.", d => d with { Names = d.Names.With(path, theirs) });
    }

    private static Deviation OfWord(string word, string theirs, Profiles profile) => new($"word.{theirs}", "2.names.1", Both, Shows.Everywhere,
        word switch { Member.HmacWord => Member.HmacType, Member.EncWord => Member.EncType, _ => Member.MsgType },
        $"The word {Member.PageWord(word, profile)} is spelled {theirs}.", d => d with { Words = d.Words.With(word, theirs) });
}
