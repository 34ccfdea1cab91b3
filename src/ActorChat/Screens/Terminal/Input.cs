// What comes from the keyboard, in the editor's terms.

namespace ActorChat.Screens.Terminal;

/// <summary>A key that does something other than write itself.</summary>
public enum EditKey
{
    /// <summary>One grapheme to the left.</summary>
    Left,

    /// <summary>One grapheme to the right.</summary>
    Right,

    /// <summary>To the beginning of the word.</summary>
    WordLeft,

    /// <summary>To the end of the word.</summary>
    WordRight,

    /// <summary>To the beginning of the line.</summary>
    Home,

    /// <summary>To the end of the line.</summary>
    End,

    /// <summary>To the line above, or the one typed before.</summary>
    Up,

    /// <summary>To the line below, or the one typed after.</summary>
    Down,

    /// <summary>Erases the grapheme before the cursor.</summary>
    Backspace,

    /// <summary>Erases the grapheme at the cursor.</summary>
    Delete,

    /// <summary>Ctrl+D: erases the grapheme at the cursor; in an empty line it ends the input.</summary>
    DeleteOrEnd,

    /// <summary>Ctrl+W: cuts back to the last space.</summary>
    CutWordBefore,

    /// <summary>Alt+Backspace: cuts back to the beginning of the word.</summary>
    CutWordLeft,

    /// <summary>Alt+D: cuts to the end of the word.</summary>
    CutWordRight,

    /// <summary>Ctrl+U.</summary>
    CutToStart,

    /// <summary>Ctrl+K.</summary>
    CutToEnd,

    /// <summary>Ctrl+Y: writes what was cut last.</summary>
    Paste,

    /// <summary>Alt+Enter: another line of the same message.</summary>
    NewLine,

    /// <summary>The answer is complete.</summary>
    Enter,

    /// <summary>Completes the word.</summary>
    Tab,

    /// <summary>Leaves the question.</summary>
    Escape,

    /// <summary>Ctrl+L.</summary>
    ClearScreen,

    /// <summary>Ctrl+C, where it comes as a key: see <see cref="LinePrompt"/>.</summary>
    Interrupt,

    /// <summary>Ctrl+R: looks for a line typed before.</summary>
    Search,

    /// <summary>Ctrl+_: takes the last change back.</summary>
    Undo,

    /// <summary>One page down in the choices.</summary>
    PageDown,

    /// <summary>One page up in the choices.</summary>
    PageUp,
}

/// <summary>One thing that the user did at the keyboard.</summary>
internal abstract record Input
{
    /// <summary>Characters, typed or pasted. Lines end in line feeds.</summary>
    public sealed record Text(string Characters) : Input;

    /// <summary>A key.</summary>
    public sealed record Key(EditKey Name) : Input;
}
