// The console of programs and bots: one JSON object per line each way, and nothing else on standard output.

using System.Text;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens;

/// <summary>Events as JSON lines; input lines as they are.</summary>
internal sealed class JsonConsole : IConsole
{
    private readonly LineReader _reader;
    private readonly Lock _lock = new();
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <summary>Makes the console. Its input is UTF-8 whatever the locale says, as JSON is.</summary>
    public JsonConsole()
    {
        var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        _reader = new LineReader(_ => input.ReadLine());
    }

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo) => _reader.Ask(prompt, replyTo);

    /// <inheritdoc/>
    public void Show(NodeEvent nodeEvent)
    {
        if (nodeEvent is NodeEvent.Notice notice)
        {
            Console.Error.WriteLine($"actorchat: {notice.Message}"); // for whoever runs the program, who is not the one who reads its output
            return;
        }

        var line = JsonEvent.ToLine(nodeEvent);
        lock (_lock)
        {
            _output.Write(line);
            _output.Flush();
        }
    }
}
