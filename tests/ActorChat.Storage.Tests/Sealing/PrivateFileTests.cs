// Writing and reading private files: what may be replaced, and how much is read.

using System.Net.Sockets;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class PrivateFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_of_exactly_the_limit_is_read_and_a_longer_one_is_not()
    {
        PrivateFile.Replace(_folder.File("file"), "12345"u8);
        Assert.Equal("12345"u8, PrivateFile.Read(_folder.File("file"), limit: 5)!);
        Assert.Null(PrivateFile.Read(_folder.File("file"), limit: 4));
    }

    [Fact]
    public void What_an_interrupted_writer_left_behind_stops_nobody()
    {
        var path = _folder.File("file");
        File.WriteAllText(path + ".new", "half of someth");
        PrivateFile.Replace(path, "something"u8);
        Assert.Equal("something", File.ReadAllText(path));
        Assert.False(File.Exists(path + ".new"));
    }

    [Fact]
    public void A_folder_that_cannot_be_synced_is_told()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Contains("could not be synced", Assert.Throws<IOException>(() => PrivateFile.SyncFolder(_folder.File("nowhere"))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_is_put_in_the_place_of_a_device_a_pipe_or_a_socket()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var path = Path.Combine(_folder.Path, "socket");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();

        Assert.Contains("is no ordinary file", Assert.Throws<IOException>(() => PrivateFile.Replace(path, [1])).Message, StringComparison.Ordinal);

        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        caller.Connect(new UnixDomainSocketEndPoint(path));
    }
}
