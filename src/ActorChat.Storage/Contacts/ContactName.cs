// Names for contacts that a person can write after @. A directory file may hold others, which /to reaches; a new name should be one that @ reaches,
// since that is the shortest way.

namespace ActorChat.Storage.Contacts;

/// <summary>Judges new names.</summary>
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
