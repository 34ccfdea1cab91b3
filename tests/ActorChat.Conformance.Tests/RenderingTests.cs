// Reports as text, JSON, XML and HTML. They quote what a peer sent, which must never become markup or control characters.

using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using ActorChat.Conformance.Rendering;

namespace ActorChat.Conformance.Tests;

public sealed class RenderingTests
{
    private static readonly byte[] Hostile = Encoding.UTF8.GetBytes("{\"crc\": \"<script>alert(1)</script>\u001b[2J\u0007\", \"x\": \"]]>&\"}");

    private static readonly Report Wrong = new("h.example:1 <b>", Profiles.Modern, Roles.Responder, DateTimeOffset.UnixEpoch,
        [
            new(Catalogue.Find("2.crc.1"), Grade.Fail, "The CRC is <wrong>.\u001b[2J", ["crc.null"], [new Evidence(Hostile, 8, 12, "2800125391")]),
            new(Catalogue.Find("1.pdu.2"), Grade.NotStrict, "No line feed.", [], []),
            new(Catalogue.Find("3.order.1"), Grade.NotReached, "Not so far.", [], []),
            new(Catalogue.Find("7.texts.1"), Grade.NotApplicable, "One text.", [], []),
        ],
        [new Passage("the whole conversation", IsReceived: true, Hostile, [("iv", "00ff")])], "A note.");

    private static readonly Report Right = Wrong with { Target = "right:2", Results = [new(Catalogue.Find("2.crc.1"), Grade.Pass, "Right.", [], [])], Note = null };

    [Fact]
    public void Only_what_is_required_decides_whether_a_report_holds()
    {
        Assert.False(Wrong.Holds);
        Assert.True(Right.Holds);
        Assert.True((Wrong with { Results = [.. Wrong.Results.Skip(1).Where(result => result.Grade != Grade.NotReached)] }).Holds);
    }

    [Fact]
    public void A_page_has_no_script_no_outside_resource_and_marks_the_wrong_bytes()
    {
        var html = HtmlReport.Of([Wrong]);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', html);
        Assert.Contains("<mark>&quot;&lt;sc</mark>", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
        Assert.Contains(Catalogue.Find("2.crc.1").Sentence.Split('(')[0], html, StringComparison.Ordinal);
        Assert.Contains("2800125391", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_reports_begin_with_a_matrix()
    {
        Assert.Contains("<a href=\"#peer-1\">right:2</a>", HtmlReport.Of([Right, Right]), StringComparison.Ordinal);
        using var text = new StringWriter();
        TextReport.WriteMatrix(text, [Wrong, Right]);
        Assert.Equal(
            ["h.example:1 <b>  does not  1 not strict, 1 fail, 1 not reached, 1 not applicable: crc.null", "right:2          conforms  1 pass"], text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public void JUnit_has_a_failure_for_each_requirement_that_does_not_hold()
    {
        var suite = XDocument.Parse(JUnitReport.Of([Wrong])).Root!.Element("testsuite")!;
        Assert.Equal(("4", "2", "1"), (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("skipped")!.Value));
        Assert.Equal(["2.crc.1", "3.order.1"], suite.Elements("testcase").Where(test => test.Element("failure") is not null).Select(test => test.Attribute("name")!.Value.Split(' ')[0]));
    }

    [Fact]
    public void Json_holds_the_bytes_and_where_they_are_wrong()
    {
        using var json = JsonDocument.Parse(JsonReport.Of(Wrong));
        var evidence = json.RootElement.GetProperty("results")[0].GetProperty("evidence")[0];
        Assert.Equal(Hostile, evidence.GetProperty("pdu").GetBytesFromBase64());
        Assert.Equal((8, 12), (evidence.GetProperty("start").GetInt32(), evidence.GetProperty("end").GetInt32()));
        Assert.Equal("crc.null", json.RootElement.GetProperty("deviations")[0].GetString());
        using var list = JsonDocument.Parse(JsonReport.Of(new[] { Wrong, Right }));
        Assert.Equal([false, true], list.RootElement.EnumerateArray().Select(report => report.GetProperty("holds").GetBoolean()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_that_a_peer_sends_reaches_the_terminal_as_control_characters(bool isVerbose)
    {
        using var text = new StringWriter();
        TextReport.Write(text, Wrong, isVerbose);
        Assert.DoesNotContain(text.ToString(), c => char.IsControl(c) && c is not ('\n' or '\r'));
        Assert.Contains("»\"<sc«", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(isVerbose, text.ToString().Contains("iv = 00ff", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_check_has_an_id_of_its_own_and_every_deviation_a_check()
    {
        Assert.Equal(Catalogue.All.Count, Catalogue.All.Select(check => check.Id).Distinct().Count());
        Assert.All(Deviation.All, deviation => Assert.True(Catalogue.Find(deviation.Check).Profiles.HasFlag(deviation.Profiles), deviation.Id));
        Assert.Equal(Deviation.All.Count, Deviation.All.Select(deviation => deviation.Id).Distinct().Count());
        Assert.All(Deviation.All, deviation => Assert.True(deviation.IsIn(deviation.Apply(Dialect.Of(deviation.Profiles.HasFlag(Profiles.Modern) ? Profiles.Modern : Profiles.Classic))), deviation.Id));
    }

    [Theory]
    [InlineData("2", true)]
    [InlineData("2.crc", true)]
    [InlineData("2.crc.1", true)]
    [InlineData("2.cr", false)]
    [InlineData("3", false)]
    [InlineData("", false)]
    public void Checks_are_named_by_the_beginning_of_their_ids(string only, bool isNamed) => Assert.Equal(isNamed, Catalogue.Find("2.crc.1").IsNamedBy(only));
}
