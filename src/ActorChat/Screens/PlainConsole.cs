// The console of people, line by line: works on any terminal and through pipes.

using System.Globalization;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using Akka.Actor;
using Spectre.Console;

namespace ActorChat.Screens;

/// <summary>Events and questions as lines of text.</summary>
internal sealed class PlainConsole : IConsole
{
    private static readonly Style Bold = new(decoration: Decoration.Bold);
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);
    private static readonly Style Doubtful = new(Color.Yellow);

    private readonly LineReader _reader;
    private readonly Lock _lock = new();
    private readonly IAnsiConsole _output = AnsiConsole.Create(new AnsiConsoleSettings());
    private string _openQuestion = "";

    /// <summary>Makes the console.</summary>
    public PlainConsole()
    {
        if (Console.IsOutputRedirected)
        {
            _output.Profile.Width = int.MaxValue / 2; // a line of a pipe is as long as it is
        }

        _reader = new LineReader(Read);
    }

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo) => _reader.Ask(prompt, replyTo);

    /// <inheritdoc/>
    public void Show(NodeEvent nodeEvent)
    {
        if (nodeEvent is NodeEvent.Problem problem)
        {
            Console.Error.WriteLine($"actorchat: {Printable.Line(problem.Message)}");
            return;
        }

        lock (_lock)
        {
            if (_openQuestion.Length > 0)
            {
                // The question gives its line to the event and is written again below. Spectre would make a line end of the return.
                Console.Write(_output.Profile.Capabilities.Ansi ? "\r\u001b[K" : "\n");
            }

            switch (nodeEvent)
            {
                case NodeEvent.Listening e:
                    var where = e.Address == "any" ? "every address of this machine" : e.Address;
                    WriteLine(new Paragraph(Printable.Line(e.Name), Bold).Append($" listens on port {e.Port} of {where}."));
                    _output.WriteLine("Type a message and Enter, then choose who gets it; or @name and the message. A \\ at the end goes on in the next line. Ctrl+C ends.");
                    break;
                case NodeEvent.Notice e:
                    _output.WriteLine(Printable.Line(e.Message));
                    break;
                case NodeEvent.MessageArrived e:
                    ShowMessage(e);
                    break;
                case NodeEvent.MessageSent e:
                    ShowOutcome(e);
                    break;
            }

            _output.Write(_openQuestion);
        }
    }

    // Text is never markup: Spectre would read styles in brackets and pictures between colons into what a peer wrote.
    private void WriteLine(Paragraph line)
    {
        _output.Write(line);
        _output.WriteLine();
    }

    // The lines of one message after its first are set in under it, so that a message can not pass for several.
    private void ShowMessage(NodeEvent.MessageArrived message)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"[{message.At:HH:mm:ss}] ");
        var first = true;
        foreach (var line in Printable.Lines(message.Text))
        {
            if (first)
            {
                WriteLine(new Paragraph(head, Dim).Append(Printable.Line(message.From), Bold).Append($": {line}"));
                first = false;
            }
            else
            {
                _output.WriteLine(new string(' ', head.Length) + line);
            }
        }
    }

    private void ShowOutcome(NodeEvent.MessageSent sent)
    {
        var to = Printable.Line(sent.To) + (sent.PeerName is null ? "" : $" ({Printable.Line(sent.PeerName)})");
        var why = sent.Failure?.InWords();
        switch (sent.Outcome)
        {
            case Outcome.Delivered:
                WriteLine(new Paragraph("✓", Good).Append($" {to}: delivered"));
                break;
            case Outcome.NotDelivered:
                WriteLine(new Paragraph("✗", Bad).Append($" {to}: not delivered: {why}"));
                break;
            case Outcome.Rejected:
                WriteLine(new Paragraph("✗", Bad).Append($" {to}: rejected: {why}"));
                break;
            default:
                WriteLine(new Paragraph("?", Doubtful).Append($" {to}: unknown, it was sent but no receipt came: {why}"));
                break;
        }
    }

    private string? Read(Prompt prompt)
    {
        lock (_lock)
        {
            if (prompt is Prompt.Recipients { Contacts: var contacts })
            {
                _output.WriteLine(contacts.Count == 0
                    ? "The directory has no contacts: give host:port."
                    : string.Join("  ", contacts.Select((name, index) => $"{index + 1} {Printable.Line(name)}")));
            }

            _openQuestion = Text(prompt);
            _output.Write(_openQuestion);
        }

        var line = prompt is Prompt.Password ? Questions.ReadSecret() : Console.ReadLine();
        lock (_lock)
        {
            _openQuestion = "";
        }

        return line;
    }

    // Through a pipe nobody sees a question, and a program that reads our output should not have to take it apart.
    private static string Text(Prompt prompt) => Console.IsInputRedirected ? "" : prompt switch
    {
        Prompt.Continuation => "… ",
        Prompt.Recipients => "To: ",
        Prompt.Password p => $"Password for {p.Address}: ",
        Prompt.OwnName => "Your name: ",
        _ => "> ",
    };
}
