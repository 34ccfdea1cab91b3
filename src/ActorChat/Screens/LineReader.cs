// The one thread that waits for the keyboard. It reads a line for each question, and tells whoever asked.

using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens;

/// <summary>Reads standard input, one line for each question.</summary>
internal sealed class LineReader
{
    private readonly OpenQuestion<Question> _question = new();
    private readonly Func<Prompt, string?> _read;

    /// <summary>Starts the thread.</summary>
    /// <param name="read">Reads a line for a question; null at the end of input.</param>
    public LineReader(Func<Prompt, string?> read)
    {
        _read = read;
        new Thread(Run) { IsBackground = true, Name = "console reader" }.Start();
    }

    /// <summary>Tells an actor the next line, or that there is none, when it has been read.</summary>
    public void Ask(Prompt prompt, IActorRef replyTo) => _question.Ask(new Question(prompt, replyTo));

    private void Run()
    {
        while (true)
        {
            var question = _question.Take();
            question.ReplyTo.Tell(_read(question.Prompt) is { } line ? new Typed(line) : new InputEnded());
        }
    }

    private sealed record Question(Prompt Prompt, IActorRef ReplyTo);
}
