// The lines that were typed before, for the arrow keys and for Ctrl+R.

namespace ActorChat.Screens.Terminal;

/// <summary>Lines typed before, the oldest first.</summary>
internal sealed class InputHistory
{
    private const int Max = 1000;

    private readonly List<string> _lines = [];

    /// <summary>How many there are.</summary>
    public int Count => _lines.Count;

    /// <summary>How many were ever added.</summary>
    public long Added { get; private set; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>One of them.</summary>
    public string this[int index] => _lines[index];

    /// <summary>Keeps a line, unless it is empty or the same as the last one.</summary>
    public void Add(string line)
    {
        if (line.Length == 0 || (_lines.Count > 0 && _lines[^1] == line))
        {
            return;
        }

        if (_lines.Count == Max)
        {
            _lines.RemoveAt(0);
        }

        _lines.Add(line);
        Added++;
    }
}
