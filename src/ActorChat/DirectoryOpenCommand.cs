// actorchat directory open: gives back what was sealed, byte for byte.

using System.CommandLine;
using ActorChat.Storage.Contacts;

namespace ActorChat;

/// <summary>The command that opens a sealed directory.</summary>
internal sealed class DirectoryOpenCommand
{
    private readonly Argument<string> _file = DirectoryCommand.File("The sealed directory file.");
    private readonly Option<string?> _out = new("--out", "-o") { Description = "The plain file to write, for yourself only. Left out, the directory goes to standard output.", HelpName = "FILE" };
    private readonly Option<bool> _force = DirectoryCommand.Force();
    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Adds the command to the group.</summary>
    public static void AddTo(Command group)
    {
        var self = new DirectoryOpenCommand();
        var command = new Command("open", "Open a sealed directory file, to read it or to edit it.") { self._file, self._out, self._force };
        self._passphrase.AddTo(command);
        command.SetAction(self.Run);
        group.Subcommands.Add(command);
    }

    private int Run(ParseResult arguments)
    {
        var file = arguments.GetRequiredValue(_file);
        var plainFile = arguments.GetValue(_out);
        if (plainFile is not null)
        {
            DirectoryCommand.CheckFree(plainFile, arguments.GetValue(_force));
        }

        if (!DirectoryFile.IsSealed(file))
        {
            return DirectoryCommand.Fail($"{file} is not a sealed file; name one that \"actorchat directory seal\" made");
        }

        using var passphrase = _passphrase.Require(arguments);
        var utf8 = DirectoryFile.Read(file, passphrase);
        if (plainFile is null)
        {
            using var output = Console.OpenStandardOutput();
            output.Write(utf8);
        }
        else
        {
            DirectoryFile.Write(plainFile, utf8, passphrase: null);
            DirectoryCommand.Say($"{plainFile} holds the passwords in the clear. Seal it again when you are done, and remove it.");
        }

        return 0;
    }
}
