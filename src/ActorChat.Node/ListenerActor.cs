// Owns the server socket: binds it, refuses connections that are over a limit and makes one session for each of the rest.
// Connections that come before the node is ready are held until it is. When the system has no free descriptor, Akka.IO tries to accept again
// every 10 ms; meanwhile callers wait in the operating system's queue.

using System.Net;
using System.Net.Sockets;
using ActorChat.Node.Limits;
using ActorChat.Node.Logging;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using Akka.Actor;
using Akka.Event;
using Akka.IO;

namespace ActorChat.Node;

/// <summary>Listens for conversations.</summary>
/// <remarks>
/// <code>
/// state        waits for                       then                            next
/// Idle         Bind                            bind the socket                 Binding
/// Binding      Akka's Bound or its failure     tell the guardian               Holding; the end
/// Holding      Accept                          take the connections held       Accepting
/// Accepting    connections; Drain              a session for each              Draining
/// Draining     the last session's end          unbind, tell the guardian       the same
/// </code>
/// </remarks>
public sealed class ListenerActor : ReceiveActor, IWithStash
{
    private readonly NodeServices _services;
    private readonly Admission _admission;
    private readonly Dictionary<IActorRef, Caller> _callers = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef _guardian = ActorRefs.Nobody;
    private IActorRef _socket = ActorRefs.Nobody;
    private int _held;
    private bool _isDraining;

    /// <summary>A listener that is told later what to bind.</summary>
    /// <param name="services">The node's actors and seams.</param>
    public ListenerActor(NodeServices services)
    {
        ArgumentNullException.ThrowIfNull(services);
        _services = services;
        _admission = new Admission(services.Settings.Connections);
        Become(Idle);
    }

    /// <summary>Akka's stash; set by Akka.</summary>
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc cref="ListenerActor(NodeServices)"/>
    public static Props Props(NodeServices services) => Akka.Actor.Props.Create(() => new ListenerActor(services));

    private TimeSpan Now => _services.Clock.GetElapsedTime(0);

    private static IPAddress AnyAddress => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>A session that fails is stopped: its connection is closed, and the peer may call again.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Idle()
    {
        Receive<Bind>(request =>
        {
            _guardian = Sender;
            var address = _services.Settings.ListenAddress;
            var isAny = address == "any";
            var local = new IPEndPoint(isAny ? AnyAddress : IPAddress.Parse(address), request.Port);
            Inet.SocketOption[] options = isAny && Socket.OSSupportsIPv6 ? [DualMode.Instance] : [];
            _services.Tcp.Tell(new Tcp.Bind(Self, local, _services.Settings.Backlog, options, pullMode: true));
            Become(() => Binding(local));
        });
        Receive<Drain>(_ => Sender.Tell(new Drained()));
    }

    private void Binding(IPEndPoint local)
    {
        Receive<Tcp.Bound>(bound =>
        {
            _socket = Context.Watch(Sender);
            var actual = (IPEndPoint)bound.LocalAddress;
            _guardian.Tell(new Listening(actual.Address.Equals(AnyAddress) ? "any" : actual.Address.ToString(), actual.Port));
            Become(Holding);
        });
        Receive<Tcp.CommandFailed>(failed =>
        {
            _guardian.Tell(new CannotListen(Reason(local, failed.Cause.HasValue ? failed.Cause.Value : null)));
            Context.Stop(Self);
        });
    }

    private void Holding()
    {
        Receive<Accept>(_ =>
        {
            Become(Accepting);
            Stash.UnstashAll();
        });
        Receive<Tcp.Connected>(_ => _held++ >= _services.Settings.Connections.MaxUnauthenticated, _ => Sender.Tell(Tcp.Abort.Instance));
        ReceiveAny(_ => Stash.Stash());
    }

    private void Accepting()
    {
        Receive<Tcp.Connected>(OnConnected);
        Receive<Terminated>(
            ended => ended.ActorRef.Equals(_socket),
            _ => _guardian.Tell(new CannotListen("the server socket failed; the diagnostic log says why. Start the node again")));
        ReceiveFromSessions();
        Receive<Know>(known => _admission.Know(known.Addresses));
        Receive<Drain>(_ =>
        {
            Context.Unwatch(_socket);
            _isDraining = true;
            Become(Draining);
            ReportWhenDrained();
        });
    }

    // The socket stays bound until the last conversation has ended, since Akka's listener closes the connections that it accepted when it stops.
    private void Draining()
    {
        Receive<Tcp.Connected>(_ => Sender.Tell(Tcp.Abort.Instance));
        ReceiveFromSessions();
        Receive<Know>(_ => { });
    }

    private void ReceiveFromSessions()
    {
        Receive<Authenticated>(OnAuthenticated);
        Receive<Revoke>(revoked =>
        {
            foreach (var session in _callers.Keys)
            {
                session.Tell(revoked);
            }
        });
        Receive<Terminated>(ended =>
        {
            if (_callers.Remove(ended.ActorRef, out var caller))
            {
                _admission.Ended(caller.Admitted, wasAuthenticated: caller.Name is not null);
            }

            ReportWhenDrained();
        });
    }

    private void OnConnected(Tcp.Connected connected)
    {
        var remote = Unmapped((IPEndPoint)connected.RemoteAddress);
        if (_admission.TryAdmit(remote.Address, Now, out var admitted) is { } refusal)
        {
            _log.Warning("{0}: refused, {1}", new Peer($"{admitted.Network}", $"{remote}"), refusal);
            Sender.Tell(Tcp.Abort.Instance);
            return;
        }

        var session = Context.Watch(Context.ActorOf(ResponderSession.Props(Sender, remote, _services)));
        _callers.Add(session, new Caller(admitted, Name: null));
    }

    // From here on a contact's connections are counted by its name: from however many addresses it calls, it cannot take them all.
    private void OnAuthenticated(Authenticated authenticated)
    {
        if (!_callers.TryGetValue(Sender, out var caller))
        {
            return; // it has ended meanwhile
        }

        _admission.Authenticated(caller.Admitted);
        _guardian.Tell(authenticated);
        _callers[Sender] = caller with { Name = authenticated.Name };
        var isOneTooMany = _callers.Values.Count(other => other.Name == authenticated.Name) > _services.Settings.Connections.MaxPerContact;
        Sender.Tell(isOneTooMany ? new Session.EndNow("more conversations than one contact may have") : new MayTakeTexts());
    }

    // An IPv4 peer of a socket for both families looks like ::ffff:10.0.0.7; people know it as 10.0.0.7.
    private static IPEndPoint Unmapped(IPEndPoint remote) =>
        remote.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;

    private void ReportWhenDrained()
    {
        if (_isDraining && _admission.Open == 0)
        {
            _socket.Tell(Tcp.Unbind.Instance);
            _guardian.Tell(new Drained());
        }
    }

    private static string Reason(IPEndPoint local, Exception? cause)
    {
        var error = (cause?.GetBaseException() as SocketException)?.SocketErrorCode;
        return error switch
        {
            SocketError.AddressAlreadyInUse => $"port {local.Port} is in use; stop the program that has it, or choose another with --port",
            SocketError.AccessDenied => $"no permission to listen on port {local.Port}; choose a port above 1023 with --port",
            SocketError.AddressNotAvailable => $"{local.Address} is not an address of this machine; choose one of its own with --listen",
            _ => $"cannot listen on {local}: {cause?.Message ?? "unknown error"}",
        };
    }

    /// <summary>Bind the socket. Answered by <see cref="Listening"/> or <see cref="CannotListen"/>.</summary>
    /// <param name="Port">0 takes a free one.</param>
    public sealed record Bind(int Port) : IRemotable;

    /// <summary>The socket is bound.</summary>
    public sealed record Listening(string Address, int Port) : IRemotable;

    /// <summary>The socket could not be bound.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    public sealed record CannotListen(string Reason) : IRemotable;

    /// <summary>Begin to take conversations.</summary>
    public sealed record Accept : IRemotable;

    /// <summary>Contacts may call from these addresses, which replace those told before.</summary>
    public sealed record Know(IReadOnlyList<IPAddress> Addresses) : ILocalOnly;

    /// <summary>From a session, and passed on to the guardian: the session's peer has proved to be this contact. The session is answered by
    /// <see cref="MayTakeTexts"/>, or by <see cref="Session.EndNow"/> where the contact has too many conversations already.</summary>
    public sealed record Authenticated(string Name) : IRemotable;

    /// <summary>The contact may have this conversation too.</summary>
    public sealed record MayTakeTexts : IRemotable;

    /// <summary>These contacts are no longer in the directory, or have another password or profile, so their conversations end. Comes from the guardian and is
    /// passed on to each session.</summary>
    public sealed record Revoke(IReadOnlySet<string> Names) : ILocalOnly;

    /// <summary>Accept no more, and answer with <see cref="Drained"/> when the last conversation has ended.</summary>
    public sealed record Drain : IRemotable;

    /// <summary>No conversation is left.</summary>
    public sealed record Drained : IRemotable;

    // The name is null until it is proved.
    private sealed record Caller(Admission.Admitted Admitted, string? Name);

    // One socket for IPv4 and IPv6.
    private sealed class DualMode : Inet.SocketOption
    {
        public static DualMode Instance { get; } = new();

        public override void BeforeServerSocketBind(Socket ss) => ss.DualMode = true;
    }
}
