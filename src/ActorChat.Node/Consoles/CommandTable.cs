// The commands that a user may type, in one place: /help shows this table, Tab completes from it, and a mistyped command is compared with it.

namespace ActorChat.Node.Consoles;

/// <summary>One command.</summary>
/// <param name="Name">With its slash.</param>
/// <param name="Arguments">What may follow, as the help writes it; empty for nothing.</param>
/// <param name="What">What it does.</param>
/// <param name="TakesName">Whether a contact's name may follow.</param>
public sealed record CommandInfo(string Name, string Arguments, string What, bool TakesName = false)
{
    /// <summary>Name and arguments.</summary>
    public string Usage => $"{Name} {Arguments}".TrimEnd();
}

/// <summary>All commands.</summary>
public static class CommandTable
{
    // Two slips of the finger; more is another word.
    private const int MaxDistance = 2;
    private const int MaxTypedLength = 40; // no name is as long, and to compare takes time

    /// <summary>The commands in the order of the help.</summary>
    public static IReadOnlyList<CommandInfo> All { get; } =
    [
        new("/to", "[name]", "messages go to this contact from now on; alone: to nobody", TakesName: true),
        new("/retry", "", "try what waits now, and send the oldest message again that was not delivered"),
        new("/waiting", "", "what waits for contacts who are away, since when, and when it is tried again"),
        new("/cancel", "n|name", "take back a message that waits, by its number in /waiting, or all that wait for a contact", TakesName: true),
        new("/history", "[name] [n]", "the last messages out of the secure log", TakesName: true),
        new("/contacts", "", "who is in the directory, when they were met and what became of the last message"),
        new("/ping", "name", "the handshake alone: is the contact there, and how long does each step take?", TakesName: true),
        new("/reload", "", "read the directory file again now"),
        new("/bell", "[on|off]", "ring when a message arrives"),
        new("/whoami", "", "our own name and port"),
        new("/help", "", "this list"),
        new("/quit", "", "finish what is under way and end"),
    ];

    /// <summary>The command of this name, or null.</summary>
    public static CommandInfo? Find(string name) => All.FirstOrDefault(command => command.Name == name);

    /// <summary>The command that was probably meant; null where none is near.</summary>
    public static CommandInfo? Nearest(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var nearest = All.MinBy(command => Distance(command.Name, name))!;
        return Distance(nearest.Name, name) <= Math.Min(MaxDistance, name.Length - 1) ? nearest : null;
    }

    /// <summary>Whether one word was probably meant by the other: a letter or two are wrong.</summary>
    public static bool IsNear(string known, string typed)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(typed);
        return typed.Length < MaxTypedLength && Distance(known, typed) <= Math.Min(MaxDistance, typed.Length - 1);
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
