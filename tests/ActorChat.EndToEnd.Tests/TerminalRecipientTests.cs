// Whom a line on a terminal goes to: the question "To:", a recipient chosen for many messages, an address with its password.

using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class TerminalRecipientTests(AliceAtATerminal nodes) : TerminalTestBase(nodes)
{
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
        await (name == "bob" ? Bob : Carol).MessageAsync(mark);
        await Alice.ShowsAsync(screen => screen.Contains($"To: {name}") || keys == "2", "the choice");
        await DeliveredAsync(name);
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
}
