// The diagnostic log goes where the settings say, and never to standard output, which belongs to the conversation.

using ActorChat.Node.Logging;

namespace ActorChat.Node.Tests.Logging;

/// <summary>These tests replace the process's console and logger, so they run alone.</summary>
[CollectionDefinition(nameof(ProcessWide), DisableParallelization = true)]
public sealed class ProcessWide;

[Collection(nameof(ProcessWide))]
public sealed class DiagnosticsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat").FullName;
    private readonly TextWriter _outBefore = Console.Out;
    private readonly TextWriter _errorBefore = Console.Error;
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public DiagnosticsTests()
    {
        Console.SetOut(_out);
        Console.SetError(_error);
    }

    [Theory]
    [InlineData("off", "")]
    [InlineData("error", "ERR")]
    [InlineData("warning", "ERR WRN")]
    [InlineData("info", "ERR WRN INF")]
    [InlineData("debug", "ERR WRN INF DBG")]
    public void Each_place_gets_what_its_own_level_lets_through_and_standard_output_nothing(string level, string written)
    {
        WriteOneOfEach($"actorchat.log {{ console-level = {level}, file = \"{_folder}/silent.log\", file-level = off }}");
        Assert.Equal(written, Levels(_error.ToString()));
        Assert.Empty(Directory.GetFiles(_folder));

        WriteOneOfEach($"actorchat.log {{ console-level = off, file = \"{_folder}/chat.log\", file-level = {level} }}");
        Assert.Equal(written, Levels(string.Concat(Directory.GetFiles(_folder).Select(File.ReadAllText))));
        Assert.Equal(written, Levels(_error.ToString()));
        Assert.Empty(_out.ToString());
    }

    [Fact]
    public void Without_a_file_none_is_written()
    {
        WriteOneOfEach("actorchat.log { console-level = off, file-level = debug }");
        Assert.Empty(_error.ToString() + _out);
    }

    public void Dispose()
    {
        Console.SetOut(_outBefore);
        Console.SetError(_errorBefore);
        _out.Dispose();
        _error.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void WriteOneOfEach(string overrides)
    {
        using var log = Diagnostics.Create(NodeSettings.Read(NodeSettings.LoadConfig(overrides)));
        log.Error("here");
        log.Warning("here");
        log.Information("here");
        log.Debug("here");
    }

    private static string Levels(string log) =>
        string.Join(' ', log.Split('\n').Where(line => line.EndsWith(" here", StringComparison.Ordinal)).Select(line => line[^8..^5]));
}
