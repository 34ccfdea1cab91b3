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
    /// <summary>The commands in the order of the help.</summary>
    public static IReadOnlyList<CommandInfo> All { get; } =
    [
        new("/to", "[name]", "messages go to this contact from now on; alone: to nobody", TakesName: true),
        new("/r", "text", "a message to whoever wrote last"),
        new("/retry", "", "try what waits now, and send the oldest message again that was not delivered"),
        new("/waiting", "", "what waits for contacts who are away, since when, and when it is tried again"),
        new("/cancel", "n|name", "take back a message that waits, by its number in /waiting, or all that wait for a contact", TakesName: true),
        new("/history", "[name] [n]", "the last messages out of the secure log", TakesName: true),
        new("/search", "words", "messages out of the secure log that hold all of these words, the newest first"),
        new("/contacts", "", "who is in the directory, when they were met and what became of the last message"),
        new("/ping", "name [steps]", "the handshake alone: is the contact there? With steps, how long did each take?", TakesName: true),
        new("/reload", "", "read the directory file again now"),
        new("/bell", "[on|off]", "ring when a message arrives"),
        new("/whoami", "", "our own name and port"),
        new("/help", "", "this list"),
        new("/quit", "", "finish what is under way and end"),
    ];

    /// <summary>The command of this name, or null.</summary>
    public static CommandInfo? Find(string name) => All.FirstOrDefault(command => command.Name == name);

    /// <summary>The command that was probably meant; null where none is similar.</summary>
    public static CommandInfo? Nearest(string name) => Spelling.Nearest(All.Select(command => command.Name), name) is { } near ? Find(near) : null;
}
