// Stands in for the user of one node of the demo: types when the demo says so, and waits for what the node shows.

using System.Threading.Channels;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Demo;

/// <summary>A console without a person.</summary>
internal sealed class DemoConsole : IConsole
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<NodeEvent> _events = Channel.CreateUnbounded<NodeEvent>();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <inheritdoc/>
    public void Show(NodeEvent nodeEvent) => _events.Writer.TryWrite(nodeEvent);

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo) => Task.Run(async () =>
        replyTo.Tell(await _lines.Reader.WaitToReadAsync() && _lines.Reader.TryRead(out var line) ? new Typed(line) : new InputEnded()));

    /// <summary>Types a line.</summary>
    public void Type(string line) => _lines.Writer.TryWrite(line);

    /// <summary>Ends the input, and with it the node.</summary>
    public void EndInput() => _lines.Writer.TryComplete();

    /// <summary>Waits for the next event of a kind.</summary>
    /// <exception cref="IOException">A problem came instead.</exception>
    /// <exception cref="OperationCanceledException">Nothing came in time.</exception>
    public async Task<T> WaitForAsync<T>()
        where T : NodeEvent
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            switch (await _events.Reader.ReadAsync(patience.Token))
            {
                case T wanted:
                    return wanted;
                case NodeEvent.Problem problem:
                    throw new IOException(problem.Message);
            }
        }
    }
}
