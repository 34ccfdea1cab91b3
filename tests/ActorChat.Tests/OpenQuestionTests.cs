// The one question between the console and the thread that reads.

using ActorChat.Screens;

namespace ActorChat.Tests;

public sealed class OpenQuestionTests
{
    private readonly OpenQuestion<string> _question = new();

    [Fact]
    public async Task A_question_is_taken_once_and_the_next_one_waited_for()
    {
        _question.Ask("first");
        Assert.Equal("first", _question.Take());

        var next = Task.Factory.StartNew(_question.Take, TaskCreationOptions.LongRunning);
        _question.Ask("second");

        Assert.Equal("second", await next.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void A_later_question_takes_the_place_of_one_that_nobody_has_taken()
    {
        _question.Ask("before the restart");
        _question.Ask("after it");

        Assert.Equal("after it", _question.Take());
    }
}
