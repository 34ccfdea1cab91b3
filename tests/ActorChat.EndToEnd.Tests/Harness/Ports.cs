// Ports for nodes whose directory files must name each other's before either runs.

using System.Net;
using System.Net.Sockets;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>Finds free ports.</summary>
internal static class Ports
{
    // Below the range from which systems take ports for outgoing connections and for port 0: this run's own conversations would take a port
    // there between our look and the node's start. Two runs at once begin at different places, and Nodes tries again where they meet.
    private const int First = 15_000;
    private const int Count = 16_000;

    private static int _next = Random.Shared.Next(Count);

    /// <summary>A port that nobody listens on at the moment, and that no other test of this run gets.</summary>
    public static int TakeFree()
    {
        while (true)
        {
            var port = First + ((Interlocked.Increment(ref _next) & int.MaxValue) % Count);
            try
            {
                using var probe = Bind(IPAddress.Any, port);
                return port;
            }
            catch (SocketException)
            {
                // somebody else's
            }
        }
    }

    /// <summary>A socket that has a port and does not listen: as long as it lives, whoever connects there is refused.</summary>
    public static Socket HoldWithoutListening() => Bind(IPAddress.Loopback, port: 0);

    /// <summary>Whether this machine has IPv6's own loopback address.</summary>
    public static bool HasIPv6()
    {
        try
        {
            using var probe = Bind(IPAddress.IPv6Loopback, port: 0);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The port of a bound socket.</summary>
    public static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static Socket Bind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
