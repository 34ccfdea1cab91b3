// A measuring instrument inside a process that knows nothing of it: .NET runs Initialize before Main when DOTNET_STARTUP_HOOKS names this
// assembly. It tells what only the runtime itself knows, the bytes allocated, to whoever asks through a pair of named pipes. A pipe and a
// thread that sleeps in it, and no socket, since the first socket of a process fixes settings that a measurement may be about.

using System.Globalization;
using System.Text;

/// <summary>The name and the place, outside every namespace, are what .NET looks for.</summary>
internal static class StartupHook
{
    /// <summary>Names the two pipes, PATH.ask and PATH.answer.</summary>
    private const string Variable = "ACTORCHAT_PROBE";

    /// <summary>Starts the thread that answers.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
        {
            new Thread(() => Answer(path)) { IsBackground = true, Name = "probe" }.Start();
        }
    }

    // One byte is a question: 'c' collects all garbage first, 's' does not. One line is the answer.
    private static void Answer(string path)
    {
        using var asked = Open(path + ".ask", FileAccess.Read);
        using var answers = Open(path + ".answer", FileAccess.Write);
        while (asked.ReadByte() is var question && question >= 0)
        {
            var held = GC.GetTotalMemory(forceFullCollection: question == 'c');
            answers.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"{GC.GetTotalAllocatedBytes(precise: true)} {held} {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)} {GC.GetTotalPauseDuration().Ticks}\n")));
        }
    }

    private static FileStream Open(string path, FileAccess access) => new(path, FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0);
}
