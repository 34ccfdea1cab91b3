// From a PDU as received to the dialect in which it is right. What can be read off the text is read off. For the rest the known mistakes are tried, single
// ones before combinations, until the HMAC and the plaintext come out right.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Conformance;

/// <summary>A sealed PDU with all that is known about it.</summary>
/// <param name="Pdu">The PDU.</param>
/// <param name="Type">The page's word.</param>
/// <param name="Number">N.</param>
/// <param name="FromInitiator">Who sent it.</param>
/// <param name="Secrets">What both sides know.</param>
/// <param name="Challenge">Our sealed challenge, if this is the answer to it: what the peer read in it depends on the dialect too.</param>
internal sealed record Sealed(Wire Pdu, string? Type, ulong Number, bool FromInitiator, Secrets Secrets, Sealed? Challenge)
{
    /// <summary>The body's plaintext in a dialect; null when there is no body, or it cannot be decrypted.</summary>
    public byte[]? Plaintext(Dialect dialect) => Codec.Body(Pdu, dialect) is { } body ? Codec.Decrypt(dialect, Secrets.Derive(dialect, FromInitiator), Number, body) : null;

    /// <summary>Whether the HMAC is right in a dialect.</summary>
    public bool Verifies(Dialect dialect)
    {
        if (Pdu.At(Member.HmacValue, dialect) is not { IsString: true } token || Codec.FromText(token.Text, SHA256.HashSizeInBytes) is not { } value)
        {
            return false;
        }

        var plaintext = dialect.HmacOver == HmacOver.Plaintext ? Plaintext(dialect) : null;
        return value.Bytes.AsSpan().SequenceEqual(Codec.Hmac(Pdu, dialect, Secrets.Derive(dialect, FromInitiator), Number, Secrets.Password, plaintext));
    }

    /// <summary>Whether the body's plaintext, in a dialect, is one that a PDU of this type can have.</summary>
    public bool MakesSense(Dialect dialect)
    {
        if (Codec.Body(Pdu, dialect) is null)
        {
            return true;
        }

        return (Type, Plaintext(dialect)) switch
        {
            (_, null) => false,
            ("chall", { } plaintext) => plaintext.Length == 32,
            ("resp", { } plaintext) => Challenge is null || (Challenge.Plaintext(dialect) is { } challenge && plaintext.AsSpan().SequenceEqual(
                Codec.Answer(dialect, Secrets.Derive(dialect, FromInitiator), Secrets.Derive(dialect, !FromInitiator), challenge))),
            ("text", { } plaintext) => IsText(plaintext, dialect),
            _ => true,
        };
    }

    private static bool IsText(byte[] plaintext, Dialect dialect)
    {
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(plaintext);
            return !dialect.IsModern || plaintext is [(byte)'{', .., (byte)'}'];
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}

/// <summary>Recognises dialects.</summary>
internal static class Recogniser
{
    private const int MaxAtOnce = 3;
    private const int MaxInBodies = 2;
    private const int MaxMinutes = 14 * 60;
    private const int ZoneMinutes = 15;

    /// <summary>What can be read off a PDU without keys: names, words, the form of each value, the CRC and the clock.</summary>
    /// <param name="pdu">The PDU.</param>
    /// <param name="dialect">What is known so far.</param>
    /// <param name="now">Our clock, in seconds since the Unix epoch.</param>
    public static Dialect Read(Wire pdu, Dialect dialect, double now)
    {
        dialect = pdu.LearnNames(dialect);
        if (Codec.ReadTime(pdu, dialect) is { } time)
        {
            var offBy = now - time.Seconds;
            var minutes = (int)Math.Round(offBy / 60 / ZoneMinutes) * ZoneMinutes;
            var isLocal = minutes != 0 && Math.Abs(minutes) <= MaxMinutes && Math.Abs(offBy - (minutes * 60)) <= Timestamp.WindowSeconds;
            dialect = dialect with { TimeForm = time.Form, MinutesFromUtc = isLocal ? minutes : 0 };
        }

        if (Codec.ReadCrc(pdu, dialect) is { } crc)
        {
            // Below 2^31 a signed number looks like an unsigned one.
            var form = crc.Form == CrcForm.Number && dialect.CrcForm == CrcForm.SignedNumber && crc.Value <= int.MaxValue ? dialect.CrcForm : crc.Form;
            dialect = dialect with { CrcForm = form, CrcOver = CrcOf(pdu, dialect, crc.Value) ?? dialect.CrcOver };
        }

        if (dialect is { IsModern: false } && pdu.At(Member.Key, dialect) is { } key && PublicValue.Read(key) is { } value)
        {
            dialect = dialect with { KeyForm = value.Form };
        }

        if (pdu.At(Member.HmacValue, dialect) is { IsString: true } hmac && Codec.FromText(hmac.Text, SHA256.HashSizeInBytes) is { } mac)
        {
            dialect = dialect with { HmacForm = mac.Form };
        }

        if (pdu.At(Member.HmacValue, dialect) is not null && pdu.At(Member.Body, dialect) is { IsString: true } body && Codec.FromText(body.Text, 16) is { } bytes)
        {
            dialect = dialect with { BodyForm = bytes.Form };
        }

        return dialect;
    }

    /// <summary>Whether the CRC is right in a dialect. In classic each of the page's two ways is right.</summary>
    public static bool HasGoodCrc(Wire pdu, Dialect dialect) => Codec.ReadCrc(pdu, dialect) is { } crc && Candidates(dialect).Any(over => over == dialect.CrcOver && IsCrc(pdu, dialect, over, crc.Value));

    /// <summary>The dialects in which a sealed PDU is right, with as few mistakes as possible. Empty when there is none.</summary>
    /// <param name="pdu">The PDU.</param>
    /// <param name="known">What is known so far.</param>
    /// <param name="before">The sealed PDUs that came before, which must be right too.</param>
    /// <param name="makesSense">Whether the plaintext must make sense too, or the HMAC alone decides.</param>
    public static IReadOnlyList<Dialect> Find(Sealed pdu, Dialect known, IReadOnlyList<Sealed> before, bool makesSense = true)
    {
        Sealed[] all = [.. before, pdu];
        bool Verifies(Dialect dialect) => all.All(one => one.Verifies(dialect));
        bool Fits(Dialect dialect) => Verifies(dialect) && all.All(one => one.MakesSense(dialect));
        foreach (var start in new[] { known, Merge(Dialect.Of(known.Profile), known) }.Distinct())
        {
            // First the HMAC, then the plaintext: both at once would be too many combinations to try.
            var verifying = Search(start, Verifies, MaxAtOnce, Shows.Sealed);
            verifying = verifying.Count > 0 ? verifying : Search(start, Verifies, MaxInBodies, Shows.Sealed, Shows.Bodies); // an HMAC over the plaintext depends on the body
            List<Dialect> found = makesSense ? [.. verifying.SelectMany(dialect => Search(dialect, Fits, MaxInBodies, Shows.Sealed, Shows.Bodies)).Distinct()] : verifying;
            if (found.Count > 0)
            {
                var fewest = found.Min(dialect => Deviation.Of(dialect).Count());
                return [.. found.Where(dialect => Deviation.Of(dialect).Count() == fewest)];
            }
        }

        return [];
    }

    /// <summary>The keys and the HMAC of one dialect with what was read off the text in another.</summary>
    public static Dialect Merge(Dialect keys, Dialect text) => keys with
    {
        Names = text.Names,
        Words = text.Words,
        TimeForm = text.TimeForm,
        MinutesFromUtc = text.MinutesFromUtc,
        CrcOver = text.CrcOver,
        CrcForm = text.CrcForm,
        HmacForm = text.HmacForm,
        BodyForm = text.BodyForm,
        KeyForm = text.KeyForm,
        NewConnections = text.NewConnections,
        Greets = text.Greets,
    };

    /// <summary>The dialects with one more known mistake, for each mistake that shows in one of these places.</summary>
    public static IEnumerable<Dialect> WithOneMore(Dialect dialect, params Shows[] where) =>
        Deviation.All.Where(deviation => deviation.Profiles.HasFlag(dialect.Profile) && where.Contains(deviation.Shows) && !deviation.IsIn(dialect))
            .Select(deviation => deviation.Apply(dialect));

    private static List<Dialect> Search(Dialect start, Func<Dialect, bool> fits, int atOnce, params Shows[] where)
    {
        if (fits(start))
        {
            return [start];
        }

        var mistakes = Deviation.All.Where(deviation => deviation.Profiles.HasFlag(start.Profile) && where.Contains(deviation.Shows) && IsSearched(deviation, start)).ToArray();
        for (var size = 1; size <= atOnce; size++)
        {
            var found = Combinations(start, mistakes, 0, size).Where(fits).Distinct().ToList();
            if (found.Count > 0)
            {
                return found;
            }
        }

        return [];
    }

    // Forms are read off the text; only what a hash hides has to be tried.
    private static bool IsSearched(Deviation deviation, Dialect start)
    {
        var applied = deviation.Apply(start);
        return applied != start && (applied.CrcOver, applied.HmacForm, applied.BodyForm) == (start.CrcOver, start.HmacForm, start.BodyForm);
    }

    private static IEnumerable<Dialect> Combinations(Dialect dialect, Deviation[] mistakes, int from, int size)
    {
        if (size == 0)
        {
            yield return dialect;
            yield break;
        }

        for (var i = from; i <= mistakes.Length - size; i++)
        {
            foreach (var combination in Combinations(mistakes[i].Apply(dialect), mistakes, i + 1, size - 1))
            {
                if (mistakes[i].IsIn(combination)) // not replaced by another of the same kind
                {
                    yield return combination;
                }
            }
        }
    }

    private static CrcOver? CrcOf(Wire pdu, Dialect dialect, uint value)
    {
        foreach (var over in Candidates(dialect))
        {
            if (IsCrc(pdu, dialect, over, value))
            {
                return over;
            }
        }

        return null;
    }

    // The known way comes first: where two ways give the same CRC, the PDU shows nothing new.
    private static IEnumerable<CrcOver> Candidates(Dialect dialect) =>
        new[] { dialect.CrcOver }.Concat(Enum.GetValues<CrcOver>().Where(over => over != CrcOver.Zero && (dialect.IsModern || over != CrcOver.Absent)));

    private static bool IsCrc(Wire pdu, Dialect dialect, CrcOver over, uint value) => !dialect.IsModern && (over == CrcOver.Page || (over == CrcOver.BeforeHmac && pdu.At(Member.HmacValue, dialect) is null))
        ? Codec.Crc(pdu, dialect, CrcOver.Page) == value || Codec.Crc(pdu, dialect, CrcOver.Absent) == value
        : Codec.Crc(pdu, dialect, over) == value;
}
