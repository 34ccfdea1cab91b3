// What was probably meant by an unknown word: a command, an option, a contact. Pure.

namespace ActorChat.Node.Consoles;

/// <summary>Finds the word that was meant by a mistyped one.</summary>
public static class Spelling
{
    // Two typing errors, or one in a short word; with more it is another word.
    private const int MaxDistance = 2;
    private const int MaxTypedLength = 40; // a longer word is not compared, since that takes time

    /// <summary>The known word that was probably meant; null where none is similar.</summary>
    public static string? Nearest(IEnumerable<string> known, string typed)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.Where(word => IsNear(word, typed)).MinBy(word => Distance(word, typed));
    }

    /// <summary>Whether <paramref name="known"/> was probably meant: a letter or two differ, or only the case does.</summary>
    public static bool IsNear(string known, string typed)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(typed);
        return typed.Length < MaxTypedLength
            && (Distance(known, typed) <= Math.Min(MaxDistance, (typed.Length - 1) / 2) || known.Equals(typed, StringComparison.OrdinalIgnoreCase));
    }

    // How many characters must be inserted, removed, replaced or swapped with their neighbour to turn one word into the other.
    private static int Distance(string one, string other)
    {
        var distances = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                distances[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(
                        Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1,
                        distances[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    distances[i, j] = Math.Min(distances[i, j], distances[i - 2, j - 2] + 1);
                }
            }
        }

        return distances[one.Length, other.Length];
    }
}
