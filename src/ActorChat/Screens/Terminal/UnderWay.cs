// The messages that were sent and have no outcome yet, each with a spinner. Pure: the caller says which picture of the spinner it is.

using ActorChat.Node.Consoles;

namespace ActorChat.Screens.Terminal;

/// <summary>Messages under way.</summary>
internal sealed class UnderWay
{
    private const string Spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private const int MaxPreview = 200;

    private readonly OrderedDictionary<Guid, string> _messages = [];

    /// <summary>How many there are.</summary>
    public int Count => _messages.Count;

    /// <summary>A message is on its way.</summary>
    public void Add(NodeEvent.MessageStarted message) => _messages[message.Id] =
        $"{Printable.Line(message.To)}: {Printable.Line(message.Text.Length > MaxPreview ? message.Text[..MaxPreview] : message.Text)}";

    /// <summary>A message has its outcome.</summary>
    public void Remove(Guid id) => _messages.Remove(id);

    /// <summary>A row for each; where there is no room for all, the last row counts the rest.</summary>
    public IEnumerable<Row> Rows(int tick, int columns, int maxRows)
    {
        var shown = _messages.Count <= maxRows ? _messages.Count : maxRows - 1;
        foreach (var message in _messages.Values.Take(shown))
        {
            yield return Row.Of(Cells.Fit($"{Spinner[tick % Spinner.Length]} {message}", columns));
        }

        if (shown < _messages.Count)
        {
            yield return Row.Of(Cells.Fit($"{Spinner[tick % Spinner.Length]} and {_messages.Count - shown} more", columns));
        }
    }
}
