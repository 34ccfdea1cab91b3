// Text from a peer, made harmless: no control sequence may be left, and what people write must stay.

using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests.Consoles;

public sealed class PrintableTests
{
    /// <summary>All of UTF-16, dense where it is dangerous: controls, marks of direction, separators, tags, and halves of surrogate pairs.</summary>
    private static Gen<string> AnyText => Gen.ListOf(Gen.Frequency(
        (3, Gen.Choose(0, 0xa0)),
        (3, Gen.Elements(0x1b, 0x9b, 0xad, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x202a, 0x202e, 0x2028, 0x2029, 0x2066, 0x2069, 0xfeff, 0xfff9)),
        (2, Gen.Choose(0xd800, 0xdfff)),
        (2, Gen.Choose(0, 0xffff)),
        (1, Gen.Elements(0x1f642, 0xe0001, 0xe007f, 0x1d173, 0x110bd, 0x10ffff))).Select(TextOf)).Select(string.Concat);

    [Theory]
    [InlineData("\u001b[2J", "␛[2J")]
    [InlineData("\u009b31m", "<U+009B>31m")] // CSI in one character
    [InlineData("\u0085", "<U+0085>")]
    [InlineData("\u007f", "␡")]
    [InlineData("\a\b\0", "␇␈␀")]
    [InlineData("a\rb", "a␍b")]
    [InlineData("a\nb\r\nc", "a␊b␍␊c")]
    [InlineData("a\tb", "a    b")]
    [InlineData("\u001f\u0020", "␟ ")]
    [InlineData("\u202egnp.exe\u202c", "<U+202E>gnp.exe<U+202C>")]
    [InlineData("\u2066a\u2069", "<U+2066>a<U+2069>")]
    [InlineData("a\u200eb\u200fc\u061cd", "a<U+200E>b<U+200F>c<U+061C>d")]
    [InlineData("a\u2028b\u2029c", "a<U+2028>b<U+2029>c")]
    [InlineData("pass\u200bword\u00ad\ufeff", "pass<U+200B>word<U+00AD><U+FEFF>")]
    [InlineData("\U000e0041", "<U+E0041>")]
    [InlineData("a\u3164\u115f\u1160\uffa0b", "a<U+3164><U+115F><U+1160><U+FFA0>b")] // fillers: letters that show as nothing
    public void What_a_terminal_would_obey_is_shown_instead(string text, string shown) => Assert.Equal(shown, Printable.Line(text));

    [Theory]
    [InlineData("")]
    [InlineData("Grüße, Ωμέγα, Привет, 你好, שלום, नमस्ते")]
    [InlineData("🙂👍🏽")]
    [InlineData("👩\u200d👩\u200d👧")] // a family is one emoji made of three, with zero-width joiners
    [InlineData("می\u200cخواهم")] // Persian needs the non-joiner
    [InlineData("❤\ufe0f")]
    [InlineData("e\u0301")]
    [InlineData("<U+202E>")]
    public void What_people_write_stays_as_it_is(string text) => Assert.Equal(text, Printable.Line(text));

    [Theory]
    [InlineData(0xd83d)]
    [InlineData(0xde42)]
    public void Half_a_surrogate_pair_becomes_the_replacement_character(int half) => Assert.Equal("a\ufffdb", Printable.Line($"a{(char)half}b"));

    [Property(MaxTest = 1000)]
    public Property Nothing_that_a_terminal_would_obey_is_left_of_any_text() => Prop.ForAll(Arb.From(AnyText), text => AssertHarmless(Printable.Line(text)));

    [Property(MaxTest = 500)]
    public Property No_line_of_any_text_can_pass_for_two() => Prop.ForAll(Arb.From(AnyText), text => Assert.All(Printable.Lines(text), AssertHarmless));

    [Fact]
    public void A_message_is_shown_line_by_line_whatever_ends_its_lines() =>
        Assert.Equal(["one", "two", "three", "", "four"], Printable.Lines("one\ntwo\r\nthree\r\rfour"));

    [Fact]
    public void An_empty_message_has_one_empty_line() => Assert.Equal([""], Printable.Lines(""));

    [Fact]
    public void A_line_that_pretends_to_be_another_persons_stays_one_line_with_its_trick_visible() =>
        Assert.Equal(["hi", "␛[1A<U+202E>bob: pay"], Printable.Lines("hi\n\u001b[1A\u202ebob: pay"));

    private static void AssertHarmless(string shown)
    {
        Assert.True(IsWellFormed(shown));
        Assert.DoesNotContain(shown.EnumerateRunes(), rune => rune.Value is not (0x200c or 0x200d) && Rune.GetUnicodeCategory(rune) is
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
    }

    private static bool IsWellFormed(string text) => text == Encoding.Unicode.GetString(Encoding.Unicode.GetBytes(text));

    private static string TextOf(int value) => value > 0xffff ? char.ConvertFromUtf32(value) : $"{(char)value}";
}
