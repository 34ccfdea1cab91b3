// The line being typed on a terminal: its keys, what they bring back and complete, pastes, and what happens to it when others write.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class TerminalLineTests(AliceAtATerminal nodes) : TerminalTestBase(nodes)
{
    // What is typed, the keys, and the line after them with | for the cursor.
    [TerminalTheory]
    [InlineData("one two", "Left Left X", "> one tX|wo")]
    [InlineData("one two", "Home X Right Y", "> XoY|ne two")]
    [InlineData("one two", "C-a X C-e Y", "> Xone twoY|")]
    [InlineData("one two", "C-Left X", "> one X|two")]
    [InlineData("one two", "Home C-Right X", "> oneX| two")]
    [InlineData("one two", "M-b M-b X M-f Y", "> XoneY| two")]
    [InlineData("one two", "C-b C-b C-f X", "> one twX|o")]
    [InlineData("one two", "BSpace X", "> one twX|")]
    [InlineData("one two", "Home DC X", "> X|ne two")]
    [InlineData("one two", "Home C-d X", "> X|ne two")]
    [InlineData("one two/three", "C-w X", "> one X|")]
    [InlineData("one two/three", "M-BSpace X", "> one two/X|")]
    [InlineData("one two", "Home M-d X", "> X| two")]
    [InlineData("one two", "C-u X", "> X|")]
    [InlineData("one two", "M-b C-k X", "> one X|")]
    [InlineData("one two", "M-b C-k Home C-y", "> two|one")]
    [InlineData("日本語", "Left X", "> 日本X|語")]
    [InlineData("ne\u0301e", "Left BSpace X", "> nX|e")]
    [InlineData("@ca", "Tab X", "> @carol X|")]
    [InlineData("@bob,c", "Tab X", "> @bob,carol X|")]
    [InlineData("/hi", "Tab X", "> /history X|")]
    [InlineData("/re", "Tab Tab Tab X", "> /reloadX|")]
    [InlineData("@ca there", "Home Right Right Right Tab X", "> @carol X|there")]
    [InlineData("one two", "C-w X C-_ C-_", "> one two|")]
    [InlineData("/to d", "Tab X", "> /to dave X|")]
    [InlineData("one", "F5 PageUp X", "> oneX|")]
    public async Task Each_key_does_what_it_says(string typed, string keys, string line)
    {
        await Alice.TypeAsync(typed);
        await Alice.ShowsLastAsync("> " + typed);
        foreach (var key in keys.Split(' '))
        {
            await Alice.PressAsync(key);
        }

        await Alice.ShowsLastAsync(line.Replace("|", "", StringComparison.Ordinal));
        var before = line[..line.IndexOf('|')];
        await Alice.HasCursorAtAsync(before.Length + before.Count(character => character > '\u3000'));
    }

    [TerminalFact]
    public async Task The_arrows_bring_back_what_was_typed_before()
    {
        var mark = $"{Guid.NewGuid()}";
        foreach (var line in new[] { $"@bob {mark} one", $"@bob {mark} two" })
        {
            await Alice.TypeAsync(line);
            await Alice.ShowsLastAsync($"> {line}");
            await Alice.PressAsync("Enter");
            await Alice.ShowsLastAsync(">"); // so that nobody takes both for a paste
        }

        await Alice.TypeAsync("draft");
        await Alice.PressAsync("Up", "Up");
        await Alice.ShowsLastAsync($"> @bob {mark} one");
        await Alice.PressAsync("C-n");
        await Alice.ShowsLastAsync($"> @bob {mark} two");
        await Alice.PressAsync("Down");
        await Alice.ShowsLastAsync("> draft");
        await Alice.PressAsync("C-p", "C-p", "BSpace", "BSpace", "BSpace");
        await Alice.TypeAsync("again");
        await Alice.PressAsync("Enter");
        await Bob.MessageAsync($"{mark} again");
        await DeliveredAsync("bob", times: 3);
    }

    [TerminalFact]
    public async Task Ctrl_R_finds_a_line_by_a_few_letters_and_Enter_only_takes_it()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync($"//{mark} a line to find");
        await Alice.ShowsLastAsync($"> //{mark} a line to find");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Contains("To:"), "the question");
        await Alice.PressAsync("Escape");
        await Alice.ShowsLastAsync(">");
        await Alice.PressAsync("C-r");
        await Alice.TypeAsync(mark[..13]);
        await Alice.ShowsLastAsync($"search \"{mark[..13]}\": //{mark} a line to find");
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync($"> //{mark} a line to find");
    }

    [TerminalFact]
    public async Task A_paste_without_marks_around_it_is_one_message_too()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.PasteAsync($"@bob {mark} one\n/quit\n\nfour\n", isMarked: false);
        await Alice.ShowsAsync(screen => screen is [.., var first, "/quit", "", "four"] && first == $"> @bob {mark} one", "the lines");
        var arrival = Bob.MessageAsync($"{mark} one\n/quit\n\nfour");
        while (!arrival.IsCompleted) // an Enter right behind the paste is taken for a part of it
        {
            await Alice.PressAsync("Enter");
            await Task.WhenAny(arrival, Task.Delay(200));
        }

        await arrival;
        await DeliveredAsync("bob");
    }

    [TerminalFact]
    public async Task Tab_shows_what_is_possible_where_there_is_more_than_one()
    {
        await Alice.TypeAsync("/re");
        await Alice.PressAsync("Tab");
        await Alice.ShowsAsync(screen => screen is ["> /re", "  /retry", "  /reload"], "two commands");
        await Alice.PressAsync("t");
        await Alice.ShowsAsync(screen => screen is ["> /ret"], "them no more");
    }

    [TerminalFact]
    public async Task Ctrl_L_empties_the_screen_and_keeps_the_line()
    {
        await Alice.TypeAsync("/whoami");
        await Alice.PressAsync("Enter");
        await Alice.TypeAsync("kept");
        await Alice.ShowsAsync(screen => screen.Length > 2 && screen[^1] == "> kept", "more than the line");
        await Alice.PressAsync("C-l");
        await Alice.ShowsAsync(screen => screen is ["> kept"], "the line alone");
    }

    [TerminalFact]
    public async Task A_paste_of_several_lines_is_one_message()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync("@bob ");
        await Alice.PasteAsync($"{mark} one\n\ttwo @all\n\n/quit");
        await Alice.ShowsAsync(screen => screen is [.., var first, "    two @all", "", "/quit"] && first == $"> @bob {mark} one", "the lines");
        await Alice.PressAsync("M-Enter");
        await Alice.TypeAsync("five");
        await Alice.PressAsync("Enter");
        await Bob.MessageAsync($"{mark} one\n\ttwo @all\n\n/quit\nfive");
        await Alice.ShowsAsync(screen => screen is [.., "/quit", "five", var outcome, ">"] && IsDelivered(outcome, "bob"), "the lines and the outcome");
    }

    [TerminalFact]
    public async Task A_long_paste_is_whole_although_the_screen_is_not_so_long()
    {
        var mark = $"{Guid.NewGuid()}";
        var lines = Enumerable.Range(0, 200).Select(i => $"line {i} of {mark}").ToArray();
        await Alice.TypeAsync("@bob ");
        await Alice.PasteAsync(string.Join('\n', lines));
        await Alice.ShowsLastAsync(lines[^1]);
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync("200 lines: Enter again sends them as one message.");
        await Alice.PressAsync("Enter");
        await Bob.MessageAsync(string.Join('\n', lines));
        await Alice.ShowsAsync(screen => IsDelivered(screen[^2], "bob"), "the outcome");
        Assert.Equal([$"> @bob {lines[0]}", .. lines[1..]], (await Alice.ScrollbackAsync()).Where(row => row.Contains(mark, StringComparison.Ordinal)));
    }

    [TerminalFact]
    public async Task The_line_being_typed_stays_whole_while_fifty_messages_arrive()
    {
        var mark = $"{Guid.NewGuid()}";
        const string text = "a line of 日本語, e\u0301 and 👍, typed while everybody talks, longer than the row is wide";
        List<string> references = [];
        foreach (var grapheme in ("@carol " + text).EnumerateRunes())
        {
            if (references.Count < 50)
            {
                references.Add(await Bob.SendAsync("alice", $"{mark} {references.Count}"));
            }

            await Alice.TypeAsync(grapheme.ToString());
        }

        var outcomes = await Task.WhenAll(references.Select(reference => Bob.OutcomesAsync(reference)));
        Assert.All(outcomes, outcome => Assert.Equal(("delivered", null), (outcome[0].Outcome, outcome[0].Reason)));
        await Alice.ShowsAsync(
            screen => screen[^2].StartsWith("> @carol a line of 日本語, e\u0301 and", StringComparison.Ordinal)
                && (screen[^2] + screen[^1]).Replace(" ", "", StringComparison.Ordinal) == ("> @carol " + text).Replace(" ", "", StringComparison.Ordinal),
            "the whole line");
        var arrived = (await Alice.ScrollbackAsync()).Where(row => row.Contains(mark, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"bob: {mark} {i}"), arrived.Select(row => row[11..]));

        await Alice.PressAsync("Enter");
        await Carol.MessageAsync(text);
        await DeliveredAsync("carol");
    }

    [TerminalFact]
    public async Task Another_size_has_the_line_painted_again()
    {
        var typed = string.Join(' ', Enumerable.Range(0, 20).Select(i => $"word{i:D2}")); // 139 columns
        var above = $"{Guid.NewGuid()}";
        await Bob.TellAsync("alice", above + string.Concat(Enumerable.Repeat("\nanother line", 30))); // so that the line is at the bottom
        await Alice.TypeAsync(typed);
        foreach (var columns in new[] { 80, 40, 60, 33, 80, 40 })
        {
            await Alice.ResizeAsync(columns);
            var line = "> " + typed;
            var rows = line.Chunk(columns).Select(row => new string(row).TrimEnd()).ToArray();
            await Alice.ShowsAsync(screen => screen.Length >= rows.Length && screen[^rows.Length..].SequenceEqual(rows), $"the line in rows of {columns}");
        }

        // Nothing of the line was left behind, and nothing above it was taken away.
        var everything = await Alice.ScrollbackAsync();
        Assert.Single(everything, row => row.Contains(above[..13], StringComparison.Ordinal));
        Assert.Single(everything, row => row.StartsWith("> word", StringComparison.Ordinal));
    }
}
