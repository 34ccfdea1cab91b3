// secrets.sealed: the user secrets are read back under the same log key only.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class SecretsFileTests : IDisposable
{
    private static readonly byte[] Records = [.. Enumerable.Range(0, 3 * SecretsFile.RecordSize).Select(i => (byte)i)];

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
        Assert.Empty(_file.Read());
        _file.Write([]);
        Assert.Empty(_file.Read());
        _file.Write(Records);
        Assert.Equal(Records, _file.Read());
    }

    [Fact]
    public void No_secret_stands_in_it_in_the_clear_and_nobody_else_may_read_it()
    {
        _file.Write(Records);
        Assert.Equal(-1, File.ReadAllBytes(FilePath).AsSpan().IndexOf(Records.AsSpan(0, 8)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void A_fingerprint_depends_on_every_part_of_a_credential_and_on_the_log_key()
    {
        using var key = LogKey.Create(new LogFolder(Path.Combine(_folder.Path, "other")), passphrase: null);
        using var other = key.SecretsFile(_folder);
        byte[][] fingerprints =
        [
            _file.Fingerprint("modern", "p", "bob"), _file.Fingerprint("classic", "p", "bob"), _file.Fingerprint("modern", "q", "bob"),
            _file.Fingerprint("modern", "p", "bo"), _file.Fingerprint("modern", "pb", "ob"), other.Fingerprint("modern", "p", "bob"),
        ];
        Assert.Equal(fingerprints.Length, fingerprints.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(fingerprints[0], _file.Fingerprint("modern", "p", "bob"));
    }

    [Fact]
    public void Another_log_key_opens_nothing()
    {
        _file.Write(Records);
        var other = new LogFolder(Path.Combine(_folder.Path, "other"));
        using var key = LogKey.Create(other, passphrase: null);
        using var file = key.SecretsFile(_folder);
        Assert.Empty(file.Read());
    }

    [Fact]
    public void Altered_at_any_byte_or_cut_at_any_length_it_is_as_if_it_were_not_there()
    {
        _file.Write(Records);
        var good = File.ReadAllBytes(FilePath);
        for (var i = 0; i < good.Length; i++)
        {
            var altered = (byte[])good.Clone();
            altered[i] ^= 1;
            File.WriteAllBytes(FilePath, altered);
            Assert.Empty(_file.Read());
            File.WriteAllBytes(FilePath, good[..i]);
            Assert.Empty(_file.Read());
        }

        File.WriteAllBytes(FilePath, [.. good, 0]);
        Assert.Empty(_file.Read());
        File.WriteAllBytes(FilePath, good);
        Assert.Equal(Records, _file.Read());
    }
}
