// Where the diagnostic log goes: standard error (never standard output, which belongs to the conversation) and, if wished, a file.

using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Sinks.SystemConsole.Themes;

namespace ActorChat.Node.Logging;

/// <summary>Sets up Serilog from the settings.</summary>
public static class Diagnostics
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";
    private const int MaxFileSize = 10 << 20;
    private const int MaxFiles = 5;

    /// <summary>Makes the log of a node.</summary>
    /// <param name="settings">Where it goes.</param>
    /// <param name="tell">Receives sentences for the person at the terminal, in place of the lines on standard error; null where there is nobody. A console level of
    /// info or debug gives the lines all the same.</param>
    /// <exception cref="IOException">The log file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The log file may not be written.</exception>
    public static Logger Create(NodeSettings settings, Action<string>? tell = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var configuration = new LoggerConfiguration().MinimumLevel.Is(LevelAlias.Minimum);
        if (tell is not null && settings.ConsoleLog is LogThreshold.Error or LogThreshold.Warning)
        {
            configuration.WriteTo.Sink(new Sentences(tell), LevelOf(settings.ConsoleLog));
        }
        else if (settings.ConsoleLog != LogThreshold.Off)
        {
            // Without a theme: its colours would go to the terminal directly, past the console that draws the screen.
            configuration.WriteTo.Console(
                LevelOf(settings.ConsoleLog), Template, CultureInfo.InvariantCulture, standardErrorFromLevel: LogEventLevel.Verbose, theme: ConsoleTheme.None);
        }

        if (settings.LogFile.Length > 0 && settings.FileLog != LogThreshold.Off)
        {
            File.AppendAllText(settings.LogFile, ""); // Serilog would not report a file that it cannot write
            configuration.WriteTo.File(
                settings.LogFile,
                LevelOf(settings.FileLog),
                Template,
                CultureInfo.InvariantCulture,
                fileSizeLimitBytes: MaxFileSize,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: MaxFiles);
        }

        return configuration.CreateLogger();
    }

    private static LogEventLevel LevelOf(LogThreshold threshold) => threshold switch
    {
        LogThreshold.Error => LogEventLevel.Error,
        LogThreshold.Warning => LogEventLevel.Warning,
        LogThreshold.Info => LogEventLevel.Information,
        _ => LogEventLevel.Debug,
    };
}
