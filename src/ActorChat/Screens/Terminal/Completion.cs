// What Tab writes: the rest of a @name or of a /command, or of a name after a command that takes one. Pure.

using ActorChat.Node.Consoles;

namespace ActorChat.Screens.Terminal;

/// <summary>The words that may come at the cursor.</summary>
/// <param name="Start">Where the word that they replace begins.</param>
/// <param name="Words">The possible words, at least one.</param>
internal sealed record Completion(int Start, IReadOnlyList<string> Words)
{
    private static readonly char[] Blanks = [' ', '\n'];

    /// <summary>The common beginning of the words.</summary>
    public string Common => CommonStart(Words);

    /// <summary>The common beginning of some words; empty where there are none.</summary>
    public static string CommonStart(IReadOnlyList<string> words) => words.Count == 0 ? "" : words.Aggregate((common, word) =>
        common[..common.Zip(word).TakeWhile(pair => pair.First == pair.Second).Count()]);

    /// <summary>The completion at the cursor; null where there is none.</summary>
    /// <param name="text">What is written.</param>
    /// <param name="cursor">Where the cursor is.</param>
    /// <param name="names">The contacts.</param>
    public static Completion? At(string text, int cursor, IReadOnlyList<string> names)
    {
        var head = text[..cursor];
        var end = head.IndexOfAny(Blanks);
        var lastWord = head.LastIndexOfAny(Blanks) + 1;
        return head switch
        {
            ['@', ..] when end < 0 => Of(head, head.LastIndexOfAny(['@', ',']) + 1, names.Append(Choice.Everybody).Where(name => !name.Contains(' '))),
            ['/', ..] when end < 0 => Of(head, 0, CommandTable.All.Select(command => command.Name)),
            ['/', ..] when CommandTable.Find(head[..end]) is { TakesName: true } => Of(head, head.LastIndexOfAny([' ', ',']) + 1, names),
            _ when head[lastWord..].StartsWith('@') => Of(head, lastWord + 1, names),
            _ => null,
        };
    }

    private static Completion? Of(string head, int start, IEnumerable<string> words)
    {
        string[] possible = [.. words.Where(word => word.StartsWith(head[start..], StringComparison.OrdinalIgnoreCase)).Distinct()];
        return possible.Length == 0 ? null : new Completion(start, possible);
    }
}
