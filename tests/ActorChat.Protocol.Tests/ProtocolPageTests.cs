// docs/protocol.md works through two conversations of the vectors, for readers who have only the page. It must quote every value of those vectors.

using System.Text.Json;

namespace ActorChat.Protocol.Tests;

public sealed class ProtocolPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "protocol.md"));

    [Theory]
    [InlineData("modern-conversation.json")]
    [InlineData("classic-conversation.json")]
    public void The_worked_examples_have_every_value_of_their_vector(string vector) =>
        Assert.All(Strings(Vectors.Load(vector)), value => Assert.True(Page.Contains(value, StringComparison.Ordinal), $"the page has no {value}"));

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };
}
