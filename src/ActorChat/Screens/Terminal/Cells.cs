// How many columns text takes on a terminal. A terminal thinks in cells, a string in UTF-16, and what a person calls a character is a
// grapheme: one letter with its accents, one flag, one family of four.

using System.Globalization;
using Wcwidth;

namespace ActorChat.Screens.Terminal;

/// <summary>Graphemes and their widths.</summary>
internal static class Cells
{
    private const int PicturePresentation = 0xfe0f;

    /// <summary>The columns of a text without control characters.</summary>
    public static int Width(string text)
    {
        var width = 0;
        foreach (var grapheme in Graphemes(text))
        {
            width += WidthOfGrapheme(grapheme);
        }

        return width;
    }

    /// <summary>The graphemes of a text.</summary>
    public static IEnumerable<string> Graphemes(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text, at);
            yield return text.Substring(at, length);
            at += length;
        }
    }

    /// <summary>The columns of one grapheme. A wide character stays two columns wide whatever joins it; of narrow ones each takes its own.</summary>
    public static int WidthOfGrapheme(string grapheme)
    {
        var width = 0;
        foreach (var rune in grapheme.EnumerateRunes())
        {
            var own = Math.Max(0, UnicodeCalculator.GetWidth(rune));
            if ((own == 2 && width == 0) || (rune.Value == PicturePresentation && width == 1))
            {
                return 2;
            }

            width += own;
        }

        return width;
    }

    /// <summary>As much of a text as fits, with an ellipsis where something was cut.</summary>
    public static string Fit(string text, int columns)
    {
        if (Width(text) <= columns)
        {
            return text;
        }

        var (end, width) = (0, 0);
        foreach (var grapheme in Graphemes(text))
        {
            width += WidthOfGrapheme(grapheme);
            if (width > columns - 1)
            {
                break;
            }

            end += grapheme.Length;
        }

        return columns > 0 ? text[..end] + "…" : "";
    }
}
