// The JSON line by which a program asks for the messages after a cursor.

using ActorChat.Node.Consoles;

namespace ActorChat.Node.Tests.Consoles;

public sealed class FeedRequestTests
{
    [Theory]
    [InlineData("{\"feed\": {\"from\": 0}}", 0)]
    [InlineData(" {\"feed\":{\"from\":412}} ", 412)]
    public void A_feed_is_asked_for_from_a_cursor(string line, long from)
    {
        Assert.Equal(new FeedRequest(from), FeedRequest.Parse(line, out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("{\"feed\": {}}")]
    [InlineData("{\"feed\": 3}")]
    [InlineData("{\"feed\": {\"from\": -1}}")]
    [InlineData("{\"feed\": {\"from\": \"3\"}}")]
    [InlineData("{\"feed\": {\"from\": 1.5}}")]
    [InlineData("{\"feed\": {\"from\": 1, \"to\": 2}}")]
    [InlineData("{\"feed\": {\"from\": 1}, \"to\": \"bob\"}")]
    public void A_wrong_request_is_answered_with_how_to_ask(string line)
    {
        Assert.Null(FeedRequest.Parse(line, out var problem));
        Assert.StartsWith("to ask for a feed, write ", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"to\": \"bob\", \"text\": \"hi\"}")]
    [InlineData("[\"feed\"]")]
    [InlineData("hello")]
    public void Every_other_line_is_another_command(string line)
    {
        Assert.Null(FeedRequest.Parse(line, out var problem));
        Assert.Null(problem);
    }
}
