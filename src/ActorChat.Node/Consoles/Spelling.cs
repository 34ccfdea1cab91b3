// What was probably meant by a word that nobody knows: a command, an option, a contact. Pure.

namespace ActorChat.Node.Consoles;

/// <summary>Compares words as they are mistyped.</summary>
public static class Spelling
{
    // Two slips of the finger, or one in a short word; more is another word.
    private const int MaxDistance = 2;
    private const int MaxTypedLength = 40; // no name is as long, and to compare takes time

    /// <summary>The known word that was probably meant; null where none is near.</summary>
    public static string? Nearest(IEnumerable<string> known, string typed)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.Where(word => IsNear(word, typed)).MinBy(word => Distance(word, typed));
    }

    /// <summary>Whether one word was probably meant by the other: a letter or two are wrong, or only the case of its letters is.</summary>
    public static bool IsNear(string known, string typed)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(typed);
        return typed.Length < MaxTypedLength
            && (Distance(known, typed) <= Math.Min(MaxDistance, (typed.Length - 1) / 2) || known.Equals(typed, StringComparison.OrdinalIgnoreCase));
    }

    // How many characters must be put in, taken out, exchanged or swapped with their neighbour to make one word of the other.
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
