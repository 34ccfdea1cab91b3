// header.timestamp: seconds since the Unix epoch as a JSON number, and the 25-second window it must lie in.
// A double holds microseconds of this century exactly enough to read back what was written; anything finer is lost on purpose.

using System.Globalization;

namespace ActorChat.Protocol.Pdus;

/// <summary>Seconds since the Unix epoch, UTC, as they stand in <c>header.timestamp</c> (protocol page, section 2).</summary>
public static class Timestamp
{
    /// <summary>How far, in seconds and either way, a PDU's timestamp may be from the receiver's clock.</summary>
    public const double WindowSeconds = 25;

    /// <summary>The longest text of a timestamp, in bytes.</summary>
    internal const int MaxTextLength = 32;

    /// <summary>The clock's time in seconds, cut to whole microseconds so that the division below is exact to the last bit.</summary>
    public static double Of(DateTimeOffset time)
    {
        var microseconds = (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        return microseconds / 1_000_000.0;
    }

    /// <summary>The clock's time now, in seconds.</summary>
    public static double Now(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return Of(clock.GetUtcNow());
    }

    /// <summary>Whether <paramref name="timestamp"/> is within <see cref="WindowSeconds"/> of <paramref name="now"/>, so that a recorded conversation cannot be
    /// played back later.</summary>
    public static bool IsFresh(double timestamp, double now) => Math.Abs(now - timestamp) <= WindowSeconds;

    /// <summary>Writes the shortest decimal that reads back as the same double, always with a fraction: what Python's <c>json.dumps</c> writes for a float below 10^15.</summary>
    /// <returns>The number of bytes written.</returns>
    internal static int Format(double timestamp, Span<byte> destination)
    {
        if (!timestamp.TryFormat(destination, out var written, default, CultureInfo.InvariantCulture))
        {
            throw new ArgumentException("The destination is too short for a timestamp.", nameof(destination));
        }

        if (destination[..written].ContainsAny((byte)'.', (byte)'E'))
        {
            return written;
        }

        ".0"u8.CopyTo(destination[written..]);
        return written + 2;
    }
}
