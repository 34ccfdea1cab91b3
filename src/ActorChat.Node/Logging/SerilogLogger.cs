// Passes Akka's log events to Serilog, so that the node has one diagnostic log, with a level for each place it goes to.

using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Serilog.Events;
using LogEvent = Akka.Event.LogEvent;

namespace ActorChat.Node.Logging;

/// <summary>The logger actor that akka.loggers names. It writes to <see cref="Serilog.Log.Logger"/>, since Akka makes it without arguments.</summary>
public sealed class SerilogLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private readonly PeerLines _peerLines;

    /// <summary>A logger that reads its limit from <c>actorchat.log.max-peer-lines</c>.</summary>
    public SerilogLogger()
    {
        _peerLines = new PeerLines(Context.System.Settings.Config.GetInt("actorchat.log.max-peer-lines"));
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<Warning>(OnWarning);
        Receive<LogEvent>(logEvent => Write(logEvent));
    }

    private static TimeSpan Now => TimeProvider.System.GetElapsedTime(0);

    private void OnWarning(Warning warning)
    {
        var peer = (warning.Message as LogMessage)?.Parameters().FirstOrDefault() as Peer;
        if (peer is null || _peerLines.Allows(peer, Now))
        {
            Write(warning, leftOut: peer is null ? 0 : _peerLines.TakeLeftOut());
        }
    }

    internal static void Write(LogEvent logEvent, int leftOut = 0)
    {
        var level = logEvent.LogLevel() switch
        {
            LogLevel.DebugLevel => LogEventLevel.Debug,
            LogLevel.InfoLevel => LogEventLevel.Information,
            LogLevel.WarningLevel => LogEventLevel.Warning,
            _ => LogEventLevel.Error,
        };

        // A socket that breaks while it closes is nothing unusual on a network; the session logs what it means for the conversation.
        if (level > LogEventLevel.Debug && logEvent.LogClass.Namespace == "Akka.IO")
        {
            level = LogEventLevel.Debug;
        }

        if (!Serilog.Log.IsEnabled(level))
        {
            return;
        }

        var log = Serilog.Log.ForContext("Source", logEvent.LogSource).ForContext(Sentences.Class, logEvent.LogClass.Name);
        if (logEvent.Message is LogMessage message)
        {
            var template = leftOut == 0 ? message.Format : $"{message.Format} ({leftOut} lines like this were left out before)";
            log.Write(level, logEvent.Cause, template, [.. message.Parameters()]);
        }
        else
        {
            log.Write(level, logEvent.Cause, "{Message:l}", logEvent.Message?.ToString());
        }
    }
}
