// The directory on disk: a sealed one is read back unchanged, a damaged one gives one clear error, and only its owner can read a file that is written.

using System.Text;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.Tests.Sealing;

namespace ActorChat.Storage.Tests.Contacts;

public sealed class DirectoryFileTests : IDisposable
{
    private static readonly Passphrase Passphrase = Passphrase.Of("correct horse");

    private static readonly byte[] Text = Encoding.UTF8.GetBytes("[\n  {\"username\": \"bob\", \"password\": \"p\", \"ip\": \"h\", \"port\": 1}\n]\n");

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_sealed_directory_round_trips()
    {
        var path = _folder.File("directory.sealed");
        DirectoryFile.Write(path, Text, Passphrase);

        Assert.True(DirectoryFile.IsSealed(path));
        Assert.Equal(Text, DirectoryFile.Read(path, Passphrase));
        Assert.Null(DirectoryFile.Warning(path));
    }

    // A running node keeps only the key for this salt, not the passphrase.
    [Fact]
    public void A_sealed_directory_that_is_written_again_keeps_its_salt_unless_the_passphrase_is_another()
    {
        var path = _folder.File("directory.sealed");
        File.WriteAllBytes(path, SealedFile.Seal("before"u8, Passphrase.Utf8, SealedFileTests.Cheap));
        var prefix = File.ReadAllBytes(path)[..SealedFile.PrefixSize];
        DirectoryFile.Write(path, Text, Passphrase);
        Assert.Equal(prefix, File.ReadAllBytes(path)[..SealedFile.PrefixSize]);
        Assert.Equal(Text, DirectoryFile.Read(path, Passphrase));

        var another = Passphrase.Of("another horse");
        DirectoryFile.Write(path, Text, another);
        Assert.NotEqual(prefix, File.ReadAllBytes(path)[..SealedFile.PrefixSize]);
        Assert.Equal(Text, DirectoryFile.Read(path, another));
    }

    [Fact]
    public void A_directory_that_another_program_has_open_is_read_all_the_same()
    {
        var path = _folder.File("directory.json");
        File.WriteAllBytes(path, Text);
        using var other = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var third = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Assert.False(DirectoryFile.IsSealed(path));
        Assert.Equal(Text, DirectoryFile.Read(path));
    }

    [Fact]
    public void A_plain_directory_round_trips()
    {
        var path = _folder.File("directory.json");
        DirectoryFile.Write(path, Text, passphrase: null);

        Assert.False(DirectoryFile.IsSealed(path));
        Assert.Equal(Text, DirectoryFile.Read(path));
        Assert.Equal(Text, DirectoryFile.Read(path, Passphrase)); // a passphrase for a plain file is ignored: it may be meant for the log's key
        Assert.Null(DirectoryFile.Warning(path));
    }

    // Without the first eight bytes a file does not count as sealed, and then it is not even text.
    [Fact]
    public void Each_flipped_byte_of_a_sealed_directory_gives_one_clear_error()
    {
        var path = _folder.File("directory.sealed");
        var file = SealedFile.Seal(Text, Passphrase.Utf8, SealedFileTests.Cheap);
        for (var i = 0; i < file.Length; i++)
        {
            file[i] ^= 0xff;
            File.WriteAllBytes(path, file);
            file[i] ^= 0xff;

            if (i < 8)
            {
                Assert.Null(DirectoryReader.Read(DirectoryFile.Read(path, Passphrase), out var problems));
                Assert.Equal("line 1: the file is not UTF-8 text: save it as UTF-8", problems.Single().ToString());
            }
            else
            {
                var e = Assert.Throws<IOException>(() => DirectoryFile.Read(path, Passphrase));
                Assert.StartsWith($"{path}: ", e.Message);
                Assert.IsType<SealedFileException>(e.InnerException);
            }
        }
    }

    [Fact]
    public void A_wrong_passphrase_and_altered_contents_are_told_in_the_same_words()
    {
        var path = _folder.File("directory.sealed");
        var file = SealedFile.Seal(Text, Passphrase.Utf8, SealedFileTests.Cheap);
        File.WriteAllBytes(path, file);
        var wrong = Assert.Throws<IOException>(() => DirectoryFile.Read(path, Passphrase.Of("incorrect horse"))).Message;
        file[^1] ^= 1;
        File.WriteAllBytes(path, file);

        Assert.Equal(wrong, Assert.Throws<IOException>(() => DirectoryFile.Read(path, Passphrase)).Message);
    }

    [Fact]
    public void A_sealed_directory_without_a_passphrase_is_told_with_the_three_ways_to_give_it()
    {
        var path = _folder.File("directory.sealed");
        File.WriteAllBytes(path, SealedFile.Seal(Text, Passphrase.Utf8, SealedFileTests.Cheap));

        Assert.EndsWith("--passphrase-file, ACTORCHAT_PASSPHRASE or --passphrase", Assert.Throws<IOException>(() => DirectoryFile.Read(path)).Message);
    }

    [Fact]
    public void A_path_that_is_no_file_is_reported_by_name()
    {
        Assert.EndsWith("nobody.json: there is no such file or folder; check the name", Assert.Throws<IOException>(() => DirectoryFile.Read(_folder.File("nobody.json"))).Message);
        Assert.StartsWith($"{_folder.Path}: it is a folder", Assert.Throws<IOException>(() => DirectoryFile.Read(_folder.Path)).Message);
        Assert.Throws<IOException>(() => DirectoryFile.Read(""));
        Assert.Throws<IOException>(() => DirectoryFile.IsSealed("a\0b"));
    }

    [Fact]
    public void A_file_shorter_than_a_seal_is_not_sealed()
    {
        File.WriteAllText(_folder.File("short"), "ACSEAL");
        Assert.False(DirectoryFile.IsSealed(_folder.File("short")));
    }

    [Fact]
    public void On_Unix_a_file_that_others_can_read_is_noticed_and_writing_closes_it()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = _folder.File("directory.json");
        File.WriteAllBytes(path, Text);
        foreach (var (mode, isOpen) in new[] { (0b110_100_100, true), (0b110_100_000, true), (0b110_000_000, false), (0b111_001_001, false) })
        {
            File.SetUnixFileMode(path, (UnixFileMode)mode);
            Assert.Equal(isOpen, DirectoryFile.Warning(path)?.EndsWith($"(mode {Convert.ToString(mode, 8)}), and it holds passwords; keep it to yourself: chmod 600 {path}", StringComparison.Ordinal) == true);
        }

        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        DirectoryFile.Write(path, Text, passphrase: null);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void The_folder_of_a_new_directory_is_made_and_is_its_owners_alone()
    {
        var folder = _folder.File("new");
        DirectoryFile.Make(Path.Combine(folder, "directory.json"), Text, passphrase: null);
        DirectoryFile.Make(Path.Combine(folder, "another.json"), Text, passphrase: null);
        Assert.Equal(Text, DirectoryFile.Read(Path.Combine(folder, "directory.json")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }
    }

    [Fact]
    public void A_sealed_file_may_be_read_by_anybody()
    {
        var path = _folder.File("directory.sealed");
        DirectoryFile.Write(path, Text, Passphrase);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        }

        Assert.Null(DirectoryFile.Warning(path));
    }

    [Fact]
    public void On_Unix_a_file_that_others_may_write_is_not_taken()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var path = _folder.File("directory.json");
        File.WriteAllBytes(path, Text);
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        var refusal = Assert.Throws<UntrustedException>(() => DirectoryFile.Read(path));
        Assert.Equal($"{path} may be written by others (mode 666); give a file of your own, or if it is yours alone: chmod go-w {path}", refusal.Message);
    }

    [Fact]
    public void On_Unix_a_link_stays_a_link_and_its_target_is_what_counts()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var (link, between, target) = (_folder.File("link"), _folder.File("between"), _folder.File("target"));
        File.WriteAllBytes(target, []);
        File.SetUnixFileMode(target, (UnixFileMode)0b110_100_100);
        File.CreateSymbolicLink(between, target);
        File.CreateSymbolicLink(link, between);
        Assert.NotNull(DirectoryFile.Warning(link));
        DirectoryFile.Write(link, Text, passphrase: null);

        Assert.Equal(between, new FileInfo(link).LinkTarget);
        Assert.Equal(target, File.ResolveLinkTarget(link, returnFinalTarget: true)!.FullName);
        Assert.Equal(Text, File.ReadAllBytes(target));
        Assert.Null(DirectoryFile.Warning(link));
    }

    public void Dispose() => _folder.Dispose();
}
