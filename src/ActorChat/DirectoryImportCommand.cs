// actorchat directory import: adds the contact in the line that "directory add" printed on the other side. It shows name and address, and asks before
// it adds.

using System.CommandLine;
using System.Text;
using ActorChat.Node;
using ActorChat.Screens;
using ActorChat.Storage.Contacts;

namespace ActorChat;

/// <summary>The command that adds a contact from a line.</summary>
internal sealed class DirectoryImportCommand
{
    private readonly Argument<string?> _line = new("LINE")
    {
        Description = "The line, in single quotes. Left out, it is asked for or read from standard input, where no other user of the machine sees it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _directory = DirectoryCommand.Directory();
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Add it without asking." };
    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Adds the command to the group.</summary>
    public static void AddTo(Command group)
    {
        var self = new DirectoryImportCommand();
        var command = new Command("import", "Add the contact of a line that \"directory add\" has printed on the other side.") { self._line, self._directory, self._yes };
        self._passphrase.AddTo(command);
        command.SetAction(self.Run);
        group.Subcommands.Add(command);
    }

    private int Run(ParseResult arguments)
    {
        var start = Home.LoadSettings(given: null).Settings.Start;
        var file = Home.DirectoryOf(arguments.GetValue(_directory), start);
        var isThere = Path.Exists(file);
        using var passphrase = isThere && DirectoryFile.IsSealed(file) ? _passphrase.Require(arguments) : null;
        var utf8 = isThere ? DirectoryFile.Read(file, passphrase) : [];
        var line = arguments.GetValue(_line);
        if (line is null)
        {
            using var typed = Questions.AskSecret("The line that you were given, which is not shown: ");
            line = typed is null ? "" : Encoding.UTF8.GetString(typed.Utf8);
        }

        if (Read(line, out var problem) is not { } contact)
        {
            return DirectoryCommand.Fail($"this is not a line of \"actorchat directory add\": {problem}; copy it again, from the first brace to the last");
        }

        var own = DirectoryReader.Read(utf8, out _) is { } directory ? OwnEntry.Find(directory, me: null, at: null, start, OwnName.IsThisMachine).Name : start.Name;
        if (contact.Username == own)
        {
            return DirectoryCommand.Fail($"this line is about you, {own}: it is for the other side, who takes it in with the same command");
        }

        if (DirectoryWriter.Add(utf8, contact, out var fault) is not { } extended)
        {
            return DirectoryCommand.Fail($"{file}: nothing was added: {fault}");
        }

        if (!arguments.GetValue(_yes) && !IsConfirmed(arguments, contact, file))
        {
            return DirectoryCommand.Fail("nothing was added");
        }

        DirectoryFile.Make(file, extended, passphrase);
        DirectoryCommand.Say($"{Home.Shorten(file)} has {contact} now. A node that is running takes it up by itself; actorchat ping {contact.Username} says whether {contact.Username} is there.");
        if (ContactName.Problem(contact.Username) is { } awkward)
        {
            DirectoryCommand.Say($"The name {awkward}; /to addresses it.");
        }

        return 0;
    }

    private bool IsConfirmed(ParseResult arguments, Contact contact, string file)
    {
        if (Console.IsInputRedirected && arguments.GetValue(_line) is null)
        {
            throw new IOException("the line came from standard input, where nobody can be asked; look at it and say --yes");
        }

        var words = contact.Password.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        return Questions.Confirm(Printable.Line($"{contact}, with a password of {DirectoryCommand.Count(words, "word")}. Add this contact to {Home.Shorten(file)}?"));
    }

    // Mail and messengers put spaces around a line, and a line copied from a list ends in a comma.
    private static Contact? Read(string? line, out string problem)
    {
        DirectoryReader.Read(Encoding.UTF8.GetBytes($"[{line?.Trim().TrimEnd(',')}]"), out var problems, out var entries);
        problem = problems.Count > 0 ? problems[0].Message : entries.Count == 0 ? "it is empty" : "it holds more than one entry";
        return problems.Count == 0 && entries.Count == 1 ? entries[0].Contact : null;
    }
}
