// Makes the messages that go out: each has its id, its number in our stream to its contact, the time it was written and the time until which it may wait.

using ActorChat.Node.Consoles;
using ActorChat.Protocol.Pdus;
using ActorChat.Storage.Contacts;
using ActorChat.Storage.Ledgers;
using Akka.Actor;

namespace ActorChat.Node.Outgoing;

/// <summary>Writes messages for the outbox.</summary>
/// <param name="services">The settings and the clock.</param>
/// <param name="ownName">The name that we give to contacts whose entry has no other.</param>
/// <param name="streams">Where the numbers come from.</param>
/// <param name="outbox">Where the messages go; those that it holds count against the limit on kept messages.</param>
/// <param name="endings">Refuses a message whose recipient is unknown.</param>
internal sealed class MessageWriter(NodeServices services, string ownName, OutgoingStreams streams, Outbox outbox, Endings endings)
{
    /// <summary>A message for each recipient of a command.</summary>
    public IEnumerable<Outbox.Item> Write(JsonCommand command, ContactDirectory directory, IActorRef? toldTo)
    {
        foreach (var name in command.Names)
        {
            if (directory.Find(name) is { } contact)
            {
                yield return New(Recipient.Of(contact, ownName), command.Text, command.Reference, toldTo, KeepFor(contact));
            }
            else
            {
                endings.Refuse(name, command.Reference, new Failure(FailureKind.NotInDirectory, Printable.Line(name)), toldTo);
            }
        }

        if (command.Address is { } address)
        {
            yield return New(Recipient.Of(address, command.Password!, ownName), command.Text, command.Reference, toldTo, keep: TimeSpan.Zero);
        }
    }

    /// <summary>A message that was not sent before.</summary>
    public Outbox.Item New(Recipient recipient, string text, string? reference, IActorRef? toldTo, TimeSpan keep)
    {
        var today = services.Clock.GetUtcNow();
        return new Outbox.Item(Guid.NewGuid(), recipient, text, reference, services.Clock.GetTimestamp(), toldTo)
        {
            Number = recipient.ContactName is { } name ? streams.Next(name) : null,
            WrittenAt = today,
            Expires = ExpiryOf(recipient, keep, today),
        };
    }

    /// <summary>A message that failed, with the id and the number that it had.</summary>
    /// <param name="failed">The message.</param>
    /// <param name="recipient">Where it goes now.</param>
    /// <param name="keep">How long it waits from now on.</param>
    public Outbox.Item Again(Outbox.Item failed, Recipient recipient, TimeSpan keep) => failed with
    {
        Recipient = recipient,
        Since = services.Clock.GetTimestamp(),
        Expires = ExpiryOf(recipient, keep, services.Clock.GetUtcNow()),
    };

    /// <summary>A message that the log holds without an outcome.</summary>
    public Outbox.Item FromLog(WaitingMessage message, Recipient recipient)
    {
        var age = Math.Max(0, (services.Clock.GetUtcNow() - message.WrittenAt).TotalSeconds);
        var since = services.Clock.GetTimestamp() - (long)(age * services.Clock.TimestampFrequency);
        return new Outbox.Item(message.Id, recipient, message.Text, Reference: null, since, ToldTo: null)
        {
            Number = message is { Stream: { } stream, Sequence: { } sequence } ? new TextNumber(stream, sequence) : null,
            WrittenAt = message.WrittenAt,
            Expires = message.Expires,
            MayBeThere = true, // the log does not say whether it was sent
        };
    }

    /// <summary>How long a message to a contact waits. Classic has no ids, so a message that is sent twice is shown twice: there nothing waits.</summary>
    public TimeSpan KeepFor(Contact contact) => contact.Profile == Contact.DefaultProfile ? services.Settings.KeepMessages : TimeSpan.Zero;

    private DateTimeOffset? ExpiryOf(Recipient recipient, TimeSpan keep, DateTimeOffset today) =>
        recipient.ContactName is not null && keep > TimeSpan.Zero && outbox.Count < services.Settings.MaxKeptMessages ? today + keep : null;
}
