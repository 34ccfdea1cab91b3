// The picture of the line being typed, and the frame that it stands in.

using ActorChat.Screens.Terminal;
using FsCheck;
using FsCheck.Xunit;

namespace ActorChat.Tests.Terminal;

[Properties(Arbitrary = [typeof(Generators)])]
public sealed class PainterTests
{
    [Theory]
    [InlineData("", "> ", 0, 2)]
    [InlineData("hello", "> hello", 0, 7)]
    [InlineData("12345678", "> 12345678/", 1, 0)] // the cursor needs a cell of its own
    [InlineData("123456789", "> 12345678/9", 1, 1)]
    [InlineData("1234567日", "> 1234567/日", 1, 2)] // a wide character is not halved
    [InlineData("日本語", "> 日本語", 0, 8)]
    [InlineData("ne\u0301e", "> ne\u0301e", 0, 5)]
    [InlineData("👨‍👩‍👧!", "> 👨‍👩‍👧!", 0, 5)]
    [InlineData("one\ntwo", "> one/two", 1, 3)]
    [InlineData("one\n", "> one/", 1, 0)]
    [InlineData("a\u001b[2J", "> a␛[2J", 0, 7)]
    [InlineData("\t.", ">     .", 0, 7)]
    public void The_rows_and_the_cursor_behind_the_text(string text, string rows, int cursorRow, int cursorColumn)
    {
        var painting = Painter.Paint("> ", text, text.Length, columns: 10, maxRows: 100);
        Assert.Equal(rows, string.Join('/', painting.Rows.Select(row => row.Text)));
        Assert.Equal((cursorRow, cursorColumn), (painting.CursorRow, painting.CursorColumn));
    }

    [Theory]
    [InlineData("12345678", 0, 0, 2)]
    [InlineData("日本", 1, 0, 4)]
    [InlineData("123456789", 8, 1, 0)] // the next character goes there
    [InlineData("one\ntwo", 3, 0, 5)]
    [InlineData("one\ntwo", 4, 1, 0)]
    public void The_cursor_within_the_text(string text, int cursor, int row, int column)
    {
        var painting = Painter.Paint("> ", text, cursor, columns: 10, maxRows: 100);
        Assert.Equal((row, column), (painting.CursorRow, painting.CursorColumn));
    }

    [Fact]
    public void Where_there_is_no_room_the_rows_around_the_cursor_are_shown()
    {
        var text = string.Join('\n', Enumerable.Range(0, 50));
        var end = Painter.Paint("> ", text, text.Length, columns: 10, maxRows: 4);
        Assert.Equal(["46", "47", "48", "49"], end.Rows.Select(row => row.Text));
        Assert.Equal((3, 46), (end.CursorRow, end.First));

        var start = Painter.Paint("> ", text, 0, columns: 10, maxRows: 4);
        Assert.Equal(["> 0", "1", "2", "3"], start.Rows.Select(row => row.Text));
        Assert.Equal((0, 0), (start.CursorRow, start.First));
    }

    [Fact]
    public void A_prompt_leaves_half_of_the_row() =>
        Assert.Equal("a ve…x", Painter.Paint("a very long prompt> ", "x", 1, columns: 10, maxRows: 1).Rows[0].Text);

    [Fact]
    public void Before_what_takes_no_column_the_cursor_is_on_the_screen_too() // found by the property below
    {
        var painting = Painter.Paint("bob> ", "灡😀\u202ex", 3, columns: 8, maxRows: 2);
        Assert.Equal((1, 0), (painting.CursorRow, painting.CursorColumn));
    }

    [Property]
    public void No_row_is_wider_than_the_screen_and_the_cursor_is_on_it(AnyText text, PositiveInt columns, PositiveInt maxRows, NonNegativeInt place)
    {
        var width = Math.Max(columns.Get, Painter.MinColumns);
        var cursor = BoundaryOf(text.Text, place.Get);
        var painting = Painter.Paint("bob> ", text.Text, cursor, columns.Get, maxRows.Get);
        Assert.InRange(painting.Rows.Count, 1, maxRows.Get);
        Assert.All(painting.Rows, row => Assert.InRange(row.Width, 0, width));
        Assert.All(painting.Rows, row => Assert.Equal(Cells.Width(row.Text), row.Width));
        Assert.InRange(painting.CursorRow, 0, painting.Rows.Count - 1);
        Assert.InRange(painting.CursorColumn, 0, width - 1);
        Assert.DoesNotContain(painting.Rows, row => row.Text.Any(char.IsControl));
    }

    [Property]
    public void Every_character_is_painted_in_order(Graphemes text)
    {
        var painting = Painter.Paint("", text.Text, 0, columns: 20, maxRows: int.MaxValue);
        Assert.Equal(
            string.Concat(text.Each.Where(grapheme => grapheme != "\n").Select(ActorChat.Node.Printable.Line)),
            string.Concat(painting.Rows.Select(row => row.Text)));
    }

    [Fact]
    public void A_frame_is_painted_with_the_cursor_in_its_place_and_taken_away_from_there()
    {
        var frame = new Frame([Row.Of("status"), Row.Of("> one"), Row.Of("two"), Row.Of("offered")], CursorRow: 2, CursorColumn: 3);
        Assert.Equal("status\r\n> one\r\ntwo\r\noffered\u001b[1A\r\u001b[3C", frame.Paint());
        Assert.Equal("\u001b[2A\r\u001b[K\u001b[C\u001b[J\r", frame.Erase(80));
    }

    [Fact]
    public void Rows_that_a_narrower_terminal_has_wrapped_are_taken_away_too()
    {
        var frame = new Frame([Row.Of(new string('s', 50)), Row.Of(new string('x', 70))], CursorRow: 1, CursorColumn: 65);
        Assert.Equal("\u001b[3A\r\u001b[K\u001b[C\u001b[J\r", frame.Erase(40)); // two rows of the first line, and the cursor's own second row
    }

    [Fact]
    public void No_frame_is_nothing_to_take_away_or_to_paint() => Assert.Equal(("", ""), (Frame.None.Paint(), Frame.None.Erase(80)));

    private static int BoundaryOf(string text, int place)
    {
        int[] boundaries = [.. System.Globalization.StringInfo.ParseCombiningCharacters(text), text.Length];
        return boundaries[place % boundaries.Length];
    }
}
