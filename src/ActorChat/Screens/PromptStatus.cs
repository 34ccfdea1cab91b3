// The words before the prompt while the line is empty: counts of what the user may have missed. Pure.

using ActorChat.Node;
using ActorChat.Screens.Terminal;

namespace ActorChat.Screens;

/// <summary>Puts counts into words.</summary>
internal static class PromptStatus
{
    private const int ShareOfRow = 3; // so that there is room for the prompt

    /// <summary>The counts in brackets, such as "[bob 3, carol 1] ": as many as fit into a third of the row, and how many more there are; nothing for none.</summary>
    /// <param name="counts">What is counted, and how often; the most important first.</param>
    /// <param name="columns">The screen's width.</param>
    public static string Of(IEnumerable<(string What, int Count)> counts, int columns)
    {
        string[] words = [.. counts.Where(count => count.Count > 0).Select(count => $"{Printable.Line(count.What)} {count.Count}")];
        for (var shown = words.Length; shown > 0; shown--)
        {
            var status = $"[{string.Join(", ", words.Take(shown))}{(shown < words.Length ? $", +{words.Length - shown}" : "")}] ";
            if (Cells.Width(status) <= columns / ShareOfRow)
            {
                return status;
            }
        }

        return words.Length > 0 ? $"[{words.Length}] " : "";
    }
}
