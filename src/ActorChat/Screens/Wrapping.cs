// Long lines, wrapped between words and indented, so that the further rows of one message cannot pass for another. A link is never broken: a
// terminal recognises it only as a whole, and wraps it itself. Pure.

using System.Text;
using ActorChat.Screens.Terminal;

namespace ActorChat.Screens;

/// <summary>Wraps lines of text without control characters.</summary>
internal static class Wrapping
{
    /// <summary>Breaks a line into rows.</summary>
    /// <param name="line">The line.</param>
    /// <param name="columns">The screen's width.</param>
    /// <param name="head">The columns already taken in the first row.</param>
    /// <param name="indent">The columns by which the other rows are indented; the spaces are in the result.</param>
    public static IReadOnlyList<string> Wrap(string line, int columns, int head, int indent)
    {
        var rows = new List<string>();
        var row = new StringBuilder();
        var width = head;
        var emptiest = Math.Min(head, indent); // a row with no more than this is not ended: the next would have no more room
        foreach (var (spaces, word) in Words(line))
        {
            var wordWidth = Cells.Width(word);
            if (width + spaces.Length + wordWidth <= columns)
            {
                Write(spaces + word, spaces.Length + wordWidth);
                continue;
            }

            // Where the next row has no room for it either, a link or an overlong word begins in this row.
            var begins = width + spaces.Length < columns && indent + wordWidth > columns;
            if (!begins && width > emptiest)
            {
                EndRow();
            }
            else
            {
                Write(spaces, spaces.Length);
            }

            if (IsLink(word) || wordWidth <= columns - width)
            {
                Write(word, wordWidth);
            }
            else
            {
                WriteBroken(word);
            }
        }

        rows.Add(row.ToString());
        return rows;

        void Write(string text, int columnsOfIt)
        {
            row.Append(text);
            width += columnsOfIt;
        }

        void WriteBroken(string word)
        {
            foreach (var grapheme in Cells.Graphemes(word))
            {
                var own = Cells.WidthOfGrapheme(grapheme);
                if (width + own > columns && width > emptiest)
                {
                    EndRow();
                }

                Write(grapheme, own);
            }
        }

        void EndRow()
        {
            rows.Add(row.ToString());
            row.Clear().Append(' ', indent);
            width = emptiest = indent;
        }
    }

    /// <summary>Whether a word is a link. It may hold only ASCII and no opening bracket: the terminal wraps it, and what then begins a row must not look like the time
    /// of another message, nor hold a blank that is not a space.</summary>
    public static bool IsLink(string word) =>
        (word.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || word.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        && Ascii.IsValid(word) && !word.Contains('[', StringComparison.Ordinal);

    // Each word with the spaces before it; at the end of the line perhaps spaces without a word.
    private static IEnumerable<(string Spaces, string Word)> Words(string line)
    {
        for (var at = 0; at < line.Length;)
        {
            var start = at;
            while (at < line.Length && line[at] == ' ')
            {
                at++;
            }

            var word = at;
            while (at < line.Length && line[at] != ' ')
            {
                at++;
            }

            yield return (line[start..word], line[word..at]);
        }
    }
}
