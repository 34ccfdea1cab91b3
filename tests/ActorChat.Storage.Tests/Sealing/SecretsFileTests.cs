// The file of user secrets: what goes in comes out for the same directory and key, and for nothing else.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class SecretsFileTests : IDisposable
{
    private static readonly byte[] Fingerprint = [.. Enumerable.Repeat((byte)7, SecretsFile.SecretSize)];
    private static readonly byte[] Secrets = [.. Enumerable.Range(0, 3 * SecretsFile.SecretSize).Select(i => (byte)i)];

    private readonly LogFolder _folder = new(Directory.CreateTempSubdirectory("actorchat").FullName);
    private readonly LogKey _key;
    private readonly SecretsFile _file;

    public SecretsFileTests()
    {
        _key = LogKey.Create(_folder, passphrase: null);
        _file = _key.SecretsFile(_folder);
    }

    private string FilePath => Path.Combine(_folder.Path, "secrets.sealed");

    public void Dispose()
    {
        _file.Dispose();
        _key.Dispose();
        Directory.Delete(_folder.Path, recursive: true);
    }

    [Fact]
    public void What_was_kept_is_read_again_and_the_last_one_counts()
    {
        Assert.Null(_file.Read(Fingerprint));
        _file.Write(Fingerprint, []);
        Assert.Empty(_file.Read(Fingerprint)!);
        _file.Write(Fingerprint, Secrets);
        Assert.Equal(Secrets, _file.Read(Fingerprint)!);
    }

    [Fact]
    public void No_secret_stands_in_it_in_the_clear_and_nobody_else_may_read_it()
    {
        _file.Write(Fingerprint, Secrets);
        Assert.Equal(-1, File.ReadAllBytes(FilePath).AsSpan().IndexOf(Secrets.AsSpan(0, 8)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void Another_directory_has_no_secrets_in_it()
    {
        _file.Write(Fingerprint, Secrets);
        var other = (byte[])Fingerprint.Clone();
        other[^1] ^= 1;
        Assert.Null(_file.Read(other));
    }

    [Fact]
    public void Another_log_key_opens_nothing()
    {
        _file.Write(Fingerprint, Secrets);
        var other = new LogFolder(Path.Combine(_folder.Path, "other"));
        using var key = LogKey.Create(other, passphrase: null);
        using var file = key.SecretsFile(_folder);
        Assert.Null(file.Read(Fingerprint));
    }

    [Fact]
    public void Altered_at_any_byte_or_cut_at_any_length_it_is_as_if_it_were_not_there()
    {
        _file.Write(Fingerprint, Secrets);
        var good = File.ReadAllBytes(FilePath);
        for (var i = 0; i < good.Length; i++)
        {
            var altered = (byte[])good.Clone();
            altered[i] ^= 1;
            File.WriteAllBytes(FilePath, altered);
            Assert.Null(_file.Read(Fingerprint));
            File.WriteAllBytes(FilePath, good[..i]);
            Assert.Null(_file.Read(Fingerprint));
        }

        File.WriteAllBytes(FilePath, [.. good, 0]);
        Assert.Null(_file.Read(Fingerprint));
        File.WriteAllBytes(FilePath, good);
        Assert.Equal(Secrets, _file.Read(Fingerprint)!);
    }
}
