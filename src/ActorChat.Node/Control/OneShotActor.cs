// A node for the length of one message, or of one ping: no server socket, no directory, no keyboard. It sends by the same outbox, log and
// session as a node that runs, in the same order: into the log first.

using ActorChat.Node.Consoles;
using ActorChat.Node.Outgoing;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Cryptography;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using Akka.Actor;
using Akka.Event;
using Akka.IO;

namespace ActorChat.Node.Control;

/// <summary>Sends one message, or pings one node, and ends.</summary>
/// <remarks>
/// <code>
/// state      waits for                           then                                          next
/// Ready      what to do                          open the log, or call                         Opening; Pinging
/// Opening    the secure log                      send the message                              Sending; the end
/// Sending    its outcomes, or the timeout        close the log; at the timeout give up first   Closing; the same
/// Closing    the secure log                      answer                                        the end
/// Pinging    the outcome, or the timeout         answer; at the timeout give up                the end; the same
///
/// After the timeout it waits for stop-deadline at most. What has not answered by then has failed.
/// </code>
/// </remarks>
internal sealed class OneShotActor : ReceiveActor, IWithTimers
{
    private static readonly SilentConsole NotShown = new();

    private readonly NodeServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<NodeEvent.MessageSent> _sent = [];
    private OneShot.Request _request = null!; // what it is for; its first message
    private IActorRef _asker = ActorRefs.Nobody;
    private string? _notice;

    public OneShotActor(NodeSettings settings, TimeProvider clock, IRandomSource random)
    {
        _services = new NodeServices(
            settings,
            clock,
            random,
            Tcp: Context.System.Tcp(),
            Directory: ActorRefs.Nobody,
            Keys: Context.ActorOf(KeyActor.Props(settings, clock, random), "keys"),
            Inbox: ActorRefs.Nobody,
            SecureLog: Context.ActorOf(SecureLogActor.Props(NotShown, settings, clock), "secure-log"));
        Become(Ready);
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>An actor that fails is stopped. This actor then answers at its timeout.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
    {
        _log.Error(e, "An actor failed");
        return Directive.Stop;
    });

    /// <summary>The asker always gets an answer, also when this actor fails.</summary>
    protected override void PostStop()
    {
        if (_asker.IsNobody())
        {
            return;
        }

        if (_request.Text is null)
        {
            EndPing(new Failure(FailureKind.InternalError));
        }
        else
        {
            EndWith(Outcome.Unknown, FailureKind.InternalError);
        }
    }

    private void Ready() => Receive<OneShot.Request>(request =>
    {
        (_request, _asker) = (request, Sender);
        Timers.StartSingleTimer(nameof(TimedOut), new TimedOut(), request.Timeout);
        if (request.Text is null)
        {
            Context.ActorOf(InitiatorSession.Props(request.Recipients[0], isPing: true, _services));
            Become(Pinging);
        }
        else
        {
            _services.SecureLog.Tell(new SecureLogActor.Open(request.StatePath, request.Passphrase, request.VerificationKeyPath, request.MayShowKey));
            Become(Opening);
        }
    });

    private void Opening()
    {
        Receive<SecureLogActor.Opened>(opened =>
        {
            opened.Secrets.Dispose();
            opened.Input.Dispose();
            _notice = opened.Notice;
            var outbox = Context.ActorOf(OutboxActor.Props(_services, NotShown, ownName: "", ContactDirectory.Empty, WaitingForRecipients(opened.Ledger)), "outbox");
            foreach (var recipient in _request.Recipients)
            {
                outbox.Tell(new OutboxActor.SendTo(recipient, _request.Text!, _request.Waits ? _request.Timeout : TimeSpan.Zero));
            }

            Become(() => Sending(outbox));
        });
        Receive<SecureLogActor.NotOpened>(failed => Answer(failed.IsInUse ? new OneShot.Result.InUse(failed.Reason) : new OneShot.Result.CannotStart(failed.Reason)));
        Receive<TimedOut>(_ => EndWith(Outcome.NotDelivered, FailureKind.Stopping)); // not even the log was open in time
    }

    // What waits for them from before goes first, so that they read everything in the order in which it was written.
    private SentBefore WaitingForRecipients(Ledger ledger)
    {
        var recipients = _request.Recipients.Where(recipient => recipient.ContactName is not null).ToDictionary(recipient => recipient.ContactName!);
        var log = SentBefore.Of(ledger);
        return log with { Waiting = [.. log.Waiting.Where(message => recipients.ContainsKey(message.Recipient))], Recipients = recipients };
    }

    private void Sending(IActorRef outbox)
    {
        Receive<TimedOut>(_ =>
        {
            outbox.Tell(new OutboxActor.GiveUp());
            WaitNoLonger();
            Become(GivingUp);
        });
        ReceiveOutcomes();
    }

    private void GivingUp()
    {
        Receive<TimedOut>(_ => EndWith(Outcome.Unknown, FailureKind.InternalError));
        ReceiveOutcomes();
    }

    private void ReceiveOutcomes() => Receive<OutboxActor.Sent>(sent =>
    {
        _sent.Add(sent.Event);
        if (_sent.Count == _request.Recipients.Count)
        {
            _services.SecureLog.Tell(new SecureLogActor.Close());
            WaitNoLonger();
            Become(Closing);
        }
    });

    private void Closing()
    {
        Receive<SecureLogActor.HasClosed>(_ => Answer(new OneShot.Result.Sent(_sent, _notice)));
        Receive<TimedOut>(_ => Answer(new OneShot.Result.Sent(_sent, _notice)));
    }

    private void Pinging()
    {
        Receive<InitiatorSession.Reached>(reached => Become(() => Reached(reached)));
        Receive<InitiatorSession.Ended>(ended => EndPing(ended.Failure ?? new Failure(FailureKind.InternalError)));
        Receive<TimedOut>(_ =>
        {
            foreach (var session in Context.GetChildren())
            {
                session.Tell(new Session.EndNow("its time is over"));
            }

            WaitNoLonger();
            Become(GivingUpPing);
        });
    }

    private void GivingUpPing()
    {
        Receive<InitiatorSession.Ended>(ended => EndPing(ended.Failure ?? new Failure(FailureKind.InternalError)));
        Receive<TimedOut>(_ => EndPing(new Failure(FailureKind.InternalError)));
    }

    private void Reached(InitiatorSession.Reached reached) => ReceiveAny(
        _ => Answer(new OneShot.Result.Pinged(Failure: null, reached.PeerName, reached.Steps, reached.IsPostQuantum))); // its end, or the timeout

    private void EndPing(Failure failure) => Answer(new OneShot.Result.Pinged(failure, PeerName: null, Steps: [], IsPostQuantum: false));

    private void Answer(OneShot.Result result)
    {
        _asker.Tell(result);
        _asker = ActorRefs.Nobody;
    }

    private void WaitNoLonger() => Timers.StartSingleTimer(nameof(TimedOut), new TimedOut(), _services.Settings.StopDeadline);

    // Each message has an outcome, also where nobody could tell it any more.
    private void EndWith(Outcome outcome, FailureKind why) => Answer(new OneShot.Result.Sent(
        [
            .. _sent,
            .. _request.Recipients.Where(recipient => !_sent.Exists(sent => sent.To == recipient.Label)).Select(
                recipient => new NodeEvent.MessageSent(recipient.Label, null, Guid.NewGuid(), outcome, new Failure(why), null)),
        ],
        _notice));

    private sealed record TimedOut : ILocalOnly;

    // The result says everything, so nothing is shown.
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
