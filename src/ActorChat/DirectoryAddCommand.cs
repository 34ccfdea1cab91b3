// actorchat directory add: a new contact with a generated passphrase. The other side needs an entry for us with the same passphrase,
// so the command prints that entry as one line, ready to be sent.

using System.CommandLine;
using ActorChat.Node;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;

namespace ActorChat;

/// <summary>The command that adds a contact.</summary>
internal sealed class DirectoryAddCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "The contact's name: the one it introduces itself with." };
    private readonly Argument<string> _address = new("HOST:PORT") { Description = "Where the contact listens; an IPv6 address as [::1]:5002." };
    private readonly Option<string?> _directory = DirectoryCommand.Directory();

    private readonly Option<string?> _me = new("--me")
    {
        Description = "Our own name, for the other side's line. Left out, it is that of the file's own entry for this machine, or of the settings.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _at = new("--at")
    {
        Description = "Our own address, for the other side's line. Left out, it is that of our entry, or of the settings.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string> _profile = new("--profile")
    {
        Description = "The profile to speak with this contact, in both entries: modern or classic.",
        HelpName = "PROFILE",
        DefaultValueFactory = _ => Contact.DefaultProfile,
    };

    private readonly PassphraseOptions _passphrase = new();

    /// <summary>Adds the command to the group.</summary>
    public static void AddTo(Command group)
    {
        var self = new DirectoryAddCommand();
        var command = new Command(
            "add",
            $"Add a contact with a passphrase of {PassphraseGenerator.WordCount} random words, and print the line that the other side takes in with \"directory import\". " +
            "The words are from EFF's short word list (eff.org/dice, CC BY 3.0 US).")
        {
            self._name, self._address, self._directory, self._me, self._at, self._profile,
        };
        self._profile.AcceptOnlyFromAmong(Contact.DefaultProfile, Contact.ClassicProfile);
        self._passphrase.AddTo(command);
        command.SetAction(self.Run);
        group.Subcommands.Add(command);
    }

    private int Run(ParseResult arguments)
    {
        var name = arguments.GetRequiredValue(_name);
        if (ContactName.Problem(name) is { } flaw)
        {
            return DirectoryCommand.Fail($"{name} is not a name for a contact: it {flaw}");
        }

        var address = Address(arguments.GetRequiredValue(_address));
        var at = arguments.GetValue(_at) is { } text ? Address(text) : null;
        var start = Home.LoadSettings(given: null).Settings.Start;
        var file = Home.DirectoryOf(arguments.GetValue(_directory), start);
        var isThere = Path.Exists(file);
        using var passphrase = isThere && DirectoryFile.IsSealed(file) ? _passphrase.Require(arguments) : null;
        var utf8 = isThere ? DirectoryFile.Read(file, passphrase) : [];
        var directory = DirectoryReader.Read(utf8, out _) ?? ContactDirectory.Empty;
        var own = OwnEntry.Find(directory, arguments.GetValue(_me), at, start, OwnName.IsThisMachine);
        if (name == own.Name)
        {
            return DirectoryCommand.Fail($"{name} is you; give the name of the other side");
        }

        var password = PassphraseGenerator.Generate();
        var profile = arguments.GetRequiredValue(_profile);
        var ours = new Contact(name, password, address.Host, address.Port, profile, own.As);
        var theirs = own.For(password) with { Profile = profile };
        if (own.IsKnown && DirectoryWriter.Problem(theirs) is { } fault)
        {
            return DirectoryCommand.Fail($"the other side could not add us: {fault} (see --me and --at)");
        }

        if (DirectoryWriter.Add(utf8, ours, out var problem) is not { } extended)
        {
            return DirectoryCommand.Fail($"{file}: nothing was added: {problem}");
        }

        var wasOpen = isThere && LocalTrust.Warning(file, "") is not null;
        DirectoryFile.Make(file, extended, passphrase);
        DirectoryCommand.Say($"{Home.Shorten(file)} has {ours} now, with a new passphrase of {PassphraseGenerator.WordCount} words. The other side takes this line in with actorchat directory import:");
        Console.WriteLine(DirectoryWriter.Line(theirs));
        Explain(own, address, file);
        if (KnownProfiles.All.Named(profile).GivesAway is { } loss)
        {
            DirectoryCommand.Say($"Warning: {profile} is for implementations that speak nothing else: {loss}.");
        }

        if (wasOpen)
        {
            DirectoryCommand.Say($"Others could read {file}; it is yours alone now (mode 600).");
        }

        return 0;
    }

    private static void Explain(OwnEntry own, HostPort address, string file)
    {
        DirectoryCommand.Say(own switch
        {
            { IsKnown: false } => $"Before you send it, write your own name, address and port over {own.Missing}: {file} does not tell them (--me NAME --at HOST:PORT would have).",
            { IsFromFile: true } => $"You are {own.Name} at {own.Address} by your own entry in {file}; if the other side reaches you elsewhere, change it in the line.",
            _ => $"The other side will know you as {own.Name} at {own.Address}.",
        });
        if (own.Address is { } ours && OwnName.IsLoopback(ours.Host) && !OwnName.IsLoopback(address.Host))
        {
            DirectoryCommand.Say($"{ours.Host} is only this machine: put in the address by which the other side reaches you.");
        }

        DirectoryCommand.Say(
            "Whoever reads the line can pass for either of you. Hand it over in person, by telephone, or through an encrypted messenger or mail, and delete it there afterwards.");
    }

    private static HostPort Address(string text) => HostPort.Parse(text) ??
        throw new ArgumentException($"{text} is not an address; write HOST:PORT, for example 192.0.2.7:5002, or [2001:db8::7]:5002");
}
