// actorchat directory seal: puts a plain directory under a passphrase. It refuses a directory with problems, since a sealed file is harder to correct.

using System.CommandLine;
using System.Text;
using ActorChat.Storage.Contacts;

namespace ActorChat;

/// <summary>The command that seals a directory.</summary>
internal sealed class DirectorySealCommand
{
    private readonly Argument<string> _file = DirectoryCommand.File("The plain directory file.");
    private readonly Option<string> _out = new("--out", "-o") { Description = "The sealed file to write.", HelpName = "FILE", Required = true };
    private readonly Option<bool> _force = DirectoryCommand.Force();
    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Adds the command to the group.</summary>
    public static void AddTo(Command group)
    {
        var self = new DirectorySealCommand();
        var command = new Command("seal", "Seal a plain directory file under a passphrase. The node takes the sealed file wherever it takes a plain one.")
        {
            self._file, self._out, self._force,
        };
        self._passphrase.AddTo(command);
        command.SetAction(self.Run);
        group.Subcommands.Add(command);
    }

    private int Run(ParseResult arguments)
    {
        var file = arguments.GetRequiredValue(_file);
        var sealedFile = arguments.GetRequiredValue(_out);
        DirectoryCommand.CheckFree(sealedFile, arguments.GetValue(_force));
        if (DirectoryFile.IsSealed(file))
        {
            return DirectoryCommand.Fail($"{file} is sealed already; to change its passphrase, open it with \"actorchat directory open\" first");
        }

        var utf8 = DirectoryFile.Read(file);
        if (DirectoryReader.Read(utf8, out var problems) is not { } directory)
        {
            return DirectoryCommand.Fail($"{file} was not sealed; correct it first: {DirectoryProblem.FirstOf(problems)}");
        }

        using var passphrase = _passphrase.Require(arguments, isNew: true);
        DirectoryFile.Write(sealedFile, utf8, passphrase);
        DirectoryCommand.Say($"{sealedFile} holds the directory ({DirectoryCommand.Count(directory.Contacts.Count, "contact")}) under your passphrase.");
        if (PasswordEstimate.Of(Encoding.UTF8.GetString(passphrase.Utf8)) is { IsWeak: true } estimate)
        {
            DirectoryCommand.Say(
                $"The passphrase is easy to guess: whoever gets hold of the file can guess offline, and it takes {estimate.GuessesInWords} guesses " +
                $"(zxcvbn score {estimate.Score} of 4). Seal it again under a longer one.");
        }

        if (!DirectoryFile.IsSealed(file))
        {
            DirectoryCommand.Say(
                $"The plain file is still there. Try the sealed one with \"actorchat directory check\", then remove it: " +
                $"{(OperatingSystem.IsWindows() ? "del" : "rm")} {DirectoryCommand.Quoted(file)} (and its copies in backups)");
        }

        return 0;
    }
}
