// The console for people, line by line, as a terminal would feed it.

using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

/// <summary>alice has the plain console; bob and carol are programs that know her.</summary>
public sealed class AliceAtAConsole : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private NodeProcess[] _nodes = [];

    internal NodeProcess Alice => _nodes[0];

    internal NodeProcess Bob => _nodes[1];

    internal NodeProcess Carol => _nodes[2];

    public async Task InitializeAsync() => _nodes = await Nodes.StartAsync(
        _folder,
        Plan.Knows("alice", "bob", "carol") with { IsPlain = true },
        Plan.Knows("bob", "alice"),
        Plan.Knows("carol", "alice"));

    public async Task DisposeAsync()
    {
        await Nodes.StopAsync(_nodes);
        _folder.Dispose();
    }
}

public sealed class PlainConsoleTests(AliceAtAConsole nodes) : IClassFixture<AliceAtAConsole>
{
    [Theory]
    [InlineData("1")]
    [InlineData("bob")]
    [InlineData(" bob , bob, 1 ")]
    public async Task A_message_goes_to_whom_a_number_or_a_name_chooses(string to)
    {
        var text = $"for bob {Guid.NewGuid()}";
        var before = nodes.Alice.Output.Items.Count(line => IsDelivered(line, "bob"));
        await TypeAsync(text, to);
        Assert.Equal("alice", (await nodes.Bob.MessageAsync(text)).From);
        await nodes.Alice.LinesAsync(line => IsDelivered(line, "bob"), before + 1, "the outcome");
        Assert.Contains(nodes.Alice.Output.Items, line => line.Text == "1 bob  2 carol");

        await TypeAsync("@bob the end of " + text);
        await nodes.Bob.MessageAsync("the end of " + text);
        Assert.Single(nodes.Bob.Messages, message => message.Text == text);
    }

    [Fact]
    public async Task A_message_to_several_goes_to_each_and_each_outcome_is_in_words()
    {
        var text = $"for several {Guid.NewGuid()}";
        var (bob, carol) = (nodes.Alice.Output.Items.Count(line => IsDelivered(line, "bob")), nodes.Alice.Output.Items.Count(line => IsDelivered(line, "carol")));
        await TypeAsync(text, "2, bob, zoe, 7", "2, @bob");
        await nodes.Bob.MessageAsync(text);
        await nodes.Carol.MessageAsync(text);
        await nodes.Alice.LinesAsync(line => IsDelivered(line, "bob"), bob + 1, "bob's outcome");
        await nodes.Alice.LinesAsync(line => IsDelivered(line, "carol"), carol + 1, "carol's outcome");
        Assert.NotNull(await nodes.Alice.Errors.WaitAsync(
            line => line == "actorchat: zoe is not in the directory; /contacts shows who is. Nothing was sent yet", 1, NodeProcess.Patience));
    }

    [Fact]
    public async Task A_backslash_at_the_end_goes_on_in_the_next_line()
    {
        var mark = $"{Guid.NewGuid()}";
        await TypeAsync($"{mark} one\\", "  two \\", "\\", "C:\\temp", "bob");
        await nodes.Bob.MessageAsync($"{mark} one\n  two \n\nC:\\temp");
    }

    [Fact]
    public async Task At_and_a_name_sends_without_a_question()
    {
        var mark = $"{Guid.NewGuid()}";
        await TypeAsync($"@bob {mark} at once", $"@carol {mark} two\\", "lines");
        await nodes.Bob.MessageAsync($"{mark} at once");
        await nodes.Carol.MessageAsync($"{mark} two\nlines");
    }

    [Fact]
    public async Task An_empty_line_cancels_and_the_next_message_goes()
    {
        var mark = $"{Guid.NewGuid()}";
        await TypeAsync($"{mark} cancelled", "", "", "", $"{mark} sent", "bob");
        await nodes.Bob.MessageAsync($"{mark} sent");
        Assert.DoesNotContain(nodes.Bob.Messages, message => message.Text.Contains("cancelled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_asks_for_a_password_and_shows_who_answered()
    {
        var mark = $"{Guid.NewGuid()}";
        var address = $"localhost:{nodes.Bob.Port}";
        await TypeAsync($"{mark} right", address, Entry.Secret("alice", "bob"));
        await nodes.Bob.MessageAsync($"{mark} right");
        await LineAsync($"✓ {address} (bob): delivered");

        await TypeAsync($"{mark} wrong", address, "not it");
        await nodes.Alice.LineAsync(
            line => line.Text.StartsWith($"✗ {address}: not delivered: authentication failed", StringComparison.Ordinal), "that the password is wrong");

        await TypeAsync($"{mark} no password", address, "", $"@bob {mark} end");
        await nodes.Bob.MessageAsync($"{mark} end");
        Assert.Equal(2, nodes.Bob.Messages.Count(message => message.Text.StartsWith(mark, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_message_appears_with_time_and_name_and_its_further_lines_are_set_in()
    {
        var mark = $"{Guid.NewGuid()}";
        await nodes.Bob.TellAsync("alice", $"{mark} [bold]first[/]\n  second\r\n[21:04:31] carol: third");
        var lines = await AfterAsync(mark, 3);
        Assert.Matches($@"^\[[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\] bob: {mark} \[bold\]first\[/\]$", lines[0]);
        Assert.Equal("             second", lines[1]);
        Assert.Equal("           [21:04:31] carol: third", lines[2]);
    }

    [Fact]
    public async Task What_a_terminal_would_obey_arrives_visible_and_harmless()
    {
        var mark = $"{Guid.NewGuid()}";
        await nodes.Bob.TellAsync("alice", $"{mark} \u001b[2J\u001b]0;title\u0007 \0 \b \r\n \u007f \u0085 \u009b31m \u202eback\u2066 \u2028 \ufeff \u200b end");
        var lines = await AfterAsync(mark, 4);
        Assert.EndsWith($"{mark} ␛[2J␛]0;title␇ ␀ ␈ ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" end", lines[3], StringComparison.Ordinal);
        Assert.DoesNotContain(nodes.Alice.Output.Items, line => line.Text.Any(c => char.IsControl(c) || (c is >= '\u200b' and <= '\u202e' or '\u2066' or '\ufeff' && c is not '\u200c' and not '\u200d')));
    }

    [Fact]
    public async Task Words_between_colons_are_not_made_into_pictures()
    {
        var mark = $"{Guid.NewGuid()}";
        await nodes.Bob.TellAsync("alice", $"{mark} ratio 1:fire:2 :warning: :no_entry: end");
        Assert.EndsWith($"bob: {mark} ratio 1:fire:2 :warning: :no_entry: end", (await AfterAsync(mark, 1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_message_is_shown_whole()
    {
        var text = $"{Guid.NewGuid()} " + string.Concat(Enumerable.Repeat("a quite long wörd ", 3_000)) + "end";
        await nodes.Carol.TellAsync("alice", text);
        await nodes.Alice.LineAsync(line => line.Text.EndsWith("] carol: " + text, StringComparison.Ordinal), "the long message");
    }

    private Task TypeAsync(params string[] lines) => nodes.Alice.TypeAsync(string.Join('\n', lines));

    private Task LineAsync(string text) => nodes.Alice.LineAsync(line => line.Text == text, text);

    // The line quotes the text if another one, of the test before, is still under way.
    private static bool IsDelivered(OutputLine line, string name) => Regex.IsMatch(line.Text, $"^✓ {name}( \".*\")?: delivered$");

    // So many lines, beginning with the one that holds the mark.
    private async Task<string[]> AfterAsync(string mark, int count)
    {
        await nodes.Alice.LineAsync(line => line.Text.Contains(mark), mark);
        var before = nodes.Alice.Output.Items.TakeWhile(line => !line.Text.Contains(mark)).Count();
        return [.. (await nodes.Alice.LinesAsync(_ => true, before + count, $"{count} lines")).Skip(before).Take(count).Select(line => line.Text)];
    }
}
