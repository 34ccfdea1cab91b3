// What the user types, and what a program writes in its place: from lines to messages, from messages to initiator sessions, from their
// outcomes to events. One question to the user is open at a time; messages go out and come in meanwhile.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Takes input and sends messages.</summary>
/// <remarks>
/// <code>
/// state                waits for                     then                                                     next
/// AwaitingMessage      a line                        "@bob hello": send; else ask "To:"                       the same; AwaitingRecipients
/// AwaitingRecipients   numbers, names, addresses     send, or ask for an address's password                   AwaitingMessage; AwaitingPassword
/// AwaitingPassword     a password                    send, or ask for the next address's                      AwaitingMessage; the same
/// AwaitingCommand      a program's JSON line         send                                                     the same
/// Finishing            the outcomes under way        tell the guardian                                        the same
/// </code>
/// </remarks>
public sealed class ConsoleInputActor : ReceiveActor
{
    private readonly IConsole _console;
    private readonly NodeServices _services;
    private readonly string _ownName;
    private ContactDirectory _directory;
    private readonly bool _isProgram;
    private readonly Outbox _outbox;
    private bool _asksWhenThereIsRoom;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ConsoleInputActor(IConsole console, NodeServices services, string ownName, ContactDirectory directory, bool isProgram)
    {
        ArgumentNullException.ThrowIfNull(services);
        _console = console;
        _services = services;
        _ownName = ownName;
        _directory = directory;
        _isProgram = isProgram;
        _outbox = new Outbox(services.Settings.MaxOutgoingConversations);
        AskForMessage();
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="console">Where input comes from and outcomes go.</param>
    /// <param name="services">The node's actors and seams.</param>
    /// <param name="ownName">Our own name.</param>
    /// <param name="directory">The contacts, without ourselves.</param>
    /// <param name="isProgram">Whether the input is a program's JSON lines.</param>
    public static Props Props(IConsole console, NodeServices services, string ownName, ContactDirectory directory, bool isProgram) =>
        Akka.Actor.Props.Create(() => new ConsoleInputActor(console, services, ownName, directory, isProgram)).WithDispatcher("console-dispatcher");

    /// <summary>A session that fails has told its outcome while it stopped; there is nothing in it worth a second try.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void AskForMessage()
    {
        if (_outbox.Count >= _services.Settings.MaxWaitingMessages)
        {
            _asksWhenThereIsRoom = true;
            return;
        }

        _asksWhenThereIsRoom = false;
        _console.Ask(new Prompt.Message(), Self);
        if (_isProgram)
        {
            Become(AwaitingCommand);
        }
        else
        {
            Become(() => AwaitingMessage(""));
        }
    }

    private void AwaitingMessage(string linesBefore)
    {
        Receive<Typed>(typed =>
        {
            if (typed.Line.EndsWith('\\'))
            {
                _console.Ask(new Prompt.Continuation(), Self);
                Become(() => AwaitingMessage($"{linesBefore}{typed.Line[..^1]}\n"));
                return;
            }

            OnMessage(linesBefore + typed.Line);
        });
        Receive<InputEnded>(_ =>
        {
            if (linesBefore.Length > 0)
            {
                OnMessage(linesBefore.TrimEnd('\n'));
            }

            Finish();
        });
        Always();
    }

    private void OnMessage(string text)
    {
        if (text == "/reload")
        {
            _services.Directory.Tell(new DirectoryActor.Reload());
            AskForMessage();
        }
        else if (text.StartsWith('@') && text.IndexOfAny([' ', '\n']) is > 1 and var end && Choice.Parse(text[1..end], _directory).Count > 0)
        {
            OnChoice(text[(end + 1)..], text[1..end]);
        }
        else if (text.Length == 0)
        {
            AskForMessage();
        }
        else
        {
            _console.Ask(new Prompt.Recipients([.. _directory.Contacts.Select(contact => contact.Username)]), Self);
            Become(() => AwaitingRecipients(text));
        }
    }

    private void AwaitingRecipients(string text)
    {
        Receive<Typed>(typed => OnChoice(text, typed.Line));
        Receive<InputEnded>(_ => Finish());
        Always();
    }

    private void OnChoice(string text, string line)
    {
        var addresses = new Queue<HostPort>();
        foreach (var choice in Choice.Parse(line, _directory))
        {
            switch (choice)
            {
                case Choice.Known known:
                    Send(Recipient.Of(known.Contact, _ownName), text, reference: null);
                    break;
                case Choice.ByHand byHand:
                    addresses.Enqueue(byHand.Address);
                    break;
                case Choice.Nobody nobody:
                    ShowUnknown(nobody.Word, reference: null);
                    break;
            }
        }

        AskForPasswordOrMessage(text, addresses);
    }

    private void AskForPasswordOrMessage(string text, Queue<HostPort> addresses)
    {
        if (!addresses.TryDequeue(out var address))
        {
            AskForMessage();
            return;
        }

        _console.Ask(new Prompt.Password(address.ToString()), Self);
        Become(() => AwaitingPassword(text, address, addresses));
    }

    private void AwaitingPassword(string text, HostPort address, Queue<HostPort> others)
    {
        Receive<Typed>(typed =>
        {
            if (typed.Line.Length > 0)
            {
                Send(Recipient.Of(address, typed.Line, _ownName), text, reference: null);
            }

            AskForPasswordOrMessage(text, others);
        });
        Receive<InputEnded>(_ => Finish());
        Always();
    }

    private void AwaitingCommand()
    {
        Receive<Typed>(typed =>
        {
            if (typed.Line.Length > 0)
            {
                OnCommand(typed.Line);
            }

            AskForMessage();
        });
        Receive<InputEnded>(_ => Finish());
        Always();
    }

    private void OnCommand(string line)
    {
        if (JsonCommand.Parse(line, out var problem) is not { } command)
        {
            _console.Show(new NodeEvent.Problem(problem));
            return;
        }

        if (command.Address is { } address)
        {
            Send(Recipient.Of(address, command.Password!, _ownName), command.Text, command.Reference);
        }

        foreach (var name in command.Names)
        {
            if (_directory.Find(name) is { } contact)
            {
                Send(Recipient.Of(contact, _ownName), command.Text, command.Reference);
            }
            else
            {
                ShowUnknown(name, command.Reference);
            }
        }
    }

    // No more input: what waits and what is under way finishes, each message within its own deadlines.
    private void Finish()
    {
        Become(Finishing);
        ReportWhenDone();
    }

    private void Finishing()
    {
        Receive<SecureLogActor.Stored>(OnStored);
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<InitiatorSession.Finished>(finished =>
        {
            OnFinished(finished);
            ReportWhenDone();
        });
        Receive<Stop>(_ =>
        {
            CancelWaiting();
            ReportWhenDone();
        });
        Receive<GiveUp>(_ => OnGiveUp());
    }

    // What every state does besides waiting for its line.
    private void Always()
    {
        Receive<SecureLogActor.Stored>(OnStored);
        Receive<SecureLogActor.NotStored>(OnNotStored);
        Receive<UseDirectory>(request => _directory = request.Directory);
        Receive<InitiatorSession.Finished>(finished =>
        {
            OnFinished(finished);
            if (_asksWhenThereIsRoom)
            {
                AskForMessage();
            }
        });
        Receive<Stop>(_ =>
        {
            CancelWaiting();
            Finish();
        });
    }

    private void OnFinished(InitiatorSession.Finished finished)
    {
        if (_outbox.Finish(finished.Id) is { } item)
        {
            AppendToLog(item, finished.Failure?.InWords() ?? "", OutcomeOf(finished.Outcome));
            ShowSent(item, finished.Outcome, finished.Failure, finished.PeerName);
        }

        StartSessions();
    }

    private void CancelWaiting()
    {
        foreach (var item in _outbox.Cancel())
        {
            ShowSent(item, Outcome.NotDelivered, new Failure(FailureKind.Stopping), peerName: null);
        }
    }

    // The time to finish is over. A session knows whether its text was sent; what has no session yet was surely not.
    private void OnGiveUp()
    {
        foreach (var id in _outbox.AllUnderWay)
        {
            var session = Context.Child(SessionName(id));
            if (session.IsNobody())
            {
                Self.Tell(new InitiatorSession.Finished(id, Outcome.NotDelivered, new Failure(FailureKind.Stopping), PeerName: null));
            }
            else
            {
                session.Tell(new Session.GiveUp());
            }
        }
    }

    private static string SessionName(Guid id) => $"to-{id:N}";

    private void ReportWhenDone()
    {
        if (_outbox.Count == 0)
        {
            Context.Parent.Tell(new Done());
        }
    }

    private void Send(Recipient recipient, string text, string? reference)
    {
        _outbox.Add(new Outbox.Item(Guid.NewGuid(), recipient, text, reference));
        StartSessions();
    }

    private void StartSessions()
    {
        while (_outbox.Next() is { } item)
        {
            AppendToLog(item, item.Text, outcome: null);
        }
    }

    // A message is logged before it goes out, so that there is none out there that the log does not know, and its outcome when it is known.
    private void AppendToLog(Outbox.Item item, string text, LogOutcome? outcome) => _services.SecureLog.Tell(new SecureLogActor.Append(
        outcome is null ? item.Id : Guid.NewGuid(),
        new LogRecord(_services.Clock.GetUtcNow(), LogDirection.Sent, item.Recipient.Label, item.Recipient.Address, item.Id, outcome, text)));

    private void OnStored(SecureLogActor.Stored stored)
    {
        if (_outbox.UnderWay(stored.Id) is { } item)
        {
            Context.ActorOf(InitiatorSession.Props(item.Recipient, new TextMessage(item.Id, item.Text), _services), SessionName(item.Id));
        }
    }

    private void OnNotStored(SecureLogActor.NotStored failed)
    {
        if (_outbox.UnderWay(failed.Id) is not null)
        {
            Self.Tell(new InitiatorSession.Finished(failed.Id, Outcome.NotDelivered, new Failure(FailureKind.NotLogged, failed.Reason), PeerName: null));
        }
    }

    private static LogOutcome OutcomeOf(Outcome outcome) => outcome switch
    {
        Outcome.Delivered => LogOutcome.Delivered,
        Outcome.NotDelivered => LogOutcome.NotDelivered,
        Outcome.Rejected => LogOutcome.Rejected,
        _ => LogOutcome.Unknown,
    };

    private void ShowUnknown(string name, string? reference) => _console.Show(new NodeEvent.MessageSent(
        name, reference, Guid.NewGuid(), Outcome.NotDelivered, new Failure(FailureKind.NotInDirectory, Printable.Line(name)), PeerName: null));

    private void ShowSent(Outbox.Item item, Outcome outcome, Failure? failure, string? peerName) => _console.Show(new NodeEvent.MessageSent(
        item.Recipient.Label, item.Reference, item.Id, outcome, failure, item.Recipient.ExpectedName is null ? peerName : null));

    /// <summary>The directory has changed.</summary>
    /// <param name="Directory">The contacts, without ourselves.</param>
    public sealed record UseDirectory(ContactDirectory Directory) : ILocalOnly;

    /// <summary>Send nothing more; answer the guardian with <see cref="Done"/> when every outcome is known.</summary>
    public sealed record Stop : IRemotable;

    /// <summary>Wait no longer: what is under way ends now, each message with its outcome.</summary>
    public sealed record GiveUp : IRemotable;

    /// <summary>Every message has its outcome and there will be no more.</summary>
    public sealed record Done : IRemotable;
}
