// Starts the node's actors in order, supervises them and stops them in order. First comes the server socket, then the directory; only then
// are conversations accepted and input taken.

using ActorChat.Node.Consoles;
using ActorChat.Node.Control;
using ActorChat.Node.Outgoing;
using ActorChat.Node.Serialization;
using ActorChat.Protocol.Cryptography;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using Akka.Actor;
using Akka.Event;
using Akka.IO;

namespace ActorChat.Node;

/// <summary>The node, from its start to its exit code.</summary>
/// <remarks>
/// <code>
/// state       waits for                              then                                                    next
/// Made        the program, which awaits the end      bind; for errands open the log, or begin with pings     Binding; Opening or Working
/// Binding     the listener                           load the directory                                      Loading; the end, exit code 1
/// Loading     the directory                          find our own name, or ask for it                        Naming or Opening; the end, exit code 1
/// Naming      a line with our name                   open the secure log                                     Opening
/// Opening     the secure log                         show its last messages to a person; begin with errands  Recalling or Running; Working; the end, exit code 1
/// Recalling   the last messages                      accept conversations, take input                        Running
/// Running     Stop, or the end of the input          drain the listener, finish the outbox                   Stopping
/// Working     Stop, or the end of the errands        the same                                                Stopping
/// Stopping    both, or the stop deadline             give up what is under way                               GivingUp or Ending
/// GivingUp    the last outcomes, or the deadline     close the secure log                                    Ending
/// Ending      the secure log, or the stop deadline   tell the program its exit code                          the end, exit code 0
/// any         the end of one of its actors           say so                                                  Ending, exit code 1
/// </code>
/// </remarks>
public sealed class NodeGuardian : ReceiveActor, IWithTimers
{
    // An actor that fails again and again does not work, and fills the diagnostic log.
    private const int MaxRestarts = 3;
    private static readonly TimeSpan RestartsCount = TimeSpan.FromMinutes(1);

    /// <summary>The message to the user when the node itself is broken.</summary>
    internal const string HasFailed = "something failed in this node; its diagnostic log says what. Start it again";

    private readonly NodeOptions _options;
    private readonly IConsole _console;
    private readonly NodeServices _services;
    private readonly IActorRef _listener;
    private readonly IActorRef _onMessage;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ListenerActor.Listening? _listening;
    private DirectoryActor.Loaded? _directory;
    private IActorRef _outbox = ActorRefs.Nobody;
    private IActorRef _consoleInput = ActorRefs.Nobody;
    private IActorRef _control = ActorRefs.Nobody;
    private bool _listenerDrained;
    private bool _outboxFinished;
    private IActorRef _program = ActorRefs.Nobody;

    /// <inheritdoc cref="Props(NodeOptions, NodeSettings, IConsole, TimeProvider, IRandomSource)"/>
    public NodeGuardian(
        NodeOptions options, NodeSettings settings, IConsole console, TimeProvider clock, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _options = options;
        _console = console;
        var secureLog = Make(SecureLogActor.Props(console, settings, clock), "secure-log");
        _onMessage = settings.OnMessage.Length == 0 ? ActorRefs.Nobody : Make(OnMessageActor.Props(settings, clock), "on-message");
        _services = new NodeServices(
            settings,
            clock,
            random,
            Tcp: Context.System.Tcp(),
            Directory: Make(DirectoryActor.Props(settings), "directory"),
            Keys: Make(KeyActor.Props(settings, clock, random), "keys"),
            Inbox: Make(InboxActor.Props(settings, console, clock, secureLog, _onMessage), "inbox"),
            SecureLog: secureLog);
        _listener = Make(ListenerActor.Props(_services), "listener");
        Receive<Await>(_ =>
        {
            _program = Sender; // is told the end
            Start();
        });
        Always();
    }

    /// <summary>Akka's timers; set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A node that starts at <see cref="Await"/>.</summary>
    /// <param name="options">What to start.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="console">Where the user is.</param>
    /// <param name="clock">The wall clock.</param>
    /// <param name="random">The source of randomness.</param>
    public static Props Props(
        NodeOptions options, NodeSettings settings, IConsole console, TimeProvider clock, IRandomSource random) =>
        Akka.Actor.Props.Create(() => new NodeGuardian(options, settings, console, clock, random));

    /// <summary>The node always gets an exit code, even when the guardian fails.</summary>
    protected override void PostStop()
    {
        if (!_program.IsNobody())
        {
            _console.Show(new NodeEvent.Problem(HasFailed));
            Finish(1);
        }
    }

    /// <summary>Four actors keep their state and go on with their next message: the listener, the keys, the directory and the one that runs the user's command. Only a
    /// conversation that needed an answer from them is affected: it ends at its deadline. The two actors that take input are restarted. The others may have a wrong state
    /// after a failure, and during the start every answer is waited for. So in these two cases the actor stops, and the node with it.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(MaxRestarts, RestartsCount, e =>
    {
        _log.Error(e, "An actor failed");
        return e is ActorInitializationException || _outbox.IsNobody() ? Directive.Stop
            : Sender.Equals(_onMessage) || Sender.Equals(_listener) || Sender.Equals(_services.Keys) || Sender.Equals(_services.Directory) ? Directive.Resume
            : Sender.Equals(_consoleInput) || Sender.Equals(_control) ? Directive.Restart
            : Directive.Stop;
    });

    private static IActorRef Make(Props props, string name) => Context.Watch(Context.ActorOf(props, name));

    // What happens in every state until the end.
    private void Always()
    {
        Receive<Terminated>(_ => Fail(HasFailed));
        Receive<SecureLogActor.Lost>(lost => Fail(lost.Reason));
        Receive<ConsoleQueue.Shown>(shown => _services.Inbox.Forward(shown));
        Receive<ConsoleQueue.Broken>(broken => Fail($"standard output is broken: {broken.Reason}. Nothing that arrives could be shown; start the node again"));
    }

    private void Start()
    {
        if (_options.Errands is not { } errands)
        {
            Become(Binding);
            _listener.Tell(new ListenerActor.Bind(_options.Port));
        }
        else if (errands.Any(errand => errand is OutboxActor.SendTo))
        {
            OpenLog(_options.Name!);
        }
        else
        {
            Do(errands, SentBefore.Nothing);
        }
    }

    private void Binding()
    {
        Receive<ListenerActor.Listening>(listening =>
        {
            _listening = listening;
            _services.Directory.Tell(new DirectoryActor.Load(_options.DirectoryPath, _options.Passphrase));
            Become(Loading);
        });
        Receive<ListenerActor.CannotListen>(failed => Fail(failed.Reason));
        Receive<Stop>(_ => End(exitCode: 0));
        Always();
    }

    private void Loading()
    {
        Receive<DirectoryActor.Loaded>(loaded =>
        {
            _directory = loaded;
            if ((_options.Name ?? OwnName.Find(loaded.Directory, _listening!.Port, OwnName.IsThisMachine) ?? _options.UsualName) is { } name)
            {
                OpenLog(name);
            }
            else if (_options.IsProgram)
            {
                Fail("no entry of the directory is this node; say who it is with --name");
            }
            else
            {
                _console.Ask(new Prompt.OwnName(), Self);
                Become(Naming);
            }
        });
        Receive<DirectoryActor.NotLoaded>(failed => Fail(failed.Reason));
        Receive<Stop>(_ => End(exitCode: 0));
        Always();
    }

    private void Naming()
    {
        ReceiveNewerDirectory();
        Receive<Typed>(typed =>
        {
            var name = typed.Line.Trim();
            if (DirectoryReader.ProblemWithName(name) is not { } problem)
            {
                OpenLog(name);
            }
            else
            {
                _console.Show(new NodeEvent.Problem($"this is not a name that a contact could know us by: it {problem}"));
                _console.Ask(new Prompt.OwnName(), Self);
            }
        });
        Receive<InputEnded>(_ => Fail("without a name nobody can be called; say it with --name"));
        Receive<Stop>(_ => End(exitCode: 0));
        Always();
    }

    private void OpenLog(string ownName)
    {
        _services.SecureLog.Tell(new SecureLogActor.Open(StatePath(ownName), _options.Passphrase, _options.VerificationKeyPath, MayShowKey: !_options.IsProgram));
        Become(() => Opening(ownName));
    }

    private void Opening(string ownName)
    {
        ReceiveNewerDirectory();
        Receive<SecureLogActor.Opened>(opened =>
        {
            _options.ForgetPassphrase();
            if (opened.Notice is { } notice)
            {
                _console.Show(new NodeEvent.Notice(notice));
            }

            KeepInput(opened.Input);
            if (_options.Errands is { } errands)
            {
                opened.Secrets.Dispose();
                Do(errands, SentBefore.Of(opened.Ledger));
            }
            else if (_options.IsProgram || _services.Settings.RecalledAtStart == 0)
            {
                Begin(ownName, opened, past: []);
            }
            else
            {
                _services.SecureLog.Tell(new SecureLogActor.Recall(With: null, _services.Settings.RecalledAtStart + opened.NotShown.Count));
                Become(() => Recalling(ownName, opened));
            }
        });
        Receive<SecureLogActor.NotOpened>(failed => Fail(new NodeEvent.Problem(failed.Reason) { IsInUse = failed.IsInUse }));
        Receive<Stop>(_ => End(exitCode: 0));
        Always();
    }

    private void KeepInput(InputFile file)
    {
        if (!_options.IsProgram && _options.Errands is null && _services.Settings.KeepsInput)
        {
            _console.Show(new NodeEvent.InputKept(file));
        }
        else
        {
            file.Dispose();
        }
    }

    private void Recalling(string ownName, SecureLogActor.Opened opened)
    {
        ReceiveNewerDirectory();
        Receive<SecureLogActor.Recalled>(recalled => Begin(ownName, opened, recalled.Rows));
        Receive<SecureLogActor.NotRecalled>(failed =>
        {
            _console.Show(new NodeEvent.Problem(failed.Reason));
            Begin(ownName, opened, past: []);
        });
        Receive<Stop>(_ => End(exitCode: 0));
        Always();
    }

    // What was not shown yet is new.
    private void Begin(string ownName, SecureLogActor.Opened opened, IReadOnlyList<LogRow> past)
    {
        var isNew = opened.NotShown.Select(entry => entry.Number).ToHashSet();
        LogRow[] shown = [.. past.Where(row => !isNew.Contains(row.Entry.Number)).TakeLast(_services.Settings.RecalledAtStart)];
        if (shown.Length > 0)
        {
            _console.Show(new NodeEvent.History(shown));
            _console.Show(new NodeEvent.NewBegins());
        }

        var sentBefore = SentBefore.Of(opened.Ledger); // before the ledger goes to the inbox
        _services.Inbox.Tell(new InboxActor.Begin(opened.Ledger, opened.NotShown));
        Run(ownName, opened.Secrets, sentBefore, past);
    }

    // The directory file may change while the start waits for an answer.
    private void ReceiveNewerDirectory()
    {
        Receive<DirectoryActor.Loaded>(loaded => _directory = loaded);
        Receive<DirectoryActor.NotLoaded>(_ => { });
        ReceiveAddresses();
    }

    // The listener expects contacts at their addresses.
    private void ReceiveAddresses() => Receive<DirectoryActor.AddressesResolved>(resolved => _listener.Tell(new ListenerActor.Know(resolved.Addresses)));

    private void Run(string ownName, SecretsFile secrets, SentBefore sentBefore, IReadOnlyList<LogRow> past)
    {
        var contacts = UseDirectory(ownName, secrets);
        _listener.Tell(new ListenerActor.Accept());
        var self = new NodeEvent.Listening(ownName, _listening!.Address, _listening.Port);
        _console.Show(self);
        Warn(before: ContactDirectory.Empty, contacts);
        _outbox = Make(OutboxActor.Props(_services, _console, ownName, contacts, sentBefore), "outbox");
        _consoleInput = Make(ConsoleInputActor.Props(_console, _services, _outbox, self, contacts, _options.IsProgram), "console-input");
        _consoleInput.Tell(new ConsoleInputActor.Remember(past));
        _control = Make(ControlActor.Props(StatePath(ownName), _outbox), "control");
        Become(() => Running(ownName, secrets));
    }

    // What waits for the same contacts from before goes first, so that they read everything in the order in which it was written.
    private void Do(IReadOnlyList<OutboxActor.Errand> errands, SentBefore sentBefore)
    {
        var before = sentBefore.For(errands.Select(errand => errand.Recipient));
        _outbox = Make(OutboxActor.Props(_services, _console, _options.Name!, ContactDirectory.Empty, before), "outbox");
        foreach (var errand in errands)
        {
            _outbox.Tell(errand);
        }

        _outbox.Tell(new OutboxActor.FinishAll());
        Become(Working);
    }

    private string StatePath(string ownName) => _options.StatePath ?? StateFolder.DefaultPath(ownName);

    private ContactDirectory UseDirectory(string ownName, SecretsFile secrets)
    {
        var contacts = _directory!.Directory.Without(ownName);
        _services.Keys.Tell(new KeyActor.UseContacts(contacts, ownName, secrets));
        return contacts;
    }

    // One warning for each weak profile, when the set of contacts that have it has changed.
    private void Warn(ContactDirectory before, ContactDirectory contacts)
    {
        foreach (var speaking in contacts.Contacts.GroupBy(contact => contact.Profile))
        {
            var names = speaking.Select(contact => contact.Username).ToHashSet();
            if (KnownProfiles.All.Named(speaking.Key).GivesAway is { } loss
                && !names.SetEquals(before.Contacts.Where(contact => contact.Profile == speaking.Key).Select(contact => contact.Username)))
            {
                var warning = $"the profile {speaking.Key} is spoken with {Printable.Line(string.Join(", ", names))}: {loss}";
                _log.Warning(warning);
                _console.Show(new NodeEvent.Notice($"Warning: {warning}."));
            }
        }
    }

    private void Running(string ownName, SecretsFile secrets)
    {
        ReceiveAddresses();
        Receive<KeyActor.Preparing>(progress =>
        {
            if (!_options.IsProgram)
            {
                _console.Show(new NodeEvent.Preparing(progress.Missing));
            }
        });
        Receive<ConsoleQueue.HeardFrom>(heard => _consoleInput.Forward(heard));
        Receive<DirectoryActor.Loaded>(loaded =>
        {
            var before = _directory!.Directory;
            _directory = loaded;
            var contacts = UseDirectory(ownName, secrets);
            _listener.Tell(new ListenerActor.Revoke(before.Contacts
                .Where(contact => contacts.Find(contact.Username) is not { } now || (now.Password, now.Profile) != (contact.Password, contact.Profile))
                .Select(contact => contact.Username)
                .ToHashSet()));
            _outbox.Tell(new OutboxActor.UseDirectory(contacts));
            _consoleInput.Tell(new OutboxActor.UseDirectory(contacts));
            _console.Show(new NodeEvent.Notice($"The directory was loaded again: {contacts.Contacts.Count} contact{(contacts.Contacts.Count == 1 ? "" : "s")}."));
            Warn(before.Without(ownName), contacts);
        });
        Receive<DirectoryActor.NotLoaded>(failed => _console.Show(new NodeEvent.Problem($"{failed.Reason}. The previous directory stays in use")));
        Receive<ListenerActor.CannotListen>(failed => Fail(failed.Reason));
        Receive<ListenerActor.Authenticated>(caller => _outbox.Tell(new OutboxActor.IsThere(caller.Name)));
        Receive<ConsoleInputActor.Ended>(_ => _outbox.Tell(new OutboxActor.FinishAll()));
        Working();
    }

    private void Working()
    {
        Receive<Stop>(_ => BeginStop());
        Receive<OutboxActor.Finished>(_ =>
        {
            _outboxFinished = true;
            BeginStop();
        });
        Always();
    }

    private void BeginStop()
    {
        Timers.StartSingleTimer(nameof(StopDeadline), new StopDeadline(), _services.Settings.StopDeadline);
        _listener.Tell(new ListenerActor.Drain());
        _outbox.Tell(new OutboxActor.Stop());
        Become(Stopping);
    }

    private void Stopping()
    {
        Receive<ListenerActor.Drained>(_ =>
        {
            _listenerDrained = true;
            EndWhenQuiet();
        });
        Receive<OutboxActor.Finished>(_ =>
        {
            _outboxFinished = true;
            EndWhenQuiet();
        });
        Receive<StopDeadline>(_ => GiveUp());
        Receive<Stop>(_ => GiveUp()); // a second Ctrl+C: now
        Always();
    }

    // What is under way ends now; each message still gets its outcome.
    private void GiveUp()
    {
        Timers.StartSingleTimer(nameof(StopDeadline), new StopDeadline(), _services.Settings.StopDeadline);
        _outbox.Tell(new OutboxActor.GiveUp());
        Become(GivingUp);
        if (_outboxFinished)
        {
            End(exitCode: 0);
        }
    }

    private void GivingUp()
    {
        Receive<OutboxActor.Finished>(_ => End(exitCode: 0));
        Receive<StopDeadline>(_ => End(exitCode: 0));
        Receive<Stop>(_ => End(exitCode: 0));
        Always();
    }

    private void EndWhenQuiet()
    {
        if (_listenerDrained && _outboxFinished)
        {
            End(exitCode: 0);
        }
    }

    private void Fail(string reason) => Fail(new NodeEvent.Problem(reason));

    private void Fail(NodeEvent.Problem problem)
    {
        _console.Show(problem);
        End(exitCode: 1);
    }

    // The log is closed last, after everything that was still to be written to it.
    private void End(int exitCode)
    {
        Timers.StartSingleTimer(nameof(StopDeadline), new StopDeadline(), _services.Settings.StopDeadline);
        _services.SecureLog.Tell(new SecureLogActor.Close());
        Become(() => Ending(exitCode));
    }

    private void Ending(int exitCode)
    {
        Receive<Terminated>(ended =>
        {
            if (ended.ActorRef.Equals(_services.SecureLog))
            {
                Finish(1); // the log has failed and cannot be closed
            }
        });
        Receive<SecureLogActor.HasClosed>(_ => Finish(exitCode));
        Receive<StopDeadline>(_ => Finish(exitCode));
        Receive<Await>(_ => Sender.Tell(new Ended(exitCode))); // something failed before the program had asked
    }

    private void Finish(int exitCode)
    {
        _program.Tell(new Ended(exitCode));
        _program = ActorRefs.Nobody;
    }

    /// <summary>Start, and tell when the node has ended: the program's first message. Answered by <see cref="Ended"/>.</summary>
    public sealed record Await : IRemotable;

    /// <summary>The node has ended, whatever happened.</summary>
    /// <param name="ExitCode">The process's exit code: 0, or 1 when it could not start or had to stop.</param>
    public sealed record Ended(int ExitCode) : IRemotable;

    /// <summary>Stop in order; a second one stops at once.</summary>
    public sealed record Stop : IRemotable;

    private sealed record StopDeadline : ILocalOnly;
}
