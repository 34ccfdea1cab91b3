// Every option and argument of every command with every kind of wrong value: one line that says what is wrong, and never a stack trace. The
// list comes from the command tree, so a new option cannot be forgotten. Everything runs inside this process.

using System.CommandLine;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Tests;

[CollectionDefinition(nameof(OwnConsole), DisableParallelization = true)]
public sealed class OwnConsole;

/// <summary>A folder with a directory, a log and a password file, for the options that are not under test.</summary>
public sealed class Files : IDisposable
{
    public Files()
    {
        Folder = Directory.CreateTempSubdirectory("actorchat-options-").FullName;
        DirectoryFile.Write(In("directory.json"), DirectoryWriter.Add([], new Contact("bob", "a long secret of theirs", "127.0.0.1", 1, "modern", null), out _)!, passphrase: null);
        LogKey.Create(new LogFolder(In("log")), passphrase: null).Dispose();
        File.WriteAllText(In("password"), "any\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(In("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        LastState = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        LastConfig = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        LastFolder = Environment.CurrentDirectory;
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", In("state"));
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", In("config"));
        Environment.CurrentDirectory = Folder; // for values that are file names
    }

    public string Folder { get; }

    private string? LastState { get; }

    private string? LastConfig { get; }

    private string LastFolder { get; }

    public string In(string name) => Path.Combine(Folder, name);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", LastState);
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", LastConfig);
        Environment.CurrentDirectory = LastFolder;
        Directory.Delete(Folder, recursive: true);
    }
}

[Collection(nameof(OwnConsole))]
public sealed class EveryOptionTests(Files files) : IClassFixture<Files>
{
    private static readonly string[] Values =
    [
        "", " ", "-", "--", "-1", "0", "1e999", "NaN", "99999999999999999999", "999999999d", "-999999999d", "NaNd", "2026-13-45", "a:b:c", "[::1]", "host:99999", "/", "/no/such/file",
        "no\nsuch\u001b[2Jfile", "'", "\u202e", "@", ",", ",,", "all", new('9', 400), new('x', 5000), new('/', 5000), "\ufffd",
    ];

    public static TheoryData<string, string> Options
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var command in All(CommandTree.Create()).Where(command => command.Action is not null))
            {
                foreach (var symbol in command.Options.Select(option => option.Name).Concat(command.Arguments.Select(argument => argument.Name)))
                {
                    if (symbol is not ("--help" or "--version"))
                    {
                        data.Add(HelpPages.PathOf(command), symbol);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Wrong_values_are_told_in_a_line(string path, string symbol)
    {
        // Each option gets a new folder, so that files with strange names do not affect the next one.
        var (folder, before) = (Directory.CreateTempSubdirectory("actorchat-values-"), Environment.CurrentDirectory);
        Environment.CurrentDirectory = folder.FullName;
        try
        {
            await TellInALineAsync(path, symbol);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            folder.Delete(recursive: true);
        }
    }

    private async Task TellInALineAsync(string path, string symbol)
    {
        // For a switch an empty value means "on", which is no mistake.
        foreach (var value in Values.Where(value => value.Length > 0 || !IsSwitch(path, symbol)))
        {
            var (exitCode, output, error) = await RunAsync(CommandLine(path, symbol, value));
            var context = $"{path} {symbol} {value}: exit code {exitCode}\n{output}{error}";
            Assert.True(exitCode is >= 0 and <= 5, context);
            Assert.False((output + error).Contains("   at ", StringComparison.Ordinal) || (output + error).Contains("Unhandled", StringComparison.Ordinal), context);
            Assert.False((output + error).Contains("System.", StringComparison.Ordinal) || error.Contains("something failed in this program", StringComparison.Ordinal), context);
            Assert.False(error.Contains('\u001b', StringComparison.Ordinal) || error.Contains('\u202e', StringComparison.Ordinal), context);
            Assert.True(exitCode == 0 || Lines(error) == 1 || (Lines(error) == 0 && output.Length > 0) || Lines(error) <= 2 && error.Contains("A secure log was begun", StringComparison.Ordinal), context);
        }
    }

    private static bool IsSwitch(string path, string symbol) =>
        All(CommandTree.Create()).Single(command => HelpPages.PathOf(command) == path).Options.Any(option => option.Name == symbol && option.ValueType == typeof(bool));

    // A command line that is good but for the value under test, which comes last.
    private string[] CommandLine(string path, string symbol, string value)
    {
        (string Name, string[] Words)[] rest = path switch
        {
            "" or "run" => [("--listen", ["--listen", "127.0.0.1"]), ("--directory", ["--directory", files.In("none.json")]), ("--port", ["--port", "0"]), ("--name", ["--name", "alice"])],
            "send" or "ping" =>
            [
                ("--directory", ["--directory", files.In("directory.json")]), ("--name", ["--name", "alice"]), ("--state", ["--state", files.In("sent")]), ("--timeout", ["--timeout", "5"]),
                ("--password-file", ["--password-file", files.In("password")]),
                ("NAME", symbol == "--to" ? [] : ["bob"]), ("TEXT", path == "ping" ? [] : ["hi"]),
            ],
            "probe" =>
            [
                ("HOST:PORT", symbol is "--listen" or "--many" or "--list" ? [] : ["127.0.0.1:1"]), ("--name", ["--name", "alice"]), ("--password-file", ["--password-file", files.In("password")]), ("--timeout", ["--timeout", "1"]),
            ],
            "directory add" => [("--directory", ["--directory", files.In("none/none.json")]), ("NAME", ["carol"]), ("HOST:PORT", ["192.0.2.7:5002"])],
            "directory seal" => [("FILE", [files.In("directory.json")]), ("--out", ["--out", files.In("none/none.sealed")]), ("--passphrase-file", ["--passphrase-file", files.In("password")])],
            "directory open" or "directory check" => [("FILE", [files.In("directory.json")])],
            "completion" or "demo" => [],
            _ => [("--state", ["--state", files.In("log")]), ("--verification-key-file", path is "log verify" ? ["--verification-key-file", files.In("password")] : [])],
        };
        var words = path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return symbol.StartsWith('-')
            ? [.. words, .. rest.Where(part => part.Name != symbol).SelectMany(part => part.Words), $"{symbol}={value}"]
            : [.. words, .. rest.SelectMany(part => part.Name == symbol ? [value] : part.Words)];
    }

    // When Akka is shut down right after its start, it sometimes reports that one of its own tasks failed. It ends all the same.
    private static int Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => !line.Contains("Task [terminate-system] failed", StringComparison.Ordinal));

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    internal static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments)
    {
        var (input, output, error) = (Console.In, Console.Out, Console.Error);
        using var newOutput = new StringWriter();
        using var newError = new StringWriter();
        Console.SetIn(TextReader.Null);
        Console.SetOut(newOutput);
        Console.SetError(newError);
        try
        {
            return (await CommandTree.RunAsync(arguments), newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetIn(input);
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
