// Makes passwords that people can read to each other over the telephone: six words drawn from EFF's short word list. The list has
// 6^4 = 1,296 words, so a passphrase is one of 1296^6, 62 bits. The list's licence is in eff-short-wordlist.LICENSE.txt.

using System.Security.Cryptography;

namespace ActorChat.Storage.Contacts;

/// <summary>Generates passphrases.</summary>
public static class PassphraseGenerator
{
    /// <summary>How many words a passphrase has.</summary>
    public const int WordCount = 6;

    private const string Resource = "eff-short-wordlist.txt";

    private static readonly string[] List = [.. ReadList()];

    /// <summary>The words to draw from, all different, of 3 to 5 characters: a to z, and the hyphen of yo-yo.</summary>
    public static IReadOnlyList<string> Words => List;

    /// <summary>Six words with a space between them, each drawn uniformly and independently from <see cref="Words"/> by the system's generator.</summary>
    public static string Generate() => string.Join(' ', RandomNumberGenerator.GetItems<string>(List, WordCount));

    private static IEnumerable<string> ReadList()
    {
        using var reader = new StreamReader(typeof(PassphraseGenerator).Assembly.GetManifestResourceStream(Resource)!);
        while (reader.ReadLine() is { } word)
        {
            yield return word;
        }
    }
}
