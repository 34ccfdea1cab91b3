// Runs the commands that a user may type instead of a message. It lives inside the ConsoleInputActor and tells that actor what comes next. CommandTable
// lists the commands.

using System.Globalization;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Consoles;

/// <summary>What the actor does when a command has run.</summary>
internal enum AfterCommand
{
    /// <summary>Asks for the next line.</summary>
    AskForMessage,

    /// <summary>Waits for the secure log first.</summary>
    AwaitHistory,

    /// <summary>Sends <see cref="Commands.Reply"/>.</summary>
    SendReply,

    /// <summary>Takes no more input.</summary>
    Finish,
}

/// <summary>Runs commands.</summary>
/// <param name="services">The node's actors and seams.</param>
/// <param name="console">Where results are shown.</param>
/// <param name="outbox">The <see cref="OutboxActor"/>.</param>
/// <param name="self">Our own name and port.</param>
/// <param name="recents">The contacts of the last conversations.</param>
internal sealed class Commands(NodeServices services, IConsole console, IActorRef outbox, NodeEvent.Listening self, Recents recents)
{
    private const int DefaultHistory = 20;
    private const int MaxHistory = 10_000;
    private const int MaxFound = 50;

    private bool _bell;
    private string? _historyOf;

    /// <summary>Whom a message without a recipient goes to: names with commas between them, or the word for everybody; null for nobody.</summary>
    public string? To { get; private set; }

    /// <summary>What /r is to send, and to whom.</summary>
    public (string Text, string To) Reply { get; private set; } = ("", "");

    /// <summary>A sentence about a word that names no contact, with the contact that was probably meant.</summary>
    public static string NotInDirectory(string word, ContactDirectory directory)
    {
        var nearest = Spelling.Nearest(directory.Contacts.Select(contact => contact.Username), word) is { } meant ? $"did you mean {Printable.Line(meant)}? " : "";
        return $"{Printable.Line(word)} is not in the directory; {nearest}/contacts shows who is";
    }

    /// <summary>Runs a command.</summary>
    /// <param name="line">What was typed, with its slash.</param>
    /// <param name="directory">The contacts.</param>
    public AfterCommand Run(string line, ContactDirectory directory)
    {
        var end = line.IndexOfAny([' ', '\n']);
        var name = end < 0 ? line : line[..end];
        var arguments = end < 0 ? "" : line[end..].Trim();
        if (CommandTable.Find(name) is not { } command)
        {
            var nearest = CommandTable.Nearest(name) is { } meant ? $"did you mean {meant.Name}? " : "";
            return Complain($"{Printable.Line(name)} is not a command; {nearest}/help lists them all. A message that begins with / is written with //");
        }

        return (command.Arguments.Length == 0 && arguments.Length > 0 ? null : Run(command, arguments, directory))
            ?? Complain($"usage: {command.Usage}");
    }

    // Null when the arguments are not what the command takes.
    private AfterCommand? Run(CommandInfo command, string arguments, ContactDirectory directory)
    {
        switch (command.Name)
        {
            case "/to":
                return ChooseRecipient(arguments, directory);
            case "/r":
                return ReplyToLastWriter(arguments);
            case "/retry":
                outbox.Tell(new OutboxActor.Retry());
                return AfterCommand.AskForMessage;
            case "/waiting":
                outbox.Tell(new OutboxActor.ListWaiting(AsEvents: false));
                return AfterCommand.AskForMessage;
            case "/cancel" when arguments.Length > 0:
                outbox.Tell(new OutboxActor.Cancel(arguments));
                return AfterCommand.AskForMessage;
            case "/cancel":
                return null;
            case "/history":
                return AskForHistory(arguments, directory);
            case "/search":
                return arguments.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words ? AskTheLog(new SecureLogActor.Search(words, MaxFound)) : null;
            case "/contacts":
                return ShowContacts(directory);
            case "/ping":
                return Ping(arguments, directory);
            case "/reload":
                services.Directory.Tell(new DirectoryActor.Reload());
                return AfterCommand.AskForMessage;
            case "/bell":
                return SetBell(arguments);
            case "/whoami":
                return Show(new NodeEvent.Notice(self.InWords()));
            case "/help":
                return Show(new NodeEvent.Table(Help()));
            case "/quit":
                return AfterCommand.Finish;
            default:
                throw new ArgumentException($"{command.Name} is in the table, but no code runs it.", nameof(command));
        }
    }

    private AfterCommand ChooseRecipient(string words, ContactDirectory directory)
    {
        var choices = Choice.Parse(words, directory);
        if (choices.FirstOrDefault(choice => choice is not Choice.Known) is { } other)
        {
            var word = other is Choice.ByHand byHand ? byHand.Address.ToString() : ((Choice.Nobody)other).Word;
            return Complain(NotInDirectory(word, directory));
        }

        To = choices.Count == 0 ? null
            : words == Choice.Everybody ? Choice.Everybody
            : string.Join(',', choices.Cast<Choice.Known>().Select(known => known.Contact.Username));
        return AfterCommand.AskForMessage;
    }

    private AfterCommand? ReplyToLastWriter(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        if (recents.LastWriter is not { } writer)
        {
            return Complain("nobody has written yet; @name and a text writes to a contact");
        }

        Reply = (text, writer);
        return AfterCommand.SendReply;
    }

    private AfterCommand? AskForHistory(string arguments, ContactDirectory directory)
    {
        if (ReadHistoryArguments(arguments, directory) is not { } recall)
        {
            return null;
        }

        _historyOf = recall.With;
        return AskTheLog(recall);
    }

    /// <summary>What /history shows.</summary>
    public NodeEvent Present(IReadOnlyList<LogRow> messages, ContactDirectory directory) =>
        messages.Count > 0 ? new NodeEvent.History(messages)
        : _historyOf is { } name && directory.Find(name) is null ? new NodeEvent.Problem($"the secure log has no message of that name, and {NotInDirectory(name, directory)}")
        : new NodeEvent.Notice("The secure log has no such message.");

    // A name, a number, or both. A number alone is a name where a contact has that name.
    private static SecureLogActor.Recall? ReadHistoryArguments(string arguments, ContactDirectory directory)
    {
        if (arguments.Length == 0)
        {
            return new SecureLogActor.Recall(null, DefaultHistory);
        }

        var space = arguments.LastIndexOf(' ');
        var last = arguments[(space + 1)..];
        var isCount = int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && directory.Find(arguments) is null;
        return isCount
            ? count is > 0 and <= MaxHistory ? new SecureLogActor.Recall(space < 0 ? null : arguments[..space].Trim(), count) : null
            : new SecureLogActor.Recall(arguments, DefaultHistory);
    }

    private AfterCommand ShowContacts(ContactDirectory directory) => directory.Contacts.Count > 0
        ? AskTheLog(new SecureLogActor.FactsOf([.. directory.Contacts.Select(contact => contact.Username)]))
        : Show(new NodeEvent.Notice("The directory has no contacts; actorchat directory add makes one."));

    private AfterCommand AskTheLog(object question)
    {
        services.SecureLog.Tell(question);
        return AfterCommand.AwaitHistory;
    }

    private AfterCommand? Ping(string arguments, ContactDirectory directory)
    {
        const string withSteps = " steps";
        var showsSteps = arguments.EndsWith(withSteps, StringComparison.Ordinal);
        var word = showsSteps ? arguments[..^withSteps.Length] : arguments;
        switch (Choice.Parse(word, directory))
        {
            case [Choice.Known known]:
                outbox.Tell(new OutboxActor.SendPing(Recipient.Of(known.Contact, self.Name), showsSteps));
                return AfterCommand.AskForMessage;
            case [_]:
                return Complain(NotInDirectory(word, directory));
            default:
                return null;
        }
    }

    private AfterCommand? SetBell(string arguments)
    {
        if (arguments is not ("" or "on" or "off"))
        {
            return null;
        }

        _bell = arguments.Length == 0 ? !_bell : arguments == "on";
        return Show(new NodeEvent.BellChanged(_bell));
    }

    private static string[][] Help() =>
    [
        ["@name text", "a message to a contact; also @name,name and @all"],
        ["text", "a message to whom /to names; without that it asks"],
        ["//text", "a message that begins with a slash"],
        ["text\\", "goes on in the next line"],
        .. CommandTable.All.Select(command => new[] { command.Usage, command.What }),
    ];

    private AfterCommand Complain(string problem) => Show(new NodeEvent.Problem(problem));

    private AfterCommand Show(NodeEvent nodeEvent)
    {
        console.Show(nodeEvent);
        return AfterCommand.AskForMessage;
    }
}
