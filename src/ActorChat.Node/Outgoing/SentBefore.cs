// What a new outbox begins with.

using ActorChat.Storage.Ledgers;

namespace ActorChat.Node.Outgoing;

/// <summary>What the log says about messages sent before.</summary>
/// <param name="Waiting">The messages that have no outcome and wait, in the order in which they were written.</param>
/// <param name="Streams">Our stream to each contact that has one.</param>
public sealed record SentBefore(IReadOnlyList<WaitingMessage> Waiting, IReadOnlyDictionary<string, OutgoingStream> Streams)
{
    /// <summary>Recipients by name that are not to be looked up in the directory.</summary>
    public IReadOnlyDictionary<string, Recipient> Recipients { get; init; } = new Dictionary<string, Recipient>();

    /// <summary>Nothing.</summary>
    public static SentBefore Nothing { get; } = new([], new Dictionary<string, OutgoingStream>());

    /// <summary>Only the messages for these recipients, who are not looked up in the directory.</summary>
    public SentBefore For(IEnumerable<Recipient> recipients)
    {
        var byName = recipients.Where(recipient => recipient.ContactName is not null).ToDictionary(recipient => recipient.ContactName!);
        return this with { Waiting = [.. Waiting.Where(message => byName.ContainsKey(message.Recipient))], Recipients = byName };
    }

    /// <summary>What a ledger says.</summary>
    public static SentBefore Of(Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return new([.. ledger.Waiting], ledger.OutgoingStreams);
    }
}
