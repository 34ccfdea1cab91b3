// The console for people on a terminal: what they see there, key by key.

using System.Diagnostics;
using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

/// <summary>alice sits at a terminal; bob and carol are programs that know her; dave is away.</summary>
public sealed class AliceAtATerminal : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal Terminal Alice { get; private set; } = null!;

    internal int AlicePort { get; private set; }

    internal NodeProcess Bob { get; private set; } = null!;

    internal NodeProcess Carol { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Terminal.WhyNot is null)
        {
            (Alice, Bob, Carol) = await StartAsync(_folder);
            AlicePort = await Alice.ListeningAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (Alice is not null)
        {
            await Alice.DisposeAsync();
            await Nodes.StopAsync([Bob, Carol]);
        }

        _folder.Dispose();
    }

    /// <summary>Starts the three.</summary>
    internal static async Task<(Terminal Alice, NodeProcess Bob, NodeProcess Carol)> StartAsync(TemporaryFolder folder, params string[] variables)
    {
        string[] names = ["alice", "bob", "carol", "dave"];
        var ports = names.ToDictionary(name => name, _ => Ports.TakeFree());
        var config = folder.Write("patient.conf", Plan.Patient);
        foreach (var name in names)
        {
            folder.WriteDirectory($"{name}.json", names.Select(other => new Entry(other, other == name ? "nobody needs to know" : Entry.Secret(name, other), ports[other])));
        }

        string[] ArgumentsOf(string name) => ["--port", $"{ports[name]}", "--directory", $"{name}.json", "--config", config];
        var alice = await Terminal.StartAsync(folder, variables, ArgumentsOf("alice"));
        NodeProcess[] others = [.. new[] { "bob", "carol" }.Select(name => NodeProcess.Start(folder, [.. ArgumentsOf(name), "--json"]))];
        await Task.WhenAll([alice.ListeningAsync(), .. others.Select(other => other.ListeningAsync())]);
        return (alice, others[0], others[1]);
    }
}

public sealed partial class TerminalTests(AliceAtATerminal nodes) : IClassFixture<AliceAtATerminal>, IAsyncLifetime
{
    private Terminal Alice => nodes.Alice;

    // Each test begins with an empty screen of 80 columns and an empty line.
    public async Task InitializeAsync()
    {
        if (Terminal.WhyNot is null)
        {
            await Alice.ResizeAsync(80);
            await Alice.PressAsync("C-e", "C-u", "Enter"); // takes back what a test before may have left
            await Alice.TypeAsync("/to");
            await Alice.PressAsync("Enter", "C-l");
            await Alice.ShowsAsync(screen => screen is [">"], "an empty screen");
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

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
                references.Add(await nodes.Bob.SendAsync("alice", $"{mark} {references.Count}"));
            }

            await Alice.TypeAsync(grapheme.ToString());
        }

        await Task.WhenAll(references.Select(reference => nodes.Bob.OutcomesAsync(reference)));
        await Alice.ShowsAsync(
            screen => screen[^2].StartsWith("> @carol a line of 日本語, e\u0301 and", StringComparison.Ordinal)
                && (screen[^2] + screen[^1]).Replace(" ", "", StringComparison.Ordinal) == ("> @carol " + text).Replace(" ", "", StringComparison.Ordinal),
            "the whole line");
        var arrived = (await Alice.ScrollbackAsync()).Where(row => row.Contains(mark, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"bob: {mark} {i}"), arrived.Select(row => row[11..]));

        await Alice.PressAsync("Enter");
        await nodes.Carol.MessageAsync(text);
    }

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
            await Alice.PressAsync("Enter");
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
        await nodes.Bob.MessageAsync($"{mark} again");
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
        await nodes.Bob.MessageAsync($"{mark} one\n\ttwo @all\n\n/quit\nfive");
        await Alice.ShowsAsync(screen => screen is [.., "/quit", "five", var outcome, ">"] && DeliveredPattern().IsMatch(outcome), "the lines and the outcome");
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
        await nodes.Bob.MessageAsync(string.Join('\n', lines));
        await Alice.ShowsAsync(screen => DeliveredPattern().IsMatch(screen[^2]), "the outcome");
        Assert.Equal([$"> @bob {lines[0]}", .. lines[1..]], (await Alice.ScrollbackAsync()).Where(row => row.Contains(mark, StringComparison.Ordinal)));
    }

    [TerminalFact]
    public async Task A_message_under_way_has_a_spinner_and_then_its_outcome_with_the_time_it_took()
    {
        var mark = $"{Guid.NewGuid()}";
        Pause(nodes.Bob, "-STOP");
        try
        {
            await Alice.TypeAsync($"@bob {mark}");
            await Alice.PressAsync("Enter");
            var pictures = new HashSet<char>();
            await Alice.ShowsAsync(
                screen => screen is [.., var row, ">"] && row[1..] == $" bob: {mark}" && row[0] is > '\u2800' and < '\u28ff' && pictures.Add(row[0]) && pictures.Count > 1,
                "a spinner that turns");
            await Alice.TypeAsync("typed meanwhile");
            await Alice.ShowsAsync(screen => screen[^1] == "> typed meanwhile" && screen[^2].EndsWith($" bob: {mark}", StringComparison.Ordinal), "both");
        }
        finally
        {
            Pause(nodes.Bob, "-CONT");
        }

        var screen = await Alice.ShowsAsync(rows => rows.Any(DeliveredPattern().IsMatch), "the outcome");
        Assert.Equal("> typed meanwhile", screen[^1]);
        Assert.DoesNotContain(screen, row => row.Length > 0 && row[0] is > '\u2800' and < '\u28ff');
    }

    [TerminalFact]
    public async Task What_was_not_delivered_says_why_and_is_sent_again_by_retry()
    {
        await Alice.TypeAsync("@dave are you there?");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Count(row => row.StartsWith("✗ dave: not delivered: nobody is listening at", StringComparison.Ordinal)) == 1, "the failure");
        await Alice.TypeAsync("/retry");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Count(row => row.StartsWith("✗ dave: not delivered: nobody is listening at", StringComparison.Ordinal)) == 2, "another");
    }

    [TerminalFact]
    public async Task A_chosen_recipient_stands_in_the_prompt()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync("/to bob");
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync("bob>");
        await Alice.TypeAsync($"{mark} bare");
        await Alice.PressAsync("Enter");
        await nodes.Bob.MessageAsync($"{mark} bare");
        await Alice.TypeAsync("/to");
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync(">");
    }

    [TerminalTheory]
    [InlineData("ca", "carol")]
    [InlineData("o", "bob")] // the first that has it
    [InlineData("Down Down", "carol")]
    [InlineData("o Down", "carol")]
    [InlineData("Down Up Up Up", "carol")] // all, dave, carol
    [InlineData("bob", "bob")]
    [InlineData("2", "carol")]
    [InlineData("ro Tab", "carol")]
    public async Task At_To_a_contact_is_chosen_by_letters_or_by_arrows(string keys, string name)
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync(mark);
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen is [.., "To:", "  bob", "  carol", "  dave", "  all"], "the contacts");
        foreach (var key in keys.Split(' '))
        {
            await Alice.PressAsync(key);
        }

        await Alice.PressAsync("Enter");
        await (name == "bob" ? nodes.Bob : nodes.Carol).MessageAsync(mark);
        await Alice.ShowsAsync(screen => screen.Contains($"To: {name}") || keys == "2", "the choice");
    }

    [TerminalFact]
    public async Task Escape_at_To_takes_the_message_back()
    {
        await Alice.TypeAsync("not to be sent");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Contains("To:"), "the question");
        await Alice.PressAsync("Escape");
        await Alice.ShowsLastAsync(">");
    }

    [TerminalFact]
    public async Task A_password_is_not_shown()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync($"@127.0.0.1:{nodes.Bob.Port} {mark}");
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync($"Password for 127.0.0.1:{nodes.Bob.Port}:");
        await Alice.TypeAsync(Entry.Secret("alice", "bob"));
        await Alice.PressAsync("Enter");
        await nodes.Bob.MessageAsync(mark);
        await Alice.PressAsync("Up");
        await Alice.ShowsLastAsync($"> @127.0.0.1:{nodes.Bob.Port} {mark}");
        Assert.DoesNotContain(await Alice.ScrollbackAsync(), row => row.Contains("only alice", StringComparison.Ordinal));
    }

    [TerminalFact]
    public async Task A_message_full_of_escape_sequences_is_shown_harmlessly()
    {
        await Alice.TypeAsync("kept");
        await nodes.Bob.TellAsync("alice", "x\u001b[2J\u001b[5;5Hy\u001b]0;evil\u0007\u001b[31m\b\b\b\r> @bob forged\u009b3A\u202eend");
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
        await Alice.ResizeAsync(columns);
        await Alice.TypeAsync("kept");
        await Alice.ShowsLastAsync("> kept");
        var link = $"https://example.org/{Guid.NewGuid()}/{Guid.NewGuid()}";
        await nodes.Bob.TellAsync("alice", $"several words that do not fit into one row of the terminal, see {link} and then more words\nsecond line");
        var screen = await Alice.ShowsAsync(rows => rows is [.., "           second line", "> kept"], "the message");
        var rows = screen.SkipWhile(row => !row.Contains("] bob: several", StringComparison.Ordinal)).SkipLast(1).ToArray();
        Assert.All(rows, row => Assert.InRange(row.Length, 1, columns));
        Assert.Contains(link, string.Concat(rows), StringComparison.Ordinal); // the terminal wraps it, without anything in between
        var words = string.Join(' ', rows.Select(row => row.Trim())).Replace(link[..(columns - 11)], "", StringComparison.Ordinal);
        Assert.Contains("several words that do not fit into one row of the terminal, see", words, StringComparison.Ordinal);
        Assert.Contains("and then more words second line", words, StringComparison.Ordinal);
    }

    [TerminalFact]
    public async Task Another_size_has_the_line_painted_again()
    {
        var typed = string.Join(' ', Enumerable.Range(0, 20).Select(i => $"word{i:D2}")); // 139 columns
        var above = $"{Guid.NewGuid()}";
        await nodes.Bob.TellAsync("alice", above + string.Concat(Enumerable.Repeat("\nanother line", 30))); // so that the line is at the bottom
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

    [TerminalFact]
    public async Task The_title_counts_what_arrived_since_the_last_key()
    {
        await nodes.Bob.TellAsync("alice", "one");
        await nodes.Carol.TellAsync("alice", "two");
        await Alice.HasTitleAsync(title => title == "(2) alice");
        await Alice.PressAsync("x");
        await Alice.HasTitleAsync(title => title == "alice");
    }

    [TerminalFact]
    public async Task Contacts_have_colours_of_their_own()
    {
        await Task.WhenAll(nodes.Bob.TellAsync("alice", "one"), nodes.Carol.TellAsync("alice", "two"));
        await Alice.ShowsAsync(screen => screen.Count(row => row.Contains("] bob: one") || row.Contains("] carol: two")) == 2, "both");
        var colours = ColourPattern().Matches(await Alice.ColoursAsync()).Select(match => match.Value);
        Assert.Equal(2, colours.Distinct().Count());
    }

    [TerminalFact]
    public async Task The_bell_rings_once_it_is_on()
    {
        await nodes.Bob.TellAsync("alice", "silent");
        await Alice.ShowsAsync(screen => screen.Any(row => row.EndsWith("bob: silent", StringComparison.Ordinal)), "the message");
        Assert.False(await Alice.WasRungAsync());
        await Alice.TypeAsync("/bell");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync("The bell rings when a message arrives.");
        await nodes.Bob.TellAsync("alice", "loud");
        await Alice.ShowsAsync(screen => screen.Any(row => row.EndsWith("bob: loud", StringComparison.Ordinal)), "the message");
        Assert.True(await Alice.WasRungAsync());
    }

    [TerminalFact]
    public async Task History_comes_from_the_secure_log_and_a_mistyped_command_gets_a_suggestion()
    {
        var mark = $"{Guid.NewGuid()}"[..8];
        await nodes.Carol.TellAsync("alice", $"{mark} hers");
        await Alice.TypeAsync($"@carol {mark} mine");
        await Alice.PressAsync("Enter");
        await nodes.Carol.MessageAsync($"{mark} mine");
        await Alice.ShowsAsync(screen => screen.Any(row => row.StartsWith("✓ carol: delivered", StringComparison.Ordinal)), "the outcome");
        await Alice.PressAsync("C-l");
        await Alice.TypeAsync("/histroy carol 2");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Any(row => row.StartsWith("actorchat: /histroy is not a command; did you mean /history?", StringComparison.Ordinal)), "it");
        await Alice.TypeAsync("/history carol 2");
        await Alice.PressAsync("Enter");
        var screen = await Alice.ShowsAsync(rows => rows is [.., "> /history carol 2", _, _, ">"], "two messages");
        Assert.Equal([$"carol: {mark} hers", $"✓ → carol: {mark} mine"], screen[^3..^1].Select(row => row[11..]));
    }

    [TerminalFact]
    public async Task A_ping_says_who_is_there_and_contacts_when_they_were_met()
    {
        await Alice.TypeAsync("/ping bob");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Any(row => row.StartsWith($"✓ bob at 127.0.0.1:{nodes.Bob.Port} is there and has proved who it is, in ", StringComparison.Ordinal)), "bob");
        await Alice.TypeAsync("/ping dave");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Any(row => row.StartsWith("✗ dave was not reached: nobody is listening at ", StringComparison.Ordinal)), "dave");

        await nodes.Carol.TellAsync("alice", $"{Guid.NewGuid()}");
        await Alice.PressAsync("C-l");
        await Alice.TypeAsync("/contacts");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Any(row => ContactMetPattern().IsMatch(row)), "when carol was met");
    }

    [TerminalFact]
    public async Task What_goes_wrong_is_said_above_the_line()
    {
        await Alice.TypeAsync("kept");
        await Alice.ShowsLastAsync("> kept");
        var stranger = await nodes.Bob.TellAsync(new { address = $"127.0.0.1:{nodes.AlicePort}", password = "wrong" }, "hello");
        Assert.Equal("not_delivered", stranger.Outcome);
        var screen = await Alice.ShowsAsync(rows => rows.Length > 1, "the warning");
        Assert.Equal("> kept", screen[^1]);
    }

    [GeneratedRegex(@"^carol  127\.0\.0\.1:\d+  modern  met \d{4}-\d\d-\d\d \d\d:\d\d  ")]
    private static partial Regex ContactMetPattern();

    [GeneratedRegex(@"^✓ bob: delivered \([0-9.]+ m?s\)$")]
    private static partial Regex DeliveredPattern();

    [GeneratedRegex("38;5;[0-9]+")]
    private static partial Regex ColourPattern();

    private static void Pause(NodeProcess node, string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{node.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
