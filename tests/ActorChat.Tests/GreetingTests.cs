// The first line of a node, which says its name.

using ActorChat.Node.Consoles;
using ActorChat.Screens;
using Microsoft.Extensions.Time.Testing;

namespace ActorChat.Tests;

public sealed class GreetingTests
{
    [Theory]
    [InlineData("alice", "alice listens on port 5001 of every address of this machine.")]
    [InlineData("al\u200bice", "al<U+200B>ice listens on port 5001 of every address of this machine.")]
    public void A_name_that_is_shown_longer_than_it_is_leaves_the_greeting_whole(string name, string greeting) => Assert.Equal(
        greeting, new EventLines(new Ink(isOn: false), new FakeTimeProvider()).Of(new NodeEvent.Listening(name, "any", 5001), 200)[0]);
}
