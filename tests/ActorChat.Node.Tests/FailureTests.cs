// The sentences about messages that did not arrive.

namespace ActorChat.Node.Tests;

public sealed class FailureTests
{
    /// <summary>Kinds whose sentence has no remedy: the user can do nothing, or the sentence is the detail itself.</summary>
    private static readonly FailureKind[] WithoutRemedy =
        [FailureKind.CannotConnect, FailureKind.NoAnswerInTime, FailureKind.ConnectionLost, FailureKind.Stopping, FailureKind.MayBeThere];

    private static readonly FailureKind[] WithDetail =
    [
        FailureKind.NobodyListening, FailureKind.NoRoute, FailureKind.HostNotFound, FailureKind.CannotConnect, FailureKind.NotInDirectory,
        FailureKind.SomebodyElseAnswered, FailureKind.ClocksDiffer, FailureKind.ProtocolViolated, FailureKind.NotLogged,
    ];

    public static TheoryData<FailureKind> Kinds => new(Enum.GetValues<FailureKind>());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_a_whole_sentence_of_its_own(FailureKind kind)
    {
        var words = new Failure(kind, "192.0.2.1:5002").InWords();
        Assert.Matches("^[a-z0-9][^{}]*[a-z0-9)?]$", words);
        Assert.DoesNotContain("  ", words, StringComparison.Ordinal);
        Assert.DoesNotContain($"{kind}", words, StringComparison.Ordinal);
        Assert.DoesNotContain(Enum.GetValues<FailureKind>(), other => other != kind && new Failure(other, "192.0.2.1:5002").InWords() == words);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_particular_to_the_case_is_said_where_the_sentence_has_room_for_it(FailureKind kind) =>
        Assert.Equal(WithDetail.Contains(kind), new Failure(kind, "192.0.2.1:5002").InWords().Contains("192.0.2.1:5002", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_sentence_ends_with_the_remedy_where_there_is_one(FailureKind kind)
    {
        var parts = new Failure(kind, "192.0.2.1:5002").InWords().Split("; ");
        Assert.Equal(WithoutRemedy.Contains(kind) ? 1 : 2, parts.Length);
        Assert.All(parts, part => Assert.InRange(part.Length, 10, 200));
    }

    [Fact]
    public void Without_a_detail_a_timeout_is_still_a_sentence() =>
        Assert.Equal("no answer in time", new Failure(FailureKind.NoAnswerInTime).InWords());
}
