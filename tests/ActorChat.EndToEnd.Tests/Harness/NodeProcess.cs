// A node as its users have it: a process with its input, its output and its signals. Nothing of the product's code runs in the test's own process.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A line of standard output.</summary>
/// <param name="Text">As it came, without its line feed.</param>
/// <param name="Event">The JSON object that it is; null when it is none.</param>
internal sealed record OutputLine(string Text, JsonElement? Event)
{
    public static OutputLine Of(string text)
    {
        try
        {
            var json = JsonElement.Parse(text);
            return new OutputLine(text, json.ValueKind == JsonValueKind.Object ? json : null);
        }
        catch (JsonException)
        {
            return new OutputLine(text, null);
        }
    }

    public bool IsEvent(string kind) => Event is { } json && json.GetProperty("event").GetString() == kind;
}

/// <summary>A <c>sent</c> event.</summary>
internal sealed record Sent(string To, string? Ref, Guid Id, string Outcome, string? Reason);

/// <summary>A <c>message</c> event.</summary>
internal sealed record Message(string From, string Text, Guid Id, DateTimeOffset At);

/// <summary>A running node. It is killed when it is disposed of, whatever happened.</summary>
internal sealed partial class NodeProcess : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come: much longer than it takes, since the machine may be busy, and longer than the deadlines of the nodes, which say what happened.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>The command that runs .NET: under "dotnet test" the tests themselves run in it.</summary>
    public static readonly string DotNet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");

    /// <summary>How the program is started: as the tests' project makes it, or the published file that ACTORCHAT_PROGRAM names.</summary>
    public static readonly string[] CommandLine = Environment.GetEnvironmentVariable("ACTORCHAT_PROGRAM") is { Length: > 0 } published
        ? [published]
        : [DotNet, Path.Combine(AppContext.BaseDirectory, "program", "actorchat.dll")];

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static int _lastReference;

    private readonly Process _process;
    private readonly string _commandLine;
    private readonly Task _reading;

    private NodeProcess(Process process, string commandLine)
    {
        _process = process;
        _commandLine = commandLine;
        _reading = Task.WhenAll(
            ReadAsync(process.StandardOutput, Output, OutputLine.Of),
            ReadAsync(process.StandardError, Errors, line => line));
    }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Standard output, line by line.</summary>
    public Transcript<OutputLine> Output { get; } = new();

    /// <summary>Standard error, line by line.</summary>
    public Transcript<string> Errors { get; } = new();

    /// <summary>The node's own name, once it listens.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The port it listens on, once it does.</summary>
    public int Port { get; private set; }

    /// <summary>Starts a process with the folder as its working directory.</summary>
    public static NodeProcess Start(TemporaryFolder folder, params IEnumerable<string> arguments) => Start(folder, [], arguments);

    /// <summary>Starts a process with some variables in its environment, and with a limit on open files where one is given.</summary>
    public static NodeProcess Start(TemporaryFolder folder, Dictionary<string, string> environment, IEnumerable<string> arguments, int? openFiles = null) =>
        openFiles is null
            ? Start(folder, CommandLine[0], environment, [.. CommandLine[1..], .. arguments])
            : Start(folder, "/bin/sh", environment, ["-c", $"ulimit -n {openFiles} && exec \"$@\"", "sh", .. CommandLine, .. arguments]);

    /// <summary>Starts the program in another form than the tests' own, or what belongs to .NET.</summary>
    public static NodeProcess Start(TemporaryFolder folder, string program, Dictionary<string, string> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
        };
        start.Environment["DOTNET_TieredPGO"] = "0"; // a process of two seconds gets nothing back for what profiling costs
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["XDG_STATE_HOME"] = System.IO.Path.Combine(folder.Path, "state");
        start.Environment["XDG_CONFIG_HOME"] = System.IO.Path.Combine(folder.Path, "config");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.NewLine = "\n";
        process.StandardInput.AutoFlush = true;
        return new NodeProcess(process, string.Join(' ', start.ArgumentList.Prepend(program)).Replace(string.Join(' ', CommandLine), "actorchat"));
    }

    /// <summary>Writes a script that runs the program, under the name that it has once installed, into a folder "bin", and gives the folder's name.</summary>
    public static string WriteLauncher(TemporaryFolder folder)
    {
        var bin = Directory.CreateDirectory(System.IO.Path.Combine(folder.Path, "bin")).FullName;
        var launcher = System.IO.Path.Combine(bin, "actorchat");
        File.WriteAllText(launcher, $"#!/bin/sh\nexec {string.Join(' ', CommandLine.Select(word => $"'{word}'"))} \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return bin;
    }

    /// <summary>Starts a process that needs no input, and waits for its end.</summary>
    public static async Task<(int ExitCode, NodeProcess Process)> RunAsync(TemporaryFolder folder, params IEnumerable<string> arguments)
    {
        await using var process = Start(folder, arguments);
        process.CloseInput();
        return (await process.ExitAsync(), process);
    }

    /// <summary>Waits until the node says that it listens.</summary>
    public async Task<NodeProcess> ListeningAsync()
    {
        var line = await LineAsync(line => line.IsEvent("listening") || ListeningPattern().IsMatch(line.Text), "that it listens");
        if (line.Event is { } json)
        {
            Name = json.GetProperty("name").GetString()!;
            Port = json.GetProperty("port").GetInt32();
        }
        else
        {
            var match = ListeningPattern().Match(line.Text);
            Name = match.Groups["name"].Value;
            Port = int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);
        }

        return this;
    }

    /// <summary>Writes a line to standard input.</summary>
    public Task TypeAsync(string line) => _process.StandardInput.WriteLineAsync(line).WaitAsync(Patience);

    /// <summary>Ends standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Sends a message to a name, names, or an object with address and password, and does not wait.</summary>
    /// <returns>The reference that its outcome will carry.</returns>
    public async Task<string> SendAsync(object to, string text)
    {
        var reference = $"ref {Interlocked.Increment(ref _lastReference)}";
        await TypeAsync(JsonSerializer.Serialize(new { to, text, @ref = reference }));
        return reference;
    }

    /// <summary>Sends a message and waits for its outcome.</summary>
    public async Task<Sent> TellAsync(object to, string text) => (await OutcomesAsync(await SendAsync(to, text)))[0];

    /// <summary>Waits for a message's outcomes, one for each recipient.</summary>
    public async Task<IReadOnlyList<Sent>> OutcomesAsync(string reference, int count = 1)
    {
        var lines = await LinesAsync(
            line => line.IsEvent("sent") && line.Event!.Value.GetProperty("ref").GetString() == reference, count, $"the outcome of {reference}");
        return [.. lines.Select(line => line.Event!.Value.Deserialize<Sent>(JsonSerializerOptions.Web)!)];
    }

    /// <summary>Waits for a message with this text.</summary>
    public async Task<Message> MessageAsync(string text) => (await MessagesAsync(message => message.Text == text, 1))[0];

    /// <summary>Waits for so many messages of a kind.</summary>
    public async Task<IReadOnlyList<Message>> MessagesAsync(Func<Message, bool> isWanted, int count)
    {
        var lines = await LinesAsync(line => MessageOf(line) is { } message && isWanted(message), count, $"{count} messages");
        return [.. lines.Select(line => MessageOf(line)!)];
    }

    /// <summary>The messages that came so far.</summary>
    public IReadOnlyList<Message> Messages => [.. Output.Items.Select(MessageOf).OfType<Message>()];

    /// <summary>Waits for a line of standard output.</summary>
    public async Task<OutputLine> LineAsync(Func<OutputLine, bool> isWanted, string what) => (await LinesAsync(isWanted, 1, what))[0];

    /// <summary>Waits for so many lines of standard output.</summary>
    public async Task<IReadOnlyList<OutputLine>> LinesAsync(Func<OutputLine, bool> isWanted, int count, string what) =>
        await Output.WaitAsync(isWanted, count, Patience) ?? throw Disappointment(what);

    /// <summary>Asks the process to end.</summary>
    public void Signal(Signal signal) => Signals.Send(_process.Id, signal);

    /// <summary>Waits for the process to end, and for the last of what it wrote.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan? timeout = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(timeout ?? Patience);
            await _reading.WaitAsync(Patience);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw Disappointment("its end");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        await _reading;
        _process.Dispose();
    }

    // Every node of a new folder tells once that it began a log; the tests of the log look for that in the files.
    // Lines end in line feeds only: a carriage return from the node is for the test to see.
    private static async Task ReadAsync<T>(StreamReader reader, Transcript<T> transcript, Func<string, T> parse)
    {
        void AddUnlessNotice(string line)
        {
            if (!line.Contains("A secure log was begun in", StringComparison.Ordinal))
            {
                transcript.Add(parse(line));
            }
        }

        var rest = new StringBuilder();
        var buffer = new char[16_384];
        try
        {
            while (await reader.ReadAsync(buffer) is var count and > 0)
            {
                var from = 0;
                while (Array.IndexOf(buffer, '\n', from, count - from) is var end and >= 0)
                {
                    AddUnlessNotice(rest.Append(buffer, from, end - from).ToString());
                    rest.Clear();
                    from = end + 1;
                }

                rest.Append(buffer, from, count - from);
            }
        }
        finally
        {
            if (rest.Length > 0)
            {
                AddUnlessNotice(rest.ToString());
            }

            transcript.Complete();
        }
    }

    private static Message? MessageOf(OutputLine line) => line.IsEvent("message") ? line.Event!.Value.Deserialize<Message>(JsonSerializerOptions.Web) : null;

    private XunitException Disappointment(string what)
    {
        const int enough = 300;
        var said = Output.Items.Select(line => line.Text).Concat(Errors.Items.Select(line => "stderr: " + line));
        var lines = said.TakeLast(20).Select(line => line.Length <= enough ? line : line[..enough] + "…");
        return new XunitException($"Waited in vain for {what} of: {_commandLine}\nIt said:\n{string.Join('\n', lines)}");
    }

    [GeneratedRegex(@"(?<name>\S+) listens on port (?<port>\d+) of .+\.$")]
    private static partial Regex ListeningPattern();
}
