// Where the verification key of a new log goes. It is told once: on the screen, or into a file; never into a program's output, which ends up in a journal.

using System.CommandLine;

namespace ActorChat;

/// <summary>The option <c>--verification-key-out</c>.</summary>
internal static class VerificationKeyOut
{
    /// <summary>The option.</summary>
    public static Option<string?> Option(string description) => new("--verification-key-out") { Description = description, HelpName = "FILE" };

    /// <summary>The option of a command that may begin a log.</summary>
    public static Option<string?> OptionForNewLog() =>
        Option("Where a log is begun: a new file for its verification key, which is shown otherwise, and with --json is not told at all.");
}
