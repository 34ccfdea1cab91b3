// Shell completion. "actorchat completion SHELL" prints a script for the shell, which from then on asks the program itself what may come at
// the cursor, through System.CommandLine's [suggest] directive. The answer is a line for each word, and never a question or an error.

using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ActorChat;

/// <summary>The command that prints a shell's script, and the answer to what the script asks.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new() { ["bash"] = "actorchat.bash", ["zsh"] = "actorchat.zsh", ["pwsh"] = "actorchat.ps1" };

    /// <summary>Adds the command to the root, and the answer to its directive.</summary>
    public static void AddTo(RootCommand root)
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell: bash, zsh, or pwsh for PowerShell." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that lets a shell complete commands, options and the names of contacts.") { shell };
        command.SetAction(arguments => Print(Scripts[arguments.GetRequiredValue(shell)]));
        root.Subcommands.Add(command);
        var directive = root.Directives.OfType<SuggestDirective>().Single();
        directive.Action = new Suggest(root, directive);
    }

    private static int Print(string resource)
    {
        using var script = typeof(CompletionCommand).Assembly.GetManifestResourceStream(resource)!;
        using var output = Console.OpenStandardOutput();
        script.CopyTo(output);
        return 0;
    }

    // [suggest:POSITION] "LINE", the line without the program's name. Without a position the cursor is at its end.
    private sealed class Suggest(RootCommand root, SuggestDirective directive) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var line = parseResult.Tokens.LastOrDefault(token => token.Type != TokenType.Directive)?.Value ?? "";
            if (int.TryParse(parseResult.GetResult(directive)!.Values is [var given, ..] ? given : null, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            {
                line = line[..Math.Min(position, line.Length)];
            }

            foreach (var candidate in Candidates(line))
            {
                parseResult.InvocationConfiguration.Output.WriteLine(candidate);
            }

            return 0;
        }

        // System.CommandLine is asked as if nothing of the word had been typed: otherwise it would offer what contains the word, while a shell wants
        // what begins with it. Options are offered for words with a dash, and where there can be no argument.
        private IEnumerable<string> Candidates(string line)
        {
            var start = StartOfWord(line);
            var word = line[start..].TrimStart('"', '\'').Replace("\\", "", StringComparison.Ordinal);
            var before = CommandTree.Parse(root, line[..start]);
            var isArgumentOpen = before.CommandResult.Command.Arguments.Count > before.CommandResult.Tokens.Count;
            string[] all = [.. before.GetCompletions(start).Select(completion => completion.InsertText ?? completion.Label)];
            var areOptionsWanted = word.StartsWith('-') || (!isArgumentOpen && all.All(IsOption));
            return all.Where(candidate => candidate.StartsWith(word, StringComparison.Ordinal) && (areOptionsWanted || !IsOption(candidate)));
        }

        private static bool IsOption(string candidate) => candidate.StartsWith('-');

        // After the last blank that is neither in quotes nor escaped by a backslash.
        private static int StartOfWord(string line)
        {
            var start = 0;
            char? quote = null;
            for (var i = 0; i < line.Length; i++)
            {
                switch (line[i])
                {
                    case '\\':
                        i++;
                        break;
                    case '"' or '\'' when quote is null || quote == line[i]:
                        quote = quote is null ? line[i] : null;
                        break;
                    case ' ' when quote is null:
                        start = i + 1;
                        break;
                }
            }

            return start;
        }
    }
}
