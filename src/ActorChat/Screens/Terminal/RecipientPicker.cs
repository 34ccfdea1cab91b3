// Choosing at "To:": a few letters leave the contacts whose names contain them, and the arrow keys go through those. A number is a place in the list as
// it is shown. Addresses, and several names with commas between them, may be typed as everywhere. Pure.

using System.Globalization;
using ActorChat.Node.Consoles;

namespace ActorChat.Screens.Terminal;

/// <summary>The contacts that the typed text may mean.</summary>
/// <param name="names">The contacts, in the order in which they are shown.</param>
internal sealed class RecipientPicker(IReadOnlyList<string> names)
{
    private readonly IReadOnlyList<string> _names = names.Count > 1 ? [.. names, Choice.Everybody] : names;
    private int? _chosen; // by the arrow keys

    /// <summary>Forgets what the arrow keys chose.</summary>
    public void Forget() => _chosen = null;

    /// <summary>Goes up or down through the contacts that match.</summary>
    /// <param name="text">What is typed.</param>
    /// <param name="step">How far.</param>
    /// <param name="wraps">Whether it goes on at the other end.</param>
    public void Move(string text, int step, bool wraps)
    {
        var count = Matches(text).Count;
        if (count > 0)
        {
            var to = (Marked(text) ?? (step > 0 ? -1 : count)) + step;
            _chosen = wraps ? (to % count + count) % count : Math.Clamp(to, 0, count - 1);
        }
    }

    /// <summary>The contacts that match the last word, those that begin with it first.</summary>
    public IReadOnlyList<string> Matches(string text)
    {
        var word = LastWord(text);
        return
        [
            .. _names.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase))
                .OrderBy(name => !name.StartsWith(word, StringComparison.OrdinalIgnoreCase)),
        ];
    }

    /// <summary>Which of the matches is meant; null when the text itself is meant.</summary>
    public int? Marked(string text)
    {
        var word = LastWord(text);
        var count = Matches(text).Count;
        return _chosen is { } chosen && chosen < count ? chosen
            : count == 0 || word.Length == 0 || _names.Contains(word) || word.All(char.IsAsciiDigit) ? null
            : 0;
    }

    /// <summary>The typed text with the contact that is meant in place of the last word.</summary>
    public string Complete(string text) => Marked(text) is { } marked
        ? text[..(text.LastIndexOf(',') + 1)] + Matches(text)[marked]
        : string.Join(',', text.Split(',').Select(Numbered));

    private string Numbered(string word) =>
        !names.Contains(word.Trim()) && int.TryParse(word.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= names.Count
            ? names[number - 1]
            : word;

    private static string LastWord(string text) => text[(text.LastIndexOf(',') + 1)..].Trim();
}
