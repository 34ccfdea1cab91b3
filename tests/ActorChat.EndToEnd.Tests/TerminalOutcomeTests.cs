// A message typed on a terminal, after Enter: the spinner, the outcome and its reason, a retry, a ping, the history.

using System.Diagnostics;
using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed partial class TerminalOutcomeTests(AliceAtATerminal nodes) : TerminalTestBase(nodes)
{
    [TerminalFact]
    public async Task A_message_under_way_has_a_spinner_and_then_its_outcome_with_the_time_it_took()
    {
        var mark = $"{Guid.NewGuid()}";
        Pause(Bob, "-STOP");
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
            Pause(Bob, "-CONT");
        }

        var screen = await DeliveredAsync("bob");
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
        await Alice.ShowsAsync("Sending again to dave: \"are you there?\"");
        await Alice.ShowsAsync(screen => screen.Count(row => row.StartsWith("✗ dave: not delivered: nobody is listening at", StringComparison.Ordinal)) == 2, "another");
    }

    [TerminalFact]
    public async Task History_comes_from_the_secure_log_and_a_mistyped_command_gets_a_suggestion()
    {
        var mark = $"{Guid.NewGuid()}"[..8];
        await Carol.TellAsync("alice", $"{mark} hers");
        await Alice.TypeAsync($"@carol {mark} mine");
        await Alice.PressAsync("Enter");
        await Carol.MessageAsync($"{mark} mine");
        await DeliveredAsync("carol");
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
        await Alice.ShowsAsync(screen => screen.Any(row => row.StartsWith($"✓ bob at 127.0.0.1:{Bob.Port} is there and has proved who it is, in ", StringComparison.Ordinal)), "bob");
        await Alice.TypeAsync("/ping dave");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Any(row => row.StartsWith("✗ dave was not reached: nobody is listening at ", StringComparison.Ordinal)), "dave");

        await Carol.TellAsync("alice", $"{Guid.NewGuid()}");
        await Alice.PressAsync("C-l");
        await Alice.TypeAsync("/contacts");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Any(row => ContactMetPattern().IsMatch(row)), "when carol was met");
    }

    [TerminalFact]
    public async Task What_goes_wrong_is_said_above_the_line_in_a_sentence()
    {
        await Alice.TypeAsync("kept");
        await Alice.ShowsLastAsync("> kept");
        var stranger = await Bob.TellAsync(new { address = $"127.0.0.1:{AlicePort}", password = "wrong" }, "hello");
        Assert.Equal("not_delivered", stranger.Outcome);
        await Alice.ShowsAsync(rows => rows is ["Somebody at 127.0.0.1 used bob's name with a wrong password.", "> kept"], "the warning");
    }

    [GeneratedRegex(@"^carol  127\.0\.0\.1:\d+  met \d{4}-\d\d-\d\d \d\d:\d\d  ")]
    private static partial Regex ContactMetPattern();

    private static void Pause(NodeProcess node, string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{node.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
