// What the Tab key offers: real shells run the script that the program prints, and the script asks the program. The shell's line editor does not run here,
// so each test calls the script's function as the editor would, with the line up to the cursor.

using System.Diagnostics;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class CompletionTests : IDisposable
{
    private const string Bash = """
        source <(actorchat completion bash)
        complete -p actorchat | grep -q -- '-F _actorchat' || exit 1
        COMP_LINE=$1 COMP_POINT=${#1}
        _actorchat actorchat "$2" && printf '%s\n' "${COMPREPLY[@]}"
        """;

    // zsh's compadd keeps only the words that match what was typed, so this replacement does so too.
    private const string Zsh = """
        compdef() { registered=$*; }
        compadd() { shift; print -rl -- ${(M)@:#${PREFIX}*}; }
        _files() { :; }
        source <(actorchat completion zsh)
        [[ $registered == '_actorchat actorchat' ]] || exit 1
        words=(${(z)1}) PREFIX=$2
        [[ -n $2 ]] || words+=('')
        CURRENT=$#words
        _actorchat
        """;

    private const string PowerShell = """
        actorchat completion pwsh | Out-String | Invoke-Expression
        (TabExpansion2 $env:LINE $env:LINE.Length).CompletionMatches.CompletionText
        """;

    private readonly TemporaryFolder _folder = new();

    public CompletionTests()
    {
        Entry[] sample = [new Entry("alice", "any secret of theirs", 5001), new Entry("bob", "any secret of theirs", 5002)];
        _folder.WriteDirectory("directory.sample.json", sample);
        File.Move(_folder.WriteDirectory("own.json", sample), _folder.WriteOwn("directory.json", ""), overwrite: true);
        _folder.WriteDirectory("others.json", new Entry("carol", "any secret of theirs", 5003), new Entry("Bob Smith", "any secret of theirs", 5004));
    }

    public static TheoryData<string, string, string> Lines => new()
    {
        { "actorchat ", "", "completion demo directory feed init log manpage ping probe run send" },
        { "actorchat s", "s", "send" },
        { "actorchat log r", "r", "rekey" },
        { "actorchat send --t", "--t", "--timeout --to" },
        { "actorchat send ", "", "alice bob" },
        { "actorchat ping b", "b", "bob" },
        { "actorchat send --name bob ", "", "alice" },
        { "actorchat send --directory others.json c", "c", "carol" },
        { "actorchat --listen a", "a", "any" },
        { "actorchat completion z", "z", "zsh" },
        { "actorchat send bob ", "", "" }, // a text is not a name
        { "actorchat send --to ::1 ", "", "" },
        { "actorchat directory check ", "", "" }, // the shell's own file names
        { "actorchat send --directory nowhere.json ", "", "" },
    };

    public void Dispose() => _folder.Dispose();

    [ProgramTheory("bash")]
    [MemberData(nameof(Lines))]
    public async Task Bash_offers_what_can_stand_there(string line, string word, string offered) =>
        Assert.Equal(offered, await AskAsync("bash", ["-c", Bash, "bash", line, word]));

    [ProgramTheory("bash")]
    [InlineData("actorchat send --directory others.json Bo", "Bo", @"Bob\ Smith")]
    [InlineData(@"actorchat send --directory others.json Bob\ S", @"Bob\ S", @"Bob\ Smith")]
    [InlineData("actorchat send --directory others.json \"Bob S", "\"Bob S", "Bob Smith")]
    public async Task A_name_with_a_blank_is_quoted_for_bash(string line, string word, string offered) =>
        Assert.Equal(offered, await AskAsync("bash", ["-c", Bash, "bash", line, word]));

    [ProgramTheory("zsh")]
    [MemberData(nameof(Lines))]
    public async Task Zsh_offers_what_can_stand_there(string line, string word, string offered) =>
        Assert.Equal(offered, await AskAsync("zsh", ["-f", "-c", Zsh, "zsh", line, word]));

    // Where the program has nothing to offer, TabExpansion2 itself goes on to file names.
    [ProgramTheory("pwsh")]
    [InlineData("actorchat ", "completion demo directory feed init log manpage ping probe run send")]
    [InlineData("actorchat ping b", "bob")]
    [InlineData("actorchat send --t", "--timeout --to")]
    public async Task PowerShell_offers_what_can_stand_there(string line, string offered) =>
        Assert.Equal(offered, await AskAsync("pwsh", ["-NoProfile", "-Command", PowerShell], line));

    [Fact]
    public async Task A_sealed_directory_tells_no_names_and_asks_for_nothing()
    {
        Dictionary<string, string> passphrase = new() { ["ACTORCHAT_PASSPHRASE"] = "a passphrase that nobody guesses" };
        await using var seal = NodeProcess.Start(_folder, passphrase, ["directory", "seal", "others.json", "--out", "sealed.json"]);
        Assert.Equal(0, await seal.ExitAsync());
        await using var process = NodeProcess.Start(_folder, passphrase, ["[suggest]", "send --directory sealed.json "]);
        Assert.Equal(0, await process.ExitAsync());
        Assert.Equal((0, 0), (process.Output.Items.Count, process.Errors.Items.Count));
    }

    [Theory]
    [InlineData("[suggest]", "send --directory directory.sample.json a", "alice")]
    [InlineData("[suggest:6]", "send a --directory directory.sample.json", "alice")]
    [InlineData("[suggest:1000]", "send a", "alice")]
    [InlineData("[suggest:nowhere]", "send a", "alice")]
    [InlineData("[suggest]", "send 'it is \" a", "")]
    public async Task The_program_answers_for_any_cursor(string directive, string line, string offered)
    {
        var (exitCode, process) = await NodeProcess.RunAsync(_folder, directive, line);
        Assert.Equal(offered, string.Join(' ', process.Output.Items.Select(item => item.Text)));
        Assert.Equal((0, 0), (exitCode, process.Errors.Items.Count));
    }

    private async Task<string> AskAsync(string shell, string[] arguments, string line = "")
    {
        var start = new ProcessStartInfo(shell, arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{NodeProcess.WriteLauncher(_folder)}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["LINE"] = line;
        start.Environment["XDG_CONFIG_HOME"] = Path.Combine(_folder.Path, "config");
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(NodeProcess.Patience);
        Assert.Equal((0, ""), (process.ExitCode, await errors));
        return string.Join(' ', (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
