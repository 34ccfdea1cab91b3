// The line being typed, key by key.

using System.Globalization;
using ActorChat.Screens.Terminal;
using FsCheck.Xunit;

namespace ActorChat.Tests.Terminal;

[Properties(Arbitrary = [typeof(Generators)])]
public sealed class LineEditorTests
{
    private static readonly EditKey[] AllKeys = Enum.GetValues<EditKey>();

    // | is the cursor.
    [Theory]
    [InlineData("one two|", EditKey.Left, "one tw|o")]
    [InlineData("|one", EditKey.Left, "|one")]
    [InlineData("e\u0301|", EditKey.Left, "|e\u0301")]
    [InlineData("a👨‍👩‍👧|b", EditKey.Left, "a|👨‍👩‍👧b")]
    [InlineData("|one", EditKey.Right, "o|ne")]
    [InlineData("|日本", EditKey.Right, "日|本")]
    [InlineData("one|", EditKey.Right, "one|")]
    [InlineData("one, two|", EditKey.WordLeft, "one, |two")]
    [InlineData("one, |two", EditKey.WordLeft, "|one, two")]
    [InlineData("|one, two", EditKey.WordRight, "one|, two")]
    [InlineData("one|, two", EditKey.WordRight, "one, two|")]
    [InlineData("one tw|o", EditKey.Home, "|one two")]
    [InlineData("o|ne two", EditKey.End, "one two|")]
    [InlineData("one\ntw|o\nthree", EditKey.Home, "one\n|two\nthree")]
    [InlineData("one\n|two\nthree", EditKey.End, "one\ntwo|\nthree")]
    [InlineData("one|", EditKey.Backspace, "on|")]
    [InlineData("ne\u0301|", EditKey.Backspace, "n|")]
    [InlineData("a👍🏽|", EditKey.Backspace, "a|")]
    [InlineData("|one", EditKey.Backspace, "|one")]
    [InlineData("|one", EditKey.Delete, "|ne")]
    [InlineData("|日x", EditKey.Delete, "|x")]
    [InlineData("one|", EditKey.Delete, "one|")]
    [InlineData("o|ne", EditKey.DeleteOrEnd, "o|e")]
    [InlineData("say /tmp/file |", EditKey.CutWordBefore, "say |")]
    [InlineData("say /tmp/file|", EditKey.CutWordLeft, "say /tmp/|")]
    [InlineData("say| it now", EditKey.CutWordRight, "say| now")]
    [InlineData("one t|wo", EditKey.CutToStart, "|wo")]
    [InlineData("one\ntw|o", EditKey.CutToStart, "one\n|o")]
    [InlineData("one t|wo", EditKey.CutToEnd, "one t|")]
    [InlineData("on|e\ntwo", EditKey.CutToEnd, "on|\ntwo")]
    [InlineData("one|two", EditKey.NewLine, "one\n|two")]
    [InlineData("one\ntwo\nth|ree", EditKey.Up, "one\ntw|o\nthree")]
    [InlineData("one\n\nth|ree", EditKey.Up, "one\n|\nthree")]
    [InlineData("\nth|ree", EditKey.Up, "|\nthree")]
    [InlineData("on|e\ntwo", EditKey.Down, "one\ntw|o")]
    [InlineData("one\n|\nthree", EditKey.Down, "one\n\n|three")]
    [InlineData("o|ne", EditKey.Tab, "o|ne")]
    public void Each_key_does_what_it_says(string before, EditKey key, string after)
    {
        var editor = At(before);
        editor.Press(key);
        Assert.Equal(after, Show(editor));
    }

    [Theory]
    [InlineData("one two|", EditKey.CutWordBefore, "two")]
    [InlineData("one| two", EditKey.CutToEnd, " two")]
    [InlineData("one| two", EditKey.CutToStart, "one")]
    [InlineData("|one two", EditKey.CutWordRight, "one")]
    [InlineData("one two|", EditKey.CutWordLeft, "two")]
    public void What_was_cut_last_is_put_in_again(string before, EditKey cut, string text)
    {
        var editor = At(before);
        editor.Press(cut);
        editor.Press(EditKey.CutToStart);
        editor.Press(EditKey.CutToEnd);
        editor = At(before);
        editor.Press(cut);
        editor.Press(EditKey.End);
        editor.Insert("+");
        editor.Press(EditKey.Paste);
        Assert.EndsWith("+" + text + "|", Show(editor), StringComparison.Ordinal);
    }

    [Fact]
    public void The_arrow_keys_go_through_the_history_and_back_to_the_draft()
    {
        var history = new InputHistory();
        foreach (var line in new[] { "one", "two", "two", "", "two\nlines" })
        {
            history.Add(line);
        }

        var editor = new LineEditor(history);
        editor.Insert("draft");
        Assert.Equal("two\nlines|", After(editor, EditKey.Up));
        Assert.Equal("two|\nlines", After(editor, EditKey.Up)); // the line above first
        Assert.Equal("two|", After(editor, EditKey.Up));
        Assert.Equal("one|", After(editor, EditKey.Up));
        Assert.Equal("one|", After(editor, EditKey.Up));
        Assert.Equal("two|", After(editor, EditKey.Down));
        Assert.Equal("two\nlines|", After(editor, EditKey.Down));
        Assert.Equal("draft|", After(editor, EditKey.Down));
        Assert.Equal("draft|", After(editor, EditKey.Down));
    }

    [Fact]
    public void The_history_is_bounded()
    {
        var history = new InputHistory();
        for (var i = 0; i < 5000; i++)
        {
            history.Add($"line {i}");
        }

        Assert.Equal(1000, history.Count);
        Assert.Equal("line 4999", history[^1]);
    }

    [Property]
    public void The_cursor_always_stands_between_graphemes(AnyText one, AnyText other, byte[] keys)
    {
        var history = new InputHistory();
        history.Add(other.Text);
        var editor = new LineEditor(history);
        editor.Insert(one.Text);
        foreach (var key in keys)
        {
            editor.Press(AllKeys[key % AllKeys.Length]);
            if (key % 5 == 0)
            {
                editor.Insert(other.Text);
            }

            Assert.Contains(editor.Cursor, StringInfo.ParseCombiningCharacters(editor.Text).Append(editor.Text.Length));
        }
    }

    [Property]
    public void Typing_and_erasing_leaves_everything_as_it_was(Graphemes before, Graphemes typed)
    {
        var editor = new LineEditor(new InputHistory());
        editor.Insert(before.Text);
        editor.Press(EditKey.WordLeft);
        var (text, cursor) = (editor.Text, editor.Cursor);
        foreach (var grapheme in typed.Each)
        {
            editor.Insert(grapheme);
        }

        foreach (var _ in typed.Each)
        {
            editor.Press(EditKey.Backspace);
        }

        Assert.Equal((text, cursor), (editor.Text, editor.Cursor));
    }

    [Property]
    public void Any_text_is_there_as_it_was_put_in(AnyText text)
    {
        var editor = new LineEditor(new InputHistory());
        editor.Insert(text.Text);
        Assert.Equal((text.Text, text.Text.Length), (editor.Text, editor.Cursor));
    }

    private static string After(LineEditor editor, EditKey key)
    {
        editor.Press(key);
        return Show(editor);
    }

    private static LineEditor At(string text)
    {
        var editor = new LineEditor(new InputHistory());
        editor.Insert(text[(text.IndexOf('|') + 1)..]);
        while (editor.Cursor > 0)
        {
            editor.Press(EditKey.Left);
        }

        editor.Insert(text[..text.IndexOf('|')]);
        return editor;
    }

    private static string Show(LineEditor editor) => editor.Text.Insert(editor.Cursor, "|");
}
