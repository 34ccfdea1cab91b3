// What stands before the prompt while nothing is typed.

using System.Globalization;
using ActorChat.Screens;
using ActorChat.Screens.Terminal;

namespace ActorChat.Tests;

public sealed class PromptStatusTests
{
    [Theory]
    [InlineData("", 80, "")]
    [InlineData("bob 3", 80, "[bob 3] ")]
    [InlineData("waiting 2,bob 3,carol 1", 90, "[waiting 2, bob 3, carol 1] ")]
    [InlineData("waiting 0,carol 1", 80, "[carol 1] ")]
    [InlineData("bob 3,carol 1,dave 2", 40, "[bob 3, +2] ")]
    [InlineData("a very long name 3,carol 1", 30, "[2] ")]
    [InlineData("b\u001bob 3", 80, "[b␛ob 3] ")]
    public void Counts_are_named_as_far_as_there_is_room(string counts, int columns, string status) => Assert.Equal(
        status,
        PromptStatus.Of(counts.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(count => (count[..count.LastIndexOf(' ')], int.Parse(count[(count.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))), columns));

    [Fact]
    public void Whoever_wrote_last_is_counted_first()
    {
        var unread = new Unread();
        foreach (var name in new[] { "bob", "carol", "bob", "dave", "bob" })
        {
            unread.Add(name);
        }

        Assert.Equal([("bob", 3), ("dave", 1), ("carol", 1)], unread.ByContact);
        Assert.Equal(5, unread.Total);
        unread.Clear();
        Assert.Equal((0, 0), (unread.Total, unread.ByContact.Count()));
    }
}
