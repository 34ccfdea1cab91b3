// The memory of a process, as Linux shows it to whoever may trace that process.

using System.Globalization;

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>Looks for bytes in all that a process can write to.</summary>
internal static class ProcessMemory
{
    private const int PieceSize = 1 << 20;
    private const int Overlap = 256; // no secret is longer

    /// <summary>Which of some secrets are there, and at which address.</summary>
    /// <exception cref="UnauthorizedAccessException">The process's memory is none of ours.</exception>
    public static Dictionary<string, long> Find(int process, IReadOnlyCollection<(string Name, byte[] Bytes)> secrets)
    {
        var found = new Dictionary<string, long>();
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
                    if (bytes.IndexOf(secret) is >= 0 and var place)
                    {
                        found[name] = at + place;
                    }
                }
            }
        }

        return found;
    }

    /// <summary>What holds for the memory at an address, in the words of /proc/PID/smaps: "lo" for locked, "dd" for left out of core files.</summary>
    public static string[] FlagsAt(int process, long address)
    {
        var isThere = false;
        foreach (var line in File.ReadLines($"/proc/{process}/smaps"))
        {
            if (line.StartsWith("VmFlags: ", StringComparison.Ordinal) && isThere)
            {
                return line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            }

            if (char.IsAsciiHexDigitLower(line[0]))
            {
                var (from, to) = Range(line);
                isThere = from <= address && address < to;
            }
        }

        return [];
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
            yield return Range(line);
        }
    }

    private static (long From, long To) Range(string line)
    {
        var range = line.Split(' ')[0].Split('-');
        return (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
