// ledger.sealed: the ledger and the place in the log up to which it is folded, so that a start need not read the log from its beginning. Keys come from the log key:
//
//   magic "ACLEDGER" 8 | version 4 | IV 16 | AES-256-CBC ciphertext of the place and the ledger | HMAC-SHA256 32 over everything before it
//
// It holds nothing that the log does not say: where there is any doubt about it, the log is read again from its first record.

using System.Security.Cryptography;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Ledgers;

/// <summary>A ledger that is up to date with its log.</summary>
/// <param name="Ledger">The ledger.</param>
/// <param name="Notice">What to tell the user: that the ledger had to be made again, or that records cannot be read; null for nothing.</param>
/// <param name="Folded">How many entries of the log were read for it.</param>
/// <param name="HasSnapshot">Whether there is a good snapshot. Where there is none, one should be saved now: the next start would have to read the whole log again.</param>
public sealed record LedgerOpening(Ledger Ledger, string? Notice, long Folded, bool HasSnapshot);

/// <summary>Reads and writes <c>ledger.sealed</c>.</summary>
internal static class LedgerFile
{
    private const int TagSize = 32;
    private const int MaxSize = 256 * 1024 * 1024;

    /// <summary>The ledger of a log, from the file and the records after it, or from the whole log.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static LedgerOpening Open(LogFolder folder, LogKey key, LedgerLimits limits)
    {
        using var head = HeadFile.Read(folder, key);
        var doubt = Load(folder, key, head, limits, out var saved);
        var ledger = saved?.Ledger ?? new Ledger(limits);
        using var reader = saved is null ? new LogReader(folder, key) : new LogReader(folder, key, ledger.UpTo, saved.Segment, saved.Offset);
        long folded = 0;
        long lost = 0;
        foreach (var entry in reader.Read(pastDamage: true))
        {
            ledger.Add(entry);
            folded++;
            lost += entry.Damage is null ? 0 : Math.Max(0, entry.LastLost - entry.Number + 1);
        }

        var notice = doubt is null ? "" : $"ledger.sealed {doubt}; what waits and what was received was read again from {folded} records of the log.";
        var damage = lost == 0 ? "" : $"{lost} records of the log cannot be read: what they say of messages that wait or were received is not known. Verify the log.";
        return new LedgerOpening(ledger, $"{notice} {damage}".Trim() is { Length: > 0 } told ? told : null, folded, HasSnapshot: saved is not null);
    }

    /// <summary>Writes the file for a ledger that is folded up to <paramref name="head"/>.</summary>
    /// <exception cref="IOException">It cannot be written; the one before is still there.</exception>
    public static void Save(LogFolder folder, LogKey key, Ledger ledger, LogHead head, RandomSource random)
    {
        var contents = LedgerEncoding.Encode(ledger, head.Segment, head.Offset, head.LastMac);
        var file = new byte[LogFormat.PreambleSize + SealKeys.IvSize + SealKeys.CiphertextSize(contents.Length) + TagSize];
        LogFormat.WritePreamble(file, LogFormat.LedgerMagic);
        using var keys = key.LedgerKeys();
        keys.Seal(file, LogFormat.PreambleSize, contents, TagSize, random);
        CryptographicOperations.ZeroMemory(contents);
        PrivateFile.Replace(folder.LedgerPath, file);
    }

    // Null when the file fits the log as it is, or when the log is empty; else what is wrong with the file, in words.
    private static string? Load(LogFolder folder, LogKey key, LogHead? head, LedgerLimits limits, out SavedLedger? saved)
    {
        saved = null;
        if (!File.Exists(folder.LedgerPath))
        {
            return head is { Count: 0 } ? null : "is missing";
        }

        if (PrivateFile.Read(folder.LedgerPath, MaxSize) is not { } file || !HasForm(file))
        {
            return "is damaged";
        }

        using var keys = key.LedgerKeys();
        if (keys.Open(file, LogFormat.PreambleSize, TagSize) is not { } contents)
        {
            return "is damaged or of another log";
        }

        saved = LedgerEncoding.Decode(contents, limits);
        CryptographicOperations.ZeroMemory(contents);
        if (saved is not null && head is not null && saved.Ledger.UpTo <= head.Count && IsThere(folder, saved))
        {
            return null;
        }

        var doubt = saved is null ? "is of another version" : "is not of this log as it is now";
        saved = null;
        return doubt;
    }

    private static bool HasForm(byte[] file)
    {
        var ciphertext = file.Length - LogFormat.PreambleSize - SealKeys.IvSize - TagSize;
        return ciphertext > 0 && ciphertext % SealKeys.BlockSize == 0 && LogFormat.HasPreamble(file, LogFormat.LedgerMagic);
    }

    private static bool IsThere(LogFolder folder, SavedLedger saved)
    {
        if (!File.Exists(folder.SegmentPath(saved.Segment)))
        {
            return false;
        }

        Span<byte> mac = stackalloc byte[LogFormat.MacSize];
        using var file = folder.OpenSegment(saved.Segment);
        return RandomAccess.Read(file, mac, saved.Offset - LogFormat.MacSize) == mac.Length && mac.SequenceEqual(saved.LastMac);
    }
}
