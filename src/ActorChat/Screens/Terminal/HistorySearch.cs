// Ctrl+R: searches the lines typed before for one that contains what is typed now, the newest first. Pure.

namespace ActorChat.Screens.Terminal;

/// <summary>A search that goes on with each key.</summary>
/// <param name="history">The lines to search.</param>
internal sealed class HistorySearch(InputHistory history)
{
    private int _place = history.Count;

    /// <summary>What is searched for.</summary>
    public string Query { get; private set; } = "";

    /// <summary>The line that was found; empty for none.</summary>
    public string Line => _place < history.Count ? history[_place] : "";

    /// <summary>Where the query is in that line.</summary>
    public int Position => Math.Max(0, Line.IndexOf(Query, StringComparison.OrdinalIgnoreCase));

    /// <summary>Searches for something else, from the newest line on.</summary>
    public void Change(string query)
    {
        (Query, _place) = (query, history.Count);
        Older();
    }

    /// <summary>Moves to the next older line that has the query; stays where there is none.</summary>
    public void Older()
    {
        for (var place = _place - 1; place >= 0; place--)
        {
            if (Query.Length > 0 && history[place].Contains(Query, StringComparison.OrdinalIgnoreCase) && history[place] != Line)
            {
                _place = place;
                return;
            }
        }
    }
}
