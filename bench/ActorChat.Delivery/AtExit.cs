// The bench may be ended in the middle (Ctrl+C, a timeout). It must leave nothing behind: nodes are killed, then their folders removed.

namespace ActorChat.Delivery;

/// <summary>Disposes of what is still registered when the process ends, the newest first.</summary>
internal static class AtExit
{
    private static readonly List<IDisposable> Begun = [];

    static AtExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        IDisposable[] left;
        lock (Begun)
        {
            left = [.. Begun];
        }

        foreach (var one in left.Reverse())
        {
            one.Dispose();
        }
    };

    /// <summary>Registers something to dispose of.</summary>
    public static void Add(IDisposable begun)
    {
        lock (Begun)
        {
            Begun.Add(begun);
        }
    }

    /// <summary>Takes back the registration of something that is disposed of now.</summary>
    /// <returns>False when it was not registered any more.</returns>
    public static bool Remove(IDisposable ended)
    {
        lock (Begun)
        {
            return Begun.Remove(ended);
        }
    }
}
