// What /contacts shows: the directory, and what the log knows of each contact. Pure.

using System.Globalization;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Node.Consoles;

/// <summary>Makes the table of contacts.</summary>
internal static class ContactRows
{
    /// <summary>A row for each contact: name, address, profile unless all have the default one, when it was met last, and what became of our last
    /// message to it. Where there are no contacts, one row says so.</summary>
    /// <param name="directory">The contacts.</param>
    /// <param name="facts">What is known of each contact, by name; nothing is known of one that is missing here.</param>
    /// <param name="zone">The user's time zone.</param>
    public static string[][] Of(ContactDirectory directory, IReadOnlyDictionary<string, ContactFacts> facts, TimeZoneInfo zone)
    {
        if (directory.Contacts.Count == 0)
        {
            return [["The directory has no contacts any more."]];
        }

        var areAlike = directory.Contacts.All(contact => contact.Profile == Contact.DefaultProfile);
        return [.. directory.Contacts.Select(contact => Row(contact, areAlike, facts.GetValueOrDefault(contact.Username, ContactFacts.None), zone))];
    }

    private static string[] Row(Contact contact, bool areAlike, ContactFacts known, TimeZoneInfo zone) =>
    [
        contact.Username,
        contact.Address,
        .. areAlike ? (string[])[] : [contact.Profile],
        known.LastMet is { } time ? TimeZoneInfo.ConvertTime(time, zone).ToString("'met 'yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "not met yet",
        known.LastSent is null ? "nothing sent yet" : InWords(known),
    ];

    private static string InWords(ContactFacts known) => "last message " + known.Outcome switch
    {
        { } outcome and (LogOutcome.NotDelivered or LogOutcome.Rejected or LogOutcome.Unknown) => $"{outcome.InWords()}: {known.Reason}",
        { } outcome => outcome.InWords(),
        null => "not delivered yet",
    };
}
