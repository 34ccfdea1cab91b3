// What a private file may take the place of.

using System.Net.Sockets;
using ActorChat.Storage.Sealing;

namespace ActorChat.Storage.Tests.Sealing;

public sealed class PrivateFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
