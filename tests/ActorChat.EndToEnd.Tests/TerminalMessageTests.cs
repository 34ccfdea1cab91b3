// What arrives, as a terminal shows it: harmless, wrapped, in its colour, counted in the title, with the bell.

using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed partial class TerminalMessageTests(AliceAtATerminal nodes) : TerminalTestBase(nodes)
{
    [TerminalFact]
    public async Task A_message_full_of_escape_sequences_is_shown_harmlessly()
    {
        await Alice.TypeAsync("kept");
        await Bob.TellAsync("alice", "x\u001b[2J\u001b[5;5Hy\u001b]0;evil\u0007\u001b[31m\b\b\b\r> @bob forged\u009b3A\u202eend");
        var screen = await Alice.ShowsAsync(rows => rows.Any(row => row.Contains("end", StringComparison.Ordinal)), "the message");
        Assert.EndsWith("bob: x␛[2J␛[5;5Hy␛]0;evil␇␛[31m␈␈␈", screen[^3], StringComparison.Ordinal);
        Assert.Equal("           > @bob forged<U+009B>3A<U+202E>end", screen[^2]);
        Assert.Equal("> kept", screen[^1]);
        Assert.DoesNotContain("evil", (await Alice.StateAsync()).Title, StringComparison.Ordinal);
    }

    [TerminalTheory]
    [InlineData(80)]
    [InlineData(40)]
    public async Task A_long_message_is_wrapped_between_words_and_a_link_stays_whole(int columns)
    {
        await Alice.FitAsync(columns);
        await Alice.TypeAsync("kept");
        await Alice.ShowsLastAsync("> kept");
        var link = $"https://example.org/{Guid.NewGuid()}/{Guid.NewGuid()}";
        await Bob.TellAsync("alice", $"several words that do not fit into one row of the terminal, see {link} and then more words\nsecond line");
        var screen = await Alice.ShowsAsync(rows => rows is [.., "           second line", "> kept"], "the message");
        var rows = screen.SkipWhile(row => !row.Contains("] bob: several", StringComparison.Ordinal)).SkipLast(1).ToArray();
        Assert.All(rows, row => Assert.InRange(row.Length, 1, columns));
        Assert.Contains(link, string.Concat(rows), StringComparison.Ordinal); // the terminal wraps it, without anything in between
        var words = string.Join(' ', rows.Select(row => row.Trim())).Replace(link[..(columns - 11)], "", StringComparison.Ordinal);
        Assert.Contains("several words that do not fit into one row of the terminal, see", words, StringComparison.Ordinal);
        Assert.Contains("and then more words second line", words, StringComparison.Ordinal);
    }

    [TerminalFact]
    public async Task The_title_counts_what_arrived_since_the_last_key()
    {
        await Bob.TellAsync("alice", "one");
        await Carol.TellAsync("alice", "two");
        await Alice.HasTitleAsync(title => title == "(2) alice");
        await Alice.PressAsync("x");
        await Alice.HasTitleAsync(title => title == "alice");
    }

    [TerminalFact]
    public async Task What_arrives_while_nothing_is_typed_is_counted_by_contact_in_the_prompt()
    {
        await Bob.TellAsync("alice", "one");
        await Carol.TellAsync("alice", "two");
        await Bob.TellAsync("alice", "three");
        await Alice.ShowsLastAsync("[bob 2, carol 1] >");
        await Alice.TypeAsync("x");
        await Alice.ShowsLastAsync("> x");
        await Carol.TellAsync("alice", "four");
        await Alice.ShowsAsync(screen => screen[^1] == "> x" && screen[^2].EndsWith("carol: four", StringComparison.Ordinal), "the line as it was");
        await Alice.PressAsync("C-u");
        await Alice.ShowsLastAsync(">");
    }

    [TerminalFact]
    public async Task An_answer_goes_to_whoever_wrote_last()
    {
        var mark = $"{Guid.NewGuid()}";
        await Bob.TellAsync("alice", "one");
        await Carol.TellAsync("alice", "two");
        await Alice.ShowsLastAsync("[carol 1, bob 1] >");
        await Alice.TypeAsync($"/r {mark}");
        await Alice.ShowsLastAsync($"> /r {mark}");
        await Alice.PressAsync("Enter");
        await Carol.MessageAsync(mark);
        await DeliveredAsync("carol");
    }

    [TerminalFact]
    public async Task Contacts_have_colours_of_their_own()
    {
        await Task.WhenAll(Bob.TellAsync("alice", "one"), Carol.TellAsync("alice", "two"));
        await Alice.ShowsAsync(screen => screen.Count(row => row.Contains("] bob: one") || row.Contains("] carol: two")) == 2, "both");
        var colours = ColourPattern().Matches(await Alice.ColoursAsync()).Select(match => match.Value);
        Assert.Equal(2, colours.Distinct().Count());
    }

    [TerminalFact]
    public async Task The_bell_rings_once_it_is_on()
    {
        await Bob.TellAsync("alice", "silent");
        await Alice.ShowsAsync(screen => screen.Any(row => row.EndsWith("bob: silent", StringComparison.Ordinal)), "the message");
        Assert.False(await Alice.WasRungAsync());
        await Alice.TypeAsync("/bell");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync("The bell rings when a message arrives.");
        await Bob.TellAsync("alice", "loud");
        await Alice.ShowsAsync(screen => screen.Any(row => row.EndsWith("bob: loud", StringComparison.Ordinal)), "the message");
        Assert.True(await Alice.WasRungAsync());
    }

    [GeneratedRegex("38;5;[0-9]+")]
    private static partial Regex ColourPattern();
}
