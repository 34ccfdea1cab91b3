// The rows of /contacts, made from the directory and the log.

using ActorChat.Node.Consoles;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Node.Tests.Consoles;

public sealed class ContactRowsTests
{
    private static readonly ContactDirectory Directory = new([new Contact("bob", "secret", "127.0.0.2", 5002, Contact.DefaultProfile, null)]);
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone("an hour ahead", TimeSpan.FromHours(1), "an hour ahead", "an hour ahead");

    public static TheoryData<ContactFacts?, string, string> Facts => new()
    {
        { null, "not met yet", "nothing sent yet" },
        { new ContactFacts(Noon, null, null, ""), "met 2026-11-23 13:00", "nothing sent yet" },
        { new ContactFacts(Noon, Noon, LogOutcome.Delivered, ""), "met 2026-11-23 13:00", "last message delivered" },
        { new ContactFacts(Noon, Noon, LogOutcome.NotDelivered, "nobody listens"), "met 2026-11-23 13:00", "last message not delivered: nobody listens" },
        { new ContactFacts(null, Noon, LogOutcome.Rejected, "the disk is full"), "not met yet", "last message rejected: the disk is full" },
        { new ContactFacts(null, Noon, LogOutcome.Unknown, "no answer in time"), "not met yet", "last message unknown: no answer in time" },
        { new ContactFacts(null, Noon, LogOutcome.Expired, ""), "not met yet", "last message expired" },
        { new ContactFacts(null, Noon, LogOutcome.Cancelled, ""), "not met yet", "last message cancelled" },
        { new ContactFacts(null, Noon, null, ""), "not met yet", "last message not delivered yet" },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void What_the_log_knows_stands_beside_the_contact(ContactFacts? facts, string seen, string outcome) => Assert.Equal(
        [["bob", "127.0.0.2:5002", seen, outcome]],
        ContactRows.Of(Directory, facts is null ? new Dictionary<string, ContactFacts>() : new Dictionary<string, ContactFacts> { ["bob"] = facts }, Berlin));
}
