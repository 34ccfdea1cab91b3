// Names for contacts that a person can write behind @. A directory file may hold others, since whoever wrote it may reach them by /to; a name that
// is given anew should not be one that the shortest way does not reach.

namespace ActorChat.Storage.Contacts;

/// <summary>Judges names that are given anew.</summary>
public static class ContactName
{
    /// <summary>What is wrong with a new name, as the end of a sentence; null when nothing is.</summary>
    public static string? Problem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return DirectoryReader.ProblemWithName(name) ??
            (name.Any(char.IsWhiteSpace) ? "holds a space, so that @ could not address it: write a hyphen in its place"
            : name == "all" ? "is the word for everybody: @all could not address it alone"
            : null);
    }
}
