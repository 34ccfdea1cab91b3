// A user's settings file: a mistake in it is reported with the file's name and the line.

namespace ActorChat.Node.Tests;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-settings-").FullName;

    [Theory]
    [InlineData("actorchat.outbox.max-waiting = -1", ", line 1: The setting actorchat.outbox.max-waiting = -1 is wrong")]
    [InlineData("# mine\nactorchat {\n  outbox {\n    max-waiting = 0\n  }\n}\n", ", line 4: The setting actorchat.outbox.max-waiting = 0 is wrong")]
    [InlineData("actorchat { outbox { max-waiting = 5 }\n texts { max-wait : soon\n } }", ", line 2: The setting actorchat.texts.max-wait = soon is wrong")]
    [InlineData("actorchat.outbox {\n\"max-waiting\" = 5\n\n\"max-waiting\" = 0 }", ", line 4: ")]
    [InlineData("// one\nactorchat.log.file = \"{ = \"\nactorchat.texts {\n  per-minute = 10 // fine\n  max-wait = 5 d }", ", line 5: ")]
    [InlineData("akka.loggers = [\"{\",\n\"}\"]\nactorchat.colour = red", ", line 3: The setting actorchat.colour = red is unknown")]
    [InlineData("actorchat.texts { per-minute = { a = 1 } }", ", line 1: ")]
    [InlineData("actorchat { texts = 5\n }", ", line 1: The setting actorchat.texts")]
    [InlineData("\n\ncolour = red", ", line 3: The setting colour is unknown")]
    [InlineData("\nactorchat {", ": The configuration file is not HOCON: line 2: a { is opened and not closed")]
    public void What_is_wrong_is_told_with_file_and_line(string text, string message)
    {
        var file = Path.Combine(_folder, "my.conf");
        File.WriteAllText(file, text);
        Assert.Equal(file + message, Assert.Throws<SettingsException>(() => NodeSettings.Load(file)).Message[..(file.Length + message.Length)]);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_told_in_words()
    {
        Assert.Equal("none.conf: there is no such settings file; check --config", Problem("none.conf"));
        Assert.Equal("no/none.conf: there is no such settings file; check --config", Problem("no/none.conf"));
        Assert.Equal($"{_folder} is a folder; name the settings file with --config", Problem(_folder));
        Assert.Equal(": the settings file cannot be read; check its name and permissions", Problem(""));
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal("/dev/zero is larger than 1048576 bytes; is it the settings file? Check --config", Problem("/dev/zero"));
        }
    }

    [Fact]
    public void Without_a_file_the_defaults_hold() => Assert.Equal(5, NodeSettings.Load(null).Settings.Guesses.Free);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Problem(string path) => Assert.Throws<SettingsException>(() => NodeSettings.Load(path)).Message;
}
