// Between the console, which asks, and the thread that reads the answer. One question is open at a time: an actor that was restarted asks again,
// and its question replaces the one before.

namespace ActorChat.Screens;

/// <summary>The question that a reading thread has to answer.</summary>
internal sealed class OpenQuestion<T>
    where T : class
{
    private readonly object _lock = new();
    private T? _question;

    /// <summary>Asks, in place of the open question.</summary>
    public void Ask(T question)
    {
        lock (_lock)
        {
            _question = question;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Takes the question, and waits for one where none is open.</summary>
    public T Take()
    {
        lock (_lock)
        {
            while (_question is null)
            {
                Monitor.Wait(_lock);
            }

            var question = _question;
            _question = null;
            return question;
        }
    }
}
