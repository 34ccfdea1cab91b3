// The three ways to give a passphrase, the same for every command that needs one: a file, the environment, or a prompt.
// None of them puts it on the command line, where every user of the machine could read it.

using System.CommandLine;
using ActorChat.Screens;

namespace ActorChat;

/// <summary>The options <c>--passphrase-file</c> and <c>--passphrase</c>, and the variable <c>ACTORCHAT_PASSPHRASE</c>.</summary>
internal sealed class PassphraseOptions
{
    private readonly Option<string?> _file = new("--passphrase-file")
    {
        Description = $"A file whose first line is the passphrase of the directory file and the secure log (or set {PassphraseVariable.Name}).",
        HelpName = "FILE",
    };

    private readonly Option<bool> _prompt = new("--passphrase") { Description = "Ask for that passphrase, without showing what is typed." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_prompt);
    }

    /// <summary>The first line of a file.</summary>
    /// <exception cref="IOException">The file cannot be read, or its first line is empty.</exception>
    public static string ReadFile(string path) =>
        File.ReadLines(path).FirstOrDefault() is { Length: > 0 } line ? line : throw new IOException($"{path} holds nothing in its first line");

    /// <summary>The passphrase; null when none was given.</summary>
    /// <exception cref="IOException">The file cannot be read, or holds none.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public string? Read(ParseResult arguments) => ReadGiven(arguments) ?? (arguments.GetValue(_prompt) ? Ask() : null);

    /// <summary>The passphrase of a command that cannot do without: on a terminal it is asked for even without <c>--passphrase</c>.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="isNew">Whether something is to be sealed under it, so that a slip of the finger would lock it away: a prompt then asks twice.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public string Require(ParseResult arguments, bool isNew = false)
    {
        if (ReadGiven(arguments) is { } given)
        {
            return given;
        }

        if (!arguments.GetValue(_prompt) && Console.IsInputRedirected)
        {
            throw new IOException($"the passphrase is missing; give it with --passphrase-file, {PassphraseVariable.Name} or --passphrase");
        }

        var typed = Ask();
        return !isNew || Questions.AskSecret("The same again: ") == typed ? typed : throw new IOException("the two passphrases differ; try again");
    }

    private static string Ask() => Questions.AskSecret("Passphrase: ") is { Length: > 0 } typed ? typed : throw new IOException("no passphrase was given");

    private string? ReadGiven(ParseResult arguments)
    {
        var fromEnvironment = PassphraseVariable.Take(); // in any case, so that it does not stay there
        return arguments.GetValue(_file) is { } path ? ReadFile(path) : fromEnvironment;
    }
}
