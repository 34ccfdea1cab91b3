// How many guesses a password withstands when somebody tries likely ones first: words, names, dates, keyboard rows and
// repetitions. The estimate is zxcvbn's (D. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016).

using System.Globalization;

namespace ActorChat.Storage.Contacts;

/// <summary>An estimate of what it takes to guess a password.</summary>
/// <param name="Score">zxcvbn's score: 0 (among the first guesses) to 4.</param>
/// <param name="Guesses">How many guesses it takes on average; infinite for a long random password.</param>
public readonly record struct PasswordEstimate(int Score, double Guesses)
{
    /// <summary>How much of a password is looked at, in UTF-16 code units. zxcvbn's time grows with the square of the length: 300 take half a second, 3,000 most of a minute.</summary>
    private const int MaxLength = 100;

    private const int LeastGoodScore = 3;

    private static readonly Zxcvbn.Zxcvbn Estimator = new();

    /// <summary>Whether it is worth a warning.</summary>
    public bool IsWeak => Score < LeastGoodScore;

    /// <summary>The number of guesses to two significant digits, for example "about 46,000".</summary>
    public string GuessesInWords => Guesses switch
    {
        < 10 => "fewer than 10",
        < 1e6 => $"about {TwoDigits(Guesses)}",
        < 1e9 => $"about {TwoDigits(Guesses / 1e6)} million",
        < 1e12 => $"about {TwoDigits(Guesses / 1e9)} billion",
        _ => "more than a trillion",
    };

    /// <summary>Estimates a password.</summary>
    /// <param name="password">The password; what comes after its first 100 UTF-16 code units is ignored.</param>
    /// <param name="known">Words that an attacker would try first, such as the contact's name.</param>
    public static PasswordEstimate Of(string password, params IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(password);
        var result = Estimator.EvaluatePassword(password.Length > MaxLength ? password[..MaxLength] : password, known);
        return new PasswordEstimate(result.Score, Math.Pow(2, result.Entropy) / 2);
    }

    /// <summary>How long the guesses take at this rate, for example "3 hours".</summary>
    public string TimeAt(double guessesPerSecond)
    {
        const int minute = 60, hour = 60 * minute, day = 24 * hour, year = 365 * day;
        return (Guesses / guessesPerSecond) switch
        {
            < 2 => "a second",
            < 2 * minute and var seconds => $"{TwoDigits(seconds)} seconds",
            < 2 * hour and var seconds => $"{TwoDigits(seconds / minute)} minutes",
            < 2 * day and var seconds => $"{TwoDigits(seconds / hour)} hours",
            < 2 * year and var seconds => $"{TwoDigits(seconds / day)} days",
            < 1000d * year and var seconds => $"{TwoDigits(seconds / year)} years",
            _ => "more than a thousand years",
        };
    }

    private static string TwoDigits(double number)
    {
        var unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(number)) - 1));
        return (Math.Round(number / unit) * unit).ToString("N0", CultureInfo.InvariantCulture);
    }
}
