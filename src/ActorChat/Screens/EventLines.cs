// What happens in the node, as lines for people: the same words on a terminal and through a pipe. Text from peers goes through Printable first,
// so that nothing in it can set a style.

using System.Globalization;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Screens.Terminal;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Screens;

/// <summary>Puts events into lines. Remembers the day, to mark where another begins, and what is under way, to say which text an outcome is about.</summary>
/// <param name="ink">The colours.</param>
/// <param name="clock">For the time zone and the first day.</param>
internal sealed class EventLines(Ink ink, TimeProvider clock)
{
    private const int OutcomeIndent = 2;
    private const int NarrowColumns = 30;
    private const int MaxWriters = 1000; // for whom the time of the last message is remembered

    private const int PreviewColumns = 40;

    private static readonly TimeSpan WorthTelling = TimeSpan.FromMinutes(1); // between writing and arriving; clocks differ by half of it
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1); // a clock may be set back by this much without a remark

    private readonly Dictionary<string, DateTimeOffset> _lastWritten = []; // by contact, where messages say when they were written
    private DateTime _day = clock.GetLocalNow().Date;

    /// <summary>The messages under way.</summary>
    public UnderWay UnderWay { get; } = new();

    /// <summary>The rows for an event; none for an event that is not shown as text.</summary>
    /// <param name="nodeEvent">What happened.</param>
    /// <param name="columns">The width to wrap for.</param>
    public IReadOnlyList<string> Of(NodeEvent nodeEvent, int columns) => nodeEvent switch
    {
        NodeEvent.Listening e =>
        [
            .. Headed(ink.Bold(Printable.Line(e.Name)), Printable.Line(e.Name), e.InWords()[Printable.Line(e.Name).Length..], columns, OutcomeIndent),
            .. Wrapping.Wrap(
                "Type a message and Enter, then choose who gets it; or @name and the message. /help shows the commands, /quit ends.", columns, 0, OutcomeIndent),
        ],
        NodeEvent.Notice e => Wrapping.Wrap(Printable.Line(e.Message), columns, 0, OutcomeIndent),
        NodeEvent.MessageArrived e => [.. Arrived(e, _lastWritten, columns)],
        NodeEvent.MessageStarted e => Started(e),
        NodeEvent.MessageSent e => OutcomeOf(e, columns),
        NodeEvent.MessageWaits { Why: { } why } e => WaitingOf(e, why, columns),
        NodeEvent.PingEnded e => PingOf(e, columns),
        NodeEvent.BellChanged e => [e.IsOn ? "The bell rings when a message arrives." : "The bell is off."],
        NodeEvent.Table e => Table(e.Rows, columns),
        NodeEvent.History e => Past(e.Rows, columns),
        NodeEvent.NewBegins => [Marked("new", columns)],
        _ => [],
    };

    private IReadOnlyList<string> Started(NodeEvent.MessageStarted started)
    {
        UnderWay.Add(started);
        return [];
    }

    private string Marked(string words, int columns)
    {
        var line = new string('─', Math.Max(2, (Math.Min(columns, 80) - words.Length - 2) / 2));
        return ink.Dim($"{line} {words} {line}");
    }

    private IEnumerable<string> NewDay(DateTimeOffset at, int columns)
    {
        if (at.Date == _day)
        {
            yield break;
        }

        _day = at.Date;
        yield return Marked(_day.ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture), columns);
    }

    private IEnumerable<string> Arrived(NodeEvent.MessageArrived message, Dictionary<string, DateTimeOffset> lastWritten, int columns) =>
    [
        .. NewDay(message.At, columns),
        .. message.Missing == 0 ? [] : Wrapping.Wrap(
            $"{message.Missing} {(message.Missing == 1 ? "message" : "messages")} of {Printable.Line(message.From)}'s before this one did not reach you", columns, 0, OutcomeIndent),
        .. Message(message.At, Remarks(message, lastWritten), message.From, "", message.Text, columns),
    ];

    // The sender's clock says when a message was written. That is shown where it differs from the time of arrival, with what is odd about it.
    private static string Remarks(NodeEvent.MessageArrived message, Dictionary<string, DateTimeOffset> lastWritten)
    {
        var late = message.IsLate ? ", late" : "";
        if (message.WrittenAt is not { } written)
        {
            return late;
        }

        var isBeforeLast = !message.IsLate && lastWritten.TryGetValue(message.From, out var last) && last - written > Slack;
        if (!message.IsLate)
        {
            if (lastWritten.Count == MaxWriters)
            {
                lastWritten.Clear();
            }

            lastWritten[message.From] = written;
        }

        var ago = message.At - written;
        if (!message.IsLate && !isBeforeLast && ago.Duration() < WorthTelling)
        {
            return late;
        }

        var format = written.Date == message.At.Date ? "HH:mm" : ago > TimeSpan.Zero && ago < TimeSpan.FromDays(6) ? "ddd HH:mm" : "d MMM yyyy HH:mm";
        var odd = ago <= -WorthTelling ? " (in the future)" : isBeforeLast ? " (before the last one)" : "";
        return $"{late}, written {written.ToString(format, CultureInfo.InvariantCulture)}{odd}";
    }

    // The rows of a message after its first are indented, so that one message cannot pass for several.
    private IEnumerable<string> Message(DateTimeOffset at, string remarks, string name, string mark, string text, int columns)
    {
        var time = string.Create(CultureInfo.InvariantCulture, $"[{at:HH:mm:ss}{remarks}] ");
        var shown = Printable.Line(name);
        var indent = columns < NarrowColumns ? OutcomeIndent : time.Length - remarks.Length;
        var isFirst = true;
        foreach (var line in Printable.Lines(text))
        {
            if (isFirst)
            {
                var rows = Wrapping.Wrap($": {line}", columns, time.Length + mark.Length + Cells.Width(shown), indent);
                yield return ink.Dim(time) + mark + ink.OfContact(name, shown) + rows[0];
                foreach (var row in rows.Skip(1))
                {
                    yield return row;
                }

                isFirst = false;
            }
            else
            {
                foreach (var (index, row) in Wrapping.Wrap(line, columns, indent, indent).Index())
                {
                    yield return index == 0 ? new string(' ', indent) + row : row;
                }
            }
        }
    }

    private IReadOnlyList<string> OutcomeOf(NodeEvent.MessageSent sent, int columns)
    {
        var name = sent.PeerName ?? sent.To;
        var to = Printable.Line(sent.To) + (sent.PeerName is null ? "" : $" ({Printable.Line(sent.PeerName)})");
        var why = sent.Failure?.InWords();
        var (mark, words) = sent.Outcome switch
        {
            Outcome.Delivered when sent.HasWaited => (ink.Good("✓"), $"{sent.Outcome.InWords()} (after {LongDuration(sent.Took)})"),
            Outcome.Delivered => (ink.Good("✓"), sent.Outcome.InWords()),
            Outcome.Expired => (ink.Bad("✗"), $"{sent.Outcome.InWords()}, it waited {LongDuration(sent.Took)}{(why is null ? "" : $": {why}")}"),
            Outcome.Cancelled => (ink.Doubtful("✗"), sent.Outcome.InWords() + (why is null ? "" : $"; {why}")),
            Outcome.Unknown => (ink.Doubtful("?"), Outcomes.UnknownInWords(why)),
            _ => (ink.Bad("✗"), $"{sent.Outcome.InWords()}: {why}"),
        };
        var text = UnderWay.Remove(sent.Id) is { } preview ? $" \"{Cells.Fit(preview, PreviewColumns)}\"" : "";
        var rows = Wrapping.Wrap($"{text}: {words}", columns, OutcomeIndent + Cells.Width(to), OutcomeIndent);
        return [$"{mark} {ink.OfContact(name, to)}{rows[0]}", .. rows.Skip(1)];
    }

    // A contact who is simply away needs no more words; any other reason may be something to put right.
    private IReadOnlyList<string> WaitingOf(NodeEvent.MessageWaits waits, Failure why, int columns)
    {
        UnderWay.Remove(waits.Id);
        var to = Printable.Line(waits.To);
        var words = why.Kind is FailureKind.NobodyListening or FailureKind.NoRoute or FailureKind.NoConnectionInTime or FailureKind.ConnectionLost or FailureKind.Stopping
            ? $" is away: the message waits"
            : $": the message waits; {why.InWords()}";
        var rows = Wrapping.Wrap(words, columns, OutcomeIndent + Cells.Width(to), OutcomeIndent);
        return [$"{ink.Doubtful("…")} {ink.OfContact(waits.To, to)}{rows[0]}", .. rows.Skip(1)];
    }

    private IReadOnlyList<string> PingOf(NodeEvent.PingEnded ping, int columns)
    {
        UnderWay.Remove(ping.Id);
        var rows = Wrapping.Wrap(ping.Words, columns, OutcomeIndent, OutcomeIndent);
        return [$"{(ping.Failure is null ? ink.Good("✓") : ink.Bad("✗"))} {rows[0]}", .. rows.Skip(1)];
    }

    private static string LongDuration(TimeSpan took) => took switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(took.TotalSeconds):F0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{took.TotalMinutes:F0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{took.TotalHours:F0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{took.TotalDays:F0} days"),
    };

    private IReadOnlyList<string> Past(IReadOnlyList<LogRow> rows, int columns)
    {
        var lastWritten = new Dictionary<string, DateTimeOffset>();
        return
        [
            .. rows.SelectMany(row => row.Entry.Record.Direction == LogDirection.Received
                ? Arrived(NodeEvent.MessageArrived.Of(row.Entry, clock.LocalTimeZone), lastWritten, columns)
                : PastSent(row, columns)),
        ];
    }

    private IEnumerable<string> PastSent(LogRow row, int columns)
    {
        var record = row.Entry.Record;
        var at = TimeZoneInfo.ConvertTime(record.Time, clock.LocalTimeZone);
        var mark = record.Direction == LogDirection.Sent
            ? row.Outcome switch { LogOutcome.Delivered => "✓ → ", LogOutcome.NotDelivered or LogOutcome.Rejected or LogOutcome.Expired or LogOutcome.Cancelled => "✗ → ", _ => "? → " }
            : "";
        return [.. NewDay(at, columns), .. Message(at, "", record.PeerName, mark, record.Text, columns)];
    }

    private static List<string> Table(IReadOnlyList<IReadOnlyList<string>> rows, int columns)
    {
        const int gap = 2;
        IReadOnlyList<string>[] cells = [.. rows.Select(row => row.Select(Printable.Line).ToArray())];
        int[] widths = [.. Enumerable.Range(0, cells[0].Count - 1).Select(column => cells.Max(row => Cells.Width(row[column])))];
        var lines = new List<string>();
        foreach (var row in cells)
        {
            var head = string.Concat(row.Zip(widths, (cell, width) => cell + new string(' ', width - Cells.Width(cell) + gap)));
            var taken = Cells.Width(head);
            var wrapped = Wrapping.Wrap(row[^1], columns, taken, taken <= columns / 2 ? taken : 2 * gap);
            lines.Add((head + wrapped[0]).TrimEnd());
            lines.AddRange(wrapped.Skip(1));
        }

        return lines;
    }

    private static IEnumerable<string> Headed(string head, string plainHead, string rest, int columns, int indent)
    {
        var rows = Wrapping.Wrap(rest, columns, Cells.Width(plainHead), indent);
        return rows.Skip(1).Prepend(head + rows[0]);
    }
}
