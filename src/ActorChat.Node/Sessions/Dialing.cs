// From a host and a port to a connection: resolve the name, then try its addresses one after another. An address where nobody answers
// gets its own short time, so that it does not use up the time of the next. Akka.IO does not report three things that a user wants to know: that a name
// has no address, why a connection failed, and that it was reset as soon as it was made. The operating system is asked for them here.

using System.Net;
using System.Net.Sockets;
using ActorChat.Node.Serialization;
using Akka.Actor;
using Akka.IO;

namespace ActorChat.Node.Sessions;

/// <summary>Makes one connection for a session, which hands on the messages that it does not handle itself.</summary>
/// <param name="tcp">Akka.IO's TCP manager.</param>
/// <param name="session">Receives the messages for <see cref="Take"/>.</param>
/// <param name="host">An address or a host name.</param>
/// <param name="port">1 to 65,535.</param>
/// <param name="timeout">For each address but the last, which has what remains of the session's own deadline.</param>
/// <param name="resolve">From a host name to its addresses; the system's resolver when null.</param>
internal sealed class Dialing(IActorRef tcp, IActorRef session, string host, int port, TimeSpan timeout, Func<string, Task<IPAddress[]>>? resolve = null)
{
    private readonly Queue<IPAddress> _addresses = new();
    private IPEndPoint? _endPoint;

    public void Begin()
    {
        if (IPAddress.TryParse(host, out var address))
        {
            Dial([address]);
        }
        else
        {
            ResolveAsync().PipeTo(session, success: addresses => new Resolved(addresses), failure: NotConnected.Because);
        }
    }

    /// <summary>Handles a message that the session received.</summary>
    /// <returns>How the connection stands; null when the message is not about it.</returns>
    public Progress? Take(object message, IActorRef sender)
    {
        switch (message)
        {
            case Tcp.Connected:
                return new Progress.Connected(sender);
            case Resolved { Addresses: var addresses }:
                return Dial(addresses);
            case Tcp.CommandFailed { Cmd: Tcp.Connect } when _addresses.Count > 0:
                return Dial([]);
            case Tcp.CommandFailed { Cmd: Tcp.Connect }:
                WhyNotAsync(_endPoint!).PipeTo(session, success: error => new NotConnected(error), failure: NotConnected.Because);
                return Progress.UnderWay.Instance;
            case NotConnected { Error: var error }:
                return new Progress.Failed(error);
            default:
                return null;
        }
    }

    private Progress.UnderWay Dial(IReadOnlyList<IPAddress> addresses)
    {
        foreach (var address in addresses)
        {
            _addresses.Enqueue(address);
        }

        _endPoint = new IPEndPoint(_addresses.Dequeue(), port);
        var resetAtOnce = new ResetAtOnce(() => session.Tell(new NotConnected(SocketError.ConnectionReset)));
        tcp.Tell(new Tcp.Connect(_endPoint, options: [resetAtOnce], timeout: _addresses.Count > 0 ? timeout : null, pullMode: true), session);
        return Progress.UnderWay.Instance;
    }

    private async Task<IReadOnlyList<IPAddress>> ResolveAsync()
    {
        var addresses = await (resolve ?? System.Net.Dns.GetHostAddressesAsync)(host).ConfigureAwait(false);
        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
    }

    // Akka.IO reports a failed connection without its error, so it is tried once more.
    private static async Task<SocketError> WhyNotAsync(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint).ConfigureAwait(false);
            return SocketError.ConnectionReset; // it works now, so the first one was reset as soon as it was made
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    /// <summary>How a connection stands.</summary>
    public abstract record Progress
    {
        public sealed record UnderWay : Progress
        {
            public static UnderWay Instance { get; } = new();
        }

        /// <param name="Socket">Akka's connection actor, not yet registered with.</param>
        public sealed record Connected(IActorRef Socket) : Progress;

        public sealed record Failed(SocketError Error) : Progress;
    }

    private sealed record Resolved(IReadOnlyList<IPAddress> Addresses) : ILocalOnly;

    private sealed record NotConnected(SocketError Error) : ILocalOnly
    {
        public static NotConnected Because(Exception e) => new((e.GetBaseException() as SocketException)?.SocketErrorCode ?? SocketError.SocketError);
    }

    // Akka.IO reads the addresses of a new connection. Where the other side has reset it already, as a node at its limit does, reading them throws,
    // and Akka.IO gives up silently. After this first read the socket has them cached.
    private sealed class ResetAtOnce(Action onReset) : Inet.SocketOption
    {
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
