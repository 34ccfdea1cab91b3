// Asks ActorChat.Probe, which runs inside the node's process.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ActorChat.Delivery;

/// <summary>The figures of the node's runtime.</summary>
/// <param name="Allocated">Bytes allocated since the start.</param>
/// <param name="Held">Bytes on the managed heap; after a collection, those in use.</param>
/// <param name="Collections">Garbage collections of the generations 0, 1 and 2.</param>
/// <param name="Paused">How long collections have stopped the process in all.</param>
internal sealed record Runtime(long Allocated, long Held, (long Gen0, long Gen1, long Gen2) Collections, TimeSpan Paused);

/// <summary>The pipes to a node's probe.</summary>
internal sealed class Probe : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600

    private readonly string _path;
    private FileStream? _ask;
    private StreamReader? _answers;

    /// <summary>Makes the pipes.</summary>
    /// <param name="path">Where, without their extensions.</param>
    public Probe(string path)
    {
        _path = path;
        foreach (var pipe in new[] { ".ask", ".answer" })
        {
            if (MakePipe(path + pipe, OwnerOnly) != 0)
            {
                throw new BenchException($"the named pipe {path}{pipe} cannot be made");
            }
        }
    }

    /// <summary>The variables that put the probe into a process.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Environment =>
    [
        new("DOTNET_STARTUP_HOOKS", Path.Combine(AppContext.BaseDirectory, "ActorChat.Probe.dll")),
        new("ACTORCHAT_PROBE", _path),
    ];

    /// <summary>Asks.</summary>
    /// <param name="collect">Whether all garbage is collected first.</param>
    public Runtime Ask(bool collect = false)
    {
        _ask ??= new FileStream(_path + ".ask", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _answers ??= new StreamReader(new FileStream(_path + ".answer", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0), Encoding.ASCII);
        _ask.WriteByte((byte)(collect ? 'c' : 's'));
        var line = _answers.ReadLine() ?? throw new BenchException("the node's process has ended");
        long[] figures = [.. line.Split(' ').Select(figure => long.Parse(figure, CultureInfo.InvariantCulture))];
        return new Runtime(figures[0], figures[1], (figures[2], figures[3], figures[4]), TimeSpan.FromTicks(figures[5]));
    }

    public void Dispose()
    {
        _ask?.Dispose();
        _answers?.Dispose();
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int MakePipe(string path, uint mode);
}
