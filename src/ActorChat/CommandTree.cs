// The whole command line as one tree, which serves to run the program, to write its help and to complete words in a shell.

using System.CommandLine;

namespace ActorChat;

/// <summary>Builds the root command, and parses with it.</summary>
internal static class CommandTree
{
    // System.CommandLine would put a file's words in place of an argument that begins with @, and a message may begin with one.
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    /// <summary>Makes the tree.</summary>
    /// <param name="helpWidth">The width of the help, in columns; null for what fits the terminal.</param>
    public static RootCommand Create(int? helpWidth = null)
    {
        var root = new RootCommand("A secure peer-to-peer chat node: a private line between known machines, without anybody's server.");
        RunCommand.AddTo(root);
        InitCommand.AddTo(root);
        SendCommand.AddTo(root);
        PingCommand.AddTo(root);
        DemoCommand.AddTo(root);
        ProbeCommand.AddTo(root);
        LogCommand.AddTo(root);
        FeedCommand.AddTo(root);
        DirectoryCommand.AddTo(root);
        CompletionCommand.AddTo(root);
        ManPage.AddTo(root);
        RefuseEmptyValues(root, []);
        HelpPages.AddTo(root, helpWidth);
        return root;
    }

    /// <summary>Runs the program.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var parsed = Parse(Create(), arguments);
        if (parsed.Errors.Count > 0)
        {
            return Complaint.Say(parsed, Complaint.Of(parsed));
        }

        try
        {
            // The node itself takes Ctrl+C and SIGTERM, so that running conversations can finish.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Complaint.Say(parsed, Complaint.Of(e));
        }
    }

    /// <summary>Parses a command line.</summary>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments) => root.Parse(arguments, Configuration);

    /// <summary>Parses a command line that is not split into words yet.</summary>
    public static ParseResult Parse(RootCommand root, string line) => root.Parse(line, Configuration);

    // An empty value mostly comes from a shell variable that is not set. It names no file and nobody.
    private static void RefuseEmptyValues(Command command, HashSet<Option> done)
    {
        foreach (var option in command.Options.Where(option => option.ValueType == typeof(string) && done.Add(option)))
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(token => token.Value.Length == 0))
                {
                    result.AddError($"{option.Name} is empty; give it a value, or leave it out.");
                }
            });
        }

        foreach (var argument in command.Arguments.Where(argument => argument.ValueType == typeof(string)))
        {
            argument.Validators.Add(result =>
            {
                if (result.Tokens.Any(token => token.Value.Length == 0))
                {
                    result.AddError($"{argument.Name} is empty; give it a value.");
                }
            });
        }

        foreach (var subcommand in command.Subcommands)
        {
            RefuseEmptyValues(subcommand, done);
        }
    }
}
