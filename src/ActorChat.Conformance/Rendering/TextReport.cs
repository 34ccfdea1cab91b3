// The report for a terminal: a line for each check, and with --verbose every byte that went over the line.

using System.Globalization;
using System.Text;

namespace ActorChat.Conformance.Rendering;

/// <summary>Writes reports as plain text.</summary>
public static class TextReport
{
    private const int IdWidth = 16;
    private const int GradeWidth = 14;

    /// <summary>The words for a grade.</summary>
    public static string Word(Grade grade) => grade switch
    {
        Grade.Pass => "pass",
        Grade.NotStrict => "not strict",
        Grade.Fail => "fail",
        Grade.NotReached => "not reached",
        _ => "not applicable",
    };

    /// <summary>The list of checks.</summary>
    public static void WriteChecks(TextWriter output, IEnumerable<Check> checks)
    {
        foreach (var check in checks)
        {
            output.WriteLine($"{check.Id.PadRight(IdWidth)}{(check.Level == Level.Must ? "must    " : "should  ")}{check.Sentence}");
        }
    }

    /// <summary>One report.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="report">The report.</param>
    /// <param name="isVerbose">Whether to print all bytes too.</param>
    public static void Write(TextWriter output, Report report, bool isVerbose)
    {
        if (isVerbose)
        {
            WritePassages(output, report.Passages);
        }

        output.WriteLine($"{report.Target}, {Title(report)}");
        foreach (var result in report.Results)
        {
            output.WriteLine($"{result.Check.Id.PadRight(IdWidth)}{Word(result.Grade).PadRight(GradeWidth)}  {Printable(result.Finding)}");
            if (result.Grade is Grade.Fail or Grade.NotStrict)
            {
                WriteDetails(output, result);
            }
        }

        output.WriteLine(Summary(report));
        if (report.Note is not null)
        {
            output.WriteLine(report.Note);
        }
    }

    /// <summary>A line for each of several reports.</summary>
    public static void WriteMatrix(TextWriter output, IReadOnlyList<Report> reports)
    {
        var width = reports.Max(report => report.Target.Length) + 2;
        foreach (var report in reports)
        {
            var named = string.Join(", ", report.Deviations);
            output.WriteLine($"{Printable(report.Target).PadRight(width)}{(report.Holds ? "conforms  " : "does not  ")}{Counts(report)}{(named.Length > 0 ? $": {named}" : report.Note is { } note ? $": {note}" : "")}");
        }
    }

    /// <summary>What a report says in one line.</summary>
    public static string Summary(Report report) => $"{(report.Holds ? "All that the page requires holds" : "Not all that the page requires holds")}: {Counts(report)}.";

    internal static string Title(Report report) => $"{report.Profile.ToString().ToLowerInvariant()} profile, as {report.Role.ToString().ToLowerInvariant()}";

    internal static string Counts(Report report) =>
        string.Join(", ", Enum.GetValues<Grade>().Where(grade => report.Count(grade) > 0).Select(grade => string.Create(CultureInfo.InvariantCulture, $"{report.Count(grade)} {Word(grade)}")));

    /// <summary>A peer's bytes as text that cannot control a terminal: whatever is not printable ASCII is written as \xNN.</summary>
    internal static string Printable(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            text.Append(b is >= 0x20 and < 0x7f ? ((char)b).ToString() : b == (byte)'\n' ? "\\n" : $"\\x{b:x2}");
        }

        return text.ToString();
    }

    /// <summary>The same for text that may quote a peer.</summary>
    internal static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString()));

    private static void WriteDetails(TextWriter output, Result result)
    {
        var indent = new string(' ', IdWidth);
        output.WriteLine($"{indent}The page: {result.Check.Sentence}");
        if (result.Deviations.Count > 0)
        {
            output.WriteLine($"{indent}Known as: {string.Join(", ", result.Deviations)}");
        }

        foreach (var evidence in result.Evidence)
        {
            output.WriteLine($"{indent}Received: {Printable(evidence.Pdu.AsSpan(0, evidence.Start))}»{Printable(evidence.Pdu.AsSpan(evidence.Start, evidence.End - evidence.Start))}«{Printable(evidence.Pdu.AsSpan(evidence.End))}");
            output.WriteLine($"{indent}Right:    {Printable(evidence.Right)}");
        }
    }

    private static void WritePassages(TextWriter output, IEnumerable<Passage> passages)
    {
        var conversation = "";
        var said = new HashSet<(string, string)>(); // keys stay the same in a conversation
        foreach (var passage in passages)
        {
            if (passage.Conversation != conversation)
            {
                conversation = passage.Conversation;
                said.Clear();
                output.WriteLine($"--- {conversation}");
            }

            output.WriteLine($"{(passage.IsReceived ? "<" : ">")} {Printable(passage.Bytes)}");
            foreach (var (name, value) in passage.Values.Where(said.Add))
            {
                output.WriteLine($"    {name} = {value}");
            }
        }

        output.WriteLine();
    }
}
