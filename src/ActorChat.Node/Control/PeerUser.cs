// Who is at the other end of a Unix domain socket: the system knows, and the other end cannot lie about it.

using System.Net.Sockets;
using ActorChat.Storage;

namespace ActorChat.Node.Control;

/// <summary>Asks the system for the user behind a socket.</summary>
internal static class PeerUser
{
    // Linux: SO_PEERCRED of SOL_SOCKET gives struct ucred { pid_t pid; uid_t uid; gid_t gid; }.
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsSize = 12;
    private const int UserOffset = 4;

    /// <summary>Whether the other end runs as our user or as root. True where the system does not tell: there the socket's owner and mode decide.</summary>
    /// <exception cref="SocketException">The connection is gone.</exception>
    public static bool IsTrusted(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> credentials = stackalloc byte[CredentialsSize];
        return socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) == CredentialsSize
            && LocalTrust.IsTrusted(BitConverter.ToUInt32(credentials[UserOffset..]));
    }
}
