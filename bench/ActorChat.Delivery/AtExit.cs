// Somebody may end the bench in the middle (Ctrl-C, timeout). What it has begun must not stay: nodes are killed, then their folders removed.

namespace ActorChat.Delivery;

/// <summary>Disposes of what is still there when the process ends, the newest first.</summary>
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

    /// <summary>It is there.</summary>
    public static void Add(IDisposable begun)
    {
        lock (Begun)
        {
            Begun.Add(begun);
        }
    }

    /// <summary>It is disposed of.</summary>
    /// <returns>False when it was before.</returns>
    public static bool Remove(IDisposable ended)
    {
        lock (Begun)
        {
            return Begun.Remove(ended);
        }
    }
}
