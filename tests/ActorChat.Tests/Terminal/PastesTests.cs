// Lines that arrive at once are one paste. Keys pressed by a person are not.

using ActorChat.Screens.Terminal;

namespace ActorChat.Tests.Terminal;

public sealed class PastesTests
{
    private readonly Pastes _pastes = new();

    // ⏎ is Enter, ⇥ is Tab; what comes out is written the same way, with \n for a line end that is part of a text.
    [Theory]
    [InlineData("hello⏎", "hello⏎")] // a quick finger
    [InlineData("⏎/to⏎", "⏎/to⏎")]
    [InlineData("one⏎/quit⏎", "one\n/quit")]
    [InlineData("one⏎two", "one\ntwo")]
    [InlineData("one⏎⏎\tthree⏎", "one\n\n\tthree")]
    [InlineData("one⏎⇥two⏎", "one\n\ttwo")]
    public void Lines_that_come_at_once_are_one_text(string read, string taken) => Assert.Equal(taken, Show(_pastes.Join(Keys(read), isRightBehind: false)));

    [Fact]
    public void A_paste_that_comes_in_pieces_stays_one()
    {
        Assert.Equal("one\ntwo", Show(_pastes.Join(Keys("one⏎two⏎"), isRightBehind: false)));
        Assert.Equal("\nthree", Show(_pastes.Join(Keys("three⏎"), isRightBehind: true)));
        Assert.Equal("\nfour", Show(_pastes.Join(Keys("four"), isRightBehind: true)));
        Assert.Equal("⏎", Show(_pastes.Join(Keys("⏎"), isRightBehind: false))); // pressed by the user
        Assert.Equal("five⏎", Show(_pastes.Join(Keys("five⏎"), isRightBehind: true)));
    }

    private static Input[] Keys(string text)
    {
        var inputs = new List<Input>();
        foreach (var character in text)
        {
            inputs.Add(character switch
            {
                '⏎' => new Input.Key(EditKey.Enter),
                '⇥' => new Input.Key(EditKey.Tab),
                _ => new Input.Text(character.ToString()),
            });
        }

        return [.. inputs];
    }

    private static string Show(IEnumerable<Input> inputs) => string.Concat(inputs.Select(input => input switch
    {
        Input.Text text => text.Characters,
        Input.Key { Name: EditKey.Enter } => "⏎",
        Input.Key { Name: EditKey.Tab } => "⇥",
        _ => "?",
    }));
}
