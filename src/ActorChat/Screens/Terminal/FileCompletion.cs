// What Tab writes where a file is asked for: the rest of its name, as in a shell.

namespace ActorChat.Screens.Terminal;

/// <summary>Completes the names of files.</summary>
internal static class FileCompletion
{
    private const int MostOffered = 100;

    /// <summary>The paths that begin with what is typed; a folder's ends in a slash. None where the folder cannot be read.</summary>
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
