// What "send" and "ping" have in common: whom they call, in whose name, and what their exit codes say. They are for scripts: nothing on
// standard error but what went wrong, and what to do about it.

using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using Akka.Configuration;

namespace ActorChat;

/// <summary>A command that calls one contact.</summary>
internal sealed class ContactCommand
{
    /// <summary>The exit code of wrong use: nothing was tried.</summary>
    public const int WrongUse = 2;

    private const int NotDelivered = 3;
    private const int Rejected = 4;
    private const int Unknown = 5;

    private readonly Argument<string?> _contact = new("NAME")
    {
        Description = "The contact's name in the directory. Left out with --to.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _to = new("--to") { Description = "Call this address without a directory; needs --password-file and --name.", HelpName = "HOST:PORT" };

    private readonly Option<string?> _passwordFile = new("--password-file") { Description = "A file whose first line is the password shared with --to.", HelpName = "FILE" };

    private readonly Option<string> _directory = new("--directory", "-d")
    {
        Description = "The directory file with the contacts, plain or sealed.",
        HelpName = "FILE",
        DefaultValueFactory = _ => RunCommand.DefaultDirectory,
    };

    private readonly Option<string?> _name = new("--name", "-n")
    {
        Description = "Our own name. Left out, it is the directory entry with the port of --port and an address of this machine.",
        HelpName = "NAME",
    };

    private readonly Option<int> _port = new("--port", "-p")
    {
        Description = "The port in our own entry of the directory, which tells our name: 1 to 65535.",
        HelpName = "N",
        DefaultValueFactory = _ => RunCommand.DefaultPort,
    };

    private readonly Option<string?> _state = new("--state") { Description = "The state folder, with the secure log (default: $XDG_STATE_HOME/actorchat/NAME, or ~/.local/state/actorchat/NAME).", HelpName = "DIR" };

    private readonly Option<string?> _config = new("--config", "-c") { Description = "A HOCON file with settings to lay over the defaults.", HelpName = "FILE" };

    private readonly Option<double> _timeout = new("--timeout", "-t")
    {
        Description = "How long it may take in all, in seconds: more than 0, at most 86400.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 40,
    };

    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Whose call it is, and to whom.</summary>
    /// <param name="Recipient">To whom.</param>
    /// <param name="StatePath">Our state folder.</param>
    /// <param name="Passphrase">The passphrase, if there is one.</param>
    /// <param name="Timeout">How long it may take.</param>
    /// <param name="Settings">The settings.</param>
    /// <param name="Config">The configuration.</param>
    public sealed record Call(Recipient Recipient, string StatePath, string? Passphrase, TimeSpan Timeout, NodeSettings Settings, Config Config);

    /// <summary>Makes the argument and the options.</summary>
    public ContactCommand() => _contact.CompletionSources.Add(NamesFor);

    /// <summary>Adds the argument and the options to a command, and what it does.</summary>
    public void AddTo(Command command, Func<ParseResult, Call, Task<int>> run)
    {
        command.Arguments.Insert(0, _contact);
        foreach (var option in new Option[] { _to, _passwordFile, _directory, _name, _port, _state, _config, _timeout })
        {
            command.Options.Add(option);
        }

        _passphrase.AddTo(command);
        command.SetAction(async (arguments, _) =>
        {
            try
            {
                return await run(arguments, await ReadAsync(arguments));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SettingsException or SealedFileException)
            {
                return Fail(WrongUse, e.Message);
            }
        });
    }

    /// <summary>Says what is wrong and what to do.</summary>
    /// <returns>The exit code.</returns>
    public static int Fail(int exitCode, string message)
    {
        Console.Error.WriteLine($"actorchat: {Printable.Line(message)}");
        return exitCode;
    }

    /// <summary>Says what became of it, unless all is well.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(Outcome outcome, string label, string? reason) => outcome switch
    {
        Outcome.Delivered => 0,
        Outcome.NotDelivered => Fail(NotDelivered, $"{label}: not delivered: {reason}"),
        Outcome.Rejected => Fail(Rejected, $"{label}: rejected: {reason}"),
        _ => Fail(Unknown, $"{label}: unknown, it was sent but no receipt came: {reason}"),
    };

    /// <summary>Says why a contact could not be pinged.</summary>
    /// <returns>The exit code.</returns>
    public static int NotReached(string label, string? reason) => Fail(NotDelivered, $"{label}: not reached: {reason}");

    /// <summary>A failure in words. What ends at our own timeout does so as if the node were stopping.</summary>
    public static string? Reason(Failure? failure, Call call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return failure?.Kind == FailureKind.Stopping
            ? $"no answer within {call.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} seconds (--timeout)"
            : failure?.InWords();
    }

    /// <summary>The outcome that a running node names.</summary>
    public static Outcome OutcomeOf(string word) => Enum.GetValues<Outcome>().Single(outcome => JsonEvent.Word(outcome) == word);

    private async Task<Call> ReadAsync(ParseResult arguments)
    {
        var config = NodeSettings.LoadConfig(arguments.GetValue(_config) is { } path ? await File.ReadAllTextAsync(path) : null);
        var settings = NodeSettings.Read(config);
        var timeout = arguments.GetValue(_timeout);
        if (!(timeout > 0 && timeout <= 86_400))
        {
            throw new SettingsException($"--timeout {timeout.ToString(CultureInfo.InvariantCulture)} is no time to wait; give seconds, more than 0 and at most 86400");
        }

        var passphrase = _passphrase.Read(arguments);
        var (recipient, ownName) = arguments.GetValue(_to) is { } address ? ReadAddress(arguments, address) : ReadContact(arguments, passphrase);
        return new Call(recipient, arguments.GetValue(_state) ?? StateFolder.DefaultPath(ownName), passphrase, TimeSpan.FromSeconds(timeout), settings, config);
    }

    private (Recipient Recipient, string OwnName) ReadAddress(ParseResult arguments, string address)
    {
        var name = arguments.GetValue(_name) ?? throw new SettingsException("with --to there is no directory that tells our own name; say it with --name");
        var passwordFile = arguments.GetValue(_passwordFile) ?? throw new SettingsException("--to needs the shared password; give its file with --password-file");
        var hostPort = HostPort.Parse(address) ?? throw new SettingsException($"--to {address} is not host:port (an IPv6 address as [::1]:5002)");
        return (Recipient.Of(hostPort, PassphraseOptions.ReadFile(passwordFile), CheckName(name)), name);
    }

    private (Recipient Recipient, string OwnName) ReadContact(ParseResult arguments, string? passphrase)
    {
        var file = arguments.GetValue(_directory)!;
        var directory = DirectoryReader.Read(DirectoryFile.Read(file, passphrase), out var problems)
            ?? throw new SettingsException($"{file}, {DirectoryProblem.FirstOf(problems)}");
        var name = arguments.GetValue(_name) ?? OwnName.Find(directory, arguments.GetValue(_port), OwnName.IsThisMachine)
            ?? throw new SettingsException($"{file} does not tell which entry is this node; say who it is with --name, or with the port of its entry (--port)");
        var contact = arguments.GetValue(_contact) ?? throw new SettingsException("who is to be called? Give a contact's name, or an address with --to");
        return directory.Without(CheckName(name)).Find(contact) is { } found
            ? (Recipient.Of(found, name) with { TypedPassword = found.Password }, name) // this process has no directory of its own
            : throw new SettingsException($"{contact} is not in {file}; add an entry (actorchat directory add), or give an address with --to");
    }

    // For shell completion: names are public, so they are read from a plain file only, and what cannot be read has none.
    private IEnumerable<CompletionItem> NamesFor(CompletionContext context)
    {
        var arguments = context.ParseResult;
        if (arguments.CommandResult.Tokens.Count > 0 || arguments.GetResult(_to) is not null)
        {
            return [];
        }

        try
        {
            DirectoryReader.Read(DirectoryFile.Read(arguments.GetValue(_directory)!), out _, out var entries);
            return entries.Select(entry => entry.Contact.Username).Where(name => name != arguments.GetValue(_name)).Select(name => new CompletionItem(name));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return [];
        }
    }

    private static string CheckName(string name) => DirectoryReader.ProblemWithName(name) is { } problem
        ? throw new SettingsException($"--name is not a name that a contact could know us by: it {problem}")
        : name;
}
