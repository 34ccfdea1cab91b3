// The question that is open: its prompt, the line being typed as its answer, and what Tab and the arrow keys offer. Pure.

using ActorChat.Node.Consoles;

namespace ActorChat.Screens.Terminal;

/// <summary>What ends a question, or concerns more than it.</summary>
internal abstract record Answer
{
    /// <summary>A line.</summary>
    /// <param name="Text">The answer.</param>
    public sealed record Line(string Text) : Answer;

    /// <summary>There will be no more input.</summary>
    public sealed record End : Answer;

    /// <summary>The user wants an empty screen.</summary>
    public sealed record ClearScreen : Answer;
}

/// <summary>An open question.</summary>
internal sealed class Question
{
    private readonly Prompt _prompt;
    private readonly InputHistory _history;
    private readonly LineEditor _editor;
    private readonly RecipientPicker? _picker;
    private IReadOnlyList<string> _offered = [];

    /// <summary>Opens a question.</summary>
    /// <param name="prompt">What is asked.</param>
    /// <param name="history">The messages and commands typed before; answers to other questions are not among them.</param>
    public Question(Prompt prompt, InputHistory history)
    {
        _prompt = prompt;
        _history = prompt is Prompt.Message or Prompt.Continuation ? history : new InputHistory();
        _editor = new LineEditor(_history);
        _picker = prompt is Prompt.Recipients recipients ? new RecipientPicker(recipients.Contacts) : null;
        PromptText = Screens.PromptText.Of(prompt);
    }

    /// <summary>What stands before the answer.</summary>
    public string PromptText { get; }

    /// <summary>What is typed so far, as it is shown: of a password nothing.</summary>
    public string ShownText => _prompt is Prompt.Password ? "" : _editor.Text;

    /// <summary>What is offered below the answer.</summary>
    public IReadOnlyList<string> Offered => _picker?.Matches(_editor.Text) ?? _offered;

    /// <summary>Which of it Enter takes; null for none.</summary>
    public int? Marked => _picker?.Marked(_editor.Text);

    /// <summary>Paints the prompt and the answer.</summary>
    public Painting Paint(int columns, int maxRows) =>
        Painter.Paint(PromptText, ShownText, _prompt is Prompt.Password ? 0 : _editor.Cursor, columns, maxRows);

    /// <summary>Takes what the user did.</summary>
    /// <param name="input">A key or characters.</param>
    /// <param name="names">The contacts, for Tab.</param>
    /// <returns>The answer; null while there is none.</returns>
    public Answer? Take(Input input, IReadOnlyList<string> names)
    {
        var step = input switch { Input.Key { Name: EditKey.Up } => -1, Input.Key { Name: EditKey.Down } => 1, _ => 0 };
        if (_picker is not null && step != 0)
        {
            _picker.Move(_editor.Text, step);
            return null;
        }

        _offered = [];
        switch (input)
        {
            case Input.Text text:
                _editor.Insert(text.Characters);
                _picker?.Forget();
                return null;
            case Input.Key { Name: EditKey.Enter }:
                return Submit();
            case Input.Key { Name: EditKey.DeleteOrEnd } when _editor.Text.Length == 0:
                return new Answer.End();
            case Input.Key { Name: EditKey.ClearScreen }:
                return new Answer.ClearScreen();
            case Input.Key { Name: EditKey.Escape }:
                return _picker is null ? null : new Answer.Line("");
            case Input.Key { Name: EditKey.Tab }:
                Complete(names);
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

    private Answer.Line Submit()
    {
        if (_picker is not null)
        {
            _editor.Replace(0, _editor.Text.Length, _picker.Complete(_editor.Text));
        }

        _history.Add(_editor.Text);
        return new Answer.Line(_editor.Text);
    }

    private void Complete(IReadOnlyList<string> names)
    {
        if (_picker is not null)
        {
            if (_picker.Marked(_editor.Text) is null)
            {
                _picker.Move(_editor.Text, 1);
            }

            _editor.Replace(0, _editor.Text.Length, _picker.Complete(_editor.Text));
            _picker.Forget();
        }
        else if (_prompt is Prompt.Message && Completion.At(_editor.Text, _editor.Cursor, names) is { } completion)
        {
            // What is written stays as it is until it can grow: the case of its letters may differ.
            var isOnly = completion.Words.Count == 1;
            var word = isOnly ? completion.Words[0] + " " : completion.Common;
            if (word.Length >= _editor.Cursor - completion.Start)
            {
                _editor.Replace(completion.Start, _editor.Cursor, word);
            }

            _offered = isOnly ? [] : completion.Words;
        }
    }
}
