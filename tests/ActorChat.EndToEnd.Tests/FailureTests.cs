// Messages that do not arrive: the outcome is the one that is certain, the reason is in words, and both nodes work afterwards.

using System.Text.Json;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

[Collection(nameof(Neighbours))]
public sealed class FailureTests(Neighbours neighbours)
{
    [Theory]
    [InlineData("zoe", "zoe is not in the directory; add an entry")]
    [InlineData("carol", "carol is not in the directory")] // oneself
    [InlineData("Alice", "Alice is not in the directory")] // names are compared byte for byte
    [InlineData("nowhere", "the host name no-such-host.invalid is not known; check its spelling")]
    [InlineData("frank", "the node there calls itself alice; check address and port")]
    [InlineData("bob", "authentication failed: the two sides do not have the same password for each other")]
    [InlineData("dave", "authentication failed: the two sides do not have the same password for each other")]
    [InlineData("hangs up", "the connection was lost at once; is it an ActorChat node there, and is it too busy for another call? Try again in a while")]
    [InlineData("web", "the other side does not follow the protocol (Malformed)")]
    [InlineData("endless", "the other side does not follow the protocol (Malformed)")]
    [InlineData("json", "the other side does not follow the protocol (Malformed)")]
    public async Task A_message_to_somebody_who_cannot_be_reached_comes_back_with_the_reason(string to, string reason)
    {
        var text = $"for {to} {Guid.NewGuid()}";
        var sent = await neighbours.Carol.TellAsync(to, text);
        Assert.Equal((to, "not_delivered"), (sent.To, sent.Outcome));
        Assert.StartsWith(reason, sent.Reason);

        await Nodes.AssertTalkAsync(neighbours.Carol, neighbours.Alice);
        foreach (var receiver in new[] { neighbours.Bob, neighbours.Dave })
        {
            await Nodes.AssertTalkAsync(neighbours.Alice, receiver);
            Assert.DoesNotContain(receiver.Messages, message => message.Text == text);
        }
    }

    [Fact]
    public async Task Where_nobody_listens_the_address_is_said()
    {
        var sent = await neighbours.Carol.TellAsync("absent", "text");
        Assert.Equal("not_delivered", sent.Outcome);
        Assert.StartsWith($"nobody is listening at 127.0.0.1:{neighbours.UnusedPort}; is the other node running?", sent.Reason);
        await Nodes.AssertTalkAsync(neighbours.Carol, neighbours.Alice);
    }

    [Fact]
    public async Task Where_a_call_is_taken_and_nothing_said_the_deadline_ends_it()
    {
        using var folder = new TemporaryFolder();
        await using var silent = Impostor.Silent();
        var directory = folder.WriteDirectory(
            "carol.json",
            new Entry("silent", "any", silent.Port),
            new Entry("alice", Entry.Secret("alice", "carol"), neighbours.Alice.Port));
        var config = folder.Write("carol.conf", "actorchat { outbox.keep = 0 \n conversation.handshake-deadline = 5 s }");
        await using var carol = await NodeProcess.Start(folder, "--json", "--port", "0", "--name", "carol", "--new-log", "--directory", directory, "--config", config).ListeningAsync();
        await Nodes.AssertReachesAsync(carol, neighbours.Alice);

        var sent = await carol.TellAsync("silent", "text");
        Assert.Equal("not_delivered", sent.Outcome);
        Assert.StartsWith("no answer in time; it took the call and said nothing", sent.Reason);
        await Nodes.AssertReachesAsync(carol, neighbours.Alice);
    }

    [Fact]
    public async Task A_name_that_the_other_side_does_not_know_gets_the_answer_that_a_wrong_password_gets()
    {
        var wrongPassword = await neighbours.Carol.TellAsync("bob", "bob knows carol, by another password");
        var unknownName = await neighbours.Carol.TellAsync("dave", "dave knows no carol");
        Assert.Equal((wrongPassword.Outcome, wrongPassword.Reason), (unknownName.Outcome, unknownName.Reason));
        Assert.Equal(Shapes(neighbours.ToBob, "bob"), Shapes(neighbours.ToDave, "dave"));

        // What an observer can compare: the sequence of PDUs, their members, and the sizes of the values.
        static string[] Shapes(Wiretap line, string name)
        {
            var lastCall = line.Seen.Items.ToList().FindLastIndex(tapped => TypeOf(tapped) == "dh_1");
            string[] shapes = [.. line.Seen.Items.Skip(lastCall).Where(tapped => tapped.IsFromResponder).Select(tapped => Shape(JsonElement.Parse(tapped.Text), name))];
            Assert.Equal(2, shapes.Length);
            return shapes;
        }

        static string Shape(JsonElement json, string name) => json.ValueKind switch
        {
            JsonValueKind.Object => string.Join(' ', json.EnumerateObject().Select(member => $"{member.Name}({Shape(member.Value, name)})")),
            JsonValueKind.String when json.GetString() is "dh_2" or "nack" or "SHA256" or "AES256CBC" => json.GetString()!,
            JsonValueKind.String => json.GetString() == name ? "name" : $"{json.GetString()!.Length} characters",
            _ => $"{json.ValueKind}",
        };
    }

    [Theory]
    [InlineData(1, "not_delivered", "the connection was lost at once")] // dh_2
    [InlineData(2, "not_delivered", "the other side did not show that it knows the password")] // chall
    [InlineData(3, "not_delivered", "the connection was lost")] // ack: we are authenticated
    [InlineData(4, "not_delivered", "the connection was lost")] // resp: they are
    [InlineData(5, "unknown", "the connection was lost")] // ack: the receipt
    public async Task A_line_that_is_cut_before_an_answer_leaves_the_outcome_that_is_certain(int answer, string outcome, string reason)
    {
        await using var line = new Wiretap(() => neighbours.Bob.Port, tapped => Task.FromResult(tapped.IsFromResponder && tapped.Number == answer ? null : tapped.Text));
        var text = $"cut before answer {answer}";
        var sent = await neighbours.Alice.TellAsync(ByHand(line), text);
        Assert.Equal(outcome, sent.Outcome);
        Assert.StartsWith(reason, sent.Reason, StringComparison.Ordinal);
        if (outcome == "unknown")
        {
            Assert.Equal(sent.Id, (await neighbours.Bob.MessageAsync(text)).Id);
        }

        await Nodes.AssertTalkAsync(neighbours.Alice, neighbours.Bob);
        Assert.Equal(outcome == "unknown" ? 1 : 0, neighbours.Bob.Messages.Count(message => message.Text == text));
    }

    [Fact]
    public async Task A_text_altered_on_its_way_is_rejected_and_not_shown()
    {
        await using var line = new Wiretap(() => neighbours.Bob.Port, tapped => Task.FromResult<string?>(
            TypeOf(tapped) == "text" ? tapped.Text.Replace("\"AES256CBC\"", "\"AES128CBC\"", StringComparison.Ordinal) : tapped.Text));
        var sent = await neighbours.Alice.TellAsync(ByHand(line), "altered on its way");
        Assert.Equal(("rejected", "the other side refused it; try again later"), (sent.Outcome, sent.Reason));
        await Nodes.AssertTalkAsync(neighbours.Alice, neighbours.Bob);
        Assert.DoesNotContain(neighbours.Bob.Messages, message => message.Text == "altered on its way");
    }

    [Fact]
    public async Task What_was_recorded_yesterday_opens_nothing_today()
    {
        await using var line = new Wiretap(() => neighbours.Bob.Port);
        var sent = await neighbours.Alice.TellAsync(ByHand(line), "recorded");
        Assert.Equal("delivered", sent.Outcome);
        var recorded = line.Seen.Items.Where(tapped => !tapped.IsFromResponder).Select(tapped => tapped.Text).ToArray();
        Assert.Equal(["dh_1", "hello", "resp", "chall", "ack", "text"], line.Seen.Items.Where(tapped => !tapped.IsFromResponder).Select(TypeOf));

        await using var stranger = await Stranger.CallAsync(neighbours.Bob.Port);
        await stranger.SendAsync(string.Join('\n', recorded));
        Assert.Equal(["dh_2", "nack"], (await stranger.HearToTheEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TypeOfText));
        await Nodes.AssertTalkAsync(neighbours.Alice, neighbours.Bob);
        Assert.Single(neighbours.Bob.Messages, message => message.Text == "recorded");
    }

    private static object ByHand(Wiretap line) => new { address = $"127.0.0.1:{line.Port}", password = Entry.Secret("alice", "bob") };

    private static string TypeOf(Tapped tapped) => TypeOfText(tapped.Text);

    private static string TypeOfText(string pdu) => JsonElement.Parse(pdu).GetProperty("header").GetProperty("msg_type").GetString()!;
}
