// The console of people on a terminal. What happens is written once, above, and belongs to the terminal's scrollback; below it stands a frame
// with the messages under way and the line being typed, which is taken away and painted again around everything that is written. One lock keeps
// the keyboard's thread, the actors and the spinner's timer apart.

using System.Runtime.InteropServices;
using System.Text;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens.Terminal;

/// <summary>Events above, the line being typed below.</summary>
internal sealed class TerminalConsole : IConsole, IDisposable
{
    private const int DefaultColumns = 80;
    private const int DefaultRows = 24;
    private const int MaxOffered = 5;
    private const string BracketedPasteOn = "\u001b[?2004h";
    private const string BracketedPasteOff = "\u001b[?2004l";
    private const string KeepTitle = "\u001b[22;2t";
    private const string RestoreTitle = "\u001b]2;\a\u001b[23;2t"; // an empty one where the terminal kept none
    private static readonly TimeSpan SpinnerInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EscapeTimeout = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly Ink _ink = new(Ink.IsWanted);
    private readonly EventLines _lines;
    private readonly InputHistory _history = new();
    private readonly UnderWay _underWay = new();
    private readonly Queue<Input> _typedAhead = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly Timer _spinner;
    private Frame _frame = Frame.None;
    private Question? _question;
    private IActorRef _replyTo = ActorRefs.Nobody;
    private IReadOnlyList<string> _contacts = [];
    private string _name = "";
    private string _title = "";
    private int _unread;
    private int _tick;
    private bool _spins;
    private bool _rings;
    private bool _isOpen;

    /// <summary>Makes the console; the terminal is left alone until the first question.</summary>
    public TerminalConsole()
    {
        _lines = new EventLines(_ink, TimeProvider.System, showsDurations: true);
        _spinner = new Timer(_ => Spin());
    }

    /// <summary>Whether there is a terminal that obeys escape sequences.</summary>
    public static bool IsPossible => !Console.IsInputRedirected && !Console.IsOutputRedirected && (OperatingSystem.IsWindows()
        ? Spectre.Console.AnsiConsole.Profile.Capabilities.Ansi
        : Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    private static int Columns => Console.WindowWidth is > 0 and var columns ? columns : DefaultColumns;

    private static int ScreenRows => Console.WindowHeight is > 0 and var rows ? rows : DefaultRows;

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo)
    {
        lock (_lock)
        {
            Open();
            _question = new Question(prompt, _history);
            _replyTo = replyTo;
            while (_question is not null && _typedAhead.TryDequeue(out var input))
            {
                Take(input);
            }

            Repaint();
        }
    }

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
            var sound = "";
            switch (nodeEvent)
            {
                case NodeEvent.Listening e:
                    _name = Printable.Line(e.Name);
                    break;
                case NodeEvent.ContactsChanged e:
                    _contacts = e.Names;
                    break;
                case NodeEvent.BellChanged e:
                    _rings = e.IsOn;
                    break;
                case NodeEvent.MessageStarted e:
                    _underWay.Add(e);
                    SpinWhileNeeded();
                    break;
                case NodeEvent.MessageSent e:
                    _underWay.Remove(e.Id);
                    SpinWhileNeeded();
                    break;
                case NodeEvent.MessageWaits e:
                    _underWay.Remove(e.Id);
                    SpinWhileNeeded();
                    break;
                case NodeEvent.PingEnded e:
                    _underWay.Remove(e.Id);
                    SpinWhileNeeded();
                    break;
                case NodeEvent.MessageArrived:
                    _unread++;
                    sound = _rings ? "\a" : "";
                    break;
            }

            WriteAbove(_lines.Of(nodeEvent, Columns), sound);
        }
    }

    /// <summary>Gives the terminal back as it was.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_isOpen)
            {
                return;
            }

            _isOpen = false;
            _spinner.Dispose();
            _signals.ForEach(signal => signal.Dispose());
            Write(_frame.Erase(Columns) + BracketedPasteOff + RestoreTitle);
            _frame = Frame.None;
        }
    }

    /// <summary>Writes whole lines above the frame.</summary>
    public void WriteAbove(IReadOnlyList<string> lines, string sound = "")
    {
        lock (_lock)
        {
            var text = new StringBuilder(sound);
            foreach (var line in lines)
            {
                text.Append(line).Append("\r\n");
            }

            Repaint(text.ToString());
        }
    }

    private void Open()
    {
        if (_isOpen)
        {
            return;
        }

        _isOpen = true;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => Dispose();
        if (!OperatingSystem.IsWindows())
        {
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => OnResized()));
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => OnContinued()));
        }

        if (!Console.IsErrorRedirected)
        {
            Console.SetError(new LinesAbove(this)); // diagnostics too must not stand in the line being typed
        }

        Write(KeepTitle + BracketedPasteOn);
        new Thread(ReadKeys) { IsBackground = true, Name = "keyboard" }.Start();
    }

    private void ReadKeys()
    {
        var decoder = new KeyDecoder();
        var inputs = new List<Input?>();
        while (true)
        {
            if (decoder.IsWaiting && !SpinWait.SpinUntil(() => Console.KeyAvailable, EscapeTimeout))
            {
                inputs.Add(decoder.Flush());
            }
            else
            {
                // All that is there at once: pasting costs one painting then.
                do
                {
                    var key = Console.ReadKey(intercept: true);
                    if (key == default)
                    {
                        OnTerminalGone();
                        return;
                    }

                    inputs.Add(decoder.Decode(key));
                }
                while (Console.KeyAvailable);
            }

            OnInputs(inputs.OfType<Input>());
            inputs.Clear();
        }
    }

    private void OnInputs(IEnumerable<Input> inputs)
    {
        lock (_lock)
        {
            _unread = 0;
            foreach (var input in inputs)
            {
                if (_question is null)
                {
                    _typedAhead.Enqueue(input);
                }
                else
                {
                    Take(input);
                }
            }

            Repaint();
        }
    }

    private void OnTerminalGone()
    {
        lock (_lock)
        {
            _question = null;
            _replyTo.Tell(new InputEnded());
        }
    }

    private void Take(Input input)
    {
        switch (_question!.Take(input, _contacts))
        {
            case Answer.Line line:
                var painting = Painter.Paint(_question.PromptText, _question.ShownText, cursor: 0, Columns, maxRows: int.MaxValue);
                string[] rows = [.. InPromptColour(painting).Select(row => row.Text)];
                Reply(new Typed(line.Text));
                WriteAbove(rows);
                break;
            case Answer.End:
                Reply(new InputEnded());
                break;
            case Answer.ClearScreen:
                _frame = Frame.None;
                Write("\u001b[H\u001b[2J");
                break;
        }
    }

    private void Reply(object answer)
    {
        _question = null;
        _replyTo.Tell(answer);
    }

    private void OnResized()
    {
        lock (_lock)
        {
            Repaint();
        }
    }

    // After a stop at the keyboard (Ctrl+Z) the shell has written below the old frame.
    private void OnContinued()
    {
        lock (_lock)
        {
            _frame = Frame.None;
            Repaint(BracketedPasteOn);
        }
    }

    private void Spin()
    {
        lock (_lock)
        {
            _tick++;
            if (_isOpen && _underWay.Count > 0)
            {
                Repaint();
            }
        }
    }

    private void SpinWhileNeeded()
    {
        var needed = _isOpen && _underWay.Count > 0;
        if (needed != _spins)
        {
            _spins = needed;
            _spinner.Change(needed ? SpinnerInterval : Timeout.InfiniteTimeSpan, SpinnerInterval);
        }
    }

    // Everything in one write, so that nobody sees the terminal without its frame.
    private void Repaint(string above = "")
    {
        var erase = _frame.Erase(Columns);
        _frame = _isOpen ? NewFrame() : Frame.None;
        Write(erase + above + NewTitle() + _frame.Paint());
    }

    private Frame NewFrame()
    {
        var (columns, screenRows) = (Columns, ScreenRows);
        Row[] status = [.. _underWay.Rows(_tick, columns, Math.Max(1, screenRows / 4))];
        if (_question is null)
        {
            return new Frame([.. status, Row.Of("")], status.Length, 0);
        }

        Row[] offered = [.. Offered(columns, Math.Clamp(screenRows / 4, 1, MaxOffered))];
        var painting = _question.Paint(columns, Math.Max(1, screenRows - status.Length - offered.Length - 1));
        return new Frame([.. status, .. InPromptColour(painting), .. offered], status.Length + painting.CursorRow, painting.CursorColumn);
    }

    private IEnumerable<Row> Offered(int columns, int maxRows)
    {
        var offered = _question!.Offered;
        var marked = _question.Marked;
        foreach (var (index, name) in offered.Index().Skip(Math.Max(0, (marked ?? 0) - maxRows + 1)).Take(maxRows))
        {
            var text = Cells.Fit($"{(index == marked ? "▸" : " ")} {Printable.Line(name)}", columns);
            yield return new Row(index == marked ? _ink.Bold(text) : _ink.Dim(text), Cells.Width(text));
        }
    }

    private IEnumerable<Row> InPromptColour(Painting painting)
    {
        var prompt = Cells.Fit(_question!.PromptText, Columns / 2);
        foreach (var (index, row) in painting.Rows.Index())
        {
            yield return index == 0 && painting.First == 0 && row.Text.StartsWith(prompt, StringComparison.Ordinal)
                ? row with { Text = _ink.Bold(prompt) + row.Text[prompt.Length..] }
                : row;
        }
    }

    private string NewTitle()
    {
        var title = _unread > 0 ? $"({_unread}) {_name}" : _name;
        if (!_isOpen || title == _title)
        {
            return "";
        }

        _title = title;
        return $"\u001b]2;{title}\a";
    }

    private void Write(string text)
    {
        if (text.Length > 0)
        {
            _output.Write(Encoding.UTF8.GetBytes(text));
            _output.Flush();
        }
    }

    // Standard error where it is the same terminal: line by line, above the frame.
    private sealed class LinesAbove(TerminalConsole console) : TextWriter
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_line)
            {
                if (value != '\n')
                {
                    _line.Append(value);
                    return;
                }

                console.WriteAbove(Wrapping.Wrap(Printable.Line(_line.ToString().TrimEnd('\r')), Columns, head: 0, indent: 2));
                _line.Clear();
            }
        }
    }
}
