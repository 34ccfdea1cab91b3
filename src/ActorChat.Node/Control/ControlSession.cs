// One caller at the socket in the state folder: a line in, an outcome for each recipient out, and the end.

using System.Net.Sockets;
using System.Text;
using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Control;

/// <summary>Has a message sent for another program of the same user.</summary>
/// <remarks>
/// <code>
/// state       waits for               then                                          next
/// Reading     the line                submit it; or say what is wrong with it       Waiting; the end
/// Waiting     each outcome, or that   write it                                      the same; after the last, the end
///             the message waits
/// any         the caller's end        what was submitted goes on                    the end
/// </code>
/// </remarks>
public sealed class ControlSession : ReceiveActor
{
    private const int MaxLineLength = 1 << 20;

    private readonly NetworkStream _stream;
    private readonly IActorRef _outbox;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <inheritdoc cref="Props(Socket, IActorRef)"/>
    public ControlSession(Socket socket, IActorRef outbox)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _outbox = outbox;
        Become(Reading);
    }

    /// <summary>The session of one caller.</summary>
    /// <param name="socket">The caller; owned from now on.</param>
    /// <param name="outbox">The <see cref="OutboxActor"/>.</param>
    public static Props Props(Socket socket, IActorRef outbox) => Akka.Actor.Props.Create(() => new ControlSession(socket, outbox));

    /// <inheritdoc/>
    protected override void PreStart() => ReadLineAsync().PipeTo(Self, success: line => new Line(line));

    /// <inheritdoc/>
    protected override void PostStop() => _stream.Dispose();

    private void Reading()
    {
        Receive<Line>(line =>
        {
            var problem = "the line is too long";
            if (line.Text is not null && JsonCommand.Parse(line.Text, out problem) is { } command)
            {
                _outbox.Tell(new OutboxActor.Submit(command, AnswersSender: true));
                var recipients = command.Address is null ? command.Names.Count : 1;
                Become(() => Waiting(recipients));
            }
            else
            {
                Write(new NodeEvent.Problem(problem), isLast: true);
            }
        });
        ReceiveFailures();
    }

    private void Waiting(int recipients)
    {
        Receive<OutboxActor.Sent>(sent => Write(sent.Event, isLast: --recipients == 0));
        Receive<OutboxActor.Waits>(waits => Write(waits.Event, isLast: --recipients == 0));
        ReceiveFailures();
    }

    private void ReceiveFailures()
    {
        Receive<Written>(written =>
        {
            if (written.IsLast)
            {
                Context.Stop(Self);
            }
        });
        Receive<Status.Failure>(failure =>
        {
            _log.Debug("A caller has gone: {0}", failure.Cause.Message);
            Context.Stop(Self);
        });
    }

    private void Write(NodeEvent nodeEvent, bool isLast) =>
        _stream.WriteAsync(JsonEvent.ToLine(nodeEvent)).AsTask().PipeTo(Self, success: () => new Written(isLast));

    private async Task<string?> ReadLineAsync()
    {
        using var line = new MemoryStream();
        var buffer = new byte[4096];
        while (line.Length <= MaxLineLength)
        {
            var count = await _stream.ReadAsync(buffer).ConfigureAwait(false);
            var end = buffer.AsSpan(0, count).IndexOf((byte)'\n');
            line.Write(buffer, 0, end < 0 ? count : end);
            if (end >= 0 || count == 0)
            {
                return Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length);
            }
        }

        return null;
    }

    private sealed record Line(string? Text) : ILocalOnly;

    private sealed record Written(bool IsLast) : ILocalOnly;
}
