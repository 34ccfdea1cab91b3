// Whose files and folders are trusted: ours and root's, and only those to which nobody else may write.

using ActorChat.Storage.Sealing;
using ActorChat.Storage.Tests.Sealing;

namespace ActorChat.Storage.Tests;

public sealed class LocalTrustTests : IDisposable
{
    private const uint Us = 1000;
    private const uint Somebody = 1001;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(Us, Us, 0b110_100_100, true)]
    [InlineData(0u, 0u, 0b110_100_100, true)] // root can read and write everything anyway
    [InlineData(Us, Us, 0b110_110_100, true)] // the group that many systems make for each user, under umask 002
    [InlineData(null, null, 0b110_100_100, true)] // the system does not tell
    [InlineData(null, null, 0b110_110_100, false)]
    [InlineData(Somebody, Us, 0b110_000_000, false)]
    [InlineData(Us, Somebody, 0b110_110_000, false)]
    [InlineData(Us, Us, 0b110_000_010, false)]
    [InlineData(0u, 0u, 0b1_111_111_111, false)] // /tmp
    public void Only_what_nobody_else_owns_or_may_write_is_trusted(uint? owner, uint? group, int mode, bool isTrusted) =>
        Assert.Equal(isTrusted, LocalTrust.Problem("a file", "remedy", owner, group, (UnixFileMode)mode, Us) is null);

    [Fact]
    public void The_system_says_which_user_we_are()
    {
        var path = _folder.File("ours");
        PrivateFile.Replace(path, "any"u8);
        Assert.Equal("any"u8, PrivateFile.Read(path, limit: 10)!);
        Assert.True(LocalTrust.IsTrusted(0));
        Assert.False(LocalTrust.IsTrusted(4_000_000_000));
    }

    [Fact]
    public void A_file_of_another_user_is_refused()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return; // only root can change a file's owner; the rule itself is tested above
        }

        var path = _folder.File("theirs");
        PrivateFile.Replace(path, "any"u8);
        using (var chown = System.Diagnostics.Process.Start("chown", ["12345", path]))
        {
            chown.WaitForExit();
        }

        var refusal = Assert.Throws<UntrustedException>(() => PrivateFile.Read(path, limit: 10));
        Assert.Equal($"{path} belongs to another user (number 12345), who could change it; give a file of your own", refusal.Message);
    }

    [Fact]
    public void A_folder_that_is_there_is_never_changed()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var mode in new[] { 0b111_101_101, 0b1_111_111_111 })
        {
            var path = _folder.File($"folder-{mode}");
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)mode);
            if (mode == 0b111_101_101)
            {
                StateFolder.Open(path).Dispose();
            }
            else
            {
                var refusal = Assert.Throws<UntrustedException>(() => StateFolder.Open(path));
                Assert.StartsWith($"{path} may be written by others (mode 1777); name a folder that only you may write to (--state)", refusal.Message);
                Assert.Empty(Directory.EnumerateFileSystemEntries(path));
            }

            Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void A_folder_that_is_made_is_its_owners_alone()
    {
        var path = Path.Combine(_folder.File("new"), "state");
        StateFolder.Open(path).Dispose();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void A_file_in_the_folders_place_is_told_in_words()
    {
        var path = _folder.File("file");
        File.WriteAllText(path, "");
        Assert.Equal($"the state folder {path} is a file; name a folder with --state", Assert.Throws<IOException>(() => StateFolder.Open(path)).Message);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_not_there_gets_no_warning() => Assert.Null(LocalTrust.Warning(_folder.File("nothing"), "a secret"));

    [Fact]
    public void A_pipe_that_a_link_stands_for_gets_no_warning_and_no_error()
    {
        if (OperatingSystem.IsLinux())
        {
            using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
            Assert.Null(LocalTrust.Warning($"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}", "a secret"));
        }
    }
}
