// The line about passwords that are being prepared.

using ActorChat.Screens.Terminal;

namespace ActorChat.Tests.Terminal;

public sealed class PreparationTests
{
    [Fact]
    public void It_counts_from_the_most_that_were_missing_until_none_is()
    {
        var preparation = new Preparation();
        Assert.Null(preparation.InWords);
        preparation.Set(200);
        Assert.StartsWith("0 of 200 new passwords are ready", preparation.InWords, StringComparison.Ordinal);
        preparation.Set(150);
        Assert.StartsWith("50 of 200 ", preparation.InWords, StringComparison.Ordinal);
        preparation.Set(0);
        Assert.Null(preparation.InWords);
        preparation.Set(20); // another edit of the directory
        Assert.StartsWith("0 of 20 ", preparation.InWords, StringComparison.Ordinal);
    }
}
