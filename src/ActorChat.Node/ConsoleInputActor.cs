// What the user types, and what a program writes in its place: from lines to messages, from messages to initiator sessions, from their
// outcomes to events. One question to the user is open at a time; messages go out and come in meanwhile.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Node.Sessions;
using ActorChat.Storage.Contacts;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Takes input and sends messages.</summary>
/// <remarks>
/// <code>
/// state                waits for                     then                                                     next
/// AwaitingMessage      a line                        "@bob hello", or /to was said: send; else ask "To:"      the same; AwaitingRecipients
///                      a command                     run it                                                   the same; AwaitingHistory; Finishing
/// AwaitingHistory      the secure log                show it                                                  AwaitingMessage
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
    private readonly bool _isProgram;
    private readonly OutgoingMessages _outgoing;
    private readonly Pings _pings;
    private readonly Commands _commands;
    private ContactDirectory _directory;
    private bool _asksWhenThereIsRoom;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ConsoleInputActor(IConsole console, NodeServices services, NodeEvent.Listening self, ContactDirectory directory, bool isProgram)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(self);
        _console = console;
        _services = services;
        _ownName = self.Name;
        _directory = directory;
        _isProgram = isProgram;
        _outgoing = new OutgoingMessages(services, console, Context);
        _pings = new Pings(services, console, Context);
        _commands = new Commands(services, console, _outgoing, _pings, self);
        ShowContacts();
        AskForMessage();
    }

    /// <summary>How to make the actor.</summary>
    /// <param name="console">Where input comes from and outcomes go.</param>
    /// <param name="services">The node's actors and seams.</param>
    /// <param name="self">Our own name and port.</param>
    /// <param name="directory">The contacts, without ourselves.</param>
    /// <param name="isProgram">Whether the input is a program's JSON lines.</param>
    public static Props Props(IConsole console, NodeServices services, NodeEvent.Listening self, ContactDirectory directory, bool isProgram) =>
        Akka.Actor.Props.Create(() => new ConsoleInputActor(console, services, self, directory, isProgram)).WithDispatcher("console-dispatcher");

    /// <summary>A session that fails has told its outcome while it stopped; there is nothing in it worth a second try.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void AskForMessage()
    {
        if (_outgoing.Count >= _services.Settings.MaxWaitingMessages)
        {
            _asksWhenThereIsRoom = true;
            return;
        }

        _asksWhenThereIsRoom = false;
        _console.Ask(new Prompt.Message(_commands.To), Self);
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
        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            OnText(text[1..]); // a message that begins with a slash
        }
        else if (text.StartsWith('/'))
        {
            Run(text);
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
            OnText(text);
        }
    }

    private void OnText(string text)
    {
        if (_commands.To is { } to)
        {
            OnChoice(text, to);
            return;
        }

        _console.Ask(new Prompt.Recipients(Names), Self);
        Become(() => AwaitingRecipients(text));
    }

    private void Run(string command)
    {
        switch (_commands.Run(command, _directory))
        {
            case AfterCommand.AskForMessage:
                AskForMessage();
                break;
            case AfterCommand.AwaitHistory:
                Become(AwaitingHistory);
                break;
            case AfterCommand.Finish:
                Finish();
                break;
        }
    }

    private void AwaitingHistory()
    {
        Receive<SecureLogActor.Recalled>(recalled =>
        {
            _console.Show(_commands.Present(recalled.Rows));
            AskForMessage();
        });
        Receive<SecureLogActor.NotRecalled>(failed =>
        {
            _console.Show(new NodeEvent.Problem(failed.Reason));
            AskForMessage();
        });
        Always();
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
                    _outgoing.Send(Recipient.Of(known.Contact, _ownName), text, reference: null);
                    break;
                case Choice.ByHand byHand:
                    addresses.Enqueue(byHand.Address);
                    break;
                case Choice.Nobody nobody:
                    _outgoing.ShowUnknown(nobody.Word, reference: null);
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
                _outgoing.Send(Recipient.Of(address, typed.Line, _ownName), text, reference: null);
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

        Send(command, toldTo: null);
    }

    private void Send(JsonCommand command, IActorRef? toldTo)
    {
        if (command.Address is { } address)
        {
            _outgoing.Send(Recipient.Of(address, command.Password!, _ownName), command.Text, command.Reference, toldTo);
        }

        foreach (var name in command.Names)
        {
            if (_directory.Find(name) is { } contact)
            {
                _outgoing.Send(Recipient.Of(contact, _ownName), command.Text, command.Reference, toldTo);
            }
            else
            {
                _outgoing.ShowUnknown(name, command.Reference, toldTo);
            }
        }
    }

    private string[] Names => [.. _directory.Contacts.Select(contact => contact.Username)];

    private void ShowContacts()
    {
        if (!_isProgram)
        {
            _console.Show(new NodeEvent.ContactsChanged(Names));
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
        Receive<SecureLogActor.Stored>(_outgoing.OnStored);
        Receive<SecureLogActor.NotStored>(_outgoing.OnNotStored);
        Receive<InitiatorSession.Finished>(finished =>
        {
            _outgoing.OnFinished(finished);
            ReportWhenDone();
        });
        Receive<Stop>(_ =>
        {
            _outgoing.CancelWaiting();
            ReportWhenDone();
        });
        Receive<GiveUp>(_ => _outgoing.GiveUp());
        Receive<Submit>(request => _outgoing.Refuse(request.Command, toldTo: Sender));
    }

    // What every state does besides waiting for its line.
    private void Always()
    {
        Receive<SecureLogActor.Stored>(_outgoing.OnStored);
        Receive<SecureLogActor.NotStored>(_outgoing.OnNotStored);
        Receive<UseDirectory>(request =>
        {
            _directory = request.Directory;
            ShowContacts();
        });
        Receive<Submit>(request => Send(request.Command, toldTo: Sender));
        Receive<InitiatorSession.Reached>(reached => _pings.OnReached(Sender, reached));
        Receive<InitiatorSession.Finished>(finished =>
        {
            if (_pings.OnFinished(Sender, finished))
            {
                return;
            }

            _outgoing.OnFinished(finished);
            if (_asksWhenThereIsRoom)
            {
                AskForMessage();
            }
        });
        Receive<Stop>(_ =>
        {
            _outgoing.CancelWaiting();
            Finish();
        });
    }

    private void ReportWhenDone()
    {
        if (_outgoing.Count == 0)
        {
            Context.Parent.Tell(new Done());
        }
    }

    /// <summary>The directory has changed.</summary>
    /// <param name="Directory">The contacts, without ourselves.</param>
    public sealed record UseDirectory(ContactDirectory Directory) : ILocalOnly;

    /// <summary>Send this for another program of the same user. Answered by one <see cref="Sent"/> for each recipient.</summary>
    public sealed record Submit(JsonCommand Command) : ILocalOnly;

    /// <summary>What became of a message that was submitted.</summary>
    public sealed record Sent(NodeEvent.MessageSent Event) : ILocalOnly;

    /// <summary>Send nothing more; answer the guardian with <see cref="Done"/> when every outcome is known.</summary>
    public sealed record Stop : IRemotable;

    /// <summary>Wait no longer: what is under way ends now, each message with its outcome.</summary>
    public sealed record GiveUp : IRemotable;

    /// <summary>Every message has its outcome and there will be no more.</summary>
    public sealed record Done : IRemotable;
}
