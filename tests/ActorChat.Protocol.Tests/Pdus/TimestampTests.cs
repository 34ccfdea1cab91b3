// Timestamps as Python's json.dumps writes floats, and read back to the same double.

using System.Globalization;
using System.Text;
using ActorChat.Protocol.Pdus;
using FsCheck.Xunit;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class TimestampTests
{
    [Theory]
    [InlineData(1700000000.25, "1700000000.25")]
    [InlineData(1700000000.0, "1700000000.0")]
    [InlineData(1700000025.1590002, "1700000025.1590002")]
    [InlineData(0.0, "0.0")]
    public void A_timestamp_is_written_as_Python_writes_it(double seconds, string expected)
    {
        Span<byte> text = stackalloc byte[32];
        Assert.Equal(expected, Encoding.ASCII.GetString(text[..Timestamp.Format(seconds, text)]));
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused() => Assert.Throws<ArgumentException>(() => Timestamp.Format(1700000025.1590002, new byte[17]));

    [Theory]
    [InlineData(25, true)]
    [InlineData(25.000001, false)]
    public void The_window_is_25_seconds_either_way_and_its_ends_are_within(double seconds, bool isFresh)
    {
        const double Now = 1700000000;
        Assert.Equal((isFresh, isFresh), (Timestamp.IsFresh(Now - seconds, Now), Timestamp.IsFresh(Now + seconds, Now)));
    }

    [Fact]
    public void Now_is_what_the_clock_says() => Assert.Equal(1700000000.25, Timestamp.Now(new StoppedClock(DateTimeOffset.FromUnixTimeMilliseconds(1700000000250))));

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    [Property]
    public void A_clocks_time_reads_back_as_the_same_double(uint seconds, uint microseconds)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(microseconds % 1_000_000 * TimeSpan.TicksPerMicrosecond);
        var written = Timestamp.Of(time);
        Assert.Equal(double.Parse($"{seconds}.{microseconds % 1_000_000:D6}", CultureInfo.InvariantCulture), written);
        Span<byte> text = stackalloc byte[32];
        Assert.Equal(written, double.Parse(text[..Timestamp.Format(written, text)], CultureInfo.InvariantCulture));
    }
}
