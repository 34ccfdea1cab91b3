// What Akka logs before its logger actors run and after they have stopped. Its own class for this writes to standard output,
// which belongs to the conversation.

using Akka.Event;

namespace ActorChat.Node.Logging;

/// <summary>The logger that akka.stdout-logger-class names; it writes to Serilog like <see cref="SerilogLogger"/>.</summary>
public sealed class SerilogStartLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message)
    {
        if (message is LogEvent logEvent)
        {
            SerilogLogger.Write(logEvent);
        }
    }
}
