// The door for other programs of the same user: a Unix domain socket in the state folder, which only its owner may enter. What
// "actorchat send" wants sent while this node runs goes through here, so that one process writes the log and keeps the order.
// A caller writes one line, as a program writes to --json, and reads one line for each recipient.

using System.Net.Sockets;
using ActorChat.Node.Serialization;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Control;

/// <summary>Listens in the state folder and makes a <see cref="ControlSession"/> for each caller.</summary>
public sealed class ControlActor : ReceiveActor
{
    private const int MaxCallers = 64;
    private const string FileName = "node.socket";

    private readonly IActorRef _consoleInput;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private int _callers;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ControlActor(string statePath, IActorRef consoleInput)
    {
        _path = PathIn(statePath);
        _consoleInput = consoleInput;
        Receive<Called>(called =>
        {
            _callers++;
            Context.Watch(Context.ActorOf(ControlSession.Props(called.Socket, _consoleInput)));
            AcceptNext();
        });
        Receive<Terminated>(_ =>
        {
            _callers--;
            if (_callers == MaxCallers - 1)
            {
                AcceptNext();
            }
        });
        Receive<Status.Failure>(failure => _log.Warning("The socket {0} takes no more callers: {1}", _path, failure.Cause.Message));
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="statePath">The state folder, which this process holds.</param>
    /// <param name="consoleInput">The <see cref="ConsoleInputActor"/>, which sends.</param>
    public static Props Props(string statePath, IActorRef consoleInput) => Akka.Actor.Props.Create(() => new ControlActor(statePath, consoleInput));

    /// <summary>The socket of a node with this state folder.</summary>
    public static string PathIn(string statePath) => Path.Combine(Path.GetFullPath(statePath), FileName);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        try
        {
            File.Delete(_path); // of a node that was killed: the folder is ours now
            _socket.Bind(new UnixDomainSocketEndPoint(_path));
            _socket.Listen(MaxCallers);
            AcceptNext();
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The node works without: a path may be too long for a socket (about 100 bytes), or the file system may have none.
            _log.Info("No other program can send through this node, the socket {0} cannot be made: {1}", _path, e.Message);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _socket.Dispose();
        File.Delete(_path);
    }

    /// <summary>A caller who fails takes nothing with it.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void AcceptNext()
    {
        if (_callers < MaxCallers)
        {
            _socket.AcceptAsync().PipeTo(Self, success: socket => new Called(socket));
        }
    }

    private sealed record Called(Socket Socket) : ILocalOnly;
}
