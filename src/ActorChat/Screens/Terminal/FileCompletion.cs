// What Tab writes where a file is asked for: the rest of its name, as a shell would.

namespace ActorChat.Screens.Terminal;

/// <summary>Completes the names of files.</summary>
internal static class FileCompletion
{
    private const int MostOffered = 100;

    /// <summary>The paths that may be meant, each as the user would go on typing it; a folder's ends in a slash. None where the folder cannot be read.</summary>
    /// <param name="typed">What is typed, perhaps with a <c>~</c> at its beginning.</param>
    public static IReadOnlyList<string> Of(string typed)
    {
        var slash = typed.LastIndexOf('/');
        var (head, name) = (typed[..(slash + 1)], typed[(slash + 1)..]);
        var folder = Home.Expand(head.Length == 0 ? "." : head);
        try
        {
            return
            [
                .. new DirectoryInfo(folder).EnumerateFileSystemInfos()
                    .Where(entry => entry.Name.StartsWith(name, StringComparison.Ordinal) && (name.Length > 0 || entry.Name[0] != '.'))
                    .Select(entry => head + entry.Name + (entry is DirectoryInfo ? "/" : ""))
                    .Order(StringComparer.Ordinal)
                    .Take(MostOffered),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
