// Whom a line on a terminal goes to: the question "To:", a recipient chosen for many messages, an address with its password.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class TerminalRecipientTests(AliceAtATerminal nodes) : TerminalTestBase(nodes)
{
    [TerminalTheory]
    [InlineData("ca", "carol")]
    [InlineData("o", "carol")] // the first that has it
    [InlineData("Down Down", "bob")]
    [InlineData("o Down", "bob")]
    [InlineData("Down Up Up Up", "bob")] // all, dave, bob
    [InlineData("bob", "bob")]
    [InlineData("2", "bob")]
    [InlineData("ro Tab", "carol")]
    public async Task At_To_a_contact_is_chosen_by_letters_or_by_arrows(string keys, string name)
    {
        var mark = $"{Guid.NewGuid()}";
        await BobWroteBeforeCarol();
        await Alice.TypeAsync(mark);
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen is [.., "To:", "  carol", "  bob", "  dave", "  all", "carol wrote last; /r and a text answers at once."], "the contacts");
        foreach (var key in keys.Split(' '))
        {
            await Alice.PressAsync(key);
        }

        await Alice.PressAsync("Enter");
        await (name == "bob" ? Bob : Carol).MessageAsync(mark);
        await Alice.ShowsAsync(screen => screen.Contains($"To: {name}") || keys == "2", "the choice");
        await DeliveredAsync(name);
    }

    [TerminalFact]
    public async Task A_slip_at_To_keeps_the_message_for_another_try()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync(mark);
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Contains("To:"), "the question");
        await Alice.TypeAsync("crol");
        await Alice.PressAsync("Enter");
        await Alice.ShowsAsync(screen => screen.Any(row => row.StartsWith("actorchat: crol is not in the directory; did you mean carol?", StringComparison.Ordinal)) && screen.Contains("To:"), "the suggestion");
        await Alice.TypeAsync("@carol");
        await Alice.PressAsync("Enter");
        await Carol.MessageAsync(mark);
        await DeliveredAsync("carol");
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
    public async Task A_chosen_recipient_stands_in_the_prompt()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync("/to bob");
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync("bob>");
        await Alice.TypeAsync($"{mark} bare");
        await Alice.PressAsync("Enter");
        await Bob.MessageAsync($"{mark} bare");
        await DeliveredAsync("bob");
        await Alice.TypeAsync("/to");
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync(">");
    }

    [TerminalFact]
    public async Task A_password_is_not_shown()
    {
        var mark = $"{Guid.NewGuid()}";
        await Alice.TypeAsync($"@127.0.0.1:{Bob.Port} {mark}");
        await Alice.PressAsync("Enter");
        await Alice.ShowsLastAsync($"Password for 127.0.0.1:{Bob.Port}:");
        await Alice.TypeAsync(Entry.Secret("alice", "bob"));
        await Alice.PressAsync("Enter");
        await Bob.MessageAsync(mark);
        await DeliveredAsync($"127.0.0.1:{Bob.Port} (bob)");
        await Alice.PressAsync("Up");
        await Alice.ShowsLastAsync($"> @127.0.0.1:{Bob.Port} {mark}");
        Assert.DoesNotContain(await Alice.ScrollbackAsync(), row => row.Contains("only alice", StringComparison.Ordinal));
    }

    // The list has the most recent conversations first.
    private async Task BobWroteBeforeCarol()
    {
        await Bob.TellAsync("alice", "one");
        await Carol.TellAsync("alice", "two");
        await Alice.ShowsLastAsync("[carol 1, bob 1] >");
    }
}
