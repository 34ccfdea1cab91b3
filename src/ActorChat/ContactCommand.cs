// What "send" and "ping" have in common: whom they call, in whose name, and their exit codes. They are for scripts: standard error gets
// nothing but what went wrong, and what to do about it.

using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using Akka.Configuration;

namespace ActorChat;

/// <summary>A command that calls contacts.</summary>
/// <param name="isMany">Whether it takes several names, and "all".</param>
internal sealed class ContactCommand(bool isMany)
{
    private const double MaxTimeout = 86_400;
    private const double MaxWait = 7 * 86_400;

    private readonly Argument<string?> _contact = new("NAME")
    {
        Description = "The contact's name in the directory" + (isMany ? "; several with commas, or all. " : ". ") + "Left out with --to.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _to = new("--to") { Description = "Call this address without a directory; needs --password-file and --name.", HelpName = "HOST:PORT" };

    private readonly Option<string?> _passwordFile = new("--password-file") { Description = "A file whose first line is the password shared with --to.", HelpName = "FILE" };

    private readonly Option<string?> _directory = new("--directory", "-d")
    {
        Description = "The directory file with the contacts, plain or sealed (default: that of the settings, or your own).",
        HelpName = "FILE",
    };

    private readonly Option<string?> _name = new("--name", "-n")
    {
        Description = "Our own name. Left out, it is the directory entry with our port and an address of this machine, or that of the settings.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _state = new("--state") { Description = "The state folder, with the secure log (default: that of the settings, or the one of the name).", HelpName = "DIR" };

    private readonly Option<string?> _config = new("--config", "-c") { Description = "A HOCON file with settings to lay over the defaults.", HelpName = "FILE" };

    private readonly Option<double> _timeout = new("--timeout", "-t")
    {
        Description = "How long it may take in all, in seconds: more than 0, at most 86400.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 40,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 && seconds <= MaxTimeout)
            {
                return seconds;
            }

            result.AddError($"--timeout {text} is no time to wait; give seconds, more than 0 and at most 86400.");
            return 0;
        },
    };

    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Who calls, and whom.</summary>
    /// <param name="Recipients">Whom to call; at least one.</param>
    /// <param name="OwnName">Our own name.</param>
    /// <param name="IsListed">Whether the directory knows our name.</param>
    /// <param name="StatePath">Our state folder.</param>
    /// <param name="IsDefaultState">Whether that is the default folder for our name.</param>
    /// <param name="Passphrase">The passphrase, if there is one.</param>
    /// <param name="Timeout">How long it may take.</param>
    /// <param name="Settings">The settings.</param>
    /// <param name="Config">The configuration.</param>
    /// <param name="Waits">Whether it is tried again until the timeout.</param>
    public sealed record Call(
        IReadOnlyList<Recipient> Recipients, string OwnName, bool IsListed, string StatePath, bool IsDefaultState, Passphrase? Passphrase, TimeSpan Timeout, NodeSettings Settings, Config Config, bool Waits = false)
    {
        /// <summary>The options of a node that does an errand for each recipient, and then ends.</summary>
        public NodeOptions NodeFor(Func<Recipient, OutboxActor.Errand> errand) =>
            new(Port: 0, DirectoryPath: "", OwnName, StatePath, Passphrase, IsProgram: false) { Errands = [.. Recipients.Select(errand)] };

        /// <summary>The words for a call that ran into its timeout.</summary>
        public string TimeIsOver => $"no answer within {Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} seconds ({(Waits ? "--wait" : "--timeout")})";

        /// <summary>A failure in words. A call that we end at our own timeout fails as if the node were stopping.</summary>
        public string? InWords(Failure? failure) => failure?.Kind == FailureKind.Stopping ? TimeIsOver : failure?.InWords();

        /// <summary>Shows the recipients only.</summary>
        public override string ToString() => $"{nameof(Call)} to {string.Join(", ", Recipients)}";
    }

    /// <summary>Adds the argument, the options and the action to a command.</summary>
    public void AddTo(Command command, Func<ParseResult, Call, Task<int>> run)
    {
        _contact.CompletionSources.Add(NamesFor);
        command.Arguments.Insert(0, _contact);
        foreach (var option in new Option[] { _to, _passwordFile, _directory, _name, _state, _config, _timeout })
        {
            command.Options.Add(option);
        }

        _passphrase.AddTo(command);
        command.SetAction(async (arguments, _) =>
        {
            var call = Read(arguments);
            using (call.Passphrase)
            {
                return await run(arguments, call);
            }
        });
    }

    /// <summary>Reads a duration: a number and s, m, h or d, up to 7 d.</summary>
    public static TimeSpan? ReadDuration(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        var unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        if (unit > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount * unit is > 0 and <= MaxWait)
        {
            return TimeSpan.FromSeconds(amount * unit);
        }

        result.AddError($"--wait {text} is no time to wait; give a number and s, m, h or d, such as 30s or 2h, at most 7d.");
        return null;
    }

    /// <summary>The exit code of an outcome. Of several the highest counts: a message that may have arrived is worse for a script than one that certainly did not.</summary>
    public static int ExitCode(Outcome outcome) => outcome switch
    {
        Outcome.Delivered => 0,
        Outcome.NotDelivered or Outcome.Expired or Outcome.Cancelled => 3,
        Outcome.Rejected => 4,
        _ => 5,
    };

    /// <summary>The arguments after the name; with <c>--to</c> all of them.</summary>
    /// <exception cref="SettingsException">One looks like an option, which is allowed only after "--"; or there are several.</exception>
    public IReadOnlyList<string> Words(ParseResult arguments)
    {
        var words = arguments.CommandResult.Tokens.Select(token => token.Value).ToArray();
        var isFree = arguments.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        if (words.SkipLast(isFree).FirstOrDefault(word => word.Length > 1 && word.StartsWith('-')) is { } option)
        {
            throw new SettingsException(Complaint.Unknown(arguments, option));
        }

        string[] text = [.. words.Skip(arguments.GetResult(_to) is null ? 1 : 0)];
        return text.Length <= 1 ? text : throw new SettingsException($"the message must be one argument; put it in quotes: \"{string.Join(' ', text)}\"");
    }

    private Call Read(ParseResult arguments)
    {
        Words(arguments);
        var (config, settings) = Home.LoadSettings(arguments.GetValue(_config));
        var passphrase = _passphrase.Read(arguments);
        var (recipients, ownName, isListed) = arguments.GetValue(_to) is { } address
            ? ReadAddress(arguments, address, settings.Start)
            : ReadContacts(arguments, passphrase, settings.Start);
        var state = Home.StateOf(arguments.GetValue(_state), settings.Start);
        return new Call(
            recipients, ownName, isListed, state ?? StateFolder.DefaultPath(ownName), state is null, passphrase, TimeSpan.FromSeconds(arguments.GetValue(_timeout)), settings, config);
    }

    private (IReadOnlyList<Recipient> Recipients, string OwnName, bool IsListed) ReadAddress(ParseResult arguments, string address, StartSettings start)
    {
        var name = arguments.GetValue(_name) ?? start.Name ?? throw new SettingsException("with --to there is no directory that tells our own name; say it with --name");
        var passwordFile = arguments.GetValue(_passwordFile) ?? throw new SettingsException("--to needs the shared password; give its file with --password-file");
        var hostPort = HostPort.Parse(address) ?? throw new SettingsException($"--to {address} is not host:port (an IPv6 address as [::1]:5002)");
        using var password = PassphraseOptions.ReadFile(passwordFile);
        return ([Recipient.Of(hostPort, Encoding.UTF8.GetString(password.Utf8), CheckName(name))], name, false);
    }

    private (IReadOnlyList<Recipient> Recipients, string OwnName, bool IsListed) ReadContacts(ParseResult arguments, Passphrase? passphrase, StartSettings start)
    {
        var file = Home.DirectoryOf(arguments.GetValue(_directory), start);
        var directory = DirectoryReader.Read(DirectoryFile.Read(file, passphrase), out var problems)
            ?? throw new SettingsException($"{file}, {DirectoryProblem.FirstOf(problems)}");
        if (DirectoryFile.Warning(file) is { } warning)
        {
            Complaint.Say($"warning: {warning}");
        }

        var name = arguments.GetValue(_name) ?? OwnName.Find(directory, start.Port, OwnName.IsThisMachine) ?? start.Name
            ?? throw new SettingsException($"{file} does not tell which entry is this node; say who it is with --name");
        var contacts = directory.Without(CheckName(name));
        Recipient[] found = [.. Names(arguments, contacts).Distinct().Select(word => contacts.Find(word) is { } contact
            ? Recipient.Of(contact, name) with { TypedPassword = contact.Password } // this process has no directory of its own
            : throw new SettingsException($"{word} is not in {file}; add an entry (actorchat directory add), or give an address with --to"))];
        return found.Length > 0 ? (found, name, directory.Find(name) is not null) : throw new SettingsException("who is to be called? Give a contact's name, or an address with --to");
    }

    private IEnumerable<string> Names(ParseResult arguments, ContactDirectory contacts)
    {
        var given = arguments.GetValue(_contact) ?? "";
        return !isMany ? (given.Length > 0 ? [given] : [])
            : given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(word =>
                word == Choice.Everybody && contacts.Find(word) is null ? contacts.Contacts.Select(contact => contact.Username) : [word]);
    }

    // For shell completion. Names are read from a plain file only; a file that is sealed or cannot be read offers none.
    private IEnumerable<CompletionItem> NamesFor(CompletionContext context)
    {
        var arguments = context.ParseResult;
        if (arguments.CommandResult.Tokens.Count > 0 || arguments.GetResult(_to) is not null)
        {
            return [];
        }

        try
        {
            var start = Home.LoadSettings(arguments.GetValue(_config)).Settings.Start;
            DirectoryReader.Read(DirectoryFile.Read(Home.DirectoryOf(arguments.GetValue(_directory), start)), out _, out var entries);
            return entries.Select(entry => entry.Contact.Username).Where(name => name != (arguments.GetValue(_name) ?? start.Name)).Select(name => new CompletionItem(name));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or SettingsException)
        {
            return [];
        }
    }

    private static string CheckName(string name) => DirectoryReader.ProblemWithName(name) is { } problem
        ? throw new SettingsException($"--name is not a name that a contact could know us by: it {problem}")
        : name;
}
