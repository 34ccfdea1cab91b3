// Every wrong thing at every step of both halves of the conversation.

using ActorChat.Protocol.Pdus;
using Xunit.Abstractions;

namespace ActorChat.Node.Tests.Sessions.Hostile;

public sealed class WrongThingsTests(ITestOutputHelper output) : HostileTests
{
    public static TheoryData<string, int, string> Steps()
    {
        var data = new TheoryData<string, int, string>();
        foreach (var half in Enum.GetValues<Half>())
        {
            for (var step = 0; step < Conversation.StepsOf(half).Count; step++)
            {
                data.Add($"{half}", step, Conversation.StepsOf(half)[step].Word());
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Every_wrong_thing_at_every_step_has_the_end_that_the_protocol_says(string peer, int step, string type)
    {
        var half = Enum.Parse<Half>(peer);
        var failures = new List<string>();
        var committed = 0;
        foreach (var wrong in WrongThings.All.Where(wrong => wrong.Applies(half, step)))
        {
            try
            {
                committed += Commit(wrong, half, step) ? 1 : 0;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                failures.Add($"{wrong}: {e.Message}");
                if (failures.Count == 5)
                {
                    break; // a session that hangs costs each test its patience
                }
            }
        }

        output.WriteLine($"{committed} wrong things in place of the {peer}'s {type}");
        Assert.True(failures.Count == 0, $"{failures.Count} of {committed + failures.Count} in place of the {peer}'s {type}:\n{string.Join('\n', failures)}");
        PlayRight(half);
        NoSessionMustBeLeft();
    }
}
