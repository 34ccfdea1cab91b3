// A user made of a probe: the test reads there what was shown and asked, in order, and types by telling the one who asked.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using Akka.Actor;
using Akka.TestKit;

namespace ActorChat.Node.Tests.Support;

internal sealed class RecordingConsole(TestProbe user) : IConsole
{
    private volatile bool _isFull;

    public bool HasRoom => !_isFull;

    /// <summary>Whether nobody reads what is shown, from now on.</summary>
    public bool IsFull
    {
        set => _isFull = value;
    }

    public void Show(NodeEvent nodeEvent) => user.Ref.Tell(new Shown(nodeEvent), ActorRefs.NoSender);

    public void Ask(Prompt prompt, IActorRef replyTo) => user.Ref.Tell(new Asked(prompt), replyTo);

    public sealed record Shown(NodeEvent Event) : ILocalOnly;

    public sealed record Asked(Prompt Prompt) : ILocalOnly;
}
