// The report that a teacher hands back: one page without scripts or outside resources, light or dark as the reader's system is. What comes from the peer
// is written as text only.

using System.Globalization;
using System.Net;
using System.Text;

namespace ActorChat.Conformance.Rendering;

/// <summary>Writes reports as one HTML page.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1d2129;--dim:#5c6470;--line:#d9dde3;--paper:#fff;--raised:#f5f6f8;--good:#17703a;--poor:#8a5a00;--bad:#b3261e;--mark:#ffd9d4}
        @media(prefers-color-scheme:dark){:root{--ink:#e3e6eb;--dim:#9aa3b0;--line:#363b45;--paper:#16181d;--raised:#1f232a;--good:#7fce98;--poor:#e5c07b;--bad:#f28b82;--mark:#6b2320}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:66rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2.5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:0 0 .3rem}
        p{margin:.3rem 0}.dim{color:var(--dim)}table{border-collapse:collapse;width:100%;margin:1rem 0}
        th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line)}th{color:var(--dim);font-weight:500}
        td.id{white-space:nowrap;font-variant-numeric:tabular-nums}td.grade{white-space:nowrap;font-weight:600}
        .pass{color:var(--good)}.not-strict{color:var(--poor)}.fail,.not-reached{color:var(--bad)}.not-applicable{color:var(--dim)}
        section{background:var(--raised);border-left:4px solid var(--bad);padding:.7rem 1rem;margin:1rem 0}section.fail,section.not-strict{color:inherit}section.not-strict{border-color:var(--poor)}
        code{font:13px/1.45 ui-monospace,monospace}pre{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0;padding:.5rem .7rem;background:var(--paper);border:1px solid var(--line)}
        mark{background:var(--mark);color:inherit;outline:1px solid var(--bad)}.matrix{overflow-x:auto}.matrix td,.matrix th{padding:.15rem 0;text-align:center;font-size:13px;line-height:1.3}.matrix th:first-child{text-align:left;padding-right:.6rem;min-width:8rem}
        .matrix thead th{writing-mode:vertical-rl;font-size:11px}.matrix thead th:first-child{writing-mode:horizontal-tb}a{color:inherit}
        """;

    private static readonly Dictionary<Grade, string> Signs = new() { [Grade.Pass] = "✓", [Grade.NotStrict] = "~", [Grade.Fail] = "✗", [Grade.NotReached] = "…", [Grade.NotApplicable] = "–" };

    /// <summary>The page for one report, or for several, with a matrix first.</summary>
    public static string Of(IReadOnlyList<Report> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
            .Append("<title>ActorChat conformance</title><style>\n").Append(Style).Append("\n</style></head><body>\n");
        if (reports.Count > 1)
        {
            Matrix(html, reports);
        }

        for (var i = 0; i < reports.Count; i++)
        {
            Peer(html, reports[i], i);
        }

        return html.Append("</body></html>\n").ToString();
    }

    private static void Matrix(StringBuilder html, IReadOnlyList<Report> reports)
    {
        html.Append("<h1>Conformance to the ActorChat protocol</h1>\n<p class=\"dim\">✓ pass, ~ not strict, ✗ fail, … not reached, – not applicable</p>\n<div class=\"matrix\"><table><thead><tr><th></th>");
        var checks = reports[0].Results.Select(result => result.Check).ToArray();
        foreach (var check in checks)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th title=\"{Text(check.Sentence)}\">{Text(check.Id)}</th>");
        }

        html.Append("</tr></thead><tbody>\n");
        for (var i = 0; i < reports.Count; i++)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th><a href=\"#peer-{i}\">{Text(reports[i].Target)}</a></th>");
            foreach (var result in reports[i].Results)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"{Class(result.Grade)}\" title=\"{Text($"{result.Check.Id}: {TextReport.Word(result.Grade)}")}\">{Signs[result.Grade]}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody></table></div>\n");
    }

    private static void Peer(StringBuilder html, Report report, int number)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h1 id=\"peer-{number}\">{Text(report.Target)}</h1>\n<p class=\"dim\">{Text(TextReport.Title(report))}, {report.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC</p>\n")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"{(report.Holds ? "pass" : "fail")}\"><strong>{Text(TextReport.Summary(report))}</strong></p>\n");
        if (report.Note is not null)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>{Text(report.Note)}</p>\n");
        }

        var failed = report.Results.Where(result => result.Grade is Grade.Fail or Grade.NotStrict).ToArray();
        if (failed.Length > 0)
        {
            html.Append("<h2>What to mend</h2>\n");
        }

        foreach (var result in failed)
        {
            Failure(html, result);
        }

        html.Append("<h2>All checks</h2>\n<table><thead><tr><th>check</th><th>grade</th><th>what was seen</th></tr></thead><tbody>\n");
        foreach (var result in report.Results)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"id\" title=\"{Text(result.Check.Sentence)}\">{Text(result.Check.Id)}</td><td class=\"grade {Class(result.Grade)}\">{Signs[result.Grade]} {TextReport.Word(result.Grade)}</td><td>{Text(result.Finding)}</td></tr>\n");
        }

        html.Append("</tbody></table>\n");
    }

    private static void Failure(StringBuilder html, Result result)
    {
        html.Append(CultureInfo.InvariantCulture, $"<section class=\"{Class(result.Grade)}\"><h3>{Text(result.Check.Id)}: {Text(result.Finding)}</h3>\n")
            .Append(CultureInfo.InvariantCulture, $"<p>The page {(result.Check.Level == Level.Must ? "requires" : "advises")}: {Text(result.Check.Sentence)}</p>\n");
        if (result.Deviations.Count > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"dim\">Known as <code>{Text(string.Join(", ", result.Deviations))}</code></p>\n");
        }

        foreach (var evidence in result.Evidence)
        {
            html.Append(CultureInfo.InvariantCulture, $"<pre>{Bytes(evidence.Pdu.AsSpan(0, evidence.Start))}<mark>{Bytes(evidence.Pdu.AsSpan(evidence.Start, evidence.End - evidence.Start))}</mark>{Bytes(evidence.Pdu.AsSpan(evidence.End))}</pre>\n")
                .Append(CultureInfo.InvariantCulture, $"<p>Right would be: <code>{Text(evidence.Right)}</code></p>\n");
        }

        html.Append("</section>\n");
    }

    private static string Class(Grade grade) => TextReport.Word(grade).Replace(' ', '-');

    private static string Bytes(ReadOnlySpan<byte> bytes) => WebUtility.HtmlEncode(TextReport.Printable(bytes));

    private static string Text(string text) => WebUtility.HtmlEncode(TextReport.Printable(text));
}
