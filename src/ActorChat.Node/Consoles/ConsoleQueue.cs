// Keeps the actors from waiting for the screen. What they show and ask goes into one queue, and a thread of its own hands it to the console in that
// order; a terminal that is stopped, or a program that does not read, holds up nobody else. A question is queued after what was shown before it, so a
// user who does not read is not asked for more input either. When the output is broken, nothing that arrives could be shown any more: the node is told.

using ActorChat.Node.Serialization;
using Akka.Actor;

namespace ActorChat.Node.Consoles;

/// <summary>A console that never makes its callers wait.</summary>
public sealed class ConsoleQueue : IConsole, IDisposable
{
    private const int Room = 1000;
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly IConsole _console;
    private readonly Action<object> _tell;
    private readonly QuietQueue<Action> _waiting = new();
    private readonly Thread _thread;
    private readonly List<string> _heard = [];
    private long? _shown;
    private volatile bool _isBroken;

    /// <summary>Starts the thread.</summary>
    /// <param name="console">The console that shows and asks.</param>
    /// <param name="tell">Is told <see cref="Shown"/>, <see cref="HeardFrom"/> and <see cref="Broken"/>.</param>
    public ConsoleQueue(IConsole console, Action<object> tell)
    {
        _console = console;
        _tell = tell;
        _thread = new Thread(Run) { IsBackground = true, Name = "console" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public bool HasRoom => !_isBroken && _waiting.Count < Room;

    /// <inheritdoc/>
    public void Show(NodeEvent nodeEvent)
    {
        if (_console.Wants(nodeEvent))
        {
            _waiting.Add(() => ShowNow(nodeEvent));
        }
    }

    /// <inheritdoc/>
    public bool Wants(NodeEvent nodeEvent) => _console.Wants(nodeEvent);

    /// <inheritdoc/>
    public void Ask(Prompt prompt, IActorRef replyTo) => _waiting.Add(() => _console.Ask(prompt, replyTo));

    /// <summary>Shows what still waits, but only for a moment: the node may have ended because nobody reads.</summary>
    public void Dispose()
    {
        _waiting.Complete();
        if (_thread.Join(LastPatience))
        {
            _waiting.Dispose();
        }
    }

    // When the output is broken the rest is tried all the same: what the node says of its end may go elsewhere.
    private void Run()
    {
        while (_waiting.Take(out var action))
        {
            try
            {
                action();
            }
            catch (IOException e)
            {
                if (!_isBroken)
                {
                    _isBroken = true;
                    _tell(new Broken(e.Message));
                }
            }

            if (_shown is { } shown && _waiting.Count == 0 && !_isBroken)
            {
                _shown = null;
                _tell(new Shown(shown));
                _tell(new HeardFrom([.. _heard]));
                _heard.Clear();
            }
        }
    }

    private void ShowNow(NodeEvent nodeEvent)
    {
        _console.Show(nodeEvent);
        if (nodeEvent is NodeEvent.MessageArrived { Number: var number, From: var from })
        {
            _shown = number;
            _heard.Remove(from);
            _heard.Add(from);
        }
    }

    /// <summary>Every message up to this record of the secure log has been shown.</summary>
    public sealed record Shown(long Number) : ILocalOnly;

    /// <summary>Messages of these contacts have been shown since the last report, the latest contact last.</summary>
    public sealed record HeardFrom(IReadOnlyList<string> Names) : ILocalOnly;

    /// <summary>Nothing can be shown any more.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Broken(string Reason) : ILocalOnly;
}
