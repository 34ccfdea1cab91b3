// Reading a secret from the first line of a passphrase or password file, and what is said where there is none.

using System.Text;
using ActorChat.Storage;

namespace ActorChat.Tests;

public sealed class SecretFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-secret-").FullName;

    private string File => Path.Combine(_folder, "secret");

    [Theory]
    [InlineData("pass word", "pass word")]
    [InlineData("pass word\nand more", "pass word")]
    [InlineData("Pässword\r\n", "Pässword")]
    [InlineData("\uFEFF blanks stay \n", " blanks stay ")]
    public void A_secret_is_the_first_line(string contents, string secret)
    {
        Write(Encoding.UTF8.GetBytes(contents));
        using var read = PassphraseOptions.ReadFile(File);
        Assert.Equal(secret, Encoding.UTF8.GetString(read.Utf8));
    }

    [Theory]
    [InlineData(4096, null)]
    [InlineData(4097, "the first line of {0} is longer than 4096 bytes; is it the right file?")]
    [InlineData(1_000_000, "the first line of {0} is longer than 4096 bytes; is it the right file?")]
    [InlineData(0, "{0} holds nothing in its first line; write the secret there")]
    public void No_other_file_is_taken_for_a_secret(int size, string? problem)
    {
        Write(Encoding.ASCII.GetBytes(new string('x', size)));
        Assert.Equal(problem is null ? null : string.Format(null, problem, File), Record.Exception(() => PassphraseOptions.ReadFile(File))?.Message);
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused()
    {
        Write([0xff, 0xfe, (byte)'\n']);
        Assert.Equal($"the first line of {File} is not UTF-8 text; is it the right file?", Assert.Throws<IOException>(() => PassphraseOptions.ReadFile(File)).Message);
    }

    [Fact]
    public void A_file_that_others_may_write_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Write("any"u8.ToArray());
        System.IO.File.SetUnixFileMode(File, (UnixFileMode)0b110_110_110);
        Assert.StartsWith($"{File} may be written by others (mode 666); ", Assert.Throws<UntrustedException>(() => PassphraseOptions.ReadFile(File)).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(byte[] contents)
    {
        System.IO.File.WriteAllBytes(File, contents);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
