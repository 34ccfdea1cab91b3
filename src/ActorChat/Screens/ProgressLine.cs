// The progress of a command on a large log: one line on standard error, which is cleared before anything else is written.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Screens;

/// <summary>Shows progress to a person.</summary>
/// <param name="what">What is done to the log: "searched".</param>
/// <param name="output">Where the line is written.</param>
internal sealed class ProgressLine(string what, TextWriter output) : IProgress<LogProgress>, IDisposable
{
    private int _length;

    /// <summary>The line; null where nobody would see it.</summary>
    public static ProgressLine? ForPerson(string what) => Console.IsErrorRedirected ? null : new ProgressLine(what, Console.Error);

    /// <inheritdoc/>
    public void Report(LogProgress value)
    {
        var line = $"{100 * value.Bytes / Math.Max(1, value.TotalBytes),3} % {what}";
        output.Write($"\r{line}");
        _length = line.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>Clears the line, until there is more to report.</summary>
    public void Clear()
    {
        if (_length > 0)
        {
            output.Write($"\r{new string(' ', _length)}\r");
            _length = 0;
        }
    }
}
