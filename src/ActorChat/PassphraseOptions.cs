// The three ways to give a passphrase, the same for every command that needs one: a file, the environment, or a prompt.
// None of them puts it on the command line, where every user of the machine could read it.

using System.CommandLine;
using ActorChat.Screens;

namespace ActorChat;

/// <summary>The options <c>--passphrase-file</c> and <c>--passphrase</c>, and the variable <c>ACTORCHAT_PASSPHRASE</c>.</summary>
internal sealed class PassphraseOptions
{
    private const string Variable = "ACTORCHAT_PASSPHRASE";

    private readonly Option<string?> _file = new("--passphrase-file")
    {
        Description = $"A file whose first line is the passphrase of the directory file and the secure log (or set {Variable}).",
        HelpName = "FILE",
    };

    private readonly Option<bool> _prompt = new("--passphrase") { Description = "Ask for that passphrase." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_prompt);
    }

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
            throw new IOException($"the passphrase is missing; give it with --passphrase-file, {Variable} or --passphrase");
        }

        var typed = Ask();
        return !isNew || Questions.AskSecret("The same again: ") == typed ? typed : throw new IOException("the two passphrases differ; try again");
    }

    private static string Ask() => Questions.AskSecret("Passphrase: ") is { Length: > 0 } typed ? typed : throw new IOException("no passphrase was given");

    private string? ReadGiven(ParseResult arguments)
    {
        if (arguments.GetValue(_file) is { } path)
        {
            return File.ReadLines(path).FirstOrDefault() is { Length: > 0 } line ? line : throw new IOException($"{path} holds no passphrase in its first line");
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value)
        {
            return value;
        }

        return null;
    }
}
