// actorchat run: starts a node and stays with it until it ends. "run" may be left out, so the options belong to the root command too.

using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Node.Logging;
using ActorChat.Screens;
using ActorChat.Screens.Terminal;
using ActorChat.Storage.Contacts;
using Serilog;

namespace ActorChat;

/// <summary>The command that runs a node.</summary>
internal sealed class RunCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "run";

    /// <summary>The option that makes standard output a program's.</summary>
    public const string Json = "--json";

    /// <summary>The port where none is named.</summary>
    public const int DefaultPort = 5001;

    /// <summary>The directory file where none is named.</summary>
    public const string DefaultDirectory = "directory.sample.json";

    private readonly Option<int?> _port = new("--port", "-p")
    {
        Description = $"The port for incoming conversations; 0 takes a free one. Asked for when left out (default {DefaultPort}).",
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65_535)
            {
                return port;
            }

            result.AddError($"--port {text} is not a port: give a number from 0 to 65535.");
            return null;
        },
    };

    private readonly Option<string?> _directory = new("--directory", "-d")
    {
        Description = $"The directory file with the contacts, plain or sealed. Asked for when left out (default {DefaultDirectory}).",
        HelpName = "FILE",
    };

    private readonly Option<string?> _name = new("--name", "-n")
    {
        Description = "Our own name. Left out, it is the directory entry with our port and an address of this machine.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _listen = new("--listen", "-l")
    {
        Description = "The address to listen on; \"any\" is every address of this machine (default: the setting listen.address).",
        HelpName = "ADDRESS",
        CompletionSources = { "any" },
    };

    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = "A HOCON file with settings to lay over the defaults; see hocon/actorchat.conf.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "The state folder, with the secure log (default: $XDG_STATE_HOME/actorchat/NAME, or ~/.local/state/actorchat/NAME).",
        HelpName = "DIR",
    };

    private readonly Option<string?> _onMessage = new("--on-message")
    {
        Description = "A command to run for each message that arrives, with the text on its standard input and ACTORCHAT_FROM in its environment; no shell is used (default: the setting inbox.on-message).",
        HelpName = "COMMAND",
    };

    private readonly PassphraseOptions _passphrase = new();

    private readonly Option<bool> _newLog = NewLog.Option();

    private readonly Option<bool> _json = new(Json)
    {
        Description = "Read one JSON object per line from standard input and write one per event to standard output, for programs.",
    };

    /// <summary>Adds the command to the root, and makes it the root's own action.</summary>
    public static void AddTo(RootCommand root)
    {
        var command = new RunCommand();
        var run = new Command(Name, "Run a node. This is also what happens without any command.");
        foreach (var target in new[] { root, run })
        {
            foreach (var option in new Option[] { command._port, command._directory, command._name, command._listen, command._state, command._newLog, command._onMessage, command._config, command._json })
            {
                target.Options.Add(option);
            }

            command._passphrase.AddTo(target);
            target.SetAction((arguments, _) => command.RunAsync(arguments));
        }

        root.Subcommands.Add(run);
    }

    private async Task<int> RunAsync(ParseResult arguments)
    {
        var isProgram = arguments.GetValue(_json);
        using var terminal = !isProgram && TerminalConsole.IsPossible ? new TerminalConsole() : null;
        var started = new TaskCompletionSource<ChatNode>();
        IConsole console = isProgram ? new JsonConsole() : (IConsole?)terminal ?? new PlainConsole();
        try
        {
            var passphrase = _passphrase.Read(arguments);
            var (config, settings) = NodeSettings.Load(arguments.GetValue(_config));
            if (arguments.GetValue(_listen) is { } listen)
            {
                settings = settings with { ListenAddress = CheckListenAddress(listen) };
            }

            if (arguments.GetValue(_onMessage) is { } onMessage)
            {
                settings = CommandWords.Split(onMessage) is { Count: > 0 }
                    ? settings with { OnMessage = onMessage }
                    : throw new SettingsException($"--on-message {onMessage} is no command: it names no program, or has a quote that is not closed");
            }

            if (arguments.GetValue(_name) is { } name && DirectoryReader.ProblemWithName(name) is { } problem)
            {
                throw new SettingsException($"--name is not a name that a contact could know us by: it {problem}");
            }

            if (Options(arguments, passphrase, isProgram) is not { } options)
            {
                return 1;
            }

            CheckFiles(options, arguments, console);

            // A signal may come before the node is there, and must not be lost.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopNode);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopNode);
            await using var log = Diagnostics.Create(settings);
            Log.Logger = log;
            var node = ChatNode.Start(options, settings, config, console);
            started.SetResult(node);
            return await node.WaitAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            console.Show(new NodeEvent.Problem(Complaint.Of(e)));
            return 1;
        }

        void StopNode(PosixSignalContext signal)
        {
            signal.Cancel = true;
            started.Task.ContinueWith(node => node.Result.Stop(), TaskContinuationOptions.OnlyOnRanToCompletion);
        }
    }

    // What was not said is asked for, or is the default where nobody can be asked. Null when the input ended instead of an answer.
    private NodeOptions? Options(ParseResult arguments, string? passphrase, bool isProgram)
    {
        var port = arguments.GetValue(_port) ?? (isProgram ? DefaultPort : Questions.AskPort(DefaultPort));
        var directory = port is null ? null : arguments.GetValue(_directory) ?? (isProgram ? DefaultDirectory : Questions.AskFile(DefaultDirectory));
        return port is null || directory is null
            ? null
            : new NodeOptions(port.Value, directory, arguments.GetValue(_name), arguments.GetValue(_state), passphrase, isProgram);
    }

    // What cannot be read is told by the node itself when it loads the directory.
    private void CheckFiles(NodeOptions options, ParseResult arguments, IConsole console)
    {
        if (File.Exists(options.DirectoryPath) && DirectoryFile.Warning(options.DirectoryPath) is { } warning)
        {
            console.Show(new NodeEvent.Notice($"Warning: {warning}."));
        }

        if (options is { Name: { } name, StatePath: null })
        {
            NewLog.Check(name, () => IsListed(name, options), arguments.GetValue(_newLog), options.IsProgram);
        }
    }

    private static bool IsListed(string name, NodeOptions options)
    {
        try
        {
            return DirectoryReader.Read(DirectoryFile.Read(options.DirectoryPath, options.Passphrase), out _)?.Find(name) is not null;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string CheckListenAddress(string address) => NodeSettings.IsListenAddress(address)
        ? address
        : throw new SettingsException($"--listen {address} is not an IP address; give one of this machine's, or \"any\"");
}
