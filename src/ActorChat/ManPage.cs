// actorchat manpage: all help pages as one manual page, in the language of man(7). It is made from the same commands and tables as the help, so the two
// cannot differ.

using System.CommandLine;
using System.Text;
using ActorChat.Screens;

namespace ActorChat;

/// <summary>The command that prints the manual page.</summary>
internal static class ManPage
{
    private const string Name = "manpage";

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new Command(Name, "Print the manual page actorchat.1, for man.");
        command.SetAction(_ =>
        {
            using var output = StandardOutput.Open();
            output.Write(Encoding.UTF8.GetBytes(Of(root)));
        });
        root.Subcommands.Add(command);
    }

    /// <summary>The page.</summary>
    public static string Of(RootCommand root)
    {
        var page = new StringBuilder();
        page.Append(".TH ACTORCHAT 1 \"\" \"ActorChat\" \"User Commands\"\n.nh\n.ad l\n");
        page.Append(".SH NAME\nactorchat \\- a secure peer\\-to\\-peer chat node\n");
        page.Append(".SH SYNOPSIS\n");
        foreach (var command in All(root))
        {
            page.Append(".br\n.B ").Append(Escaped(Usage(command))).Append('\n');
        }

        page.Append(".SH DESCRIPTION\n").Append(Escaped(root.Description!)).Append('\n');
        page.Append(".SH COMMANDS\n");
        foreach (var command in All(root))
        {
            Write(page, command);
        }

        WriteTerms(page, ".SH FILES", HelpPages.FileRows);
        WriteTerms(page, ".SH ENVIRONMENT", HelpPages.VariableRows);
        return page.ToString();
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.Where(subcommand => !subcommand.Hidden).SelectMany(All).Prepend(command);

    private static string Usage(Command command) => string.Join(' ', new[] { "actorchat", HelpPages.PathOf(command) }
        .Concat(command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]" : argument.Name))
        .Append(command.Subcommands.Count > 0 && command is not RootCommand ? "COMMAND" : "")
        .Where(word => word.Length > 0)) + (command.Options.Any(IsOwn) ? " [OPTIONS]" : "");

    private static void Write(StringBuilder page, Command command)
    {
        page.Append(".SS \"").Append(Escaped(Usage(command))).Append("\"\n");
        page.Append(Escaped(command is RootCommand ? "Run a node: the same as actorchat run." : command.Description!)).Append('\n');
        WriteTerms(page, "", command.Arguments.Select(argument => (argument.Name, argument.Description!)));
        WriteTerms(page, "", command.Options.Where(IsOwn).Select(option => (Term(option), option.Description!)));
        page.Append(".PP\nExamples:\n");
        WriteTerms(page, "", HelpPages.ExamplesOf(command));
        var codes = HelpPages.ExitCodesOf(command);
        if (codes.Count > 0)
        {
            page.Append(".PP\nExit codes:\n");
            WriteTerms(page, "", codes);
        }
    }

    private static bool IsOwn(Option option) => !option.Hidden;

    private static string Term(Option option) => string.Join(", ", option.Aliases.Append(option.Name).Order()) + (option.HelpName is { } value ? $" {value}" : "");

    private static void WriteTerms(StringBuilder page, string heading, IEnumerable<(string Term, string Meaning)> rows)
    {
        if (heading.Length > 0)
        {
            page.Append(heading).Append('\n');
        }

        foreach (var (term, meaning) in rows)
        {
            page.Append(".TP\n.B ").Append(Escaped(term)).Append('\n').Append(Escaped(meaning)).Append('\n');
        }
    }

    // A backslash begins a command, a hyphen would become a typographical one, a quotation mark may end an argument, and a line that begins with a dot or
    // an apostrophe is a request.
    private static string Escaped(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("\"", "\\(dq", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal).Replace("^", "\\(ha", StringComparison.Ordinal);
        return escaped.StartsWith('.') ? "\\&" + escaped : escaped;
    }
}
