// Reports that a command cannot be carried out: one line with the remedy, and an exit code. Every command's errors end here, so no user
// ever reads a stack trace, and a mistyped option costs one line and not a page of help.

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using System.Text.RegularExpressions;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat;

/// <summary>Puts errors into words.</summary>
internal static partial class Complaint
{
    /// <summary>The exit code of <c>send</c>, <c>ping</c> and <c>probe</c> for wrong use: nothing was tried.</summary>
    public const int WrongUse = 2;

    private const int Failed = 1;

    /// <summary>Says what is wrong and what to do: to a person on standard error, to a program that asked for JSON as an event on standard output.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="message">What is wrong and what to do.</param>
    /// <returns>The exit code of the command.</returns>
    public static int Say(ParseResult arguments, string message)
    {
        if (IsForProgram(arguments))
        {
            Console.Out.Write(Encoding.UTF8.GetString(JsonEvent.ToLine(new NodeEvent.Problem(message, SendCommand.ReferenceOf(arguments)))));
        }
        else
        {
            Say(message);
        }

        return arguments.CommandResult.Command.Name is SendCommand.Name or PingCommand.Name or ProbeCommand.Name ? WrongUse : Failed;
    }

    /// <summary>Writes a message to standard error.</summary>
    public static void Say(string message) => Console.Error.WriteLine($"actorchat: {Printable.Line(message)}");

    /// <summary>The first thing that is wrong with a command line, in one line.</summary>
    public static string Of(ParseResult arguments) =>
        arguments.UnmatchedTokens is [var word, ..] ? Unknown(arguments, word)
        : arguments.CommandResult.Command is { Subcommands: { Count: > 0 } commands } and not RootCommand
            ? $"{PathOf(arguments)} needs a command: {string.Join(", ", commands.Select(command => command.Name))}. {See(arguments)}"
        : $"{InOneLine(arguments.Errors[0].Message)} {See(arguments)}";

    /// <summary>A word that the command does not know.</summary>
    public static string Unknown(ParseResult arguments, string word)
    {
        var command = arguments.CommandResult.Command;
        var isOption = word.StartsWith('-');
        var known = isOption ? OptionsOf(command) : command.Subcommands.Select(subcommand => subcommand.Name);
        var end = Spelling.Nearest(known, word) is { } near ? $"; did you mean {near}?"
            : isOption && command.Name == SendCommand.Name ? "; behind -- a text may begin with a dash."
            : ".";
        return $"{word} is no {(isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument")} of {PathOf(arguments)}{end} {See(arguments)}";
    }

    /// <summary>An error in words, for the user.</summary>
    public static string Of(Exception error) => error switch
    {
        AggregateException { InnerException: { } inner } => Of(inner),
        SettingsException or SecureLogException or SealedFileException or FormatException => error.Message,
        FileNotFoundException or DirectoryNotFoundException => $"{PathIn(error)}: there is no such file or folder; check the name",
        PathTooLongException => "a file name is too long; check it",
        UnauthorizedAccessException => Directory.Exists(PathIn(error))
            ? $"{PathIn(error)} is a folder; name a file"
            : $"{PathIn(error)}: you lack the permission; choose another place, or change its permissions",
        IOException => error.Message,
        OverflowException => "a number on the command line is too large; give a smaller one",
        ArgumentException => InOneLine(Parameter().Replace(error.Message, "")),
        _ => $"something failed in this program, please report it: {error.GetType().Name}: {InOneLine(error.Message)}",
    };

    private static bool IsForProgram(ParseResult arguments) =>
        HelpPages.PathOf(arguments.CommandResult.Command) is "" or RunCommand.Name or SendCommand.Name
        && arguments.Tokens.Any(token => token is { Type: TokenType.Option, Value: RunCommand.Json });

    // The command's own options, and those of the root that apply everywhere.
    private static IEnumerable<string> OptionsOf(Command command) =>
        [.. command.Options.Select(option => option.Name), .. command.Parents.OfType<Command>().SelectMany(OptionsOf).Where(name => name == "--help")];

    private static string See(ParseResult arguments) => $"See: {PathOf(arguments)} --help";

    private static string PathOf(ParseResult arguments) => $"actorchat {HelpPages.PathOf(arguments.CommandResult.Command)}".TrimEnd();

    // Messages of System.CommandLine and .NET may have several lines, and name .NET's own types.
    private static string InOneLine(string message) => Blanks().Replace(NotOfType().Replace(message, "$2 cannot be $1."), " ").Trim();

    private static string PathIn(Exception error) => QuotedPath().Match(error.Message) is { Success: true } match ? match.Groups[1].Value : error.Message;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^Cannot parse argument '(.*)' for (?:option|argument) '(.*)' as expected type '.*'\.", RegexOptions.Singleline)]
    private static partial Regex NotOfType();

    [GeneratedRegex(@" \(Parameter '\w+'\)")]
    private static partial Regex Parameter();

    [GeneratedRegex("'(.+)'")]
    private static partial Regex QuotedPath();
}
