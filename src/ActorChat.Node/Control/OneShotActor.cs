// A node for the length of one message, or of one ping: no server socket, no directory, no keyboard. It sends by the same outbox, log and
// session as a node that runs, in the same order: into the log first.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Cryptography;
using Akka.Actor;
using Akka.Event;
using Akka.IO;

namespace ActorChat.Node.Control;

/// <summary>Sends one message, or pings one node, and ends.</summary>
/// <remarks>
/// <code>
/// state      waits for                           then                                          next
/// Opening    the secure log                      send the message                              Sending; the end
/// Sending    its outcomes, or the timeout        close the log; at the timeout give up first   Closing; the same
/// Closing    the secure log                      complete the result                           the end
/// Pinging    the outcome, or the timeout         complete the result                           the end
/// </code>
/// </remarks>
internal sealed class OneShotActor : ReceiveActor, IWithTimers
{
    private readonly OneShot.Request _request;
    private readonly TaskCompletionSource<OneShot.Result> _result;
    private readonly NodeServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IReadOnlyList<Step> _steps = [];
    private readonly List<NodeEvent.MessageSent> _sent = [];
    private string? _notice;

    public OneShotActor(OneShot.Request request, NodeSettings settings, TimeProvider clock, IRandomSource random, TaskCompletionSource<OneShot.Result> result)
    {
        _request = request;
        _result = result;
        var notShown = new SilentConsole();
        _services = new NodeServices(
            settings,
            clock,
            random,
            Tcp: Context.System.Tcp(),
            Directory: ActorRefs.Nobody,
            Keys: Context.ActorOf(KeyActor.Props(settings.MaxSecrets, random), "keys"),
            Inbox: ActorRefs.Nobody,
            SecureLog: Context.ActorOf(SecureLogActor.Props(notShown, settings.SecureLog with { Time = clock }, settings.MaxWaitingRecords, recent: 1), "secure-log"),
            Throttle: ActorRefs.Nobody);
        if (request.Text is null)
        {
            Context.ActorOf(InitiatorSession.Props(request.Recipients[0], message: null, _services));
            Become(Pinging);
        }
        else
        {
            _services.SecureLog.Tell(new SecureLogActor.Open(request.StatePath, request.Passphrase));
            Become(() => Opening(new OutgoingMessages(_services, notShown, Context)));
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

    private void Opening(OutgoingMessages outgoing)
    {
        Receive<SecureLogActor.Opened>(opened =>
        {
            opened.Secrets.Dispose();
            _notice = opened.Notice;
            foreach (var recipient in _request.Recipients)
            {
                outgoing.Send(recipient, _request.Text!, reference: null, toldTo: Self);
            }

            Become(() => Sending(outgoing));
        });
        Receive<SecureLogActor.NotOpened>(failed => _result.TrySetResult(failed.IsInUse ? new OneShot.Result.InUse(failed.Reason) : new OneShot.Result.CannotStart(failed.Reason)));
        Receive<TimedOut>(_ => _result.TrySetResult(new OneShot.Result.Sent(
            [.. _request.Recipients.Select(recipient => new NodeEvent.MessageSent(recipient.Label, null, Guid.NewGuid(), Outcome.NotDelivered, new Failure(FailureKind.Stopping), null))],
            Notice: null))); // not even the log was open in time
    }

    private void Sending(OutgoingMessages outgoing)
    {
        Receive<SecureLogActor.Stored>(outgoing.OnStored);
        Receive<SecureLogActor.NotStored>(outgoing.OnNotStored);
        Receive<InitiatorSession.Finished>(outgoing.OnFinished);
        Receive<TimedOut>(_ =>
        {
            outgoing.CancelWaiting();
            outgoing.GiveUp();
        });
        Receive<ConsoleInputActor.Sent>(sent =>
        {
            _sent.Add(sent.Event);
            if (_sent.Count < _request.Recipients.Count)
            {
                return;
            }

            _services.SecureLog.Tell(new SecureLogActor.Close());
            Become(Closing);
        });
    }

    private void Closing() => Receive<SecureLogActor.HasClosed>(_ => _result.TrySetResult(new OneShot.Result.Sent(_sent, _notice)));

    private void Pinging()
    {
        Receive<InitiatorSession.Reached>(reached => _steps = reached.Steps);
        Receive<InitiatorSession.Finished>(finished =>
            _result.TrySetResult(new OneShot.Result.Pinged(finished.Failure, finished.PeerName, _steps)));
        Receive<TimedOut>(_ =>
        {
            foreach (var session in Context.GetChildren())
            {
                session.Tell(new Session.GiveUp());
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
