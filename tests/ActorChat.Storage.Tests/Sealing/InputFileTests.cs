// input.sealed: the typed lines, kept from one start to the next.

using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class InputFileTests : IDisposable
{
    private readonly LogFolder _folder = new(Directory.CreateTempSubdirectory("actorchat-input-").FullName);

    public InputFileTests() => LogKey.Create(_folder, passphrase: null).Dispose();

    private string FilePath => Path.Combine(_folder.Path, "input.sealed");

    public void Dispose() => Directory.Delete(_folder.Path, recursive: true);

    [Fact]
    public void What_was_kept_is_read_again_and_stands_nowhere_readable()
    {
        string[] lines = ["@bob hello", "two\nlines", "\u001b\ud83d\ude42"];
        Keep(lines);
        Assert.Equal(lines, Read());
        Assert.DoesNotContain("hello", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(FilePath)), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        }
    }

    [Fact]
    public void Where_there_is_nothing_or_it_was_altered_nothing_is_read()
    {
        Assert.Empty(Read());
        Keep("@bob hello");
        var file = File.ReadAllBytes(FilePath);
        foreach (var place in new[] { 0, 8, 20, file.Length - 1 })
        {
            file[place] ^= 1;
            File.WriteAllBytes(FilePath, file);
            Assert.Empty(Read());
            file[place] ^= 1;
        }

        for (var length = 0; length < file.Length; length++)
        {
            File.WriteAllBytes(FilePath, file[..length]);
            Assert.Empty(Read());
        }
    }

    [Fact]
    public void Of_too_much_the_newest_is_kept()
    {
        var lines = Enumerable.Range(0, 20).Select(i => $"{i} {new string('x', 100_000)}").ToArray();
        Keep(lines);
        Assert.Equal(lines[^10..], Read());
    }

    private void Keep(params string[] lines)
    {
        using var key = LogKey.Open(_folder, passphrase: null);
        using var file = key.InputFile(_folder);
        file.Write(lines);
    }

    private IReadOnlyList<string> Read()
    {
        using var key = LogKey.Open(_folder, passphrase: null);
        using var file = key.InputFile(_folder);
        return file.Read();
    }
}
