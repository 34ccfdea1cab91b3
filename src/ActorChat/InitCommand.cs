// actorchat init: what the first start asks and makes, without starting a node.

using System.CommandLine;
using ActorChat.Screens;
using ActorChat.Storage.Contacts;

namespace ActorChat;

/// <summary>The command that makes a user's own files.</summary>
internal sealed class InitCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "init";

    private readonly Option<string?> _name = new("--name", "-n") { Description = "Your name, as others are to know you. Asked for when left out.", HelpName = "NAME" };
    private readonly Option<int?> _port = RunCommand.PortOption("The port for incoming conversations. Asked for when left out.");
    private readonly Option<string?> _directory = new("--directory", "-d") { Description = "The directory file to make (default: directory.json in ~/.config/actorchat).", HelpName = "FILE" };
    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Adds the command to the root.</summary>
    public static void AddTo(RootCommand root)
    {
        var self = new InitCommand();
        var command = new Command(Name, "Make your directory and your settings: a few questions about your name, your port and your address.") { self._name, self._port, self._directory };
        self._passphrase.AddTo(command);
        command.SetAction(self.Run);
        root.Subcommands.Add(command);
    }

    private int Run(ParseResult arguments)
    {
        var start = Home.LoadSettings(given: null).Settings.Start;
        var file = Home.DirectoryOf(arguments.GetValue(_directory), start);
        if (Path.Exists(file))
        {
            throw new IOException($"{file} is there already; start with it (actorchat), or name another with --directory");
        }

        if (arguments.GetValue(_name) is { } name && ContactName.Problem(name) is { } problem)
        {
            throw new IOException($"--name {name} is not a name to be known by: it {problem}");
        }

        var port = arguments.GetValue(_port) ?? Questions.AskPort(start.Port);
        return port is not null && FirstStart.Make(file, port.Value, arguments.GetValue(_name), _passphrase.Read(arguments)) is not null
            ? 0
            : DirectoryCommand.Fail("the questions were not all answered; nothing was made");
    }
}
