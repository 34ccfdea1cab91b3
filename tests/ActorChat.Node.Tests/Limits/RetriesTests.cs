// When another attempt is made, and after which failures.

using ActorChat.Node.Limits;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Node.Tests.Limits;

public sealed class RetriesTests
{
    private static readonly RetryLimits Usual = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5), PerSecond: 2);

    private static readonly FailureKind[] Final =
    [
        FailureKind.WrongPassword, FailureKind.SomebodyElseAnswered, FailureKind.NoPostQuantum, FailureKind.NotInDirectory, FailureKind.TooLong, FailureKind.NotLogged,
    ];

    public static TheoryData<FailureKind> Kinds => new(Enum.GetValues<FailureKind>());

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    [InlineData(8, 256)]
    [InlineData(9, 300)]
    [InlineData(1_000_000, 300)]
    public void The_wait_doubles_with_each_failure_up_to_the_longest_and_chance_takes_up_to_a_quarter_off(int failures, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), new Retries(Usual, new Always(0)).WaitAfter(failures));
        Assert.Equal(TimeSpan.FromSeconds(0.75 * seconds), new Retries(Usual, new Always(0xff)).WaitAfter(failures));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_a_password_a_setting_or_another_message_would_mend_is_not_tried_again_and_everything_else_is(FailureKind kind) =>
        Assert.Equal(!Final.Contains(kind), Retries.IsWorthwhileAfter(kind));

    [Fact]
    public void There_are_so_many_attempts_in_a_second()
    {
        var retries = new Retries(Usual, SystemRandomSource.Instance);
        var now = TimeSpan.FromHours(1);
        Assert.Equal([true, true, false], [retries.TryTake(now), retries.TryTake(now), retries.TryTake(now)]);
        var wait = retries.UntilNext(now);
        Assert.Equal(TimeSpan.FromSeconds(0.5), wait);
        Assert.Equal([true, false], [retries.TryTake(now + wait), retries.TryTake(now + wait)]);
    }

    private sealed class Always(byte value) : IRandomSource
    {
        public void Fill(Span<byte> destination) => destination.Fill(value);
    }
}
