// From the keys of System.Console to the editor's. .NET knows the sequences of arrow keys and the like. What it does not know comes as single
// keys, beginning with Escape: Alt with a letter typed fast, and the marks that a terminal puts around a paste (bracketed paste, ESC[200~ … ESC[201~).
// Pure: a key in, its meaning out.

using System.Globalization;
using System.Text;

namespace ActorChat.Screens.Terminal;

/// <summary>Decodes keys one after another.</summary>
/// <remarks>
/// <code>
/// state       waits for        then
/// Plain       a key            Escape: Escaped; else its meaning
/// Escaped     a key            [: Sequence; else its meaning with Alt, and Plain
/// Sequence    its last key     the mark of a paste: Pasting; a known sequence: its meaning, and Plain
/// Pasting     the end mark     the text between the two marks, and Plain
/// </code>
/// </remarks>
internal sealed class KeyDecoder
{
    private const char Escape = '\u001b';
    private const string EndOfPaste = "\u001b[201~";
    private const int MaxSequence = 32;

    private readonly StringBuilder _sequence = new(); // after "ESC["
    private readonly StringBuilder _paste = new();
    private State _state = State.Plain;
    private char? _highSurrogate;

    private enum State
    {
        Plain,
        Escaped,
        Sequence,
        Pasting,
    }

    /// <summary>Whether an Escape waits for what follows it. When nothing does, <see cref="Flush"/>.</summary>
    public bool IsWaiting => _state is State.Escaped or State.Sequence;

    /// <summary>Takes a key.</summary>
    public Input? Decode(ConsoleKeyInfo key)
    {
        switch (_state)
        {
            case State.Pasting:
                return TakePasted(key);
            case State.Sequence:
                return TakeOfSequence(key);
            case State.Escaped when key.KeyChar == Escape && key.Modifiers == 0:
                return new Input.Key(EditKey.Escape); // the second Escape now waits for what follows it
            case State.Escaped when key.KeyChar == '[':
                return BeginSequence();
            case State.Escaped:
                _state = State.Plain;
                return Meaning(key, isAlt: true);
            case State.Plain when key.KeyChar == Escape && key.Modifiers == 0:
                _state = State.Escaped;
                return null;
            case State.Plain when key is { KeyChar: '[', Modifiers: ConsoleModifiers.Alt }:
                return BeginSequence();
            default:
                return Meaning(key, (key.Modifiers & ConsoleModifiers.Alt) != 0);
        }
    }

    /// <summary>Nothing came after the Escape, so it was the key itself.</summary>
    public Input? Flush()
    {
        var wasKey = _state == State.Escaped;
        _state = State.Plain;
        return wasKey ? new Input.Key(EditKey.Escape) : null;
    }

    private Input? BeginSequence()
    {
        _state = State.Sequence;
        _sequence.Clear();
        return null;
    }

    private Input.Key? TakeOfSequence(ConsoleKeyInfo key)
    {
        _sequence.Append(key.KeyChar);
        if (key.KeyChar is >= ' ' and < '@' && _sequence.Length < MaxSequence)
        {
            return null;
        }

        _state = State.Plain;
        switch (_sequence.ToString())
        {
            case "200~":
                _state = State.Pasting;
                _paste.Clear();
                return null;
            case "A":
                return new Input.Key(EditKey.Up);
            case "B":
                return new Input.Key(EditKey.Down);
            case "C":
                return new Input.Key(EditKey.Right);
            case "D":
                return new Input.Key(EditKey.Left);
            case "H" or "1~" or "7~":
                return new Input.Key(EditKey.Home);
            case "F" or "4~" or "8~":
                return new Input.Key(EditKey.End);
            case "3~":
                return new Input.Key(EditKey.Delete);
            case "5~":
                return new Input.Key(EditKey.PageUp);
            case "6~":
                return new Input.Key(EditKey.PageDown);
            case "1;5C" or "1;3C":
                return new Input.Key(EditKey.WordRight);
            case "1;5D" or "1;3D":
                return new Input.Key(EditKey.WordLeft);
            default:
                return null;
        }
    }

    // Inside a paste every key is its character. A key without one was a sequence that no text holds.
    private Input.Text? TakePasted(ConsoleKeyInfo key)
    {
        if ((key.Modifiers & ConsoleModifiers.Alt) != 0)
        {
            _paste.Append(Escape);
        }

        if (key.KeyChar != '\0')
        {
            _paste.Append(key.KeyChar);
        }

        if (key.KeyChar != '~' || !EndsInMark())
        {
            return null;
        }

        _state = State.Plain;
        _paste.Length -= EndOfPaste.Length;
        var text = _paste.ToString().ReplaceLineEndings("\n");
        return text.Length == 0 ? null : new Input.Text(WithoutHalfPairs(text));
    }

    private bool EndsInMark()
    {
        var start = _paste.Length - EndOfPaste.Length;
        for (var i = 0; i < EndOfPaste.Length; i++)
        {
            if (start < 0 || _paste[start + i] != EndOfPaste[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string WithoutHalfPairs(string text) => string.Concat(text.EnumerateRunes());

    private Input? Meaning(ConsoleKeyInfo key, bool isAlt)
    {
        var isControl = (key.Modifiers & ConsoleModifiers.Control) != 0;
        if (MeaningOfKey(key, isAlt, isControl) is { } name)
        {
            return new Input.Key(name);
        }

        // AltGr on Windows is Control and Alt, and writes a character.
        return key.KeyChar == '\0' || char.IsControl(key.KeyChar) || (isAlt && !isControl) ? null : Characters(key.KeyChar);
    }

    private static EditKey? MeaningOfKey(ConsoleKeyInfo key, bool isAlt, bool isControl) => (key.KeyChar, key.Key) switch
    {
        ('\r' or '\n', _) or (_, ConsoleKey.Enter) => isAlt ? EditKey.NewLine : EditKey.Enter,
        ('\t', _) => EditKey.Tab,
        ('\u007f', _) or ('\b', _) or (_, ConsoleKey.Backspace) => isAlt || (isControl && key.KeyChar != '\b') ? EditKey.CutWordLeft : EditKey.Backspace,
        ('\u0001', _) => EditKey.Home,
        ('\u0002', _) => EditKey.Left,
        ('\u0003', _) => EditKey.Interrupt,
        ('\u0004', _) => EditKey.DeleteOrEnd,
        ('\u0005', _) => EditKey.End,
        ('\u0006', _) => EditKey.Right,
        ('\u000b', _) => EditKey.CutToEnd,
        ('\u000c', _) => EditKey.ClearScreen,
        ('\u000e', _) => EditKey.Down,
        ('\u0010', _) => EditKey.Up,
        ('\u0012', _) => EditKey.Search,
        ('\u0015', _) => EditKey.CutToStart,
        ('\u0017', _) => EditKey.CutWordBefore,
        ('\u0019', _) => EditKey.Paste,
        ('\u001f', _) => EditKey.Undo,
        (_, ConsoleKey.D7) when isControl && !isAlt => EditKey.Undo, // what .NET takes Ctrl+_ for: both are the byte 1F
        ('b' or 'B', _) when isAlt && !isControl => EditKey.WordLeft,
        ('f' or 'F', _) when isAlt && !isControl => EditKey.WordRight,
        ('d' or 'D', _) when isAlt && !isControl => EditKey.CutWordRight,
        (_, ConsoleKey.Escape) => EditKey.Escape,
        (_, ConsoleKey.LeftArrow) => isAlt || isControl ? EditKey.WordLeft : EditKey.Left,
        (_, ConsoleKey.RightArrow) => isAlt || isControl ? EditKey.WordRight : EditKey.Right,
        (_, ConsoleKey.UpArrow) => EditKey.Up,
        (_, ConsoleKey.DownArrow) => EditKey.Down,
        (_, ConsoleKey.Home) => EditKey.Home,
        (_, ConsoleKey.End) => EditKey.End,
        (_, ConsoleKey.Delete) => EditKey.Delete,
        (_, ConsoleKey.PageUp) => EditKey.PageUp,
        (_, ConsoleKey.PageDown) => EditKey.PageDown,
        _ => null,
    };

    // A character beyond the first 65,536 comes as two keys.
    private Input.Text? Characters(char character)
    {
        var high = _highSurrogate;
        _highSurrogate = null;
        if (char.IsHighSurrogate(character))
        {
            _highSurrogate = character;
            return null;
        }

        if (char.IsLowSurrogate(character))
        {
            return high is null ? null : new Input.Text(string.Create(CultureInfo.InvariantCulture, $"{high}{character}"));
        }

        return new Input.Text(character.ToString());
    }
}
