// Three things about outgoing connections that Akka.IO keeps to itself: that a host name has no address, why a connection failed, and that it
// was reset as soon as it was there.

using System.Net;
using System.Net.Sockets;

namespace ActorChat.Node.Sessions;

/// <summary>Questions to the operating system about a peer's address.</summary>
internal static class OutgoingConnection
{
    /// <summary>The addresses of a host, at least one.</summary>
    /// <param name="host">A host name, or an address, which is its own answer.</param>
    /// <exception cref="SocketException">The name has none.</exception>
    public static async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        var addresses = await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>Why a connection just failed. Akka.IO reports a failed connection without its error, so it is tried once more.</summary>
    public static async Task<SocketError> WhyNotAsync(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint).ConfigureAwait(false);
            return SocketError.ConnectionReset; // it works now: a moment ago it was ended as soon as it was there
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    /// <summary>Tells of a connection that the other side, a node that refuses one more for instance, reset at once: who wants its addresses then
    /// gets an exception, at which Akka.IO gives up without a word. Once read, the socket knows them.</summary>
    /// <param name="onReset">Called in that case.</param>
    public sealed class ResetAtOnce(Action onReset) : Akka.IO.Inet.SocketOption
    {
        /// <inheritdoc/>
        public override void AfterConnect(Socket s)
        {
            try
            {
                _ = s.RemoteEndPoint;
            }
            catch (SocketException)
            {
                onReset();
            }
        }
    }
}
