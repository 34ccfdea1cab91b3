// Which passwords count as easy to guess, and that no password makes the estimate fail or take long.

using ActorChat.Storage.Contacts;
using FsCheck.Xunit;

namespace ActorChat.Storage.Tests.Contacts;

public sealed class PasswordEstimateTests
{
    [Theory]
    [InlineData("password")]
    [InlineData("hunter2")]
    [InlineData("x")]
    [InlineData("1111111111111111")]
    [InlineData("qwertyuiop")]
    [InlineData("Alice2024")] // the name
    public void An_easy_password_is_weak(string password) => Assert.True(PasswordEstimate.Of(password, "Alice").IsWeak);

    [Theory]
    [InlineData("a long secret that only alice and bob know")]
    [InlineData("x7#Kp2!vQz9@")]
    public void A_long_or_random_password_is_not(string password) => Assert.False(PasswordEstimate.Of(password, "alice").IsWeak);

    [Fact]
    public void A_generated_passphrase_is_not_weak()
    {
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(4, PasswordEstimate.Of(PassphraseGenerator.Generate()).Score);
        }
    }

    [Property(MaxTest = 300)]
    public void Any_text_has_an_estimate(string? password, string? known)
    {
        var estimate = PasswordEstimate.Of(password ?? "", known ?? "");
        Assert.InRange(estimate.Score, 0, 4);
        Assert.True(estimate.Guesses > 0);
        Assert.NotEmpty(estimate.GuessesInWords);
        Assert.NotEmpty(estimate.TimeAt(10));
    }

    // To estimate all of a million letters would take days.
    [Fact]
    public void Of_a_password_of_any_length_the_beginning_is_looked_at()
    {
        var beginning = new string('a', 100);
        Assert.Equal(PasswordEstimate.Of(beginning), PasswordEstimate.Of(beginning + new string('b', 1_000_000)));
    }

    [Fact]
    public void Three_of_four_is_good_enough() => Assert.Equal((true, false), (new PasswordEstimate(2, 1e9).IsWeak, new PasswordEstimate(3, 1e9).IsWeak));

    [Theory]
    [InlineData(10, "about 10", "a second")]
    [InlineData(20, "about 20", "2 seconds")]
    [InlineData(1_200, "about 1,200", "2 minutes")]
    [InlineData(72_000, "about 72,000", "2 hours")]
    [InlineData(1_000_000, "about 1 million", "28 hours")]
    [InlineData(1_728_000, "about 2 million", "2 days")]
    [InlineData(630_720_000, "about 630 million", "2 years")]
    [InlineData(1_000_000_000, "about 1 billion", "3 years")]
    [InlineData(315_360_000_000, "about 320 billion", "more than a thousand years")]
    [InlineData(1_000_000_000_000, "more than a trillion", "more than a thousand years")]
    [InlineData(0.5, "fewer than 10", "a second")]
    [InlineData(664, "about 660", "66 seconds")]
    [InlineData(1_342, "about 1,300", "2 minutes")]
    [InlineData(99_600, "about 100,000", "3 hours")]
    [InlineData(46_200_000, "about 46 million", "53 days")]
    [InlineData(8_590_000_000, "about 9 billion", "27 years")]
    [InlineData(double.PositiveInfinity, "more than a trillion", "more than a thousand years")]
    public void Numbers_are_said_with_two_digits(double guesses, string number, string time)
    {
        var estimate = new PasswordEstimate(0, guesses);
        Assert.Equal((number, time), (estimate.GuessesInWords, estimate.TimeAt(10)));
    }
}
