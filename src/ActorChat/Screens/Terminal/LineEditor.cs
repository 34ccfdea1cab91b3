// The line being typed: text, cursor, and what each key does to them. Pure: no console and no clock. The cursor is always between graphemes,
// never inside one, so that no key can separate an accent from its letter.

using System.Globalization;
using System.Text;

namespace ActorChat.Screens.Terminal;

/// <summary>Edits a line, or the several lines of a paste.</summary>
/// <param name="history">What the arrow keys bring back.</param>
internal sealed class LineEditor(InputHistory history)
{
    private const int MaxUndo = 200;

    private readonly LinkedList<(string Text, int Cursor)> _before = new();
    private int _typedUpTo = -1; // the end of what was typed letter by letter, which one undo removes
    private string _cut = "";
    private string _draft = "";
    private int _place = history.Count; // in the history; its end is the draft

    /// <summary>What is written so far. Lines end in line feeds.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Where the next character goes, as an index into <see cref="Text"/>.</summary>
    public int Cursor { get; private set; }

    /// <summary>Writes at the cursor.</summary>
    public void Insert(string text)
    {
        if (_typedUpTo == Cursor && text != " ")
        {
            Change(Cursor, Cursor, text);
        }
        else
        {
            Replace(Cursor, Cursor, text);
        }

        _typedUpTo = Cursor;
    }

    /// <summary>Replaces a part of the text, and puts the cursor after the new part.</summary>
    public void Replace(int start, int end, string text)
    {
        _typedUpTo = -1;
        if (start == end && text.Length == 0)
        {
            return;
        }

        _before.AddLast((Text, Cursor));
        if (_before.Count > MaxUndo)
        {
            _before.RemoveFirst();
        }

        Change(start, end, text);
    }

    /// <summary>Presses a key. Keys that do not concern the text do nothing.</summary>
    public void Press(EditKey key)
    {
        switch (key)
        {
            case EditKey.Left:
                Cursor = Before(Cursor);
                break;
            case EditKey.Right:
                Cursor = After(Cursor);
                break;
            case EditKey.WordLeft:
                Cursor = WordLeft(IsPartOfWord);
                break;
            case EditKey.WordRight:
                Cursor = WordRight();
                break;
            case EditKey.Home:
                Cursor = LineStart();
                break;
            case EditKey.End:
                Cursor = LineEnd();
                break;
            case EditKey.Up:
                GoUp();
                break;
            case EditKey.Down:
                GoDown();
                break;
            case EditKey.Backspace:
                Replace(Before(Cursor), Cursor, "");
                break;
            case EditKey.Delete or EditKey.DeleteOrEnd:
                Replace(Cursor, After(Cursor), "");
                break;
            case EditKey.CutWordBefore:
                Cut(WordLeft(grapheme => !string.IsNullOrWhiteSpace(grapheme)), Cursor);
                break;
            case EditKey.CutWordLeft:
                Cut(WordLeft(IsPartOfWord), Cursor);
                break;
            case EditKey.CutWordRight:
                Cut(Cursor, WordRight());
                break;
            case EditKey.CutToStart:
                Cut(LineStart(), Cursor);
                break;
            case EditKey.CutToEnd:
                Cut(Cursor, LineEnd());
                break;
            case EditKey.Paste:
                Insert(_cut);
                break;
            case EditKey.NewLine:
                Insert("\n");
                break;
            case EditKey.Undo:
                Undo();
                break;
        }
    }

    private void Change(int start, int end, string text)
    {
        Text = string.Concat(Text.AsSpan(0, start), text, Text.AsSpan(end));
        Cursor = Boundaries().First(boundary => boundary >= start + text.Length); // the new text may form a grapheme with what follows
    }

    private void Undo()
    {
        if (_before.Last is { } last)
        {
            _before.RemoveLast();
            (Text, Cursor) = last.Value;
            _typedUpTo = -1;
        }
    }

    private void Cut(int start, int end)
    {
        if (start < end)
        {
            _cut = Text[start..end];
            Replace(start, end, "");
        }
    }

    private IEnumerable<int> Boundaries() => StringInfo.ParseCombiningCharacters(Text).Append(Text.Length);

    private int Before(int index) => Boundaries().TakeWhile(boundary => boundary < index).LastOrDefault();

    private int After(int index) => index == Text.Length ? index : index + StringInfo.GetNextTextElementLength(Text, index);

    private int LineStart() => Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) + 1;

    private int LineEnd() => Text.IndexOf('\n', Cursor) is >= 0 and var end ? end : Text.Length;

    private int WordLeft(Func<string, bool> isPart)
    {
        int[] boundaries = [.. Boundaries().TakeWhile(boundary => boundary <= Cursor)];
        var at = boundaries.Length - 1;
        while (at > 0 && !isPart(Between(at - 1)))
        {
            at--;
        }

        while (at > 0 && isPart(Between(at - 1)))
        {
            at--;
        }

        return boundaries[at];

        string Between(int index) => Text[boundaries[index]..boundaries[index + 1]];
    }

    private int WordRight()
    {
        var at = Cursor;
        while (at < Text.Length && !IsPartOfWord(Text[at..After(at)]))
        {
            at = After(at);
        }

        while (at < Text.Length && IsPartOfWord(Text[at..After(at)]))
        {
            at = After(at);
        }

        return at;
    }

    private static bool IsPartOfWord(string grapheme) => Rune.GetRuneAt(grapheme, 0) is var rune && (Rune.IsLetterOrDigit(rune) || rune.Value == '_');

    // In a text of several lines the arrows go from line to line first.
    private void GoUp()
    {
        var start = LineStart();
        if (start > 0)
        {
            var above = start == 1 ? 0 : Text.LastIndexOf('\n', start - 2) + 1;
            Cursor = SameColumn(start, above, start - 1);
        }
        else
        {
            Recall(_place - 1);
        }
    }

    private void GoDown()
    {
        var end = LineEnd();
        if (end < Text.Length)
        {
            var below = Text.IndexOf('\n', end + 1) is >= 0 and var next ? next : Text.Length;
            Cursor = SameColumn(LineStart(), end + 1, below);
        }
        else
        {
            Recall(_place + 1);
        }
    }

    // As many graphemes into the other line as the cursor is into its own.
    private int SameColumn(int start, int otherStart, int otherEnd)
    {
        var column = Cells.Graphemes(Text[start..Cursor]).Count();
        return otherStart + Cells.Graphemes(Text[otherStart..otherEnd]).Take(column).Sum(grapheme => grapheme.Length);
    }

    private void Recall(int place)
    {
        if (place < 0 || place > history.Count)
        {
            return;
        }

        if (_place == history.Count)
        {
            _draft = Text;
        }

        _place = place;
        Replace(0, Text.Length, place == history.Count ? _draft : history[place]);
    }
}
