// Reports for programs: JSON, and the JUnit XML that continuous integration reads.

using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace ActorChat.Conformance.Rendering;

/// <summary>Writes reports as JSON.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    /// <summary>One report as an object.</summary>
    public static string Of(Report report) => JsonSerializer.Serialize(ToObject(report), Options);

    /// <summary>Several as a list.</summary>
    public static string Of(IEnumerable<Report> reports) => JsonSerializer.Serialize(reports.Select(ToObject), Options);

    private static object ToObject(Report report) => new
    {
        target = report.Target,
        profile = report.Profile.ToString().ToLowerInvariant(),
        role = report.Role.ToString().ToLowerInvariant(),
        at = report.At.ToString("O", CultureInfo.InvariantCulture),
        holds = report.Holds,
        note = report.Note,
        deviations = report.Deviations,
        results = report.Results.Select(result => new
        {
            id = result.Check.Id,
            level = result.Check.Level.ToString().ToLowerInvariant(),
            grade = TextReport.Word(result.Grade),
            sentence = result.Check.Sentence,
            finding = result.Finding,
            deviations = result.Deviations,
            evidence = result.Evidence.Select(evidence => new { pdu = Convert.ToBase64String(evidence.Pdu), start = evidence.Start, end = evidence.End, right = evidence.Right }),
        }),
    };
}

/// <summary>Writes reports as JUnit's XML: a suite for each peer, a case for each check.</summary>
public static class JUnitReport
{
    /// <summary>The document.</summary>
    public static string Of(IEnumerable<Report> reports) => new XDocument(new XElement("testsuites", reports.Select(Suite))).ToString();

    private static XElement Suite(Report report) => new(
        "testsuite",
        new XAttribute("name", Clean(report.Target)),
        new XAttribute("timestamp", report.At.UtcDateTime.ToString("s", CultureInfo.InvariantCulture)),
        new XAttribute("tests", report.Results.Count),
        new XAttribute("failures", report.Results.Count(IsFailure)),
        new XAttribute("skipped", report.Results.Count(IsSkipped)),
        report.Results.Select(Case));

    private static XElement Case(Result result) => new(
        "testcase",
        new XAttribute("classname", $"section {result.Check.Id.Split('.')[0]}"),
        new XAttribute("name", $"{result.Check.Id} {result.Check.Sentence}"),
        IsFailure(result) ? new XElement("failure", new XAttribute("message", Clean(result.Finding)), new XAttribute("type", TextReport.Word(result.Grade)), Details(result))
            : IsSkipped(result) ? new XElement("skipped", new XAttribute("message", Clean($"{TextReport.Word(result.Grade)}: {result.Finding}")))
            : new XElement("system-out", Clean($"{TextReport.Word(result.Grade)}: {result.Finding}")));

    // A required check that was not reached is not known to hold, so it counts as a failure.
    private static bool IsFailure(Result result) => result.Check.Level == Level.Must && result.Grade is Grade.Fail or Grade.NotReached;

    private static bool IsSkipped(Result result) => !IsFailure(result) && result.Grade is Grade.NotApplicable or Grade.NotReached;

    private static string Details(Result result) => Clean(string.Join('\n', result.Evidence.Select(evidence =>
        $"received: {TextReport.Printable(evidence.Pdu)}\nwrong: {TextReport.Printable(evidence.Pdu.AsSpan(evidence.Start, evidence.End - evidence.Start))}\nright: {evidence.Right}")));

    // XML has no way to hold most control characters.
    private static string Clean(string text) => string.Concat(text.Where(c => c is '\n' or '\t' || !char.IsControl(c)));
}
