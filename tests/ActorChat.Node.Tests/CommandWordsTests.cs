// Splitting a command into its words, without a shell.

namespace ActorChat.Node.Tests;

public sealed class CommandWordsTests
{
    [Theory]
    [InlineData(" ")]
    [InlineData("notify-send", "notify-send")]
    [InlineData("  notify-send   -a\tActorChat ", "notify-send", "-a", "ActorChat")]
    [InlineData("sh -c 'echo \"$A\" > f'", "sh", "-c", "echo \"$A\" > f")]
    [InlineData("\"/a b/it's\" ''", "/a b/it's", "")]
    [InlineData("a'b c'\"d\"", "ab cd")]
    [InlineData("a $(b) | c; d\\ e", "a", "$(b)", "|", "c;", "d\\", "e")]
    public void Blanks_part_words_and_quotes_hold_them_together(string command, params string[] words) => Assert.Equal(words, CommandWords.Split(command)!);

    [Theory]
    [InlineData("it's")]
    [InlineData("a \"b' c")]
    public void A_quote_that_is_not_closed_is_no_command(string command) => Assert.Null(CommandWords.Split(command));
}
