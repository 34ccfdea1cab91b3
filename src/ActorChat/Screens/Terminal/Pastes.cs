// Recognises a paste where the terminal puts no marks around it: lines that come at once, faster than anyone types, are one paste. Its line
// ends are then part of the text, and the user's own Enter sends it. Pure.

namespace ActorChat.Screens.Terminal;

/// <summary>Makes one text of lines that came at once.</summary>
internal sealed class Pastes
{
    private bool _isPasting;
    private bool _owesLineEnd;

    /// <summary>Takes what was read at once.</summary>
    /// <param name="inputs">What was read.</param>
    /// <param name="isRightBehind">Whether it came so soon after the last read that it may continue that one.</param>
    public IReadOnlyList<Input> Join(IReadOnlyList<Input> inputs, bool isRightBehind)
    {
        _isPasting = (_isPasting && isRightBehind) || HoldsLines(inputs);
        if (!_isPasting)
        {
            _owesLineEnd = false;
            return inputs;
        }

        // The last line end is held back: it belongs to the text only if more text comes.
        var text = (_owesLineEnd && isRightBehind ? "\n" : "") + string.Concat(inputs.Select(Characters));
        _owesLineEnd = text.EndsWith('\n');
        text = _owesLineEnd ? text[..^1] : text;
        return text.Length > 0 ? [new Input.Text(text)] : [];
    }

    // Whether there is an Enter with text before and after it. The first or last input may be the Enter key.
    private static bool HoldsLines(IReadOnlyList<Input> inputs) => inputs
        .SkipWhile(input => input is not Input.Text)
        .SkipWhile(input => input is not Input.Key { Name: EditKey.Enter })
        .Any(input => input is Input.Text);

    private static string Characters(Input input) => input switch
    {
        Input.Text text => text.Characters,
        Input.Key { Name: EditKey.Enter or EditKey.NewLine } => "\n",
        Input.Key { Name: EditKey.Tab } => "\t",
        _ => "",
    };
}
