// The whole command line as one tree: what the program runs, what its help describes and what its shell completion asks.

using System.CommandLine;

namespace ActorChat;

/// <summary>Builds the root command, and parses with it.</summary>
internal static class CommandTree
{
    // System.CommandLine would put a file's words in place of an argument that begins with @, and a message may begin with one.
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    /// <summary>Makes the tree.</summary>
    /// <param name="helpWidth">How wide the help is, in columns; null for what fits the terminal.</param>
    public static RootCommand Create(int? helpWidth = null)
    {
        var root = new RootCommand("A secure peer-to-peer chat node: a private line between known machines, without anybody's server.");
        RunCommand.AddTo(root);
        SendCommand.AddTo(root);
        PingCommand.AddTo(root);
        DemoCommand.AddTo(root);
        LogCommand.AddTo(root);
        DirectoryCommand.AddTo(root);
        CompletionCommand.AddTo(root);
        HelpPages.AddTo(root, helpWidth);
        return root;
    }

    /// <summary>Parses a command line.</summary>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments) => root.Parse(arguments, Configuration);

    /// <summary>Parses a command line that is not split into words yet.</summary>
    public static ParseResult Parse(RootCommand root, string line) => root.Parse(line, Configuration);
}
