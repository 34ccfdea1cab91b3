// What the user types, or a program writes: from lines to messages, which the outbox sends. One question to the user is open at a
// time; messages go out and come in meanwhile.

using ActorChat.Node.Consoles;
using ActorChat.Node.Serialization;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>Takes input.</summary>
/// <remarks>
/// <code>
/// state                waits for                     then                                                     next
/// AwaitingRoom         room in the outbox            ask for the next line                                    AwaitingMessage; AwaitingCommand
/// AwaitingMessage      a line                        "@bob hello", or /to was said: send; else ask "To:"      AwaitingRoom; AwaitingRecipients
///                      a command                     run it                                                   AwaitingRoom; AwaitingHistory; Ended
/// AwaitingHistory      the secure log                show it                                                  AwaitingRoom
/// AwaitingRecipients   numbers, names, addresses     send, or ask for an address's password                   AwaitingRoom; AwaitingPassword
///                      a word that is none of these  say so, ask again                                        the same
/// AwaitingPassword     a password                    send, or ask for the next address's                      AwaitingRoom; the same
/// AwaitingCommand      a program's JSON line         send, or have the inbox feed it                          AwaitingRoom
/// AwaitingRoom,        a line, which answers what    keep it for the next state                               the same
/// AwaitingHistory      was asked before a restart
/// any that asks        the user leaves the question  ask for the next line                                    AwaitingRoom
/// any other            the end of the input          tell the guardian                                        Ended
/// </code>
/// </remarks>
public sealed class ConsoleInputActor : ReceiveActor, IWithStash
{
    private readonly IConsole _console;
    private readonly NodeServices _services;
    private readonly IActorRef _outbox;
    private readonly bool _isProgram;
    private readonly Commands _commands;
    private readonly Recents _recents = new();
    private ContactDirectory _directory;

    /// <summary>Asks for the first line right away.</summary>
    /// <param name="console">Where input comes from.</param>
    /// <param name="services">The node's actors and seams.</param>
    /// <param name="outbox">The <see cref="OutboxActor"/>.</param>
    /// <param name="self">Our own name and port.</param>
    /// <param name="directory">The contacts, without ourselves.</param>
    /// <param name="isProgram">Whether the input is a program's JSON lines.</param>
    public ConsoleInputActor(
        IConsole console, NodeServices services, IActorRef outbox, NodeEvent.Listening self, ContactDirectory directory, bool isProgram)
    {
        ArgumentNullException.ThrowIfNull(services);
        _console = console;
        _services = services;
        _outbox = outbox;
        _directory = directory;
        _isProgram = isProgram;
        _commands = new Commands(services, console, outbox, self, _recents);
        ShowContacts();
        AskForMessage();
    }

    /// <summary>Akka's stash; set by Akka.</summary>
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc cref="ConsoleInputActor(IConsole, NodeServices, IActorRef, NodeEvent.Listening, ContactDirectory, bool)"/>
    public static Props Props(
        IConsole console, NodeServices services, IActorRef outbox, NodeEvent.Listening self, ContactDirectory directory, bool isProgram) =>
        Akka.Actor.Props.Create(() => new ConsoleInputActor(console, services, outbox, self, directory, isProgram));

    /// <summary>Starts and asks again, with the contacts as they are now. The line at which it failed is lost.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        Self.Tell(new OutboxActor.UseDirectory(_directory));
        base.PreRestart(reason, message);
    }

    // The next line is read when the outbox has room: a program that writes faster than messages are sent waits at its pipe.
    private void AskForMessage()
    {
        _outbox.Tell(new OutboxActor.TellWhenThereIsRoom());
        Become(AwaitingRoom);
    }

    private void AwaitingRoom()
    {
        Receive<OutboxActor.ThereIsRoom>(_ =>
        {
            _console.Ask(new Prompt.Message(_commands.To), Self);
            if (_isProgram)
            {
                Become(AwaitingCommand);
            }
            else
            {
                Become(() => AwaitingMessage(""));
            }

            Stash.UnstashAll();
        });
        KeepInput();
        Always();
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
        ReceiveTakenBack();
        Receive<InputEnded>(_ =>
        {
            if (linesBefore.Length > 0)
            {
                OnMessage(linesBefore.TrimEnd('\n'));
            }

            End();
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
            OnChoice(text[(end + 1)..], text[1..end], asksAgain: false);
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
            OnChoice(text, to, asksAgain: false);
            return;
        }

        AskForRecipients(text);
    }

    private void AskForRecipients(string text)
    {
        var lastWriter = _recents.LastWriter is { } writer && _directory.Find(writer) is not null ? writer : null;
        _console.Ask(new Prompt.Recipients(Names, _recents.Sort(Names), lastWriter), Self);
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
            case AfterCommand.SendReply:
                OnChoice(_commands.Reply.Text, _commands.Reply.To, asksAgain: false);
                break;
            case AfterCommand.Finish:
                End();
                break;
        }
    }

    private void AwaitingHistory()
    {
        Receive<SecureLogActor.Recalled>(recalled =>
        {
            _console.Show(_commands.Present(recalled.Rows, _directory));
            AskForMessage();
        });
        Receive<SecureLogActor.Found>(found =>
        {
            ShowFound(found);
            AskForMessage();
        });
        Receive<SecureLogActor.Facts>(facts =>
        {
            _console.Show(new NodeEvent.Table(ContactRows.Of(_directory, facts.ByName, _services.Clock.LocalTimeZone)));
            AskForMessage();
        });
        Receive<SecureLogActor.NotRecalled>(failed =>
        {
            _console.Show(new NodeEvent.Problem(failed.Reason));
            AskForMessage();
        });
        KeepInput();
        Always();
    }

    private void ShowFound(SecureLogActor.Found found)
    {
        if (found.Rows.Count > 0)
        {
            _console.Show(new NodeEvent.History(found.Rows));
        }

        string[] remarks =
        [
            found.Rows.Count == 0 ? "No such message was found." : "",
            found.IsWhole ? "" : "Older messages were not searched; actorchat log search does that.",
            found.IsDamaged ? "Some records cannot be read; actorchat log verify says which." : "",
        ];
        if (string.Join(' ', remarks.Where(remark => remark.Length > 0)) is { Length: > 0 } remark)
        {
            _console.Show(new NodeEvent.Notice(remark));
        }
    }

    // The question that was open when this actor failed is answered to its next instance, which may not have asked again yet.
    private void KeepInput()
    {
        Receive<Typed>(_ => Stash.Stash());
        Receive<TypedLines>(_ => Stash.Stash());
        Receive<TakenBack>(_ => Stash.Stash());
        Receive<InputEnded>(_ => Stash.Stash());
    }

    private void AwaitingRecipients(string text)
    {
        Receive<Typed>(typed => OnChoice(text, typed.Line, asksAgain: true));
        ReceiveTakenBack();
        Receive<InputEnded>(_ => End());
        Always();
    }

    // Where one word means nobody, nothing is sent: the user may have meant another contact.
    private void OnChoice(string text, string line, bool asksAgain)
    {
        var choices = Choice.Parse(line, _directory);
        if (choices.OfType<Choice.Nobody>().FirstOrDefault() is { } nobody)
        {
            _console.Show(new NodeEvent.Problem($"{Commands.NotInDirectory(nobody.Word, _directory)}. Nothing was sent{(asksAgain ? " yet" : "")}"));
            if (asksAgain)
            {
                AskForRecipients(text);
            }
            else
            {
                AskForMessage();
            }

            return;
        }

        var names = new List<string>();
        var addresses = new Queue<HostPort>();
        foreach (var choice in choices)
        {
            switch (choice)
            {
                case Choice.Known known:
                    names.Add(known.Contact.Username);
                    _recents.WroteTo(known.Contact.Username);
                    break;
                case Choice.ByHand byHand:
                    addresses.Enqueue(byHand.Address);
                    break;
            }
        }

        Submit(new JsonCommand(names, Address: null, Password: null, text, Reference: null));
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
                Submit(new JsonCommand([], address, typed.Line, text, Reference: null));
            }

            AskForPasswordOrMessage(text, others);
        });
        ReceiveTakenBack();
        Receive<InputEnded>(_ => End());
        Always();
    }

    private void AwaitingCommand()
    {
        Receive<TypedLines>(typed =>
        {
            foreach (var line in typed.Lines.Where(line => line.Length > 0))
            {
                OnCommand(line);
            }

            AskForMessage();
        });
        Receive<InputEnded>(_ => End());
        Always();
    }

    private void OnCommand(string line)
    {
        if (FeedRequest.Parse(line, out var wrong) is { } feed)
        {
            _services.Inbox.Tell(new InboxActor.Feed(feed.From));
        }
        else if (wrong is not null)
        {
            _console.Show(new NodeEvent.Problem(wrong));
        }
        else if (JsonCommand.Parse(line, out var problem) is { } command)
        {
            Submit(command);
        }
        else if (JsonRequest.Parse(line) is { } request)
        {
            _outbox.Tell(request);
        }
        else
        {
            _console.Show(new NodeEvent.Problem(problem));
        }
    }

    private void Submit(JsonCommand command) => _outbox.Tell(new OutboxActor.Submit(command, AnswersSender: false));

    private string[] Names => [.. _directory.Contacts.Select(contact => contact.Username)];

    private void ShowContacts()
    {
        if (!_isProgram)
        {
            _console.Show(new NodeEvent.ContactsChanged(Names));
        }
    }

    // No more input. What was read still gets its outcome, each message within its own deadlines.
    private void End()
    {
        Context.Parent.Tell(new Ended());
        Become(Always);
    }

    private void ReceiveTakenBack() => Receive<TakenBack>(_ => AskForMessage());

    // What every state receives besides its line.
    private void Always()
    {
        Receive<OutboxActor.UseDirectory>(request =>
        {
            _directory = request.Directory;
            ShowContacts();
        });
        Receive<Remember>(past => _recents.Remember(past.Rows));
        Receive<ConsoleQueue.HeardFrom>(heard =>
        {
            foreach (var name in heard.Names)
            {
                _recents.HeardFrom(name);
            }
        });
    }

    /// <summary>The last messages of the log, the oldest first: they tell with whom the user was in touch.</summary>
    public sealed record Remember(IReadOnlyList<LogRow> Rows) : ILocalOnly;

    /// <summary>There is no more input.</summary>
    public sealed record Ended : IRemotable;
}
