// Events as lines for people.

using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Screens;
using ActorChat.Storage.SecureLog;
using Microsoft.Extensions.Time.Testing;

namespace ActorChat.Tests;

public sealed class EventLinesTests
{
    private static readonly DateTimeOffset Today = new(2026, 11, 23, 21, 4, 31, TimeSpan.Zero);

    private readonly EventLines _lines = new(new Ink(isOn: false), new FakeTimeProvider(Today));

    [Fact]
    public void A_message_has_its_time_and_its_further_lines_are_set_in() =>
        Assert.Equal(["[21:04:31] bob: one", "             two", "           [21:04:31] carol: three"], Of(Arrived("one\n  two\r\n[21:04:31] carol: three")));

    [Fact]
    public void A_long_message_is_wrapped_under_its_beginning() =>
        Assert.Equal(["[21:04:31] bob: some words that do not", "           fit", "           into"], Of(Arrived("some words that do not fit\ninto"), 40));

    [Fact]
    public void On_a_very_narrow_screen_little_is_set_in() =>
        Assert.Equal(["[21:04:31] bob: some", "  words"], Of(Arrived("some words"), 22));

    [Fact]
    public void What_a_terminal_would_obey_is_shown() =>
        Assert.Equal(["[21:04:31] b␛ob: ␛[2J<U+202E>"], Of(Arrived("\u001b[2J\u202e") with { From = "b\u001bob" }));

    [Theory]
    [InlineData(-30, "[21:04:31] bob: hi")]
    [InlineData(-61, "[21:04:31, written 21:03] bob: hi")]
    [InlineData(-86_400, "[21:04:31, written Sun 21:04] bob: hi")]
    [InlineData(-6 * 86_400, "[21:04:31, written 17 Nov 2026 21:04] bob: hi")]
    [InlineData(30, "[21:04:31] bob: hi")]
    [InlineData(120, "[21:04:31, written 21:06 (in the future)] bob: hi")]
    [InlineData(86_400, "[21:04:31, written 24 Nov 2026 21:04 (in the future)] bob: hi")]
    public void When_a_message_was_written_is_said_where_it_makes_a_difference(int seconds, string line) =>
        Assert.Equal([line], Of(Arrived("hi") with { WrittenAt = Today.AddSeconds(seconds) }));

    [Fact]
    public void A_time_before_the_last_ones_of_the_same_contact_is_marked()
    {
        Assert.Equal(["[21:04:31] bob: one"], Of(Arrived("one") with { WrittenAt = Today.AddSeconds(-10) }));
        Assert.Equal(["[21:04:31] carol: hi"], Of(Arrived("hi") with { From = "carol", WrittenAt = Today.AddSeconds(-30) }));
        Assert.Equal(["[21:04:31, written 21:04 (before the last one)] bob: two"], Of(Arrived("two") with { WrittenAt = Today.AddSeconds(-20) }));
        Assert.Equal(["[21:04:31, late, written 21:04] bob: three"], Of(Arrived("three") with { IsLate = true, WrittenAt = Today.AddSeconds(-30) }));
        Assert.Equal(["[21:04:31] bob: four"], Of(Arrived("four") with { WrittenAt = Today.AddSeconds(-20.9) }));
    }

    [Fact]
    public void Messages_that_are_missing_have_a_line_before_the_one_behind_them()
    {
        Assert.Equal(["1 message of bob's before this one did not reach you", "[21:04:31] bob: hi"], Of(Arrived("hi") with { Missing = 1 }));
        Assert.Equal(["2 messages of b␛ob's before this one did not reach you", "[21:04:31] b␛ob: hi"], Of(Arrived("hi") with { Missing = 2, From = "b\u001bob" }));
    }

    [Fact]
    public void Remarks_set_no_further_lines_in() =>
        Assert.Equal(
            ["[21:04:31, late, written Sun 21:04] bob: one", "           two"],
            Of(Arrived("one\ntwo") with { IsLate = true, WrittenAt = Today.AddDays(-1) }));

    [Fact]
    public void Another_day_has_a_line_of_its_own()
    {
        Assert.Equal(["[21:04:31] bob: one"], Of(Arrived("one")));
        Assert.Equal(["──────── Tuesday, 24 November 2026 ────────", "[21:04:31] bob: two"], Of(Arrived("two", Today.AddDays(1)), 44));
        Assert.Equal(["[21:04:31] bob: three"], Of(Arrived("three", Today.AddDays(1)), 44));
    }

    [Theory]
    [InlineData(Outcome.Delivered, "✓ bob: delivered")]
    [InlineData(Outcome.NotDelivered, "✗ bob: not delivered: the connection was lost")]
    [InlineData(Outcome.Rejected, "✗ bob: rejected: the connection was lost")]
    [InlineData(Outcome.Unknown, "? bob: unknown, it was sent but no receipt came: the connection was lost")]
    public void Each_outcome_is_in_words(Outcome outcome, string line) => Assert.Equal([line], Of(Sent(outcome)));

    [Fact]
    public void An_outcome_says_which_text_it_is_about_where_several_were_under_way_to_the_same_recipient()
    {
        NodeEvent.MessageStarted[] started = [.. new[] { "one\u001b", "two and " + new string('x', 50), "three" }.Select(text => new NodeEvent.MessageStarted(Guid.NewGuid(), "bob", text))];
        Assert.All(started, e => Assert.Empty(Of(e)));
        string[] lines = [.. started.SelectMany(e => Of(Sent(Outcome.Delivered) with { Id = e.Id }))];
        Assert.Equal(["✓ bob \"one␛\": delivered", "✓ bob \"two and xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\": delivered", "✓ bob \"three\": delivered"], lines);

        var alone = new NodeEvent.MessageStarted(Guid.NewGuid(), "bob", "four");
        Of(new NodeEvent.MessageStarted(Guid.NewGuid(), "carol", "four"));
        Of(alone);
        Assert.Equal(["✓ bob: delivered"], Of(Sent(Outcome.Delivered) with { Id = alone.Id }));
    }

    [Fact]
    public void Where_the_new_begins_there_is_a_line() => Assert.Equal(["─────── new ───────"], Of(new NodeEvent.NewBegins(), 19));

    [Fact]
    public void An_outcome_wraps_and_names_who_answered()
    {
        Assert.Equal(["✗ bob: not delivered: the", "  connection was lost"], Of(Sent(Outcome.NotDelivered), 30));
        Assert.Equal(["✓ 192.0.2.7:5002 (dave): delivered"], Of(Sent(Outcome.Delivered) with { To = "192.0.2.7:5002", PeerName = "dave" }));
    }

    [Fact]
    public void A_table_has_columns_and_its_last_one_wraps()
    {
        var table = new NodeEvent.Table([["a", "one", "some words here"], ["日本", "three", "x"]]);
        Assert.Equal(["a     one    some words here", "日本  three  x"], Of(table));
        Assert.Equal(["a     one    some words", "             here", "日本  three  x"], Of(table, 26));
        Assert.Equal(["a     one    some", "    words here", "日本  three  x"], Of(table, 20));
    }

    [Fact]
    public void History_shows_directions_outcomes_and_days()
    {
        LogRow Row(LogDirection direction, LogOutcome? outcome, DateTimeOffset at) =>
            new(new LogEntry(1, new LogRecord(at, direction, "bob", "", Guid.NewGuid(), null, "hello")), outcome, "");
        Assert.Equal(
            [
                "──────── Sunday, 22 November 2026 ────────",
                "[21:04:31] bob: hello",
                "──────── Monday, 23 November 2026 ────────",
                "[21:04:31] ✓ → bob: hello",
                "[21:04:31] ✗ → bob: hello",
                "[21:04:31] ? → bob: hello",
            ],
            Of(
                new NodeEvent.History(
                [
                    Row(LogDirection.Received, null, Today.AddDays(-1)),
                    Row(LogDirection.Sent, LogOutcome.Delivered, Today),
                    Row(LogDirection.Sent, LogOutcome.NotDelivered, Today),
                    Row(LogDirection.Sent, null, Today),
                ]),
                43));
    }

    [Fact]
    public void Colours_stand_around_the_name_and_never_come_from_the_text()
    {
        var lines = new EventLines(new Ink(isOn: true), new FakeTimeProvider(Today));
        Assert.Equal([$"\u001b[2m[21:04:31] \u001b[0m\u001b[1;38;5;{Ink.ColourOf("bob")}mbob\u001b[0m: [red]␛[31m"], lines.Of(Arrived("[red]\u001b[31m"), 80));
    }

    [Fact]
    public void A_contacts_colour_is_always_the_same()
    {
        Assert.Equal([Ink.ColourOf("bob"), Ink.ColourOf("carol")], [Ink.ColourOf("bob"), Ink.ColourOf("carol")]);
        Assert.Equal(160, Ink.ColourOf("bob"));
        Assert.True(Enumerable.Range(0, 200).Select(i => Ink.ColourOf($"name {i}")).Distinct().Count() == Ink.Palette.Count);
    }

    [Fact]
    public void Every_colour_can_be_read_on_black_and_on_white() => Assert.All(Ink.Palette, colour =>
    {
        var luminance = Luminance(colour);
        Assert.InRange((luminance + 0.05) / 0.05, 3.5, 21);
        Assert.InRange(1.05 / (luminance + 0.05), 3.5, 21);
    });

    // The 6 by 6 by 6 cube of the 256 colours, and WCAG's relative luminance.
    private static double Luminance(int colour)
    {
        Assert.InRange(colour, 16, 231);
        int[] levels = [0, 95, 135, 175, 215, 255];
        var cube = colour - 16;
        return (0.2126 * Linear(levels[cube / 36])) + (0.7152 * Linear(levels[cube / 6 % 6])) + (0.0722 * Linear(levels[cube % 6]));

        static double Linear(int level) => level / 255.0 is var value && value <= 0.04045 ? value / 12.92 : Math.Pow(((level / 255.0) + 0.055) / 1.055, 2.4);
    }

    [Fact]
    public void History_says_of_a_message_what_was_said_when_it_came()
    {
        var record = new LogRecord(Today, LogDirection.Received, "bob", "", Guid.NewGuid(), null, "hello") { Stream = 7, Sequence = 3, Missing = 2, WrittenAt = Today.AddHours(-3) };
        Assert.Equal(
            ["2 messages of bob's before this one did not reach you", "[21:04:31, written 18:04] bob: hello"],
            Of(new NodeEvent.History([new LogRow(new LogEntry(1, record), null, "")])));
    }

    private static NodeEvent.MessageArrived Arrived(string text, DateTimeOffset? at = null) => new("bob", text, Guid.NewGuid(), at ?? Today, Number: 1);

    private static NodeEvent.MessageSent Sent(Outcome outcome) => new(
        "bob", null, Guid.NewGuid(), outcome, outcome == Outcome.Delivered ? null : new Failure(FailureKind.ConnectionLost), null);

    private IReadOnlyList<string> Of(NodeEvent nodeEvent, int columns = 80) => _lines.Of(nodeEvent, columns);
}
