// The one thread that waits for the keyboard. It reads a line for each question, and tells whoever asked.

using System.Collections.Concurrent;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens;

/// <summary>Reads standard input, one line for each question.</summary>
internal sealed class LineReader
{
    private readonly BlockingCollection<(Prompt Prompt, IActorRef ReplyTo)> _questions = [];
    private readonly Func<Prompt, string?> _read;

    /// <summary>Starts the thread.</summary>
    /// <param name="read">Reads a line for a question; null at the end of input.</param>
    public LineReader(Func<Prompt, string?> read)
    {
        _read = read;
        new Thread(Run) { IsBackground = true, Name = "console reader" }.Start();
    }

    /// <summary>Queues a question.</summary>
    public void Ask(Prompt prompt, IActorRef replyTo) => _questions.Add((prompt, replyTo));

    private void Run()
    {
        foreach (var (prompt, replyTo) in _questions.GetConsumingEnumerable())
        {
            replyTo.Tell(_read(prompt) is { } line ? new Typed(line) : new InputEnded());
        }
    }
}
