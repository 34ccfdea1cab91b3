// A question before the node starts, edited with the same keys as everything later: one line, painted at the bottom, and Tab for the names of files.

using System.Text;

namespace ActorChat.Screens.Terminal;

/// <summary>Asks for one line on a terminal.</summary>
internal static class LinePrompt
{
    private const int MaxOffered = 5;

    /// <summary>Asks, and waits for Enter.</summary>
    /// <param name="prompt">The words before the answer, safe to show.</param>
    /// <param name="isFile">Whether Tab completes the names of files.</param>
    /// <returns>The line; null when there will be none: Ctrl+D or Ctrl+C in an empty line, or the terminal has gone.</returns>
    public static string? Read(string prompt, bool isFile)
    {
        var editor = new LineEditor(new InputHistory());
        IReadOnlyList<string> offered = [];
        var reader = new KeyReader();
        var frame = Frame.None;
        var columns = Console.WindowWidth is > 0 and var width ? width : 80;
        if (Cells.Width(prompt) > columns / 2)
        {
            Write(string.Join("\r\n", Wrapping.Wrap(prompt.TrimEnd(), columns, head: 0, indent: 2)) + "\r\n");
            prompt = "> "; // the answer needs room of its own
        }

        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                Repaint();
                if (reader.Read() is not { } inputs)
                {
                    return null;
                }

                foreach (var input in inputs)
                {
                    offered = [];
                    switch (input)
                    {
                        case Input.Text text:
                            editor.Insert(text.Characters.ReplaceLineEndings(" "));
                            break;
                        case Input.Key { Name: EditKey.Enter }:
                            End();
                            return editor.Text;
                        case Input.Key { Name: EditKey.Interrupt or EditKey.DeleteOrEnd } when editor.Text.Length == 0:
                            End();
                            return null;
                        case Input.Key { Name: EditKey.Interrupt }:
                            editor.Replace(0, editor.Text.Length, "");
                            break;
                        case Input.Key { Name: EditKey.Tab } when isFile:
                            Complete();
                            break;
                        case Input.Key { Name: EditKey.NewLine or EditKey.Tab }:
                            break;
                        case Input.Key key:
                            editor.Press(key.Name);
                            break;
                    }
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }

        void Complete()
        {
            var files = FileCompletion.Of(editor.Text[..editor.Cursor]);
            var common = Completion.CommonStart(files);
            if (common.Length > editor.Cursor)
            {
                editor.Replace(0, editor.Cursor, common);
            }

            offered = files.Count > 1 ? files : [];
        }

        void Repaint()
        {
            columns = Console.WindowWidth is > 0 and var now ? now : 80;
            var painting = Painter.Paint(prompt, editor.Text, editor.Cursor, columns, maxRows: 10);
            Row[] below = [.. offered.Take(MaxOffered).Select(file => Row.Of(Cells.Fit($"  {file}", columns)))];
            var before = frame.Erase(columns);
            frame = new Frame([.. painting.Rows, .. below], painting.CursorRow, painting.CursorColumn);
            Write(before + frame.Paint());
        }

        void End()
        {
            Repaint();
            Write("\r\n");
        }
    }

    private static void Write(string text)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(text));
    }
}
