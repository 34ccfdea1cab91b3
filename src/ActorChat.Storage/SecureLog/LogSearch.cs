// Searching a log for words: segment by segment from the last to the first, each decrypted as a stream and never on disk, so that the newest come first and
// the memory holds one segment's findings at most. Case and accents do not matter where the system can tell them.

using System.Globalization;
using System.Text;

namespace ActorChat.Storage.SecureLog;

/// <summary>Finds messages whose text holds all of some words.</summary>
/// <param name="folder">The log's folder.</param>
/// <param name="key">The log's keys.</param>
/// <param name="words">What to find. Each must be in the text, in any order, also as a part of a word.</param>
public sealed class LogSearch(LogFolder folder, LogKey key, IEnumerable<string> words)
{
    private const int MaxOutcomes = 10_000;

    private readonly string[] _words = [.. words.Select(Fold)];
    private readonly Dictionary<Guid, LogRow> _outcomes = []; // of messages that stand in an earlier segment

    /// <summary>Whether something could not be read, and so was not searched.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Searches, the newest first.</summary>
    /// <param name="wants">Which rows count besides, tried before their text is looked at.</param>
    /// <param name="progress">Told after each segment.</param>
    /// <exception cref="IOException">While enumerating: a file cannot be read.</exception>
    public IEnumerable<LogRow> Find(Func<LogRow, bool> wants, IProgress<LogProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(wants);
        var last = Count();
        var total = folder.Segments().Sum(folder.SegmentLength);
        var read = 0L;
        var searched = 0L;
        foreach (var (segment, first) in Segments(last).AsEnumerable().Reverse())
        {
            var found = new Stack<LogRow>();
            foreach (var row in LogRows.Join(Read(segment, first, last)))
            {
                Search(row, wants, found);
            }

            while (found.TryPop(out var row))
            {
                yield return row;
            }

            (searched, read, last) = (searched + last - first + 1, read + folder.SegmentLength(segment), first - 1);
            progress?.Report(new LogProgress(searched, read, total));
        }
    }

    private static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text; // compared without regard to case below
        }

        var folded = new StringBuilder(text.Length);
        foreach (var character in text.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(character) != UnicodeCategory.NonSpacingMark)
            {
                folded.Append(character);
            }
        }

        return folded.ToString();
    }

    private void Search(LogRow row, Func<LogRow, bool> wants, Stack<LogRow> found)
    {
        var record = row.Entry.Record;
        if (record is { Direction: LogDirection.Received } or { Direction: LogDirection.Sent, Outcome: null })
        {
            if (row.Outcome is null && record is { Direction: LogDirection.Sent, MessageId: { } id } && _outcomes.Remove(id, out var ended))
            {
                row = row with { Outcome = ended.Outcome, Reason = ended.Reason, IsPostQuantum = ended.IsPostQuantum };
            }

            if (wants(row) && Matches(record.Text))
            {
                found.Push(row);
            }
        }
        else if (record is { Direction: LogDirection.Sent, MessageId: { } id } && _outcomes.Count < MaxOutcomes)
        {
            _outcomes[id] = row;
        }
    }

    private bool Matches(string text)
    {
        var folded = Fold(text);
        return Array.TrueForAll(_words, word => folded.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private long Count()
    {
        using var reader = new LogReader(folder, key);
        return reader.Count() ?? long.MaxValue;
    }

    // Where each segment's records begin. One whose header does not say so is read with the one before it, as far as it can be read.
    private List<(int Segment, long First)> Segments(long last)
    {
        List<(int Segment, long First)> segments = [(1, 1)];
        foreach (var segment in folder.Segments().Where(number => number > 1))
        {
            using var file = folder.OpenSegment(segment);
            if (SegmentHeader.Read(file) is { } header && header.FirstRecord > segments[^1].First && header.FirstRecord <= last)
            {
                segments.Add((segment, header.FirstRecord));
            }
        }

        return segments;
    }

    private IEnumerable<LogEntry> Read(int segment, long first, long last)
    {
        using var reader = new LogReader(folder, key, first - 1, segment, LogFormat.SegmentHeaderSize);
        foreach (var entry in reader.Read(pastDamage: true).TakeWhile(entry => entry.Number <= last))
        {
            if (entry.Damage is null)
            {
                yield return entry;
            }
            else
            {
                IsDamaged = true;
            }
        }
    }
}
