// The console of people on a terminal. What happens is written once, above, and belongs to the terminal's scrollback. Below it is a frame
// with the messages under way and the line being typed, which is erased and painted again around everything that is written. One lock serialises
// the keyboard's thread, the actors and the spinner's timer.

using System.Runtime.InteropServices;
using System.Text;
using ActorChat.Node;
using ActorChat.Node.Consoles;
using ActorChat.Storage.Sealing;
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
    private const string RestoreTitle = "\u001b]2;\a\u001b[23;2t"; // an empty title where the terminal did not keep the old one
    private static readonly TimeSpan SpinnerInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly Ink _ink = new(Ink.IsWanted);
    private readonly EventLines _lines;
    private readonly InputHistory _history = new();
    private readonly Unread _unread = new();
    private int _waiting;
    private readonly Preparation _preparation = new();
    private readonly Queue<Input> _typedAhead = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly Timer _spinner;
    private InputFile? _inputFile;
    private long _historyRead;
    private Frame _frame = Frame.None;
    private Question? _question;
    private IActorRef _replyTo = ActorRefs.Nobody;
    private IReadOnlyList<string> _contacts = [];
    private string _name = "";
    private string _title = "";
    private int _tick;
    private bool _spins;
    private bool _rings;
    private bool _isOpen;
    private bool _endsAtInterrupt; // the next Ctrl+C ends the node

    /// <summary>Makes the console; the terminal's settings are not touched until the first question.</summary>
    public TerminalConsole()
    {
        _lines = new EventLines(_ink, TimeProvider.System);
        _spinner = new Timer(_ => Spin());
    }

    /// <summary>Whether there is a terminal that obeys escape sequences.</summary>
    public static bool IsPossible => !Console.IsInputRedirected && TerminalOutput.ObeysEscapeSequences;

    private static int Columns => Console.WindowWidth is > 0 and var columns ? columns : DefaultColumns;

    private static int ScreenRows => Console.WindowHeight is > 0 and var rows ? rows : DefaultRows;

    private UnderWay UnderWay => _lines.UnderWay;

    /// <summary>Handles a Ctrl+C, which comes as a signal: it clears the line or leaves the question. Where there is neither, it says that another Ctrl+C ends.</summary>
    /// <returns>False when the node is to end.</returns>
    public bool Interrupt()
    {
        lock (_lock)
        {
            if (!_isOpen || _endsAtInterrupt)
            {
                return false;
            }

            _unread.Clear();
            if (_question is null)
            {
                _endsAtInterrupt = true;
            }
            else
            {
                Take(new Input.Key(EditKey.Interrupt));
            }

            Repaint();
            return true;
        }
    }

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
                case NodeEvent.Preparing e:
                    _preparation.Set(e.Missing);
                    break;
                case NodeEvent.InputKept e:
                    TakeHistory(e.File);
                    break;
                case NodeEvent.WaitingCount e:
                    _waiting = e.Count;
                    break;
                case NodeEvent.MessageArrived e:
                    _unread.Add(e.From);
                    sound = _rings ? "\a" : "";
                    break;
            }

            WriteAbove(_lines.Of(nodeEvent, Columns), sound);
            SpinWhileNeeded();
        }
    }

    /// <summary>Restores the terminal, and keeps what was typed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            KeepHistory();
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

    private void TakeHistory(InputFile file)
    {
        _inputFile = file;
        try
        {
            foreach (var line in file.Read())
            {
                _history.Add(line);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complaint.Say($"what was typed before cannot be read: {e.Message}");
        }

        _historyRead = _history.Added;
    }

    private void KeepHistory()
    {
        try
        {
            if (_history.Added > _historyRead)
            {
                _inputFile?.Write(_history.Lines);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complaint.Say($"what was typed cannot be kept: {e.Message}");
        }

        _inputFile?.Dispose();
        _inputFile = null;
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
            Console.SetError(new LinesAbove(this)); // diagnostics must not be written into the line being typed either
        }

        Write(KeepTitle + BracketedPasteOn);
        new Thread(ReadKeys) { IsBackground = true, Name = "keyboard" }.Start();
    }

    private void ReadKeys()
    {
        var reader = new KeyReader();
        while (reader.Read() is { } inputs)
        {
            OnInputs(inputs);
        }

        OnTerminalGone();
    }

    private void OnInputs(IReadOnlyList<Input> inputs)
    {
        lock (_lock)
        {
            _unread.Clear();
            _endsAtInterrupt = false;
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
                string[] rows = [.. InPromptColour(painting, _question.PromptText).Select(row => row.Text)];
                Reply(new Typed(line.Text));
                WriteAbove(rows);
                break;
            case Answer.TakenBack:
                Reply(new TakenBack());
                break;
            case Answer.NothingToLeave:
                _endsAtInterrupt = true;
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

    // After a stop from the keyboard (Ctrl+Z) the shell has written below the old frame.
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
            if (_isOpen && UnderWay.Count > 0)
            {
                Repaint();
            }
        }
    }

    private void SpinWhileNeeded()
    {
        var needed = _isOpen && UnderWay.Count > 0;
        if (needed != _spins)
        {
            _spins = needed;
            _spinner.Change(needed ? SpinnerInterval : Timeout.InfiniteTimeSpan, SpinnerInterval);
        }
    }

    // Everything goes out in one write, so that the frame does not flicker.
    private void Repaint(string above = "")
    {
        var erase = _frame.Erase(Columns);
        _frame = _isOpen ? NewFrame() : Frame.None;
        Write(erase + above + NewTitle() + _frame.Paint());
    }

    private Frame NewFrame()
    {
        var (columns, screenRows) = (Columns, ScreenRows);
        Row[] status = [.. Prepared(columns), .. UnderWay.Rows(_tick, columns, Math.Max(1, screenRows / 4))];
        if (_question is null)
        {
            return new Frame([.. status, Row.Of(""), .. Hints(columns)], status.Length, 0);
        }

        Row[] below = [.. Offered(columns, Math.Clamp(screenRows / 4, 1, MaxOffered)), .. Hints(columns)];
        var prompt = Prompt(columns);
        var painting = _question.Paint(prompt, columns, Math.Max(1, screenRows - status.Length - below.Length - 1));
        return new Frame([.. status, .. InPromptColour(painting, prompt), .. below], status.Length + painting.CursorRow, painting.CursorColumn);
    }

    // What was missed is shown before the prompt as long as nothing is typed: a line that has been begun must not move.
    private string Prompt(int columns) => (_question!.IsEmpty ? PromptStatus.Of([("waiting", _waiting), .. _unread.ByContact], columns) : "") + _question.PromptText;

    private IEnumerable<Row> Prepared(int columns) => _preparation.InWords is { } words ? [Dim(words, columns)] : [];

    // Where not all fit, the last row counts the rest.
    private IEnumerable<Row> Offered(int columns, int maxRows)
    {
        var offered = _question!.Offered;
        var marked = _question.Marked;
        var shown = offered.Count > maxRows ? Math.Max(1, maxRows - 1) : offered.Count;
        foreach (var (index, name) in offered.Index().Skip(Math.Max(0, (marked ?? 0) - shown + 1)).Take(shown))
        {
            var text = Cells.Fit($"{(index == marked ? "▸" : " ")} {Printable.Line(name)}", columns);
            yield return new Row(index == marked ? _ink.Bold(text) : _ink.Dim(text), Cells.Width(text));
        }

        if (shown < offered.Count && maxRows > 1)
        {
            yield return Dim($"  … {offered.Count - shown} more", columns);
        }
    }

    private IEnumerable<Row> Hints(int columns)
    {
        if ((_endsAtInterrupt ? "Ctrl+C again ends." : _question?.Hint) is { } hint)
        {
            yield return Dim(hint, columns);
        }
    }

    private Row Dim(string text, int columns)
    {
        var fitting = Cells.Fit(text, columns);
        return new Row(_ink.Dim(fitting), Cells.Width(fitting));
    }

    private IEnumerable<Row> InPromptColour(Painting painting, string prompt)
    {
        var shown = Cells.Fit(prompt, Columns / 2);
        foreach (var (index, row) in painting.Rows.Index())
        {
            yield return index == 0 && painting.First == 0 && row.Text.StartsWith(shown, StringComparison.Ordinal)
                ? row with { Text = _ink.Bold(shown) + row.Text[shown.Length..] }
                : row;
        }
    }

    private string NewTitle()
    {
        var title = _unread.Total > 0 ? $"({_unread.Total}) {_name}" : _name;
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
