// A node for the length of one message, or of one ping: no server socket, no directory, no keyboard. It sends by the same outbox, log and
// session as a node that runs, in the same order: into the log first.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.Event;
using Akka.IO;

namespace ActorChat.Node;

/// <summary>Sends one message, or pings one node, and ends.</summary>
/// <remarks>
/// <code>
/// state      waits for                           then                                          next
/// Opening    the secure log                      send the message                              Sending; the end
/// Sending    its outcome, or the timeout         close the log; at the timeout give up first   Closing; the same
/// Closing    the secure log                      complete the result                           the end
/// Pinging    the outcome, or the timeout         complete the result                           the end
/// </code>
/// </remarks>
internal sealed class OneShotActor : ReceiveActor, IWithTimers
{
    private static readonly SilentConsole NotShown = new();

    private readonly OneShot.Request _request;
    private readonly TaskCompletionSource<OneShot.Result> _result;
    private readonly NodeServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Guid _id = Guid.NewGuid();
    private InitiatorSession.Finished? _finished;

    public OneShotActor(OneShot.Request request, NodeSettings settings, TimeProvider clock, IRandomSource random, TaskCompletionSource<OneShot.Result> result)
    {
        _request = request;
        _result = result;
        _services = new NodeServices(
            settings,
            clock,
            random,
            Tcp: Context.System.Tcp(),
            Directory: ActorRefs.Nobody,
            Keys: Context.ActorOf(KeyActor.Props(settings, clock, random), "keys"),
            Inbox: ActorRefs.Nobody,
            SecureLog: Context.ActorOf(SecureLogActor.Props(NotShown, settings, clock), "secure-log"));
        if (request.Text is null)
        {
            Context.ActorOf(InitiatorSession.Props(request.Recipient, isPing: true, _services));
            Become(Pinging);
        }
        else
        {
            _services.SecureLog.Tell(new SecureLogActor.Open(request.StatePath, request.Passphrase));
            Become(Opening);
        }
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>An actor that fails answers nothing more, and neither would this one.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
    {
        _log.Error(e, "An actor failed");
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartSingleTimer(nameof(TimedOut), new TimedOut(), _request.Timeout);

    private void Opening()
    {
        Receive<SecureLogActor.Opened>(opened =>
        {
            opened.Secrets.Dispose();
            var session = Context.ActorOf(InitiatorSession.Props(_request.Recipient, isPing: false, _services));
            _services.SecureLog.Tell(new SecureLogActor.Append(_id, [RecordOf(_request.Text!, outcome: null)]));
            Become(() => Sending(session));
        });
        Receive<SecureLogActor.NotOpened>(failed => _result.TrySetResult(failed.IsInUse ? new OneShot.Result.InUse(failed.Reason) : new OneShot.Result.CannotStart(failed.Reason)));
        Receive<TimedOut>(_ => _result.TrySetResult(
            new OneShot.Result.Done(Outcome.NotDelivered, new Failure(FailureKind.Stopping), PeerName: null, Steps: []))); // not even the log was open in time
    }

    private void Sending(IActorRef session)
    {
        Receive<SecureLogActor.Stored>(_ => session.Tell(new InitiatorSession.SendText(new TextMessage(_id, _request.Text!))));
        Receive<SecureLogActor.NotStored>(failed => End(new InitiatorSession.Finished(
            _id, Outcome.NotDelivered, new Failure(FailureKind.NotLogged, failed.Reason), PeerName: null)));
        Receive<InitiatorSession.Finished>(End);
        Receive<InitiatorSession.Ended>(ended => End(new InitiatorSession.Finished(_id, Outcome.NotDelivered, ended.Failure, PeerName: null)));
        Receive<TimedOut>(_ => session.Tell(new Session.EndNow("its time is over")));
    }

    private void End(InitiatorSession.Finished finished)
    {
        _finished = finished;
        _services.SecureLog.Tell(new SecureLogActor.AppendLater(RecordOf(finished.Failure?.InWords() ?? "", finished.Outcome.InTheLog())));
        _services.SecureLog.Tell(new SecureLogActor.Close());
        Become(Closing);
    }

    private LogRecord RecordOf(string text, LogOutcome? outcome) => new(
        _services.Clock.GetUtcNow(), LogDirection.Sent, _request.Recipient.Label, _request.Recipient.Address, _id, outcome, text);

    private void Closing()
    {
        Receive<SecureLogActor.HasClosed>(_ => _result.TrySetResult(new OneShot.Result.Done(_finished!.Outcome, _finished.Failure, _finished.PeerName, Steps: [])));
    }

    private void Pinging()
    {
        Receive<InitiatorSession.Reached>(reached => Become(() => Reached(reached)));
        ReceivePingFailures();
    }

    private void Reached(InitiatorSession.Reached reached) => Receive<InitiatorSession.Ended>(_ =>
        _result.TrySetResult(new OneShot.Result.Done(Outcome.Delivered, Failure: null, reached.PeerName, reached.Steps)));

    private void ReceivePingFailures()
    {
        Receive<InitiatorSession.Ended>(ended =>
            _result.TrySetResult(new OneShot.Result.Done(Outcome.NotDelivered, ended.Failure, PeerName: null, Steps: [])));
        Receive<TimedOut>(_ =>
        {
            foreach (var session in Context.GetChildren())
            {
                session.Tell(new Session.EndNow("its time is over"));
            }
        });
    }

    private sealed record TimedOut : ILocalOnly;

    // What it has to say, it says with its result.
    private sealed class SilentConsole : IConsole
    {
        public void Show(NodeEvent nodeEvent)
        {
        }

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
        }
    }
}
