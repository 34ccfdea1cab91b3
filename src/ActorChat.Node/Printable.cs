// Text from the network or from a file, made safe to show. A terminal obeys control characters, and bidirectional marks reorder the text
// around them. With either a peer could forge lines, hide text or worse, so they are shown as visible text. So are fillers, which would show as nothing.

using System.Globalization;
using System.Text;
using ActorChat.Storage.Contacts;

namespace ActorChat.Node;

/// <summary>Makes text safe for a terminal and for a log line.</summary>
public static class Printable
{
    /// <summary>The text with everything that a terminal would obey made visible. Line feeds become U+240A, so the result is one line.</summary>
    public static string Line(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            AppendVisible(visible, rune);
        }

        return visible.ToString();
    }

    /// <summary>The lines of a message, each made visible. CR LF, CR and LF end a line.</summary>
    public static IEnumerable<string> Lines(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.ReplaceLineEndings("\n").Split('\n').Select(Line);
    }

    private static void AppendVisible(StringBuilder visible, Rune rune)
    {
        const int zeroWidthNonJoiner = 0x200c;
        const int zeroWidthJoiner = 0x200d;
        switch (rune.Value)
        {
            case '\t':
                visible.Append("    ");
                break;
            case < 0x20:
                visible.Append((char)(0x2400 + rune.Value)); // the control pictures: ESC becomes ␛
                break;
            case 0x7f:
                visible.Append('\u2421');
                break;
            case zeroWidthNonJoiner or zeroWidthJoiner: // emoji and several scripts need them, and they cannot hide or reorder anything
                visible.Append(rune.ToString());
                break;
            default:
                visible.Append(IsObeyed(Rune.GetUnicodeCategory(rune)) || Unseen.IsFiller(rune) ? $"<U+{rune.Value:X4}>" : rune.ToString());
                break;
        }
    }

    private static bool IsObeyed(UnicodeCategory category) =>
        category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
