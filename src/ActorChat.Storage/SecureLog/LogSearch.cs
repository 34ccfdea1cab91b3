// Searching a log for words: segment by segment from the last to the first, each decrypted as a stream and never to disk. So the newest messages come first, and
// memory holds one segment's findings at most. Case and accents do not matter, as far as the system's .NET can fold them. Most records do not match, so the
// decrypted text is searched in place, and only a record that matches is decoded.

using System.Globalization;
using System.Text;

namespace ActorChat.Storage.SecureLog;

/// <summary>Finds messages whose text holds all of some words.</summary>
/// <param name="folder">The log's folder.</param>
/// <param name="key">The log's keys.</param>
/// <param name="words">What to find. Each must be in the text, in any order; a part of a word counts.</param>
public sealed class LogSearch(LogFolder folder, LogKey key, IEnumerable<string> words)
{
    private const int MaxOutcomes = 10_000;

    private readonly string[] _words = [.. words.Select(Fold)];
    private readonly Dictionary<Guid, LogRecord> _outcomes = []; // of messages in an earlier segment
    private readonly Dictionary<Guid, int> _open = []; // this segment's findings that have no outcome yet, by their index
    private readonly Queue<Guid> _passed = []; // the last messages that did not match, whose outcomes are not needed
    private readonly HashSet<Guid> _isPassed = [];
    private char[] _text = new char[1024];

    /// <summary>Whether something could not be read, and so was not searched.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Whether it was cancelled before the whole log was searched.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Searches, the newest messages first.</summary>
    /// <param name="wants">Which of the matching rows count.</param>
    /// <param name="progress">Told after each segment.</param>
    /// <param name="cancellation">Ends it before the next segment.</param>
    /// <exception cref="IOException">While enumerating: a file cannot be read.</exception>
    public IEnumerable<LogRow> Find(Func<LogRow, bool> wants, IProgress<LogProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(wants);
        var last = Count();
        var total = folder.Segments().Sum(folder.SegmentLength);
        var read = 0L;
        var searched = 0L;
        foreach (var (segment, first) in Segments(last).AsEnumerable().Reverse())
        {
            if (cancellation.IsCancellationRequested)
            {
                IsCut = true;
                yield break;
            }

            var found = Search(segment, first, last);
            for (var i = found.Count - 1; i >= 0; i--)
            {
                if (wants(found[i]))
                {
                    yield return found[i];
                }
            }

            (searched, read, last) = (searched + last - first + 1, read + folder.SegmentLength(segment), first - 1);
            progress?.Report(new LogProgress(searched, read, total));
        }
    }

    private static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text; // Matches ignores case
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

    private List<LogRow> Search(int segment, long first, long last)
    {
        var found = new List<LogRow>();
        _open.Clear();
        foreach (var entry in Read(segment, first, last))
        {
            var record = entry.Record;
            if (record.Outcome is null)
            {
                found.Add(record is { Direction: LogDirection.Sent, MessageId: { } id } ? WithOutcome(entry, id, place: found.Count) : new LogRow(entry, Outcome: null, ""));
            }
            else if (record.MessageId is { } ended && _open.Remove(ended, out var place))
            {
                found[place] = new LogRow(found[place].Entry, record.Outcome, record.Text) { IsPostQuantum = record.IsPostQuantum };
            }
            else if (_outcomes.Count < MaxOutcomes)
            {
                _outcomes[record.MessageId!.Value] = record;
            }
        }

        return found;
    }

    // The outcome was found in a later segment already, or it comes later in this one.
    private LogRow WithOutcome(LogEntry entry, Guid id, int place)
    {
        if (_outcomes.Remove(id, out var ended))
        {
            return new LogRow(entry, ended.Outcome, ended.Text) { IsPostQuantum = ended.IsPostQuantum };
        }

        _open[id] = place;
        return new LogRow(entry, Outcome: null, "");
    }

    // What is decoded: messages that match, and outcomes of those, or of messages that may stand in an earlier segment.
    private bool IsWanted(ReadOnlySpan<byte> plaintext)
    {
        switch (LogRecordEncoding.Peek(plaintext))
        {
            case { Direction: LogDirection.Sent, HasOutcome: true } ended:
                return ended.Id is { } known && !_isPassed.Contains(known);
            case { Direction: LogDirection.Received or LogDirection.Sent } message when !Matches(LogRecordEncoding.TextOf(plaintext)):
                if (message is { Direction: LogDirection.Sent, Id: { } id })
                {
                    Pass(id);
                }

                return false;
            case { Direction: LogDirection.Received or LogDirection.Sent }:
                return true;
            default:
                return false;
        }
    }

    private void Pass(Guid id)
    {
        if (_isPassed.Add(id))
        {
            _passed.Enqueue(id);
            if (_passed.Count > MaxOutcomes)
            {
                _isPassed.Remove(_passed.Dequeue());
            }
        }
    }

    private bool Matches(ReadOnlySpan<byte> text)
    {
        if (!Ascii.IsValid(text))
        {
            var folded = Fold(Encoding.UTF8.GetString(text));
            return Array.TrueForAll(_words, word => folded.Contains(word, StringComparison.OrdinalIgnoreCase));
        }

        if (_text.Length < text.Length)
        {
            _text = new char[text.Length];
        }

        Ascii.ToUtf16(text, _text, out var length);
        foreach (var word in _words)
        {
            if (!_text.AsSpan(0, length).Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }

    private long Count()
    {
        using var reader = new LogReader(folder, key);
        return reader.Count() ?? long.MaxValue;
    }

    // The first record of each segment. A segment with a damaged header is read together with the one before it, as far as it can be read.
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
        using var reader = new LogReader(
            folder, key, first - 1, segment, LogFormat.SegmentHeaderSize, (number, plaintext) => number > last || IsWanted(plaintext)); // the first record after last ends the loop
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
