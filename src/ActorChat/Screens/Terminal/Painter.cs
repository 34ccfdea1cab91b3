// How the line being typed looks: which rows, and where the cursor is. Pure: the same text at the same width always gives the same picture.

using System.Text;
using ActorChat.Node;

namespace ActorChat.Screens.Terminal;

/// <summary>A row of the screen.</summary>
/// <param name="Text">The characters, perhaps with colours.</param>
/// <param name="Width">The columns that it takes.</param>
internal readonly record struct Row(string Text, int Width)
{
    /// <summary>A row without colours.</summary>
    public static Row Of(string text) => new(text, Cells.Width(text));
}

/// <summary>A picture of the input.</summary>
/// <param name="Rows">At least one.</param>
/// <param name="CursorRow">Which of them has the cursor.</param>
/// <param name="CursorColumn">From 0.</param>
/// <param name="First">How many rows above the first do not fit and are not shown.</param>
internal sealed record Painting(IReadOnlyList<Row> Rows, int CursorRow, int CursorColumn, int First);

/// <summary>Lays out what is being typed.</summary>
internal static class Painter
{
    /// <summary>The narrowest screen that is painted for.</summary>
    public const int MinColumns = 8;

    /// <summary>Paints. Where not all rows fit, those around the cursor are shown.</summary>
    /// <param name="prompt">The words before the text, safe to show.</param>
    /// <param name="text">The text; everything that a terminal would obey is made visible here.</param>
    /// <param name="cursor">An index into the text, between two graphemes.</param>
    /// <param name="columns">The screen's width.</param>
    /// <param name="maxRows">The most rows.</param>
    public static Painting Paint(string prompt, string text, int cursor, int columns, int maxRows)
    {
        columns = Math.Max(columns, MinColumns);
        var rows = new List<Row>();
        var row = new StringBuilder(Cells.Fit(prompt, columns / 2));
        var width = Cells.Width(row.ToString());
        var (cursorRow, cursorColumn) = (0, 0);
        var at = 0;
        foreach (var grapheme in Cells.Graphemes(text))
        {
            var isLineEnd = grapheme == "\n";
            var (shown, columnsOfIt) = isLineEnd ? ("", 1) : Visible(grapheme, columns);
            MakeRoom(at == cursor ? Math.Max(1, columnsOfIt) : columnsOfIt); // the cursor needs a cell, even on a grapheme that takes none
            PlaceCursor();
            at += grapheme.Length;
            if (isLineEnd)
            {
                EndRow();
            }
            else
            {
                row.Append(shown);
                width += columnsOfIt;
            }
        }

        if (cursor == text.Length)
        {
            MakeRoom(1);
            PlaceCursor();
        }

        EndRow();
        var first = Math.Clamp(cursorRow - (maxRows / 2), 0, Math.Max(0, rows.Count - maxRows));
        return new Painting([.. rows.Skip(first).Take(maxRows)], cursorRow - first, cursorColumn, first);

        void MakeRoom(int needed)
        {
            if (width + needed > columns)
            {
                EndRow();
            }
        }

        void EndRow()
        {
            rows.Add(new Row(row.ToString(), width));
            row.Clear();
            width = 0;
        }

        void PlaceCursor()
        {
            if (at == cursor)
            {
                (cursorRow, cursorColumn) = (rows.Count, width);
            }
        }
    }

    // A cluster that is wider than the screen, as only made-up ones are, is shown as an ellipsis.
    private static (string Text, int Width) Visible(string grapheme, int columns)
    {
        var visible = Printable.Line(grapheme);
        var width = Cells.Width(visible);
        return width <= columns ? (visible, width) : ("…", 1);
    }
}
