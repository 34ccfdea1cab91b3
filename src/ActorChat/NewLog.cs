// A mistyped --name would begin a new log beside the one that was meant. Where the directory does not know the name and there are logs of
// other names, the user is asked first; a program has to give --new-log.

using System.CommandLine;
using ActorChat.Node;
using ActorChat.Screens;
using ActorChat.Storage;
using ActorChat.Storage.SecureLog;

namespace ActorChat;

/// <summary>Whether a log may be begun for a name.</summary>
internal static class NewLog
{
    private const int MostNamed = 3;

    /// <summary>The option that answers the question.</summary>
    public static Option<bool> Option() => new("--new-log") { Description = "Begin a log for a name that is not in the directory, although other names have logs here." };

    /// <summary>Asks the user, or refuses where nobody can be asked.</summary>
    /// <param name="name">Our own name, as the user gave it.</param>
    /// <param name="isListed">Whether the directory knows the name; asked only where it matters.</param>
    /// <param name="isTold">Whether the user has given --new-log.</param>
    /// <param name="isProgram">Whether nobody can be asked.</param>
    /// <exception cref="SettingsException">No log may be begun.</exception>
    public static void Check(string name, Func<bool> isListed, bool isTold, bool isProgram)
    {
        if (isTold || new LogFolder(StateFolder.DefaultPath(name)).Exists || StateFolder.WithLogs() is not { Count: > 0 } others || isListed())
        {
            return;
        }

        var names = string.Join(", ", others.Take(MostNamed).Select(Path.GetFileName)) + (others.Count > MostNamed ? ", …" : "");
        var found = $"{name} is not in the directory and has no log here, but there is a log of {names}";
        if (isProgram || Console.IsInputRedirected)
        {
            throw new SettingsException($"{found}; check --name, or say with --new-log that a new log is meant");
        }

        if (!Questions.Confirm($"{found}. Begin a new log?"))
        {
            throw new SettingsException("no log was begun; say with --name who you are");
        }
    }
}
