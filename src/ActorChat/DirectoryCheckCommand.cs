// actorchat directory check: everything that is wrong with a directory file, and everything that is unwise, a line each.
// Problems keep a node from accepting the file, so they decide the exit code; warnings do not.

using System.CommandLine;
using ActorChat.Node;
using ActorChat.Storage.Contacts;

namespace ActorChat;

/// <summary>The command that checks a directory.</summary>
internal sealed class DirectoryCheckCommand
{
    private readonly Argument<string> _file = DirectoryCommand.File("The directory file, plain or sealed.");
    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Adds the command to the group.</summary>
    public static void AddTo(Command group)
    {
        var self = new DirectoryCheckCommand();
        var command = new Command("check", "List every problem of a directory file, and warn about passwords that are easy to guess or shared and about a file that others can read.")
        {
            self._file,
        };
        self._passphrase.AddTo(command);
        command.SetAction(self.Run);
        group.Subcommands.Add(command);
    }

    private int Run(ParseResult arguments)
    {
        var start = Home.LoadSettings(given: null).Settings.Start;
        var file = arguments.GetRequiredValue(_file);
        using var passphrase = DirectoryFile.IsSealed(file) ? _passphrase.Require(arguments) : null;
        var utf8 = DirectoryFile.Read(file, passphrase);
        DirectoryReader.Read(utf8, out var problems, out var entries);
        var ownName = OwnName.Find(new ContactDirectory(entries.Select(entry => entry.Contact)), start.Port, OwnName.IsThisMachine) ?? start.Name;
        foreach (var problem in problems)
        {
            Console.WriteLine(Printable.Line($"{file}, {problem}"));
        }

        var warnings = Warnings(file, entries, ownName);
        foreach (var warning in warnings)
        {
            Console.WriteLine(Printable.Line(warning));
        }

        var summary = $"{DirectoryCommand.Count(problems.Count, "problem")}, {DirectoryCommand.Count(warnings.Count, "warning")}";
        if (problems.Count > 0)
        {
            return DirectoryCommand.Fail($"{file} has {summary}; a node takes it once the problems are corrected");
        }

        DirectoryCommand.Say($"{file}: {DirectoryCommand.Count(entries.Count, "contact")}, {summary}");
        return 0;
    }

    private static List<string> Warnings(string file, IReadOnlyList<DirectoryEntry> entries, string? ownName)
    {
        var warnings = new List<string>();
        if (DirectoryFile.Warning(file) is { } warning)
        {
            warnings.Add($"{file}: warning: {warning}");
        }

        warnings.AddRange(DirectoryAdvisor.Warnings(entries, ownName).Select(w => $"{file}, line {w.Line}, entry {w.Entry}: warning: {w.Message}"));
        return warnings;
    }
}
