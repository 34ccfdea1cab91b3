// The rows at the bottom of the terminal, which are painted again and again: messages under way, the line being typed, the choices.
// Everything above is finished and belongs to the terminal's own scrollback. Pure: it returns the characters to write.

using System.Globalization;
using System.Text;

namespace ActorChat.Screens.Terminal;

/// <summary>The rows at the bottom, as they were painted.</summary>
/// <param name="Rows">From the top.</param>
/// <param name="CursorRow">Which of them has the cursor.</param>
/// <param name="CursorColumn">From 0.</param>
internal sealed record Frame(IReadOnlyList<Row> Rows, int CursorRow, int CursorColumn)
{
    // Erases the first row by itself, and the rest from its second column on: when everything is cleared from the first column, tmux keeps the
    // old frame in its scrollback.
    private const string EraseBelow = "\r\u001b[K\u001b[C\u001b[J\r";

    /// <summary>Nothing is painted.</summary>
    public static Frame None { get; } = new([], 0, 0);

    /// <summary>The characters that paint the frame, from a cursor at the start of an empty row.</summary>
    public string Paint()
    {
        if (Rows.Count == 0)
        {
            return "";
        }

        var paint = new StringBuilder().AppendJoin("\r\n", Rows.Select(row => row.Text));
        Append(paint, Rows.Count - 1 - CursorRow, 'A');
        paint.Append('\r');
        Append(paint, CursorColumn, 'C');
        return paint.ToString();
    }

    /// <summary>The characters that erase the painted frame and leave the cursor at the start of its first row.</summary>
    /// <param name="columns">The width now. Where it is less than when the frame was painted, the terminal has wrapped the rows meanwhile.</param>
    public string Erase(int columns)
    {
        if (Rows.Count == 0)
        {
            return "";
        }

        var up = CursorColumn / columns;
        foreach (var row in Rows.Take(CursorRow))
        {
            up += Math.Max(1, (row.Width + columns - 1) / columns);
        }

        var erase = new StringBuilder();
        Append(erase, up, 'A');
        return erase.Append(EraseBelow).ToString();
    }

    private static void Append(StringBuilder text, int count, char direction)
    {
        if (count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\u001b[{count}{direction}");
        }
    }
}
