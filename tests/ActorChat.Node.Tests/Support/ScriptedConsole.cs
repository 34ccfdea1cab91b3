// The program that uses a node in the test's own process: the test types its lines, and reads what was shown, in order.

using System.Diagnostics;
using System.Threading.Channels;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Node.Tests.Support;

internal sealed class ScriptedConsole : IConsole
{
    private readonly Lock _lock = new();
    private readonly List<NodeEvent> _events = [];
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>How long to wait for what must come: much longer than it takes, since the machine may be busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What was shown so far.</summary>
    public IReadOnlyList<NodeEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public void Show(NodeEvent nodeEvent)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _events.Add(nodeEvent);
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    public void Ask(Prompt prompt, IActorRef replyTo) => Task.Run(async () =>
        replyTo.Tell(await _lines.Reader.WaitToReadAsync() && _lines.Reader.TryRead(out var line) ? new TypedLines([line]) : new InputEnded()));

    public void Type(string line) => _lines.Writer.TryWrite(line);

    public void EndInput() => _lines.Writer.TryComplete();

    /// <summary>Waits for the first event of a kind.</summary>
    public async Task<T> WaitFor<T>(Func<T, bool>? isWanted = null)
        where T : NodeEvent
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_events.OfType<T>().FirstOrDefault(isWanted ?? (_ => true)) is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            Assert.True(waiting.Elapsed < Patience, $"no {typeof(T).Name} came; there were: {string.Join('\n', Events)}");
            await Task.WhenAny(changed, Task.Delay(Patience));
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
