// Keys as .NET hands them over on Unix, and what they mean.

using ActorChat.Screens.Terminal;
using FsCheck.Xunit;

namespace ActorChat.Tests.Terminal;

[Properties(Arbitrary = [typeof(Generators)])]
public sealed class KeyDecoderTests
{
    private static readonly ConsoleKeyInfo Escape = new('\u001b', ConsoleKey.Escape, false, false, false);

    [Theory]
    [InlineData('\u0001', ConsoleKey.A, EditKey.Home)]
    [InlineData('\u0002', ConsoleKey.B, EditKey.Left)]
    [InlineData('\u0004', ConsoleKey.D, EditKey.DeleteOrEnd)]
    [InlineData('\u0005', ConsoleKey.E, EditKey.End)]
    [InlineData('\u0006', ConsoleKey.F, EditKey.Right)]
    [InlineData('\u000b', ConsoleKey.K, EditKey.CutToEnd)]
    [InlineData('\u000c', ConsoleKey.L, EditKey.ClearScreen)]
    [InlineData('\u000e', ConsoleKey.N, EditKey.Down)]
    [InlineData('\u0010', ConsoleKey.P, EditKey.Up)]
    [InlineData('\u0015', ConsoleKey.U, EditKey.CutToStart)]
    [InlineData('\u0017', ConsoleKey.W, EditKey.CutWordBefore)]
    [InlineData('\u0019', ConsoleKey.Y, EditKey.Paste)]
    [InlineData('\b', ConsoleKey.Backspace, EditKey.Backspace)]
    public void Control_with_a_letter_edits(char character, ConsoleKey key, EditKey meaning) =>
        Assert.Equal([new Input.Key(meaning)], Decode(new ConsoleKeyInfo(character, key, shift: false, alt: false, control: true)));

    [Theory]
    [InlineData('\r', ConsoleKey.Enter, EditKey.Enter)]
    [InlineData('\n', ConsoleKey.Enter, EditKey.Enter)]
    [InlineData('\t', ConsoleKey.Tab, EditKey.Tab)]
    [InlineData('\u007f', ConsoleKey.Backspace, EditKey.Backspace)]
    [InlineData('\0', ConsoleKey.LeftArrow, EditKey.Left)]
    [InlineData('\0', ConsoleKey.RightArrow, EditKey.Right)]
    [InlineData('\0', ConsoleKey.UpArrow, EditKey.Up)]
    [InlineData('\0', ConsoleKey.DownArrow, EditKey.Down)]
    [InlineData('\0', ConsoleKey.Home, EditKey.Home)]
    [InlineData('\0', ConsoleKey.End, EditKey.End)]
    [InlineData('\0', ConsoleKey.Delete, EditKey.Delete)]
    public void A_key_without_a_character_edits(char character, ConsoleKey key, EditKey meaning) =>
        Assert.Equal([new Input.Key(meaning)], Decode(new ConsoleKeyInfo(character, key, false, false, false)));

    [Theory]
    [InlineData('b', ConsoleKey.B, EditKey.WordLeft)]
    [InlineData('f', ConsoleKey.F, EditKey.WordRight)]
    [InlineData('d', ConsoleKey.D, EditKey.CutWordRight)]
    [InlineData('\u007f', ConsoleKey.Backspace, EditKey.CutWordLeft)]
    [InlineData('\r', ConsoleKey.Enter, EditKey.NewLine)]
    public void Alt_comes_with_the_key_or_as_an_escape_before_it(char character, ConsoleKey key, EditKey meaning)
    {
        Assert.Equal([new Input.Key(meaning)], Decode(new ConsoleKeyInfo(character, key, shift: false, alt: true, control: false)));
        Assert.Equal([new Input.Key(meaning)], Decode(Escape, new ConsoleKeyInfo(character, key, false, false, false)));
    }

    [Theory]
    [InlineData(ConsoleKey.LeftArrow, EditKey.WordLeft)]
    [InlineData(ConsoleKey.RightArrow, EditKey.WordRight)]
    [InlineData(ConsoleKey.Backspace, EditKey.CutWordLeft)]
    public void Control_makes_a_key_go_by_words(ConsoleKey key, EditKey meaning) =>
        Assert.Equal([new Input.Key(meaning)], Decode(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: true)));

    [Theory]
    [InlineData("A", EditKey.Up)]
    [InlineData("B", EditKey.Down)]
    [InlineData("C", EditKey.Right)]
    [InlineData("D", EditKey.Left)]
    [InlineData("H", EditKey.Home)]
    [InlineData("7~", EditKey.Home)]
    [InlineData("4~", EditKey.End)]
    [InlineData("3~", EditKey.Delete)]
    [InlineData("1;5C", EditKey.WordRight)]
    [InlineData("1;3D", EditKey.WordLeft)]
    public void A_sequence_that_comes_in_single_keys_is_put_together(string sequence, EditKey meaning)
    {
        Assert.Equal([new Input.Key(meaning)], Decode([Escape, .. Keys("[" + sequence)]));
        var alt = new ConsoleKeyInfo('[', ConsoleKey.None, shift: false, alt: true, control: false);
        Assert.Equal([new Input.Key(meaning)], Decode([alt, .. Keys(sequence)]));
    }

    [Theory]
    [InlineData("[?2004;1$y")]
    [InlineData("[15~")]
    [InlineData("[M")]
    [InlineData("[11111111111111111111111111111111")]
    public void An_unknown_sequence_writes_nothing(string sequence) =>
        Assert.Equal([new Input.Text("x")], Decode([Escape, .. Keys(sequence + "x")]));

    [Fact]
    public void An_escape_with_nothing_after_it_is_the_key()
    {
        var decoder = new KeyDecoder();
        Assert.Null(decoder.Decode(Escape));
        Assert.True(decoder.IsWaiting);
        Assert.Equal(new Input.Key(EditKey.Escape), decoder.Flush());
        Assert.False(decoder.IsWaiting);
        Assert.Equal(new Input.Text("b"), decoder.Decode(Keys("b").Single()));
    }

    [Fact]
    public void Of_two_escapes_the_first_is_the_key() =>
        Assert.Equal([new Input.Key(EditKey.Escape), new Input.Key(EditKey.WordLeft)], Decode([Escape, Escape, .. Keys("b")]));

    [Fact]
    public void A_character_of_two_keys_is_one_and_half_of_it_is_none()
    {
        Assert.Equal([new Input.Text("😀"), new Input.Text("x")], Decode([.. Keys("😀x")]));
        Assert.Equal([new Input.Text("x"), new Input.Text("y")], Decode([.. Keys("\ud83dx\ude00y")]));
    }

    [Theory]
    [InlineData("one\rtwo\r\nthree\n", "one\ntwo\nthree\n")]
    [InlineData("a\tb @bob /quit", "a\tb @bob /quit")]
    [InlineData("[201", "[201")]
    [InlineData("\u001b[201 x", "\u001b[201 x")]
    public void A_paste_is_text_and_its_line_ends_are_line_feeds(string pasted, string text) =>
        Assert.Equal([new Input.Text(text)], Decode([.. Paste(pasted)]));

    [Fact]
    public void What_follows_a_paste_is_typed_again() =>
        Assert.Equal([new Input.Text("one\n"), new Input.Key(EditKey.Enter)], Decode([.. Paste("one\r"), .. Keys("\r")]));

    [Fact]
    public void What_NET_takes_for_Alt_inside_a_paste_is_an_escape_and_a_character()
    {
        var alt = new ConsoleKeyInfo('b', ConsoleKey.B, shift: false, alt: true, control: false);
        Assert.Equal([new Input.Text("a\u001bb")], Decode([Escape, .. Keys("[200~a"), alt, Escape, .. Keys("[201~")]));
    }

    [Fact]
    public void An_empty_paste_is_nothing() => Assert.Empty(Decode([.. Paste("")]));

    [Property]
    public void A_paste_of_anything_arrives_as_it_was(AnyText text)
    {
        var characters = text.Text.Replace("\0", "", StringComparison.Ordinal); // no terminal sends it
        var expected = characters.ReplaceLineEndings("\n");
        Assert.Equal(expected.Length == 0 ? [] : [new Input.Text(expected)], Decode([.. Paste(characters)]));
    }

    private static IEnumerable<ConsoleKeyInfo> Paste(string text) => [Escape, .. Keys("[200~" + text), Escape, .. Keys("[201~")];

    private static IEnumerable<ConsoleKeyInfo> Keys(string characters) => characters.Select(character => character switch
    {
        '\u001b' => Escape,
        '\r' or '\n' => new ConsoleKeyInfo(character, ConsoleKey.Enter, false, false, false),
        _ => new ConsoleKeyInfo(character, ConsoleKey.None, false, false, false),
    });

    private static Input[] Decode(params ConsoleKeyInfo[] keys)
    {
        var decoder = new KeyDecoder();
        return [.. keys.Select(decoder.Decode).OfType<Input>()];
    }
}
