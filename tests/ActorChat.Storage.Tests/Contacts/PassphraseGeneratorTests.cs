// Generated passphrases: the list is the published one, and every word of it is as likely as every other.

using System.Security.Cryptography;
using System.Text;
using ActorChat.Storage.Contacts;

namespace ActorChat.Storage.Tests.Contacts;

public sealed class PassphraseGeneratorTests
{
    [Fact]
    public void The_list_is_the_published_one()
    {
        var words = PassphraseGenerator.Words;
        Assert.Equal((6 * 6 * 6 * 6, words.Count), (words.Count, words.Distinct().Count()));
        Assert.All(words, word => Assert.Matches("^[a-z-]{3,5}$", word));

        // By the dice: 1111, 2111, 3333, 5555, 6652 and 6666.
        Assert.Equal(["acid", "coil", "groom", "speak", "yo-yo", "zoom"], new[] { 0, 216, 518, 1036, 1285, 1295 }.Select(i => words[i]));
        Assert.Equal(
            "36ecca49e4fa20ca84b176c32f2e9c82f98f446585190e75f9879a95c08247bf",
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(words.Select(word => word + "\n"))))));
    }

    [Fact]
    public void A_passphrase_is_six_words_of_the_list()
    {
        for (var i = 0; i < 1000; i++)
        {
            var words = PassphraseGenerator.Generate().Split(' ');
            Assert.Equal(6, words.Length);
            Assert.All(words, word => Assert.Contains(word, PassphraseGenerator.Words));
        }
    }

    // Pearson's test over the words and over the pairs of neighbours (by the sixths of the list they are from). With this many degrees of
    // freedom the statistic is close to normal. A fair generator goes beyond six standard deviations about once in 10^9 runs.
    [Fact]
    public void Every_word_is_as_likely_as_every_other_and_does_not_depend_on_the_one_before()
    {
        var place = PassphraseGenerator.Words.Select((word, index) => (word, index)).ToDictionary(pair => pair.word, pair => pair.index);
        var words = new int[place.Count];
        var pairs = new int[36];
        for (var i = 0; i < 20_000; i++)
        {
            var drawn = PassphraseGenerator.Generate().Split(' ').Select(word => place[word]).ToArray();
            Array.ForEach(drawn, index => words[index]++);
            for (var j = 0; j + 1 < drawn.Length; j += 2)
            {
                pairs[(6 * (drawn[j] / 216)) + (drawn[j + 1] / 216)]++;
            }
        }

        AssertEven(words);
        AssertEven(pairs);
    }

    private static void AssertEven(int[] counts)
    {
        var expected = counts.Average();
        var statistic = counts.Sum(count => (count - expected) * (count - expected) / expected);
        var freedom = counts.Length - 1;
        Assert.InRange(statistic, freedom - (6 * Math.Sqrt(2 * freedom)), freedom + (6 * Math.Sqrt(2 * freedom)));
    }
}
