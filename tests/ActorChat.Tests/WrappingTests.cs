// Lines wrapped between words, links whole.

using ActorChat.Node;
using ActorChat.Screens;
using ActorChat.Screens.Terminal;
using ActorChat.Tests.Terminal;
using FsCheck;
using FsCheck.Xunit;

namespace ActorChat.Tests;

[Properties(Arbitrary = [typeof(Generators)])]
public sealed class WrappingTests
{
    // Rows of ten columns. Four columns of the first row are taken, and the others are indented by two.
    [Theory]
    [InlineData("", "")]
    [InlineData("one", "one")]
    [InlineData("one two", "one/  two")]
    [InlineData("one two three", "one/  two/  three")]
    [InlineData("a b c d e f g", "a b c/  d e f g")]
    [InlineData("  in", "  in")]
    [InlineData("one   two", "one/  two")]
    [InlineData("one ", "one ")]
    [InlineData("123456789012345", "123456/  78901234/  5")] // longer than any row
    [InlineData("12345678", "/  12345678")] // fits the next row
    [InlineData("日本語日本語", "日本語/  日本語")]
    [InlineData("x https://a.b/c d", "x https://a.b/c/  d")] // broken by the terminal, not by us
    [InlineData("x http://b", "x/  http://b")]
    public void Rows_end_between_words(string line, string rows) =>
        Assert.Equal(rows, string.Join('/', Wrapping.Wrap(line, columns: 10, head: 4, indent: 2)).Replace("https:///", "https://", StringComparison.Ordinal));

    [Theory]
    [InlineData("https://example.org/path?q=1", true)]
    [InlineData("HTTP://example.org", true)]
    [InlineData("example.org", false)]
    [InlineData("ftp://example.org", false)]
    [InlineData("https://example.org/\u2800[12:00:00]\u2800bob:", false)]
    [InlineData("https://example.org/\u00a0bob", false)]
    [InlineData("https://example.org/[12:00:00]bob:hello", false)]
    public void A_link_has_plain_characters_only(string word, bool isLink) => Assert.Equal(isLink, Wrapping.IsLink(word));

    [Property]
    public void A_row_without_end_is_the_line_itself(AnyText text)
    {
        var line = Printable.Line(text.Text);
        Assert.Equal([line], Wrapping.Wrap(line, int.MaxValue, head: 11, indent: 11));
    }

    [Property]
    public void No_row_is_too_wide_and_nothing_is_lost(AnyText text, PositiveInt more)
    {
        var columns = 12 + more.Get;
        var line = Printable.Line(text.Text);
        var rows = Wrapping.Wrap(line, columns, head: 3, indent: 2);
        Assert.InRange(3 + Cells.Width(rows[0]), 0, columns);
        Assert.All(rows.Skip(1), row => Assert.InRange(Cells.Width(row), 0, columns));
        Assert.All(rows.Skip(1), row => Assert.StartsWith("  ", row, StringComparison.Ordinal));
        Assert.Equal(WithoutSpaces(line), WithoutSpaces(string.Concat(rows)));
    }

    private static string WithoutSpaces(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
