// The console for people without an editor: through pipes, and on terminals that can only write lines.

using ActorChat.Node;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens;

/// <summary>Events and questions as lines of text.</summary>
internal sealed class PlainConsole : IConsole
{
    private const int MaxListed = 20;

    private readonly LineReader _reader;
    private readonly Lock _lock = new();
    private readonly EventLines _lines = new(new Ink(isOn: false), TimeProvider.System);
    private string _openQuestion = "";
    private bool _rings;

    /// <summary>Makes the console.</summary>
    public PlainConsole() => _reader = new LineReader(Read);

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo) => _reader.Ask(prompt, replyTo);

    /// <inheritdoc/>
    public void Show(NodeEvent nodeEvent)
    {
        if (nodeEvent is NodeEvent.Problem problem)
        {
            Console.Error.WriteLine($"actorchat: {Printable.Line(problem.Message)}");
            return;
        }

        if (nodeEvent is NodeEvent.InputKept kept)
        {
            kept.File.Dispose(); // there are no arrow keys here
            return;
        }

        lock (_lock)
        {
            _rings = nodeEvent is NodeEvent.BellChanged bell ? bell.IsOn : _rings;
            var lines = _lines.Of(nodeEvent, columns: int.MaxValue); // lines are not wrapped
            if (lines.Count == 0)
            {
                return;
            }

            var ring = _rings && nodeEvent is NodeEvent.MessageArrived && !Console.IsOutputRedirected ? "\a" : "";
            var above = _openQuestion.Length > 0 ? "\n" : ""; // the question is written again below
            Console.Write($"{ring}{above}{string.Join('\n', lines)}\n{_openQuestion}");
        }
    }

    private string? Read(Prompt prompt)
    {
        lock (_lock)
        {
            if (prompt is Prompt.Recipients { Contacts: var contacts })
            {
                Console.Write((contacts.Count == 0
                    ? "The directory has no contacts: give host:port."
                    : string.Join("  ", contacts.Take(MaxListed).Select((name, index) => $"{index + 1} {Printable.Line(name)}"))
                        + (contacts.Count > MaxListed ? $"  and {contacts.Count - MaxListed} more" : "")) + "\n");
            }

            _openQuestion = Text(prompt);
            Console.Write(_openQuestion);
        }

        var line = prompt is Prompt.Password ? Questions.ReadPassword() : Console.ReadLine();
        lock (_lock)
        {
            _openQuestion = "";
        }

        return line;
    }

    // Through a pipe nobody sees a question, and a program that reads our output should not have to remove it.
    private static string Text(Prompt prompt) => Console.IsInputRedirected ? "" : PromptText.Of(prompt);
}
