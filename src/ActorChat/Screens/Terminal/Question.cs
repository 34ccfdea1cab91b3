// The question that is open: its prompt, the line being typed as its answer, what Tab and the arrow keys offer, and the search in earlier lines. Pure.

using ActorChat.Node;
using ActorChat.Node.Consoles;

namespace ActorChat.Screens.Terminal;

/// <summary>What ends a question, or concerns more than the question.</summary>
internal abstract record Answer
{
    /// <summary>A line.</summary>
    /// <param name="Text">The answer.</param>
    public sealed record Line(string Text) : Answer;

    /// <summary>The user has left the question.</summary>
    public sealed record TakenBack : Answer;

    /// <summary>There will be no more input.</summary>
    public sealed record End : Answer;

    /// <summary>The user wants an empty screen.</summary>
    public sealed record ClearScreen : Answer;

    /// <summary>Ctrl+C found nothing to clear and nothing to leave.</summary>
    public sealed record NothingToLeave : Answer;
}

/// <summary>An open question.</summary>
internal sealed class Question
{
    /// <summary>A message with more lines than this is sent only after a second Enter.</summary>
    private const int MaxLinesUnasked = 20;

    private const int Page = 5;

    private readonly Prompt _prompt;
    private readonly InputHistory _history;
    private readonly LineEditor _editor;
    private readonly RecipientPicker? _picker;
    private readonly string _promptText;
    private IReadOnlyList<string> _offered = [];
    private (int Start, int Length, int Word)? _cycle; // where the word of the last Tab is, and which of those offered it is
    private HistorySearch? _search;
    private bool _hasAskedAboutLines;

    /// <summary>Opens a question.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="history">The messages and commands typed before, without the answers to other questions.</param>
    public Question(Prompt prompt, InputHistory history)
    {
        _prompt = prompt;
        _history = prompt is Prompt.Message or Prompt.Continuation ? history : new InputHistory();
        _editor = new LineEditor(_history);
        _picker = prompt is Prompt.Recipients recipients ? new RecipientPicker(recipients.RecentFirst) : null;
        _promptText = Screens.PromptText.Of(prompt);
    }

    /// <summary>The words before the answer.</summary>
    public string PromptText => _search is null ? _promptText : $"search \"{Printable.Line(_search.Query)}\": ";

    /// <summary>What is typed so far, as it is shown; empty for a password.</summary>
    public string ShownText => _prompt is Prompt.Password ? "" : _search?.Line ?? _editor.Text;

    /// <summary>Whether nothing is typed yet.</summary>
    public bool IsEmpty => _search is null && _editor.Text.Length == 0;

    /// <summary>What is offered below the answer.</summary>
    public IReadOnlyList<string> Offered => _picker?.Matches(_editor.Text) ?? _offered;

    /// <summary>The index of the choice that Enter takes; null for none.</summary>
    public int? Marked => _picker is not null ? _picker.Marked(_editor.Text) : _cycle is { Word: >= 0 and var word } ? word : null;

    /// <summary>What the user should know before the next key; null for nothing.</summary>
    public string? Hint =>
        _hasAskedAboutLines ? $"{_editor.Text.Count(character => character == '\n') + 1} lines: Enter again sends them as one message."
        : _prompt is Prompt.Recipients { LastWriter: { } writer } && IsEmpty ? $"{Printable.Line(writer)} wrote last; /r and a text answers at once."
        : null;

    private int ShownCursor => _prompt is Prompt.Password ? 0 : _search?.Position ?? _editor.Cursor;

    /// <summary>Paints the prompt and the answer.</summary>
    /// <param name="prompt">The words before the answer: <see cref="PromptText"/>, perhaps with more before it.</param>
    /// <param name="columns">The screen's width.</param>
    /// <param name="maxRows">The most rows.</param>
    public Painting Paint(string prompt, int columns, int maxRows) => Painter.Paint(prompt, ShownText, ShownCursor, columns, maxRows);

    /// <summary>Takes what the user did.</summary>
    /// <param name="input">A key or characters.</param>
    /// <param name="names">The contacts, for Tab.</param>
    /// <returns>The answer; null while there is none.</returns>
    public Answer? Take(Input input, IReadOnlyList<string> names)
    {
        var hasAsked = _hasAskedAboutLines;
        _hasAskedAboutLines = false;
        if (_search is not null && TakesForSearch(_search, input))
        {
            return null;
        }

        if (_picker is not null && StepOf(input) is var step and not 0)
        {
            _picker.Move(_editor.Text, step, wraps: Math.Abs(step) == 1);
            return null;
        }

        if (input is Input.Key { Name: EditKey.Tab })
        {
            Complete(names);
            return null;
        }

        (_offered, _cycle) = ([], null);
        switch (input)
        {
            case Input.Text text:
                _editor.Insert(text.Characters);
                _picker?.Forget();
                return null;
            case Input.Key { Name: EditKey.Enter }:
                return Submit(hasAsked);
            case Input.Key { Name: EditKey.Interrupt }:
                return Interrupt();
            case Input.Key { Name: EditKey.DeleteOrEnd } when _editor.Text.Length == 0:
                return new Answer.End();
            case Input.Key { Name: EditKey.ClearScreen }:
                return new Answer.ClearScreen();
            case Input.Key { Name: EditKey.Escape }:
                return CanBeLeft && !hasAsked ? new Answer.TakenBack() : null;
            case Input.Key { Name: EditKey.Search }:
                _search = _prompt is Prompt.Message ? new HistorySearch(_history) : null;
                return null;
            case Input.Key { Name: EditKey.NewLine } when _prompt is not (Prompt.Message or Prompt.Continuation):
                return null;
            case Input.Key key:
                _editor.Press(key.Name);
                _picker?.Forget();
                return null;
            default:
                return null;
        }
    }

    private bool CanBeLeft => _prompt is Prompt.Recipients or Prompt.Password or Prompt.Continuation;

    private static int StepOf(Input input) => input switch
    {
        Input.Key { Name: EditKey.Up } => -1,
        Input.Key { Name: EditKey.Down } => 1,
        Input.Key { Name: EditKey.PageUp } => -Page,
        Input.Key { Name: EditKey.PageDown } => Page,
        _ => 0,
    };

    private Answer? Interrupt()
    {
        if (_editor.Text.Length == 0)
        {
            return CanBeLeft ? new Answer.TakenBack() : new Answer.NothingToLeave();
        }

        _editor.Replace(0, _editor.Text.Length, "");
        _picker?.Forget();
        return null;
    }

    // A key that does not belong to the search ends it, and the line that was found becomes the line being typed. Enter does no more than that: a line
    // that was found should be seen before it is sent.
    private bool TakesForSearch(HistorySearch search, Input input)
    {
        switch (input)
        {
            case Input.Text text:
                search.Change(search.Query + text.Characters);
                return true;
            case Input.Key { Name: EditKey.Search }:
                search.Older();
                return true;
            case Input.Key { Name: EditKey.Backspace }:
                search.Change(search.Query.Length > 0 ? search.Query[..^1] : "");
                return true;
            case Input.Key { Name: EditKey.Interrupt or EditKey.Escape }:
                _search = null;
                return true;
            default:
                _search = null;
                if (search.Line.Length > 0)
                {
                    _editor.Replace(0, _editor.Text.Length, search.Line);
                }

                return input is Input.Key { Name: EditKey.Enter };
        }
    }

    private Answer.Line? Submit(bool hasAsked)
    {
        if (_picker is not null)
        {
            _editor.Replace(0, _editor.Text.Length, _picker.Complete(_editor.Text));
        }

        if (!hasAsked && _editor.Text.Count(character => character == '\n') >= MaxLinesUnasked)
        {
            _hasAskedAboutLines = true;
            return null;
        }

        // A paste often ends in an unintended line end.
        var text = _editor.Text.TrimEnd('\n');
        _editor.Replace(text.Length, _editor.Text.Length, "");
        _history.Add(text);
        return new Answer.Line(text);
    }

    private void Complete(IReadOnlyList<string> names)
    {
        if (_picker is not null)
        {
            if (_picker.Marked(_editor.Text) is null)
            {
                _picker.Move(_editor.Text, 1, wraps: true);
            }

            _editor.Replace(0, _editor.Text.Length, _picker.Complete(_editor.Text));
            _picker.Forget();
        }
        else if (_cycle is var (start, length, word))
        {
            word = (word + 1) % _offered.Count; // the next of those that the last Tab offered
            _editor.Replace(start, start + length, _offered[word]);
            _cycle = (start, _offered[word].Length, word);
        }
        else if (_prompt is Prompt.Message && Completion.At(_editor.Text, _editor.Cursor, names) is { } completion)
        {
            Write(completion);
        }
    }

    // What is typed is replaced only by something as long or longer: the matches may differ in case.
    private void Write(Completion completion)
    {
        var cursor = _editor.Cursor;
        if (completion.Words is [var only])
        {
            var end = _editor.Text.Length > cursor && _editor.Text[cursor] == ' ' ? cursor + 1 : cursor; // a space is there already
            _editor.Replace(completion.Start, end, only + " ");
            _offered = [];
            return;
        }

        if (completion.Common.Length >= cursor - completion.Start)
        {
            _editor.Replace(completion.Start, cursor, completion.Common);
        }

        _offered = completion.Words;
        _cycle = (completion.Start, _editor.Cursor - completion.Start, -1);
    }
}
