// Sends or pings without a running node, in one call, for the executable's "send" and "ping". A node is started for the errands alone, and what it
// shows says what became of them.

using ActorChat.Node.Consoles;
using Akka.Actor;
using Akka.Configuration;

namespace ActorChat.Node.Control;

/// <summary>A node for a few errands.</summary>
public static class OneShot
{
    /// <summary>Starts the node and waits for its end.</summary>
    /// <param name="options">The node, with its errands.</param>
    /// <param name="timeout">How long it may take. What is under way then ends, each message with its outcome.</param>
    /// <param name="settings">The settings, read from <paramref name="config"/>.</param>
    /// <param name="config">The configuration, for Akka.</param>
    public static async Task<Result> RunAsync(NodeOptions options, TimeSpan timeout, NodeSettings settings, Config config)
    {
        var console = new RecordingConsole();
        var node = ChatNode.Start(options, settings, config, console);
        await using (new Timer(_ => StopAtOnce(node), state: null, timeout, Timeout.InfiniteTimeSpan))
        {
            await node.WaitAsync();
        }

        return new Result(console.Shown);
    }

    private static void StopAtOnce(ChatNode node)
    {
        node.Stop();
        node.Stop();
    }

    /// <summary>What became of the errands.</summary>
    /// <param name="Shown">What the node showed, in order.</param>
    public sealed record Result(IReadOnlyList<NodeEvent> Shown)
    {
        /// <summary>What the user must be told of the log, once; null for nothing.</summary>
        public string? Notice => Shown.TakeWhile(shown => shown is not (NodeEvent.MessageWaits or NodeEvent.MessageStarted)).OfType<NodeEvent.Notice>().FirstOrDefault()?.Message;

        /// <summary>Why nothing was even tried; null where it was, or where there was no time for it.</summary>
        public NodeEvent.Problem? Problem => Started.Any() ? null : Shown.OfType<NodeEvent.Problem>().FirstOrDefault();

        /// <summary>What became of each message that was tried. It is unknown where the node failed, or had to end before it knew.</summary>
        public IEnumerable<NodeEvent.MessageSent> Sent => Started.Select(started => Shown.OfType<NodeEvent.MessageSent>().FirstOrDefault(sent => sent.Id == started.Id)
            ?? new NodeEvent.MessageSent(started.To, Reference: null, started.Id, Outcome.Unknown, new Failure(FailureKind.InternalError), PeerName: null));

        /// <summary>What the ping found; null where the node failed.</summary>
        public NodeEvent.PingEnded? Ping => Shown.OfType<NodeEvent.PingEnded>().FirstOrDefault();

        // Messages that waited from before are not among them.
        private IEnumerable<NodeEvent.MessageStarted> Started => Shown.OfType<NodeEvent.MessageStarted>();
    }

    // There is nobody to ask.
    private sealed class RecordingConsole : IConsole
    {
        private readonly List<NodeEvent> _shown = [];

        public IReadOnlyList<NodeEvent> Shown
        {
            get
            {
                lock (_shown)
                {
                    return [.. _shown];
                }
            }
        }

        public void Show(NodeEvent nodeEvent)
        {
            lock (_shown)
            {
                _shown.Add(nodeEvent);
            }
        }

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
        }
    }
}
