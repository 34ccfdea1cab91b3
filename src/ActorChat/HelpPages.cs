// What --help says besides the options: examples for every command, and exit codes where a command has several. The files and the environment
// variables are the same for all commands, so only the first page lists them.
// System.CommandLine writes the first half of a page, from the commands themselves; the second half comes from the table below.

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ActorChat;

/// <summary>The second half of every help page.</summary>
internal static class HelpPages
{
    /// <summary>The prompt before an example of a command line.</summary>
    public const string Prompt = "$ ";

    private const int MinWidth = 40;
    private const int MaxWidth = 100; // longer lines are hard to read
    private const int PipeWidth = 80;

    private static readonly Row[] NoRows = [];

    private static readonly Row[] Files =
    [
        new("~/.config/actorchat/directory.json", "The directory file where none is named: a JSON list of the contacts, each with its password, address and port."),
        new("~/.config/actorchat/actorchat.conf", "Your settings, read where --config names no others: name, port, address, directory, state, and every limit."),
        new("~/.local/state/actorchat/NAME/", "The state folder of the node with this name: the secure log and its key, and the secrets that Argon2id derived from the passwords, sealed. On Windows and macOS it is in the local application data."),
    ];

    private static readonly Row[] Variables =
    [
        new(PassphraseVariable.Name, "The passphrase of the directory file and the secure log, where --passphrase-file does not give it."),
        new("XDG_CONFIG_HOME", "The folder for directory and settings, in place of ~/.config."),
        new("XDG_STATE_HOME", "The folder for the state folders of all nodes, in place of ~/.local/state."),
        new("NO_COLOR", "Set to anything, it keeps colours out of the output."),
    ];

    // By the words that call the command; the root command has none.
    private static readonly Dictionary<string, Page> Pages = new()
    {
        [""] = new(
            [
                new("actorchat demo", "Show a conversation between two nodes, without any setup."),
                new("actorchat", "Run a node; it asks for its port and its directory file, and the first time for your name and address."),
                new("actorchat --port 5001 --directory people.json", "Run a node without questions."),
                new("actorchat send bob \"see you at eight\"", "Send one message and exit."),
            ],
            NoRows),
        ["run"] = new(
            [
                new("actorchat run --port 5001 --directory people.json", "Run a node as the entry of people.json with port 5001 and an address of this machine."),
                new("actorchat run -p 5001 -d people.json -n alice -l 127.0.0.1", "Run one under the name alice that only this machine can reach."),
                new("actorchat run --on-message ./notify", "Run one that starts ./notify for each message, with the text on its standard input."),
                new("actorchat run --json --port 0 --name alice --directory people.json", "Run one for a program, on a free port; the first line of its output names the port."),
            ],
            [new("0", "It was told to end, and every message had its outcome."), new("1", "It could not start; one sentence says why.")]),
        [SendCommand.Name] = new(
            [
                new("actorchat send bob \"see you at eight\"", "Send a line."),
                new("uptime | actorchat send bob --timeout 10", "Send what a program writes, and wait at most ten seconds."),
                new("actorchat send bob,carol \"see you at eight\"", "Send it to both, and show the outcome of each."),
                new("actorchat send --to [::1]:5002 --password-file pw -n alice hello", "Send to an address, without a directory."),
            ],
            [
                new("0", "Delivered: a verified receipt came. For several, the highest code counts."),
                new("2", "Wrong use; nothing was sent."),
                new("3", "Not delivered; the message is certainly not there."),
                new("4", "Rejected: the other side read and refused it."),
                new("5", "Unknown: it was sent, and no receipt came."),
                new("6", "It waits: the contact is away, and the running node goes on trying."),
            ]),
        [PingCommand.Name] = new(
            [
                new("actorchat ping bob", "Say whether bob is there and is bob."),
                new("actorchat ping bob --steps", "Say also how long each step took."),
                new("actorchat ping --to 192.0.2.7:5002 --password-file pw --name alice", "The same for an address."),
            ],
            [
                new("0", "The contact is there and has proved who it is."),
                new("2", "Wrong use; nobody was called."),
                new("3", "It could not be reached, or did not prove it."),
            ]),
        ["init"] = new(
            [
                new("actorchat init", "Ask for name, port and address, and make directory and settings."),
                new("actorchat init --name alice --port 5001 --directory people.json", "The same, with another directory file."),
            ],
            NoRows),
        ["demo"] = new([new("actorchat demo", "Two nodes talk on 127.0.0.1, in a temporary folder.")], NoRows),
        [ProbeCommand.Name] = new(
            [
                new("actorchat probe 192.0.2.7:5002 --name alice --password-file pw", "Call, and grade the peer as a responder."),
                new("actorchat probe --listen 5009 -n bob --password-file pw", "Wait for its calls, and grade it as an initiator."),
                new("actorchat probe h.example:1 -n a --password-file pw --profile classic", "The same in the classic profile."),
                new("actorchat probe --many class.txt -n a --password-file pw --html all.html", "Mark a class: a line for each peer, and a page of all reports."),
                new("actorchat probe --list --only 2.crc", "List the checks that concern the CRC."),
            ],
            [
                new("0", "All that the page requires holds."),
                new("1", "Something required does not hold, or was not reached."),
                new("2", "Wrong use; nobody was probed."),
            ]),
        ["log"] = new(
            [
                new("actorchat log show --name alice --since 2h", "The messages of the last two hours."),
                new("actorchat log verify --name alice", "Whether the log is as it was written."),
            ],
            NoRows),
        ["log show"] = new(
            [
                new("actorchat log show --peer bob --since 7d", "The messages from and to bob in the last week."),
                new("actorchat log show --json --since 2026-11-22 --until 2026-11-23", "One day, for a program."),
                new("actorchat log show -n 20 --follow", "The last 20 messages, and what comes from now on."),
            ],
            [new("0", "All was shown."), new("1", "Some records cannot be read; their places are marked, or nothing could be shown.")]),
        ["log search"] = new(
            [
                new("actorchat log search station", "Every message with that word, the newest first."),
                new("actorchat log search train ticket --peer bob --since 30d --json", "With both words, for a program."),
            ],
            [new("0", "All was searched."), new("1", "Some records cannot be read, or nothing could be searched.")]),
        ["feed"] = new(
            [
                new("actorchat feed --from 0", "Every message that ever came in: cursor, contact and text, with tabs between them."),
                new("actorchat feed --from 412 --follow --json", "The messages after the one with the cursor 412, and those that come from now on, for a program."),
            ],
            [new("0", "All was given."), new("1", "Some records cannot be read, and their places are marked; or the log has no such cursor.")]),
        ["log verify"] = new(
            [new("actorchat log verify --name alice --verification-key-file key.txt", "Check all of alice's log.")],
            [new("0", "Nothing is wrong with what was checked; the output says what was not checked."), new("1", "It is damaged, and the output says what can still be trusted; or it could not be read.")]),
        ["log export"] = new(
            [new("actorchat log export --name alice > alice.jsonl", "Keep a copy, a record in each line.")],
            [new("0", "All was written."), new("1", "Some records cannot be read; their places are marked, or nothing could be written.")]),
        ["log rekey"] = new(
            [
                new("actorchat log rekey --name alice", "Ask for a new passphrase, and seal the log's key under it."),
                new("actorchat log rekey --passphrase-file old --new-passphrase-file new", "The same without questions."),
                new("actorchat log rekey --directory people.sealed", "The same, and the sealed directory with it."),
                new("actorchat log rekey --new-key", "Give the log another key for what is logged from now on, and keep the passphrase."),
            ],
            NoRows),
        ["directory"] = new(
            [
                new("actorchat directory add bob 192.0.2.7:5002", "Add bob with a new passphrase, and print one line for bob."),
                new("actorchat directory import", "Add the contact in a line that somebody has made for you in this way."),
                new("actorchat directory check people.json", "List what is wrong or unwise."),
            ],
            NoRows),
        ["directory add"] = new(
            [
                new("actorchat directory add bob 192.0.2.7:5002 --directory people.json", "Add bob to people.json."),
                new("actorchat directory add bob [2001:db8::7]:5002 --me alice --at h.example:1", "Add bob, and choose the name and the address that the line for bob gives for us."),
            ],
            NoRows),
        ["directory import"] = new(
            [
                new("actorchat directory import", "Ask for the line, show what it says, and add it after a yes."),
                new("actorchat directory import --yes --directory people.json", "Take the line from standard input, without a question."),
            ],
            [new("0", "It was added."), new("1", "It was not; one sentence says why.")]),
        ["directory check"] = new(
            [new("actorchat directory check people.json", "List every problem with its line, and every warning.")],
            [new("0", "A node takes the file; there may be warnings."), new("1", "It has problems, or could not be read.")]),
        ["directory seal"] = new(
            [new("actorchat directory seal people.json --out people.sealed", "Ask for a passphrase twice, and write the sealed file.")],
            NoRows),
        ["directory open"] = new(
            [
                new("actorchat directory open people.sealed", "Show the directory."),
                new("actorchat directory open people.sealed --out people.json", "Write it to a file of your own, to edit it."),
            ],
            NoRows),
        ["manpage"] = new([new("actorchat manpage > ~/.local/share/man/man1/actorchat.1", "Keep it where man looks.")], NoRows),
        ["completion"] = new(
            [
                new("actorchat completion bash", "Print the script; its first lines say where it goes."),
                new("actorchat completion zsh > ~/.zfunc/_actorchat", "Keep it where zsh looks, if ~/.zfunc is in $fpath."),
            ],
            NoRows),
    };

    /// <summary>The commands that have a page, each by the words that call it.</summary>
    public static IReadOnlyCollection<string> Commands => Pages.Keys;

    /// <summary>The files that the program keeps, and what each holds.</summary>
    public static IEnumerable<(string Term, string Meaning)> FileRows => Files.Select(row => (row.Term, row.Meaning));

    /// <summary>The environment variables that it reads, and what each means.</summary>
    public static IEnumerable<(string Term, string Meaning)> VariableRows => Variables.Select(row => (row.Term, row.Meaning));

    /// <summary>A command's examples.</summary>
    public static IReadOnlyList<(string Term, string Meaning)> ExamplesOf(Command command) => [.. Pages[PathOf(command)].Examples.Select(row => (row.Term, row.Meaning))];

    /// <summary>A command's exit codes, where they say more than success or failure.</summary>
    public static IReadOnlyList<(string Term, string Meaning)> ExitCodesOf(Command command) => [.. Pages[PathOf(command)].ExitCodes.Select(row => (row.Term, row.Meaning))];

    /// <summary>Adds its page to the help of every command in the tree.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="width">The width of the help, in columns; null for what fits the terminal.</param>
    public static void AddTo(RootCommand root, int? width)
    {
        // Without the names that Windows programs use for it: shell completion would offer them everywhere.
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Options.Add(new HelpOption("--help", "-h", "-?") { Description = "Show this page.", Action = new HelpWithPage(width) });
        root.Options.OfType<VersionOption>().Single().Description = "Show the version.";
    }

    /// <summary>The words that call a command, without the program's own name.</summary>
    public static string PathOf(Command command) => command is RootCommand
        ? ""
        : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}".TrimStart();

    private static void Write(TextWriter output, Page page, int width)
    {
        output.WriteLine("Examples:");
        foreach (var example in page.Examples)
        {
            output.WriteLine($"  {Prompt}{example.Term}");
            WriteColumn(output, example.Meaning, indent: 6, width);
        }

        WriteTable(output, "Exit codes:", page.ExitCodes, width);
    }

    private static void WriteTable(TextWriter output, string heading, Row[] rows, int width)
    {
        if (rows.Length == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine(heading);
        var indent = rows.Max(row => row.Term.Length) + 4;
        foreach (var row in rows)
        {
            output.Write($"  {row.Term}".PadRight(indent));
            WriteColumn(output, row.Meaning, indent, width, isFirstIndented: true);
        }
    }

    private static void WriteColumn(TextWriter output, string text, int indent, int width, bool isFirstIndented = false)
    {
        var line = new string(' ', isFirstIndented ? 0 : indent);
        var column = indent;
        foreach (var word in text.Split(' '))
        {
            if (column > indent && column + 1 + word.Length > width)
            {
                output.WriteLine(line);
                line = new string(' ', indent);
                column = indent;
            }

            line += (column > indent ? " " : "") + word;
            column += (column > indent ? 1 : 0) + word.Length;
        }

        output.WriteLine(line);
    }

    private static int FittingWidth() => Console.IsOutputRedirected ? PipeWidth : Math.Clamp(Console.WindowWidth, MinWidth, MaxWidth);

    private sealed record Row(string Term, string Meaning);

    private sealed record Page(Row[] Examples, Row[] ExitCodes);

    private sealed class HelpWithPage(int? givenWidth) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var width = givenWidth ?? FittingWidth();
            var exitCode = new HelpAction { MaxWidth = width }.Invoke(parseResult);
            var (output, command) = (parseResult.InvocationConfiguration.Output, parseResult.CommandResult.Command);
            Write(output, Pages[PathOf(command)], width);
            if (command is RootCommand)
            {
                WriteTable(output, "Files:", Files, width);
                WriteTable(output, "Environment:", Variables, width);
            }

            return exitCode;
        }
    }
}
