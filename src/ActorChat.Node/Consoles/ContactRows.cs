// What /contacts shows: the directory, and what the log knows of each contact. Pure.

using System.Globalization;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Node.Consoles;

/// <summary>Makes the table of contacts.</summary>
internal static class ContactRows
{
    /// <summary>A row for each contact: name, address, profile where not all have the usual one, when it was met last, and what became of our last
    /// message to it.</summary>
    /// <param name="directory">The contacts.</param>
    /// <param name="messages">The last messages of the log, the oldest first.</param>
    /// <param name="zone">The user's time zone.</param>
    public static string[][] Of(ContactDirectory directory, IEnumerable<LogRow> messages, TimeZoneInfo zone)
    {
        var seen = new Dictionary<string, DateTimeOffset>();
        var outcomes = new Dictionary<string, string>();
        foreach (var message in messages)
        {
            var record = message.Entry.Record;
            if (record.Direction == LogDirection.Received || message.Outcome == LogOutcome.Delivered)
            {
                seen[record.PeerName] = record.Time;
            }

            if (record.Direction == LogDirection.Sent)
            {
                outcomes[record.PeerName] = InWords(message);
            }
        }

        var areAlike = directory.Contacts.All(contact => contact.Profile == Contact.DefaultProfile);
        return [.. directory.Contacts.Select(contact => (string[])
        [
            contact.Username,
            contact.Address,
            .. areAlike ? (string[])[] : [contact.Profile],
            seen.TryGetValue(contact.Username, out var time)
                ? TimeZoneInfo.ConvertTime(time, zone).ToString("'met 'yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
                : "not met yet",
            outcomes.GetValueOrDefault(contact.Username, "nothing sent yet"),
        ])];
    }

    private static string InWords(LogRow message) => message.Outcome switch
    {
        LogOutcome.Delivered => "last message delivered",
        LogOutcome.NotDelivered => $"last message not delivered: {message.Reason}",
        LogOutcome.Rejected => $"last message rejected: {message.Reason}",
        LogOutcome.Unknown => $"last message unknown: {message.Reason}",
        _ => "last message under way",
    };
}
