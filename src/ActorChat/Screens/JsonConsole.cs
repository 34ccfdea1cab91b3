// The console of programs and bots: one JSON object per line each way, and nothing else on standard output.

using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens;

/// <summary>Events as JSON lines; input lines as they are. Shown to by one thread.</summary>
internal sealed class JsonConsole : IConsole
{
    private readonly InputLines _input = new(Console.OpenStandardInput());
    private readonly Stream _output = StandardOutput.Open();

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo) => _input.Ask(replyTo);

    /// <summary>A program is told of outcomes, not of beginnings, and can count what waits itself.</summary>
    public bool Wants(NodeEvent nodeEvent) => nodeEvent is not (NodeEvent.MessageStarted or NodeEvent.WaitingCount);

    /// <inheritdoc/>
    public void Show(NodeEvent nodeEvent)
    {
        if (nodeEvent is NodeEvent.Notice notice)
        {
            Console.Error.WriteLine($"actorchat: {notice.Message}"); // for the person who runs the program, not for the program
        }
        else
        {
            Write(nodeEvent);
        }
    }

    // A broken standard output cannot be reported on standard output.
    private void Write(NodeEvent nodeEvent)
    {
        try
        {
            _output.Write(JsonEvent.ToLine(nodeEvent));
        }
        catch (IOException) when (nodeEvent is NodeEvent.Problem problem)
        {
            Console.Error.WriteLine($"actorchat: {problem.Message}");
            throw;
        }
    }
}
