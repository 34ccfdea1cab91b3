// Where the verification key of a new log goes. It is told once, on the screen or in a file, but never in a program's output, which ends up in a journal.

using System.CommandLine;

namespace ActorChat;

/// <summary>The option <c>--verification-key-out</c>.</summary>
internal static class VerificationKeyOut
{
    /// <summary>The option.</summary>
    public static Option<string?> Option(string description) => new("--verification-key-out") { Description = description, HelpName = "FILE" };

    /// <summary>The option of a command that may begin a log.</summary>
    public static Option<string?> OptionForNewLog() =>
        Option("A new file for the verification key, if a log is begun. Left out, the key is shown; with --json it is not told at all.");
}
