// The messages that were sent and have no outcome yet, each with a spinner. Pure: the caller says which step of the spinner to draw.

using ActorChat.Node;
using ActorChat.Node.Consoles;

namespace ActorChat.Screens.Terminal;

/// <summary>Messages under way.</summary>
internal sealed class UnderWay
{
    private const string Spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private const int MaxPreview = 200;

    private readonly OrderedDictionary<Guid, Message> _messages = [];
    private readonly Dictionary<string, (int Now, bool HadSeveral)> _counts = []; // by recipient

    /// <summary>How many there are.</summary>
    public int Count => _messages.Count;

    /// <summary>A message is on its way.</summary>
    public void Add(NodeEvent.MessageStarted message)
    {
        var to = Printable.Line(message.To);
        var preview = Printable.Line(message.Text.Length > MaxPreview ? message.Text[..MaxPreview] : message.Text);
        var counts = _counts.GetValueOrDefault(to);
        counts.Now++;
        counts.HadSeveral |= counts.Now > 1;
        _counts[to] = counts;
        _messages[message.Id] = new Message(to, preview);
    }

    /// <summary>A message has its outcome.</summary>
    /// <returns>The beginning of its text, where several were under way to the same recipient and the outcome must say which one it is about; else null.</returns>
    public string? Remove(Guid id)
    {
        if (!_messages.Remove(id, out var message))
        {
            return null;
        }

        var counts = _counts[message.To];
        if (--counts.Now == 0)
        {
            _counts.Remove(message.To);
        }
        else
        {
            _counts[message.To] = counts;
        }

        return counts.HadSeveral ? message.Preview : null;
    }

    /// <summary>A row for each; where there is no room for all, the last row counts the rest.</summary>
    public IEnumerable<Row> Rows(int tick, int columns, int maxRows)
    {
        var shown = _messages.Count <= maxRows ? _messages.Count : maxRows - 1;
        foreach (var message in _messages.Values.Take(shown))
        {
            yield return Row.Of(Cells.Fit($"{Spinner[tick % Spinner.Length]} {message.To}: {message.Preview}", columns));
        }

        if (shown < _messages.Count)
        {
            yield return Row.Of(Cells.Fit($"{Spinner[tick % Spinner.Length]} and {_messages.Count - shown} more", columns));
        }
    }

    private sealed record Message(string To, string Preview);
}
