// Messages that arrive: the node's main job.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

[Collection(nameof(Neighbours))]
public sealed class ConversationTests(Neighbours neighbours)
{
    private const int MessagesEachWay = 100;

    private static readonly string[] Special =
    [
        "",
        " ",
        "grüße, Größe, ß, ﬁ, \u1e9e",
        "日本語 العربية עברית हिन्दी",
        "\U0001F469\u200D\U0001F469\u200D\U0001F467 \U0001F600 \U0001F1E9\U0001F1EA",
        "\"quoted\" 'single' `back` \\backslash\\ \\n \\u0041",
        "first line\nsecond line\r\nthird line\rfourth\u2028fifth\u0085sixth\n",
        "\0\u0001\u0007\b\t\u001b[2J\u001b]0;title\u0007\u007f\u009b31m\u202e\ufeff\uffff",
        "{\"to\": \"bob\", \"text\": \"not a command\"}",
        "@bob not a command either",
        "e\u0301 is not \u00e9",
        new('x', 60 << 10),
        string.Concat(Enumerable.Repeat("€uro ", 10_000)),
        string.Concat(Enumerable.Repeat("\"\\\n", 10_000)),
    ];

    [Fact]
    public async Task Two_hundred_messages_both_ways_at_once_arrive_once_unchanged_and_in_order()
    {
        var (alice, bob) = (neighbours.Alice, neighbours.Bob);
        await Task.WhenAll(ExchangeAsync(alice, bob), ExchangeAsync(bob, alice));

        static async Task ExchangeAsync(NodeProcess sender, NodeProcess receiver)
        {
            var mark = Guid.NewGuid();
            var texts = Enumerable.Range(1, MessagesEachWay).Select(i => $"{mark} {i} {(i <= Special.Length ? Special[i - 1] : "and so on")}").ToArray();
            var references = new List<string>();
            foreach (var text in texts)
            {
                references.Add(await sender.SendAsync(receiver.Name, text));
            }

            var outcomes = await Task.WhenAll(references.Select(reference => sender.OutcomesAsync(reference)));
            var sent = outcomes.Select(outcome => Assert.Single(outcome)).ToArray();
            Assert.All(sent, one => Assert.Equal((receiver.Name, "delivered", null), (one.To, one.Outcome, one.Reason)));

            // Messages to one recipient arrive in order, so after this one all others have arrived.
            await sender.TellAsync(receiver.Name, $"{mark} end");
            await receiver.MessageAsync($"{mark} end");
            var arrived = receiver.Messages.Where(message => message.Text.StartsWith($"{mark}", StringComparison.Ordinal) && message.Text != $"{mark} end").ToArray();
            Assert.Equal(texts, arrived.Select(message => message.Text));
            Assert.Equal(sent.Select(one => one.Id), arrived.Select(message => message.Id));
            Assert.Equal(MessagesEachWay, arrived.Select(message => message.Id).Distinct().Count());
            Assert.All(arrived, message => Assert.Equal(sender.Name, message.From));
            Assert.All(arrived, message => Assert.InRange(DateTimeOffset.Now - message.At, TimeSpan.Zero, TimeSpan.FromMinutes(2)));
        }
    }

    [Fact]
    public async Task A_message_to_several_arrives_at_each_with_an_outcome_of_its_own()
    {
        var text = $"to both {Guid.NewGuid()}";
        var outcomes = await neighbours.Alice.OutcomesAsync(await neighbours.Alice.SendAsync(new[] { "bob", "dave", "zoe" }, text), count: 3);
        Assert.Equal(
            [("bob", "delivered"), ("dave", "delivered"), ("zoe", "not_delivered")],
            outcomes.Select(sent => (sent.To, sent.Outcome)).Order());
        foreach (var receiver in new[] { neighbours.Bob, neighbours.Dave })
        {
            var message = await receiver.MessageAsync(text);
            Assert.Equal(outcomes.Single(sent => sent.To == receiver.Name).Id, message.Id);
        }
    }

    [Fact]
    public Task An_IPv4_address_typed_by_hand_is_called() => AssertCalledByHandAsync("127.0.0.1");

    [Fact]
    public Task A_host_name_typed_by_hand_is_called() => AssertCalledByHandAsync("localhost");

    [IPv6Fact]
    public Task An_IPv6_address_typed_by_hand_is_called() => AssertCalledByHandAsync("[::1]");

    [Fact]
    public async Task A_wrong_password_typed_by_hand_is_said_to_be_wrong()
    {
        var sent = await neighbours.Alice.TellAsync(new { address = $"127.0.0.1:{neighbours.Bob.Port}", password = "not it" }, "text");
        Assert.Equal("not_delivered", sent.Outcome);
        Assert.Contains("do not have the same password", sent.Reason);
        await Nodes.AssertTalkAsync(neighbours.Alice, neighbours.Bob);
    }

    [Fact]
    public async Task A_text_of_97900_bytes_arrives_and_one_of_96_KiB_is_refused_without_a_call()
    {
        // Base64 makes 4 bytes of 3, so 96 KiB alone would fill the 128 KiB of a PDU.
        var text = new string('x', 97_900);
        Assert.Equal("delivered", (await neighbours.Alice.TellAsync("bob", text)).Outcome);
        await neighbours.Bob.MessageAsync(text);

        await using var nobody = Impostor.Silent();
        var sent = await neighbours.Alice.TellAsync(new { address = $"127.0.0.1:{nobody.Port}", password = "any" }, new string('x', 96 << 10));
        Assert.Equal("not_delivered", sent.Outcome);
        Assert.StartsWith("the message is too long for one PDU", sent.Reason);
        Assert.Equal(0, nobody.Connections);
        await Nodes.AssertTalkAsync(neighbours.Alice, neighbours.Bob);
    }

    private async Task AssertCalledByHandAsync(string host)
    {
        var address = $"{host}:{neighbours.Bob.Port}";
        var text = $"by hand to {address}";
        var sent = await neighbours.Alice.TellAsync(new { address, password = Entry.Secret("alice", "bob") }, text);
        Assert.Equal((address, "delivered", null), (sent.To, sent.Outcome, sent.Reason));
        Assert.Equal(("alice", sent.Id), ((await neighbours.Bob.MessageAsync(text)).From, (await neighbours.Bob.MessageAsync(text)).Id));
    }
}
