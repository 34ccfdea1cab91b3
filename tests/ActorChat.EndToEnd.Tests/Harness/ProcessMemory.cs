// The memory of a process, as Linux shows it to whoever may trace that process.

using System.Globalization;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>Looks for bytes in all that a process can write to.</summary>
internal static class ProcessMemory
{
    private const int PieceSize = 1 << 20;
    private const int Overlap = 256; // no secret is longer

    /// <summary>Which of some secrets are there.</summary>
    /// <exception cref="UnauthorizedAccessException">The process's memory is none of ours.</exception>
    public static HashSet<string> Find(int process, IReadOnlyCollection<(string Name, byte[] Bytes)> secrets)
    {
        var found = new HashSet<string>();
        var piece = new byte[PieceSize + Overlap];
        using var memory = File.OpenHandle($"/proc/{process}/mem");
        foreach (var (from, to) in Writable(process))
        {
            for (var at = from; at < to; at += PieceSize)
            {
                var read = Read(memory, piece.AsSpan(0, (int)Math.Min(piece.Length, to - at)), at);
                var bytes = piece.AsSpan(0, read);
                if (bytes.IndexOfAnyExcept((byte)0) < 0)
                {
                    continue;
                }

                foreach (var (name, secret) in secrets)
                {
                    if (bytes.IndexOf(secret) >= 0)
                    {
                        found.Add(name);
                    }
                }
            }
        }

        return found;
    }

    // A page that went in between, or was never there, cannot be read.
    private static int Read(Microsoft.Win32.SafeHandles.SafeFileHandle memory, Span<byte> buffer, long at)
    {
        try
        {
            return RandomAccess.Read(memory, buffer, at);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // A line: 7f0c1c000000-7f0c1c021000 rw-p 00000000 00:00 0
    private static IEnumerable<(long From, long To)> Writable(int process)
    {
        foreach (var line in File.ReadAllLines($"/proc/{process}/maps").Where(line => line.Split(' ')[1].StartsWith("rw", StringComparison.Ordinal)))
        {
            var range = line.Split(' ')[0].Split('-');
            yield return (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }
}
