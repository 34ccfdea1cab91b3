// From a host and a port to a connection: resolve the name, then try its addresses one after another. An address behind which nobody answers
// gets its own short time, so that it does not use up the time of the next. Akka.IO keeps three things to itself that a user wants to know: that a name
// has no address, why a connection failed, and that it was reset as soon as it was there. They are asked of the operating system here.

using System.Net;
using System.Net.Sockets;
using ActorChat.Node.Serialization;
using Akka.Actor;
using Akka.IO;

namespace ActorChat.Node.Sessions;

/// <summary>Makes one connection for a session, which hands it the messages that it does not know itself.</summary>
/// <param name="tcp">Akka.IO's TCP manager.</param>
/// <param name="session">Who is told how it goes on.</param>
/// <param name="host">An address or a host name.</param>
/// <param name="port">1 to 65,535.</param>
/// <param name="timeout">For each address but the last, which has what remains of the session's own deadline.</param>
/// <param name="resolve">From a host name to its addresses; the system's resolver when null.</param>
internal sealed class Dialing(IActorRef tcp, IActorRef session, string host, int port, TimeSpan timeout, Func<string, Task<IPAddress[]>>? resolve = null)
{
    private readonly Queue<IPAddress> _addresses = new();
    private IPEndPoint? _endPoint;

    /// <summary>Begins.</summary>
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

    /// <summary>Goes on with a message of the session's.</summary>
    /// <returns>How it stands; null when the message is none about the connection.</returns>
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
            return SocketError.ConnectionReset; // it works now: a moment ago it was ended as soon as it was there
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    /// <summary>How a connection stands.</summary>
    public abstract record Progress
    {
        /// <summary>It is being made.</summary>
        public sealed record UnderWay : Progress
        {
            /// <summary>It has no members.</summary>
            public static UnderWay Instance { get; } = new();
        }

        /// <summary>It is there.</summary>
        /// <param name="Socket">Akka's connection actor, not yet registered with.</param>
        public sealed record Connected(IActorRef Socket) : Progress;

        /// <summary>It will not be.</summary>
        /// <param name="Error">Why.</param>
        public sealed record Failed(SocketError Error) : Progress;
    }

    private sealed record Resolved(IReadOnlyList<IPAddress> Addresses) : ILocalOnly;

    private sealed record NotConnected(SocketError Error) : ILocalOnly
    {
        public static NotConnected Because(Exception e) => new((e.GetBaseException() as SocketException)?.SocketErrorCode ?? SocketError.SocketError);
    }

    // Who wants the addresses of a connection that the other side, a node that refuses one more for instance, has reset at once, gets an exception,
    // at which Akka.IO gives up without a word. Once read, the socket knows them.
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
