// The help pages of all commands. The list comes from the command tree, so a new command cannot be forgotten. The examples are parsed, so none becomes outdated.

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ActorChat.EndToEnd.Tests;

public sealed partial class HelpTests
{
    public static TheoryData<string> Commands => [.. All(CommandTree.Create()).Select(HelpPages.PathOf)];

    [Fact]
    public void There_is_a_page_for_every_command_and_for_nothing_else() => Assert.Equal(All(CommandTree.Create()).Select(HelpPages.PathOf).Order(), HelpPages.Commands.Order());

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_option_and_argument_is_described_in_a_phrase(string path)
    {
        var command = All(CommandTree.Create()).Single(command => HelpPages.PathOf(command) == path);
        var symbols = new Symbol[] { command }.Concat(command.Options).Concat(command.Arguments);
        Assert.All(symbols, symbol => Assert.True(
            symbol.Description is { } text && char.IsUpper(text[0]) && text.EndsWith('.') && text.Contains(' '), $"{symbol.Name}: {symbol.Description}"));
        Assert.All(command.Options.Where(option => option is not (HelpOption or VersionOption) && option.ValueType != typeof(bool)), option => Assert.NotNull(option.HelpName));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_fits_the_width(string path)
    {
        Assert.All(new[] { 60, 80, 100 }, width =>
        {
            var lines = Help(path, width);
            Assert.All(lines, line => Assert.True(line.StartsWith("  $ ", StringComparison.Ordinal) ? line.Length <= 80 : line.TrimEnd().Length <= width, $"{width}: {line}"));
        });
        Assert.True(Help(path, 100).Length <= Help(path, 60).Length);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_is_a_command_line_of_the_command_that_it_stands_with(string path)
    {
        var examples = Help(path, 80).Select(line => Example().Match(line)).Where(match => match.Success).ToArray();
        Assert.NotEmpty(examples);
        Assert.All(examples, example =>
        {
            var root = CommandTree.Create();
            var parsed = CommandTree.Parse(root, [.. CommandLineParser.SplitCommandLine(example.Groups["arguments"].Value)]);
            Assert.True(parsed.Errors.Count == 0, $"{example.Value}: {string.Join(' ', parsed.Errors.Select(error => error.Message))}");
            Assert.StartsWith(path, HelpPages.PathOf(parsed.CommandResult.Command), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("send", new[] { "0", "2", "3", "4", "5", "6" })]
    [InlineData("ping", new[] { "0", "2", "3" })]
    public void A_command_for_scripts_lists_its_exit_codes(string path, string[] codes)
    {
        var section = Help(path, 80).SkipWhile(line => line != "Exit codes:").Skip(1).TakeWhile(line => line.Length > 0);
        Assert.Equal(codes, section.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
    }

    [Fact]
    public void The_manual_page_has_every_command_and_every_option()
    {
        var page = ManPage.Of(CommandTree.Create()).Replace("\\-", "-", StringComparison.Ordinal);
        Assert.All(All(CommandTree.Create()), command =>
        {
            Assert.Contains($".SS \"{$"actorchat {HelpPages.PathOf(command)}".TrimEnd()}", page, StringComparison.Ordinal);
            Assert.All(command.Options, option => Assert.Contains(option.Name, page, StringComparison.Ordinal));
        });
    }

    [Harness.ProgramTheory("man")]
    [InlineData("80")]
    [InlineData("60")]
    public async Task The_manual_page_is_one_that_man_has_nothing_to_say_about(string columns)
    {
        using var folder = new Harness.TemporaryFolder();
        var page = folder.Write("actorchat.1", ManPage.Of(CommandTree.Create()));
        var start = new ProcessStartInfo("man", ["--warnings", "--local-file", page]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["LC_ALL"], start.Environment["MANWIDTH"]) = ("C.UTF-8", columns);
        using var man = Process.Start(start)!;
        var (output, errors) = (man.StandardOutput.ReadToEndAsync(), man.StandardError.ReadToEndAsync());
        await man.WaitForExitAsync().WaitAsync(Harness.NodeProcess.Patience);
        Assert.Equal((0, ""), (man.ExitCode, await errors));
        Assert.Contains("actorchat send [NAME] [TEXT]", await output, StringComparison.Ordinal);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static string[] Help(string path, int width)
    {
        using var output = new StringWriter();
        string[] words = [.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"];
        Assert.Equal(0, CommandTree.Parse(CommandTree.Create(width), words).Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }

    [GeneratedRegex(@"^  \$ (?:\w+ \| )?actorchat\b(?<arguments>.*?)(?: > \S+)?$")]
    private static partial Regex Example();
}
