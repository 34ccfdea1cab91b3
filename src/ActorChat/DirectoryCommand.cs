// actorchat directory: the commands around the directory file. What a command makes (a directory, a line for the other side, a list of findings)
// goes to standard output, so that it can be piped; remarks about it go to standard error.

using System.CommandLine;
using System.Text.RegularExpressions;
using ActorChat.Node;
using ActorChat.Screens;

namespace ActorChat;

/// <summary>The group of commands, and what they have in common.</summary>
internal static partial class DirectoryCommand
{
    /// <summary>Adds the group to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var group = new Command("directory", "Extend, check, seal and open the directory file, which holds the contacts and the passwords shared with them.");
        DirectorySealCommand.AddTo(group);
        DirectoryOpenCommand.AddTo(group);
        DirectoryCheckCommand.AddTo(group);
        DirectoryAddCommand.AddTo(group);
        DirectoryImportCommand.AddTo(group);
        root.Subcommands.Add(group);
    }

    /// <summary>The argument that names the file.</summary>
    public static Argument<string> File(string description) => new("FILE") { Description = description };

    /// <summary>The option that names the directory file to extend.</summary>
    public static Option<string?> Directory() => new("--directory", "-d")
    {
        Description = "The directory file, plain or sealed; made if it is not there (default: that of the settings, or your own).",
        HelpName = "FILE",
    };

    /// <summary>The option to replace the file of <c>--out</c>.</summary>
    public static Option<bool> Force() => new("--force") { Description = "Replace the file of --out if it is there, instead of refusing." };

    /// <summary>Says what is wrong and what to do.</summary>
    /// <returns>The exit code 1.</returns>
    public static int Fail(string message)
    {
        Complaint.Say(message);
        return 1;
    }

    /// <summary>Says something to the person at the terminal, apart from the output that a program may read.</summary>
    public static void Say(string message)
    {
        foreach (var row in Wrapping.Wrap(Printable.Line(message), TerminalOutput.Columns(Console.IsErrorRedirected), head: 0, indent: 0))
        {
            Console.Error.WriteLine(row);
        }
    }

    /// <summary>Refuses a file that is there.</summary>
    /// <exception cref="IOException">It is there, and was not to be replaced.</exception>
    public static void CheckFree(string path, bool force)
    {
        if (!force && Path.Exists(path))
        {
            throw new IOException($"{path} is there already; choose another name for --out, or replace it with --force");
        }
    }

    /// <summary>A number of things, for example "no problems" or "1 contact".</summary>
    public static string Count(int count, string noun) => $"{(count == 0 ? "no" : count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>A file name, quoted for the user's shell.</summary>
    public static string Quoted(string path)
    {
        path = path.StartsWith('-') ? "./" + path : path;
        return OperatingSystem.IsWindows() ? $"\"{path}\""
            : Harmless().IsMatch(path) ? path
            : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    [GeneratedRegex(@"^[\w./+,@%:=-]+$")]
    private static partial Regex Harmless();
}
