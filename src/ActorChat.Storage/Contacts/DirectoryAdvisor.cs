// What is allowed in a directory file but unwise: a password that can be guessed, or one that several people share.
// No warning holds a password, or a part of one.

using System.Text;

namespace ActorChat.Storage.Contacts;

/// <summary>Warns about the passwords of a directory.</summary>
public static class DirectoryAdvisor
{
    /// <summary>A rate at which a patient attacker is not noticed at once. The node's own limits (<c>guesses</c>) are by name and address, so many attackers may reach it.</summary>
    private const int ConversationsPerSecond = 10;

    private const int MostNamed = 5;

    /// <summary>Everything worth a warning, in the file's order.</summary>
    /// <param name="entries">The sound entries of the file.</param>
    /// <param name="ownName">Our own name; its entry may share a contact's password, so that both can use one file, as directory.sample.json does. Null when unknown.</param>
    public static IReadOnlyList<DirectoryProblem> Warnings(IReadOnlyCollection<DirectoryEntry> entries, string? ownName)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return [.. Weak(entries).Concat(Shared(entries.Where(entry => entry.Contact.Username != ownName), ownName is not null)).OrderBy(warning => warning.Entry)];
    }

    private static IEnumerable<DirectoryProblem> Weak(IEnumerable<DirectoryEntry> entries) =>
        from entry in entries
        let estimate = PasswordEstimate.Of(entry.Contact.Password, entry.Contact.Username, entry.Contact.Host, entry.Contact.As ?? "", entry.Contact.AnswersAs ?? "")
        where estimate.IsWeak
        select new DirectoryProblem(
            entry.Line,
            entry.Number,
            $"the password of {entry.Contact.Username} is easy to guess: {estimate.GuessesInWords} guesses (zxcvbn score {estimate.Score} of 4). " +
            $"{Consequence(entry.Contact, estimate)} Take the entry out, and add it again with \"actorchat directory add\"");

    // CPace gives each participant of a conversation one guess and nothing to test others against (docs/protocol.md, section 4).
    // No other profile promises that, so for them the warning assumes the worse.
    private static string Consequence(Contact contact, PasswordEstimate estimate) => contact.Profile == Contact.DefaultProfile
        ? $"An attacker has one guess for each conversation with you or with {contact.Username}, and cannot guess offline: " +
          $"at {ConversationsPerSecond} conversations a second that is {estimate.TimeAt(ConversationsPerSecond)}."
        : $"In the profile {contact.Profile}, an attacker who has had one conversation with you can guess offline, as fast as his machines are.";

    private static IEnumerable<DirectoryProblem> Shared(IEnumerable<DirectoryEntry> entries, bool isOwnKnown) =>
        from entry in entries
        group entry by NormalForm(entry.Contact.Password) into sharing
        where sharing.Skip(1).Any()
        let first = sharing.First()
        select new DirectoryProblem(
            first.Line,
            first.Number,
            $"{Names([.. sharing])} have the same password, so each of them can speak in the names of the others. " +
            "Give each contact a password of its own: \"actorchat directory add\" makes one" +
            (isOwnKnown || sharing.Skip(2).Any() ? "" : ". If one of the two is yourself, nothing is wrong"));

    // Passwords that the key agreement treats as the same count as the same here.
    private static string NormalForm(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return password; // not Unicode text; the reader lets none through
        }
    }

    private static string Names(IReadOnlyList<DirectoryEntry> sharing)
    {
        var names = sharing.Take(MostNamed).Select(entry => $"{entry.Contact.Username} (entry {entry.Number})").ToList();
        if (sharing.Count > MostNamed)
        {
            names.Add($"{sharing.Count - MostNamed} more");
        }

        return $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }
}
