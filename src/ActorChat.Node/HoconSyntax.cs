// Akka's HOCON parser accepts braces and quotes that do not match, and then silently drops what comes after them. Silently dropping a limit would
// be worse than not starting, so a configuration file is checked before it is parsed.

namespace ActorChat.Node;

/// <summary>Finds braces, brackets and quotes that do not match.</summary>
internal static class HoconSyntax
{
    /// <summary>What does not match, with its line; null when everything does.</summary>
    public static string? ProblemWith(string text)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#' or '/' when text[i] == '#' || (i + 1 < text.Length && text[i + 1] == '/'):
                    i = EndOfLine(text, i) - 1;
                    break;
                case '"':
                    var end = EndOfString(text, i);
                    if (end < 0)
                    {
                        return $"line {line}: a quote is opened and not closed";
                    }

                    line += text.AsSpan(i, end - i).Count('\n');
                    i = end - 1;
                    break;
                case '{' or '[':
                    open.Push((text[i], line));
                    break;
                case '}' or ']' when !open.TryPop(out var last) || last.Bracket != (text[i] == '}' ? '{' : '['):
                    return $"line {line}: a {text[i]} closes nothing";
            }
        }

        return open.TryPop(out var unclosed) ? $"line {unclosed.Line}: a {unclosed.Bracket} is opened and not closed" : null;
    }

    /// <summary>The line where a setting has its value, or else of the nearest object around it; null when the text names neither.</summary>
    /// <param name="text">HOCON whose braces and quotes match.</param>
    /// <param name="path">The setting's path, with dots.</param>
    public static int? LineOf(string text, string path)
    {
        var lines = Lines(text);
        for (var end = path.Length; end > 0; end = path.LastIndexOf('.', end - 1))
        {
            if (lines.TryGetValue(path[..end], out var line))
            {
                return line;
            }
        }

        return null;
    }

    // The line of each path that has a value. Where a path has several, the last one counts, as in HOCON.
    private static Dictionary<string, int> Lines(string text)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var open = new Stack<string>([""]); // the path of each open object, with its dot
        var (line, key, path) = (1, "", "");
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n' or ',':
                    line += text[i] == '\n' ? 1 : 0;
                    (key, path) = ("", "");
                    break;
                case '#' or '/' when text[i] == '#' || (i + 1 < text.Length && text[i + 1] == '/'):
                    i = EndOfLine(text, i) - 1;
                    break;
                case '"':
                    var end = EndOfString(text, i);
                    key += text[(i + 1)..(end - 1)];
                    line += text.AsSpan(i, end - i).Count('\n');
                    i = end - 1;
                    break;
                case '{' or '[' or '=' or ':' when path.Length == 0 && key.Length > 0:
                    path = open.Peek() + key.TrimEnd('+');
                    lines[path] = line;
                    i -= text[i] is '{' or '[' ? 1 : 0; // look at the bracket again, now with a path
                    break;
                case '{' or '[':
                    open.Push(path.Length > 0 ? path + "." : open.Peek());
                    (key, path) = ("", "");
                    break;
                case '}' or ']':
                    open.Pop();
                    (key, path) = ("", "");
                    break;
                case var c when !char.IsWhiteSpace(c):
                    key += c;
                    break;
            }
        }

        return lines;
    }

    private static int EndOfLine(string text, int from) => text.IndexOf('\n', from) is >= 0 and var end ? end : text.Length;

    // The position after the string that begins at the quote; unless it has triple quotes it ends on its line. -1 when it does not end.
    private static int EndOfString(string text, int from)
    {
        const string triple = "\"\"\"";
        if (string.CompareOrdinal(text, from, triple, 0, triple.Length) == 0)
        {
            return text.IndexOf(triple, from + triple.Length, StringComparison.Ordinal) is >= 0 and var end ? end + triple.Length : -1;
        }

        for (var i = from + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i + 1;
            }
        }

        return -1;
    }
}
