// What /contacts makes of the directory and the last messages of the log.

using ActorChat.Node.Consoles;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Node.Tests.Consoles;

public sealed class ContactRowsTests
{
    private static readonly ContactDirectory Directory = new([new Contact("bob", "secret", "127.0.0.2", 5002, Contact.DefaultProfile, null)]);
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone("an hour ahead", TimeSpan.FromHours(1), "an hour ahead", "an hour ahead");

    public static TheoryData<LogRow[], string, string> Messages => new()
    {
        { [], "not met yet", "nothing sent yet" },
        { [From("bob", 0)], "met 2026-11-23 13:00", "nothing sent yet" },
        { [From("carol", 0)], "not met yet", "nothing sent yet" },
        { [To(LogOutcome.Delivered, 0)], "met 2026-11-23 13:00", "last message delivered" },
        { [To(LogOutcome.Delivered, 0), From("bob", 1)], "met 2026-11-23 13:01", "last message delivered" },
        { [From("bob", 0), To(LogOutcome.NotDelivered, 1, "nobody listens")], "met 2026-11-23 13:00", "last message not delivered: nobody listens" },
        { [To(LogOutcome.Rejected, 0, "the disk is full")], "not met yet", "last message rejected: the disk is full" },
        { [To(LogOutcome.NotDelivered, 0, "nobody listens"), To(LogOutcome.Unknown, 1, "no answer in time")], "not met yet", "last message unknown: no answer in time" },
        { [To(null, 0)], "not met yet", "last message under way" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void The_latest_that_the_log_knows_stands_beside_the_contact(LogRow[] messages, string seen, string outcome) =>
        Assert.Equal([["bob", "127.0.0.2:5002", seen, outcome]], ContactRows.Of(Directory, messages, Berlin));

    private static LogRow From(string name, int minute) => Row(LogDirection.Received, name, minute, null, "");

    private static LogRow To(LogOutcome? outcome, int minute, string reason = "") => Row(LogDirection.Sent, "bob", minute, outcome, reason);

    private static LogRow Row(LogDirection direction, string name, int minute, LogOutcome? outcome, string reason) => new(
        new LogEntry(minute + 1, new LogRecord(Noon.AddMinutes(minute), direction, name, "127.0.0.2:5002", Guid.NewGuid(), null, "hello")), outcome, reason);
}
