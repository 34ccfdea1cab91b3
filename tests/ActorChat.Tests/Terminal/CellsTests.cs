// The widths of characters in terminal cells.

using ActorChat.Screens.Terminal;
using FsCheck.Xunit;

namespace ActorChat.Tests.Terminal;

[Properties(Arbitrary = [typeof(Generators)])]
public sealed class CellsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("é", 1)]
    [InlineData("e\u0301", 1)]
    [InlineData("日本", 4)]
    [InlineData("ｱ", 1)]
    [InlineData("한", 2)]
    [InlineData("\u1112\u1161\u11ab", 2)] // the same in three parts
    [InlineData("😀", 2)]
    [InlineData("👍🏽", 2)]
    [InlineData("👨‍👩‍👧", 2)]
    [InlineData("🇨🇭", 2)]
    [InlineData("❤️", 2)]
    [InlineData("क्षि", 2)]
    public void Text_takes_its_columns(string text, int width) => Assert.Equal(width, Cells.Width(text));

    [Theory]
    [InlineData("hello", 5, "hello")]
    [InlineData("hello!", 5, "hell…")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("x", 0, "")]
    public void What_does_not_fit_ends_in_an_ellipsis(string text, int columns, string fit) => Assert.Equal(fit, Cells.Fit(text, columns));

    [Property]
    public void What_is_fitted_fits(Graphemes text, byte columns) => Assert.InRange(Cells.Width(Cells.Fit(text.Text, columns)), 0, columns);
}
