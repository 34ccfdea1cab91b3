// The directory commands as a user meets them: the real executable in a process of its own, real files, exit codes and both outputs.

using System.Diagnostics;
using System.Text;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class DirectoryCommandTests : IDisposable
{
    private const string Passphrase = "a passphrase that nobody guesses";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-directory-").FullName;

    private string Plain => Path.Combine(_folder, "directory.json");

    private string Sealed => Path.Combine(_folder, "directory.sealed");

    [Fact]
    public async Task A_directory_is_sealed_checked_and_opened_again()
    {
        var text = "[\n  {\"username\": \"bob\", \"password\": \"a long secret that only alice and bob know\", \"ip\": \"h\", \"port\": 1}\n]\n";
        WritePrivate(Plain, text);

        var seal = await RunAsync(["seal", Plain, "--out", Sealed, "--passphrase"], $"{Passphrase}\n{Passphrase}\n");
        Assert.Equal((0, ""), (seal.ExitCode, seal.Output));
        Assert.Contains($"remove it: {(OperatingSystem.IsWindows() ? "del" : "rm")} ", seal.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("bob", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Sealed)), StringComparison.Ordinal);
        AssertPrivate(Sealed);

        var check = await RunAsync(["check", Sealed], passphrase: Passphrase);
        Assert.Equal((0, "", $"{Sealed}: 1 contact, no problems, no warnings\n"), check);

        Assert.Equal((0, text, ""), await RunAsync(["open", Sealed], passphrase: Passphrase));
        var copy = Path.Combine(_folder, "copy.json");
        Assert.Equal(0, (await RunAsync(["open", Sealed, "--out", copy], passphrase: Passphrase)).ExitCode);
        Assert.Equal(text, await File.ReadAllTextAsync(copy));
        AssertPrivate(copy);
    }

    [Fact]
    public async Task Nothing_is_replaced_without_force()
    {
        WritePrivate(Plain, "[]");
        WritePrivate(Sealed, "precious");

        var refused = await RunAsync(["seal", Plain, "--out", Sealed], passphrase: Passphrase);
        Assert.Equal((1, "", $"actorchat: {Sealed} is there already; choose another name for --out, or replace it with --force\n"), refused);
        Assert.Equal("precious", await File.ReadAllTextAsync(Sealed));
        Assert.Equal(1, (await RunAsync(["seal", Plain, "--out", Plain], passphrase: Passphrase)).ExitCode);
        Assert.Equal("[]", await File.ReadAllTextAsync(Plain));

        Assert.Equal(0, (await RunAsync(["seal", Plain, "--out", Sealed, "--force"], passphrase: Passphrase)).ExitCode);
        Assert.Equal((0, "[]", ""), await RunAsync(["open", Sealed], passphrase: Passphrase));

        var inPlace = await RunAsync(["seal", Plain, "--out", Plain, "--force"], passphrase: Passphrase);
        Assert.Equal((0, $"{Plain} holds the directory (no contacts) under your passphrase.\n"), (inPlace.ExitCode, inPlace.Error)); // no plain file to remove
    }

    [Fact]
    public async Task What_is_refused_is_told_in_one_line_with_the_remedy()
    {
        WritePrivate(Plain, "[\n7,\n8]");
        AssertRefused(await RunAsync(["seal", Plain, "--out", Sealed], passphrase: Passphrase), "correct it first: line 2, entry 1: ");
        Assert.False(File.Exists(Sealed));

        WritePrivate(Plain, "[]");
        AssertRefused(await RunAsync(["seal", Plain, "--out", Sealed]), "--passphrase-file, ACTORCHAT_PASSPHRASE or --passphrase");
        AssertRefused(await RunAsync(["seal", Plain, "--out", Sealed, "--passphrase"], "one\nanother\n"), "differ; try again");
        AssertRefused(await RunAsync(["open", Plain]), "is not a sealed file");
        AssertRefused(await RunAsync(["check", Path.Combine(_folder, "none")]), "there is no such file");
        AssertRefused(await RunAsync(["check", _folder]), "it is a folder");
        AssertRefused(await RunAsync(["add", "bob", "nowhere", "--directory", Plain]), "nowhere is not an address; write HOST:PORT");

        Assert.Equal(0, (await RunAsync(["seal", Plain, "--out", Sealed], passphrase: Passphrase)).ExitCode);
        AssertRefused(await RunAsync(["open", Sealed], passphrase: "wrong"), "The passphrase is wrong, or the file was altered after it was sealed.");
    }

    [Fact]
    public async Task Check_lists_every_problem_and_every_warning_and_no_password()
    {
        await File.WriteAllTextAsync(Plain, "[\n{\"username\": \"bob\", \"password\": \"hunter2\", \"ip\": \"h\", \"port\": 1},\n7,\n{\"username\": \"\\u001b[2J\"}]");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Plain, (UnixFileMode)0b110_100_100);
        }

        var (exitCode, output, error) = await RunAsync(["check", Plain]);

        Assert.Equal(1, exitCode);
        Assert.Equal(5, output.Split('\n').Count(line => line.StartsWith($"{Plain}, line ", StringComparison.Ordinal) && !line.Contains("warning")));
        Assert.Contains($"{Plain}, line 2, entry 1: warning: the password of bob is easy to guess", output, StringComparison.Ordinal);
        Assert.Contains(OperatingSystem.IsWindows() ? "" : "(mode 644)", output, StringComparison.Ordinal);
        Assert.StartsWith($"actorchat: {Plain} has 5 problems", error);
        Assert.DoesNotContain("hunter2", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output + error);
    }

    [Fact]
    public async Task Warnings_alone_are_no_failure()
    {
        WritePrivate(Plain, "[{\"username\": \"bob\", \"password\": \"hunter2\", \"ip\": \"h\", \"port\": 1}]");
        var (exitCode, _, error) = await RunAsync(["check", Plain]);
        Assert.Equal((0, $"{Plain}: 1 contact, no problems, 1 warning\n"), (exitCode, error));
    }

    [Fact]
    public async Task Each_sides_file_takes_the_others_line()
    {
        var bobs = Path.Combine(_folder, "bob.json");
        var add = await RunAsync(["add", "bob", "192.0.2.7:5002", "--directory", Plain, "--me", "alice", "--at", "[2001:db8::1]:5001"]);

        Assert.Equal(0, add.ExitCode);
        Assert.Matches("^{\"username\": \"alice\", \"password\": \"([a-z-]+ ){5}[a-z-]+\", \"ip\": \"2001:db8::1\", \"port\": 5001}\n$", add.Output);
        AssertPrivate(Plain);
        WritePrivate(bobs, $"[{add.Output}]");
        Assert.Equal(0, (await RunAsync(["check", bobs])).ExitCode);
        Assert.Equal(0, (await RunAsync(["check", Plain])).ExitCode);
        Assert.Equal(add.Output.Split('"')[7], (await File.ReadAllTextAsync(Plain)).Split('"')[7]);

        AssertRefused(await RunAsync(["add", "bob", "192.0.2.7:5002", "--directory", Plain]), "the name bob is there already");
    }

    [Fact]
    public async Task Both_entries_have_the_profile_that_was_asked_for_and_what_it_gives_away_is_said()
    {
        var add = await RunAsync(["add", "bob", "192.0.2.7:5002", "--directory", Plain, "--me", "alice", "--at", "192.0.2.6:5001", "--profile", "classic"]);
        Assert.Equal(0, add.ExitCode);
        Assert.Contains("\"profile\": \"classic\"", add.Output, StringComparison.Ordinal);
        Assert.Contains("\"profile\": \"classic\"", await File.ReadAllTextAsync(Plain), StringComparison.Ordinal);
        Assert.Contains("Warning: classic is for implementations that speak nothing else: ", add.Error, StringComparison.Ordinal);

        var modern = await RunAsync(["add", "carol", "192.0.2.8:5002", "--directory", Plain, "--me", "alice", "--at", "192.0.2.6:5001"]);
        Assert.DoesNotContain("profile", modern.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", modern.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sealed_directory_stays_sealed_and_the_own_entry_tells_who_we_are()
    {
        WritePrivate(Plain, "[{\"username\": \"alice\", \"password\": \"x7#Kp2!vQz9@\", \"ip\": \"127.0.0.1\", \"port\": 5001}]");
        Assert.Equal(0, (await RunAsync(["seal", Plain, "--out", Sealed], passphrase: Passphrase)).ExitCode);

        var add = await RunAsync(["add", "bob", "192.0.2.7:5002", "--directory", Sealed], passphrase: Passphrase);
        Assert.Equal(0, add.ExitCode);
        Assert.StartsWith("{\"username\": \"alice\", ", add.Output);
        Assert.Contains("127.0.0.1 is only this machine", add.Error, StringComparison.Ordinal);
        Assert.Contains("\"username\": \"bob\"", (await RunAsync(["open", Sealed], passphrase: Passphrase)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_own_entry_the_line_has_placeholders_and_says_so()
    {
        var add = await RunAsync(["add", "bob", "192.0.2.7:5002", "--directory", Plain]);
        Assert.StartsWith("{\"username\": \"YOUR-NAME\", ", add.Output);
        Assert.EndsWith("\"ip\": \"YOUR-ADDRESS\", \"port\": 0}\n", add.Output);
        Assert.Contains("write your own name, address and port over YOUR-NAME", add.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void AssertRefused((int ExitCode, string Output, string Error) result, string remedy)
    {
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("actorchat: ", line);
        Assert.Contains(remedy, line, StringComparison.Ordinal);
    }

    private static void AssertPrivate(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    private static void WritePrivate(string path, string text)
    {
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, string input = "", string? passphrase = null)
    {
        var start = new ProcessStartInfo(NodeProcess.CommandLine[0], [.. NodeProcess.CommandLine[1..], "directory", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["ACTORCHAT_PASSPHRASE"] = passphrase;
        start.Environment["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config");
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
