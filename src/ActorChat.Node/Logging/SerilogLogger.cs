// Akka's log events to Serilog, so that the node has one diagnostic log with one level for each place it goes to.

using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Serilog.Events;
using LogEvent = Akka.Event.LogEvent;

namespace ActorChat.Node.Logging;

/// <summary>The logger actor that akka.loggers names. It writes to <see cref="Serilog.Log.Logger"/>, since Akka makes it without arguments.</summary>
public sealed class SerilogLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>Made by Akka.</summary>
    public SerilogLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Write);
    }

    internal static void Write(LogEvent logEvent)
    {
        var level = logEvent.LogLevel() switch
        {
            LogLevel.DebugLevel => LogEventLevel.Debug,
            LogLevel.InfoLevel => LogEventLevel.Information,
            LogLevel.WarningLevel => LogEventLevel.Warning,
            _ => LogEventLevel.Error,
        };

        // Sockets that break in the middle of a goodbye are everyday life on a network; what a conversation makes of it, its session says.
        if (level > LogEventLevel.Debug && logEvent.LogClass.Namespace == "Akka.IO")
        {
            level = LogEventLevel.Debug;
        }

        if (!Serilog.Log.IsEnabled(level))
        {
            return;
        }

        var log = Serilog.Log.ForContext("Source", logEvent.LogSource);
        if (logEvent.Message is LogMessage message)
        {
            log.Write(level, logEvent.Cause, message.Format, [.. message.Parameters()]);
        }
        else
        {
            log.Write(level, logEvent.Cause, "{Message:l}", logEvent.Message?.ToString());
        }
    }
}
