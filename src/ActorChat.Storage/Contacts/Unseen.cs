// Characters that show as nothing. Two names that differ only in them look the same, so a reader takes one for the other.

using System.Globalization;
using System.Text;

namespace ActorChat.Storage.Contacts;

/// <summary>Finds the characters that show as nothing or as an empty space (Unicode's Default_Ignorable_Code_Point, and the blank of Braille).</summary>
public static class Unseen
{
    private const int CombiningGraphemeJoiner = 0x034f;
    private const int BrailleBlank = 0x2800;

    /// <summary>Whether a character is a filler: a letter or a mark by its category, but invisible.</summary>
    public static bool IsFiller(Rune rune) => rune.Value is CombiningGraphemeJoiner
        or 0x115f or 0x1160 or 0x3164 or 0xffa0 // Hangul
        or 0x17b4 or 0x17b5; // Khmer

    /// <summary>Whether a text holds a character that shows as nothing, or half of a surrogate pair.</summary>
    public static bool IsIn(string text) => text.EnumerateRunes().Any(rune =>
        IsFiller(rune) || rune == Rune.ReplacementChar || rune.Value is BrailleBlank or (>= 0xfe00 and <= 0xfe0f) or (>= 0x180b and <= 0x180f) or (>= 0xe0100 and <= 0xe01ef)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
