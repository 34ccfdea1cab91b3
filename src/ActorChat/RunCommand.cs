// actorchat run: starts a node and stays with it until it ends. "run" may be left out, so the options belong to the root command too.

using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Node.Hardening;
using ActorChat.Node.Logging;
using ActorChat.Screens;
using ActorChat.Screens.Terminal;
using ActorChat.Secrets;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using Serilog;

namespace ActorChat;

/// <summary>The command that runs a node.</summary>
internal sealed class RunCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "run";

    /// <summary>The option for programs: JSON on standard input and output.</summary>
    public const string Json = "--json";

    private readonly Option<int?> _port = PortOption("The port for incoming conversations; 0 takes a free one. Asked for when left out (a program has that of the settings, 5001).");

    private readonly Option<string?> _directory = new("--directory", "-d")
    {
        Description = "The directory file with the contacts, plain or sealed. Asked for when left out (default: that of the settings, or your own).",
        HelpName = "FILE",
    };

    private readonly Option<string?> _name = new("--name", "-n")
    {
        Description = "Our own name. Left out, it is the directory entry with our port and an address of this machine, or that of the settings.",
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
        Description = "A HOCON file with settings to lay over the defaults, in place of your own (~/.config/actorchat/actorchat.conf).",
        HelpName = "FILE",
    };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "The state folder, with the secure log (default: that of the settings, $XDG_STATE_HOME/actorchat/NAME, or ~/.local/state/actorchat/NAME).",
        HelpName = "DIR",
    };

    private readonly Option<string?> _onMessage = new("--on-message")
    {
        Description = "A command to run for each message that arrives, with the text on its standard input and ACTORCHAT_FROM in its environment; no shell is used (default: the setting inbox.on-message).",
        HelpName = "COMMAND",
    };

    private readonly PassphraseOptions _passphrase = new();

    private readonly Option<bool> _newLog = NewLog.Option();

    private readonly Option<string?> _verificationKeyOut = VerificationKeyOut.OptionForNewLog();

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
            foreach (var option in new Option[] { command._port, command._directory, command._name, command._listen, command._state, command._newLog, command._verificationKeyOut, command._onMessage, command._config, command._json })
            {
                target.Options.Add(option);
            }

            command._passphrase.AddTo(target);
            target.SetAction((arguments, _) => command.RunAsync(arguments));
        }

        root.Subcommands.Add(run);
    }

    /// <summary>The option that names a port.</summary>
    public static Option<int?> PortOption(string description) => new("--port", "-p")
    {
        Description = description,
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

    private async Task<int> RunAsync(ParseResult arguments)
    {
        var isProgram = arguments.GetValue(_json);
        var started = new TaskCompletionSource<ChatNode>();
        IConsole? console = null;
        TerminalConsole? terminal = null;
        try
        {
            var (config, settings) = Home.LoadSettings(arguments.GetValue(_config));
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

            if (settings.OnMessage.Length == 0)
            {
                ProcessShield.RestrictWrites(Writable(arguments, settings, isProgram)); // before there are other threads: the console starts one
            }

            console = OpenConsole(isProgram);
            terminal = console as TerminalConsole;
            using var passphrase = _passphrase.Read(arguments);
            if (arguments.GetValue(_listen) is { } listen)
            {
                settings = settings with { ListenAddress = CheckListenAddress(listen) };
            }

            if (Options(arguments, settings.Start, passphrase, isProgram) is not { } options)
            {
                return 1;
            }

            CheckFiles(options, arguments, console);

            // A signal may come before the node exists, and must not be lost.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopNode);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopNode);
            await using var log = Diagnostics.Create(settings, terminal is null ? null : sentence => terminal.Show(new NodeEvent.Notice(sentence)));
            Log.Logger = log;
            foreach (var refusal in ProcessShield.Refusals)
            {
                Log.Debug("{Refusal}", refusal);
            }

            LockedMemory.WhenRefused(refusal => Log.Debug("{Refusal}", refusal));

            var node = ChatNode.Start(options, settings, config, console);
            started.SetResult(node);
            return await node.WaitAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            (console ??= OpenConsole(isProgram)).Show(new NodeEvent.Problem(Complaint.Of(e)));
            return 1;
        }
        finally
        {
            (console as IDisposable)?.Dispose();
        }

        void StopNode(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (signal.Signal == PosixSignal.SIGINT && terminal?.Interrupt() == true)
            {
                return; // on a terminal Ctrl+C is handled as a key first
            }

            started.Task.ContinueWith(node => node.Result.Stop(), TaskContinuationOptions.OnlyOnRanToCompletion);
        }
    }

    private static IConsole OpenConsole(bool isProgram) =>
        isProgram ? new JsonConsole() : TerminalConsole.IsPossible ? new TerminalConsole() : new PlainConsole();

    // The state folder, or where the node's name is not known yet the folder of all state folders; the folder of the diagnostic log, which gets new files
    // as it grows; and the folders of what this start may make: the verification key's file, a first directory and settings.
    private List<string> Writable(ParseResult arguments, NodeSettings settings, bool isProgram)
    {
        var (name, start) = (arguments.GetValue(_name), settings.Start);
        List<string> folders = [Home.StateOf(arguments.GetValue(_state), start) ?? (name is null ? StateFolder.DefaultRoot() : StateFolder.DefaultPath(name))];
        if (Home.DirectoryOf(arguments.GetValue(_directory), start) is var directory && IsFirstStart(arguments.GetValue(_directory), directory, isProgram))
        {
            folders.AddRange(new[] { directory, Home.SettingsFile }.Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!));
        }

        foreach (var folder in folders)
        {
            try
            {
                StateFolder.Make(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The code that needs the folder reports why it cannot be used.
            }
        }

        foreach (var file in new[] { settings.LogFile, arguments.GetValue(_verificationKeyOut) is { } path && !File.Exists(path) ? path : null })
        {
            if (file is { Length: > 0 } && Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
            {
                folders.Add(folder);
            }
        }

        return folders;
    }

    // What is not given is asked for, or has its default where nobody can be asked. Null when the input ended instead of an answer.
    private NodeOptions? Options(ParseResult arguments, StartSettings start, Passphrase? passphrase, bool isProgram)
    {
        var (name, state, keyPath) = (arguments.GetValue(_name), Home.StateOf(arguments.GetValue(_state), start), arguments.GetValue(_verificationKeyOut));
        var given = arguments.GetValue(_directory);
        var directory = Home.DirectoryOf(given, start);
        var isFirst = IsFirstStart(given, directory, isProgram);
        if (isFirst)
        {
            DirectoryCommand.Say($"This is the first start: a few questions make {Home.Shorten(directory)}. If you have a directory file, name it.");
        }

        var port = arguments.GetValue(_port) ?? (isProgram ? start.Port : Questions.AskPort(start.Port));
        var chosen = port is null ? null : given is not null || isProgram ? directory : Questions.AskFile(directory, canBeMade: isFirst);
        if (port is null || chosen is null)
        {
            return null;
        }

        if (!isFirst || chosen != directory)
        {
            return new NodeOptions(port.Value, chosen, name, state, passphrase, isProgram, start.Name) { VerificationKeyPath = keyPath };
        }

        return FirstStart.Make(chosen, port.Value, name ?? start.Name, passphrase) is { } made
            ? new NodeOptions(port.Value, chosen, made.Name, state, made.Passphrase, isProgram) { VerificationKeyPath = keyPath }
            : null;
    }

    private static bool IsFirstStart(string? given, string directory, bool isProgram) => given is null && !isProgram && !Path.Exists(directory);

    // A file that cannot be read is reported by the node itself when it loads the directory.
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
