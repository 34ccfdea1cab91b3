// A program's input. One thread reads it, all the lines at once that are there already: a program that writes many messages is not asked for each.
// It reads before it is asked: until input comes, a question wakes nobody, and lines that come early wait for the next question.
// It is UTF-8 whatever the locale says, as JSON is.

using System.Text;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Screens;

/// <summary>Lines from a stream, some for each question.</summary>
internal sealed class InputLines
{
    private const int MostAtOnce = 64;
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly OpenQuestion<IActorRef> _question = new();
    private readonly Stream _input;
    private byte[] _bytes = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Starts the thread.</summary>
    /// <param name="input">Where the lines come from.</param>
    public InputLines(Stream input)
    {
        _input = input;
        new Thread(Run) { IsBackground = true, Name = "console reader" }.Start();
    }

    /// <summary>Tells an actor the next lines, or that there are none, when they have been read.</summary>
    public void Ask(IActorRef replyTo) => _question.Ask(replyTo);

    private void Run()
    {
        while (true)
        {
            var lines = ReadLines();
            _question.Take().Tell(lines.Count > 0 ? new TypedLines(lines) : new InputEnded());
        }
    }

    private List<string> ReadLines()
    {
        var lines = new List<string>();
        TakeLines(lines);
        while (lines.Count == 0)
        {
            MakeRoom();
            var count = _input.Read(_bytes, _end, _bytes.Length - _end);
            if (count == 0)
            {
                TakeRest(lines);
                return lines;
            }

            _end += count;
            TakeLines(lines);
        }

        return lines;
    }

    private void TakeLines(List<string> lines)
    {
        while (lines.Count < MostAtOnce && _bytes.AsSpan(_start, _end - _start).IndexOf((byte)'\n') is >= 0 and var length)
        {
            lines.Add(Text(_bytes.AsSpan(_start, length)));
            _start += length + 1;
        }
    }

    private void TakeRest(List<string> lines)
    {
        if (_end > _start)
        {
            lines.Add(Text(_bytes.AsSpan(_start, _end - _start)));
            _start = _end;
        }
    }

    private static string Text(ReadOnlySpan<byte> line)
    {
        line = line.StartsWith(ByteOrderMark) ? line[ByteOrderMark.Length..] : line;
        return Encoding.UTF8.GetString(line.EndsWith("\r"u8) ? line[..^1] : line);
    }

    private void MakeRoom()
    {
        var waiting = _end - _start;
        var target = waiting * 2 > _bytes.Length ? new byte[_bytes.Length * 2] : _bytes;
        Buffer.BlockCopy(_bytes, _start, target, 0, waiting);
        (_bytes, _start, _end) = (target, 0, waiting);
    }
}
