// A line that names its recipient and leaves the name out.

using ActorChat.Node.Consoles;
using ActorChat.Node.Tests.Support;
using Akka.Actor;

namespace ActorChat.Node.Tests;

public sealed class EmptyRecipientTests : NodeTestKit
{
    [Fact]
    public void A_message_is_not_dropped_without_a_word()
    {
        var user = CreateTestProbe();
        user.IgnoreMessages(message => message is RecordingConsole.Shown);
        var input = CreateTestProbe().ChildActorOf(ConsoleInputActor.Props(
            new RecordingConsole(user),
            Services,
            new NodeEvent.Listening("alice", "any", 5001),
            ActorChat.Storage.Contacts.ContactDirectory.Empty,
            isProgram: false));
        user.ExpectMsg<RecordingConsole.Asked>();
        input.Tell(new Typed("@, hello"));
        Assert.IsNotType<Prompt.Message>(user.ExpectMsg<RecordingConsole.Asked>().Prompt); // "To:", as for "@ hello"
    }
}
