// Reads all keys that are available at once, so that a paste is painted once and can be told from typing.

using System.Diagnostics;

namespace ActorChat.Screens.Terminal;

/// <summary>What the user does at the keyboard, in order.</summary>
internal sealed class KeyReader
{
    private static readonly TimeSpan EscapeTimeout = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan PasteGap = TimeSpan.FromMilliseconds(50); // a terminal writes a long paste in pieces

    private readonly KeyDecoder _decoder = new();
    private readonly Pastes _pastes = new();
    private long _lastRead;

    /// <summary>Waits for the next inputs; there may be none. Null when the terminal has gone.</summary>
    public IReadOnlyList<Input>? Read()
    {
        var inputs = new List<Input>();
        if (_decoder.IsWaiting && !SpinWait.SpinUntil(() => Console.KeyAvailable, EscapeTimeout))
        {
            Add(_decoder.Flush());
            return inputs;
        }

        var key = Console.ReadKey(intercept: true);
        var isRightBehind = Stopwatch.GetElapsedTime(_lastRead) < PasteGap;
        while (key != default)
        {
            Add(_decoder.Decode(key));
            if (!Console.KeyAvailable)
            {
                break;
            }

            key = Console.ReadKey(intercept: true);
        }

        if (key == default)
        {
            return null;
        }

        _lastRead = Stopwatch.GetTimestamp();
        return _pastes.Join(inputs, isRightBehind);

        void Add(Input? input)
        {
            if (input is not null)
            {
                inputs.Add(input);
            }
        }
    }
}
