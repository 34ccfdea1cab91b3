// The feed, for programs that do not run all the time: from a cursor on, beside a running node and without one. And the two bots of docs/bots.

using System.Diagnostics;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class FeedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_came_in_since_a_cursor_is_given_beside_a_running_node_and_followed()
    {
        var nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bob"), Plan.Knows("bob", "alice"));
        try
        {
            await nodes[0].TellAsync("bob", "one");
            await nodes[0].TellAsync("bob", "two\tlines\n\u001b[2J");
            await nodes[1].TellAsync("alice", "not in it");
            await using var follower = NodeProcess.Start(_folder, "feed", "--name", "bob", "--from", "0", "--follow", "--json");
            var events = await follower.LinesAsync(line => line.IsEvent("message"), 2, "the messages so far");
            await nodes[0].TellAsync("bob", "three");
            var third = (await follower.LinesAsync(line => line.IsEvent("message"), 3, "the message that just came"))[2].Event!.Value;
            Assert.Equal(("alice", "three"), (third.GetProperty("from").GetString(), third.GetProperty("text").GetString()));
            await nodes[1].MessageAsync("three");
            Assert.Contains(nodes[1].Output.Items, line => line.Text == follower.Output.Items[2].Text); // as it was shown

            var (exitCode, plain) = await NodeProcess.RunAsync(_folder, "feed", "--name", "bob", "--from", Cursor(events[0]));
            Assert.Equal((0, 2), (exitCode, plain.Output.Items.Count));
            Assert.Equal($"{Cursor(events[1])}\talice\ttwo    lines␊␛[2J", plain.Output.Items[0].Text);
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }

        var (last, wrong) = await NodeProcess.RunAsync(_folder, "feed", "--name", "bob", "--from", "1000");
        Assert.Equal(1, last);
        Assert.Contains("no record 1000", Assert.Single(wrong.Errors.Items), StringComparison.Ordinal);
    }

    [ProgramFact("bash")]
    public async Task A_bot_of_ten_lines_of_bash_answers_what_came_while_it_was_down()
    {
        var nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bot"), Plan.Knows("bot", "alice"));
        try
        {
            for (var answers = 1; answers <= 2; answers++)
            {
                await nodes[0].TellAsync("bot", "uptime");
                var beside = $"not uptime {answers}";
                await nodes[0].TellAsync("bot", beside);
                await nodes[1].MessageAsync(beside);
                await using var bot = StartBot("bash", "uptime-bot.sh", "bot", "bot.json");
                await nodes[0].MessagesAsync(message => message.Text.Contains("load average", StringComparison.Ordinal), answers);
                await UntilAsync("bot.cursor", place => place == LastCursor(nodes[1]));
            }

            Assert.Equal(2, nodes[0].Messages.Count);
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    [ProgramFact("python3")]
    public async Task A_bot_of_twenty_lines_of_Python_answers_what_came_while_it_was_down_and_nothing_twice()
    {
        var nodes = await Nodes.StartAsync(_folder, Plan.Knows("alice", "bot") with { Config = Plan.Waiting }, Plan.Knows("bot", "alice"));
        try
        {
            await nodes[0].TellAsync("bot", "one");
            await nodes[0].TellAsync("bot", "two");
            nodes[1].CloseInput();
            Assert.Equal(0, await nodes[1].ExitAsync());
            await using (StartEchoBot(nodes[1].Port))
            {
                await nodes[0].MessageAsync("you said: two");
                await UntilAsync("echo-bot.cursor", place => place == LastCursor(nodes[1]));
                await nodes[0].TellAsync("bot", "three");
                await nodes[0].MessageAsync("you said: three");
                await UntilAsync("echo-bot.cursor", place => place != LastCursor(nodes[1]));
            }

            await using var again = StartEchoBot(nodes[1].Port);
            Assert.Equal("delivered", (await nodes[0].TellAsync("bot", "four")).Outcome); // the message waits until the bot's own node listens
            await nodes[0].MessageAsync("you said: four");
            Assert.Equal(["one", "two", "three", "four"], nodes[0].Messages.Select(message => message.Text["you said: ".Length..]));
        }
        finally
        {
            await Nodes.StopAsync(nodes);
        }
    }

    private static string Cursor(OutputLine line) => $"{line.Event!.Value.GetProperty("cursor").GetInt64()}";

    private static string LastCursor(NodeProcess node) => Cursor(node.Output.Items.Last(line => line.IsEvent("message")));

    private async Task UntilAsync(string file, Func<string, bool> isReached)
    {
        var path = Path.Combine(_folder.Path, file);
        var waiting = Stopwatch.StartNew();
        while (!File.Exists(path) || !isReached(File.ReadAllText(path).Trim()))
        {
            Assert.True(waiting.Elapsed < NodeProcess.Patience, $"{file} does not come to hold the cursor");
            await Task.Yield();
        }
    }

    private NodeProcess StartEchoBot(int port) => StartBot("python3", "echo-bot.py", "--port", $"{port}", "--directory", "bot.json", "--config", "bot.conf");

    private NodeProcess StartBot(string program, string script, params IEnumerable<string> arguments) => NodeProcess.Start(
        _folder,
        program,
        new Dictionary<string, string> { ["PATH"] = $"{NodeProcess.WriteLauncher(_folder)}:{Environment.GetEnvironmentVariable("PATH")}" },
        [Path.Combine(AppContext.BaseDirectory, "bots", script), .. arguments]);
}
