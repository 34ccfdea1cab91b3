// The socket for other programs of the same user: a Unix domain socket in the state folder, which only its owner may use. While this node runs,
// "actorchat send" hands its messages over here, so that one process writes the log and keeps the order.
// A caller writes one line, as a program writes to --json, and reads one line for each recipient.

using System.Net.Sockets;
using System.Security.Cryptography;
using ActorChat.Node.Serialization;
using ActorChat.Storage;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Control;

/// <summary>Listens in the state folder and makes a <see cref="ControlSession"/> for each caller.</summary>
public sealed class ControlActor : ReceiveActor, IWithTimers
{
    private const int MaxCallers = 64;
    private const string FileName = "node.socket";

    // After an accept that failed, for example because the process has no free descriptor.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IActorRef _outbox;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;
    private readonly Func<Socket, Task<Socket>> _accept;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private int _callers;
    private ulong? _number;

    /// <inheritdoc cref="Props(string, IActorRef, Func{Socket, Task{Socket}})"/>
    public ControlActor(string statePath, IActorRef outbox, Func<Socket, Task<Socket>> accept)
    {
        _path = PathIn(statePath);
        _outbox = outbox;
        _accept = accept;
        Receive<Called>(OnCalled);
        Receive<Terminated>(_ =>
        {
            _callers--;
            if (_callers == MaxCallers - 1)
            {
                AcceptNext();
            }
        });
        Receive<NotCalled>(failure =>
        {
            _log.Warning("A caller at the socket {0} could not be let in: {1}", _path, failure.Cause.Message);
            Timers.StartSingleTimer(nameof(TryAgain), new TryAgain(), Pause);
        });
        Receive<TryAgain>(_ => AcceptNext());
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The socket of one state folder.</summary>
    /// <param name="statePath">The state folder, which this process holds.</param>
    /// <param name="outbox">The <see cref="OutboxActor"/>, which sends.</param>
    /// <param name="accept">Accepts the next caller of a listening socket; null for <see cref="Socket.AcceptAsync()"/>.</param>
    public static Props Props(string statePath, IActorRef outbox, Func<Socket, Task<Socket>>? accept = null) =>
        Akka.Actor.Props.Create(() => new ControlActor(statePath, outbox, accept ?? (socket => socket.AcceptAsync())));

    /// <summary>The socket of a node with this state folder.</summary>
    public static string PathIn(string statePath) => Path.Combine(Path.GetFullPath(statePath), FileName);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        // The socket gets its real name only when it is ready. When .NET closes a socket it deletes the name that the socket was bound to, and by then
        // the real name may belong to the next node's socket. A socket that a killed node leaves behind is replaced by the next.
        var bound = Path.Combine(Path.GetDirectoryName(_path)!, $".{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}");
        try
        {
            _socket.Bind(new UnixDomainSocketEndPoint(bound));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(bound, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            _socket.Listen(MaxCallers);
            File.Move(bound, _path, overwrite: true);
            _number = LocalTrust.NumberOf(_path);
            AcceptNext();
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The node works without it: the path may be too long for a socket (about 100 bytes), or the file system may not support sockets.
            _log.Info("No other program can send through this node, the socket {0} cannot be made: {1}", _path, e.Message);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        // While our socket is open no other file has its inode number.
        if (_number is not null && LocalTrust.NumberOf(_path) == _number)
        {
            File.Delete(_path);
        }

        _socket.Dispose();
    }

    /// <summary>A caller's session that fails is stopped, without effect on the others.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnCalled(Called called)
    {
        if (PeerUser.IsTrusted(called.Socket))
        {
            _callers++;
            Context.Watch(Context.ActorOf(ControlSession.Props(called.Socket, _outbox)));
        }
        else
        {
            _log.Warning("Another user called at the socket {0} and was turned away", _path);
            called.Socket.Dispose();
        }

        AcceptNext();
    }

    private void AcceptNext()
    {
        if (_callers < MaxCallers)
        {
            _accept(_socket).PipeTo(Self, success: socket => new Called(socket), failure: e => new NotCalled(e));
        }
    }

    private sealed record Called(Socket Socket) : ILocalOnly;

    private sealed record NotCalled(Exception Cause) : ILocalOnly;

    private sealed record TryAgain : ILocalOnly;
}
