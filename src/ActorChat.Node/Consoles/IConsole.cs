// The interface between the actors and the user's screen: events and prompts go out, and what was typed comes back as a message.
// The executable has one implementation for people and one for programs; tests have a third.

using ActorChat.Node.Serialization;
using ActorChat.Storage.Sealing;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Consoles;

/// <summary>Where a node shows what happens and asks for input. Called from several actors at once, so implementations must be thread-safe.</summary>
public interface IConsole
{
    /// <summary>Whether what is shown now will be seen soon. Otherwise no more messages are accepted.</summary>
    bool HasRoom => true;

    /// <summary>Whether this console shows events of this kind at all.</summary>
    bool Wants(NodeEvent nodeEvent) => true;

    /// <summary>Shows something that happened.</summary>
    /// <exception cref="IOException">The output is broken: nothing can be shown any more.</exception>
    void Show(NodeEvent nodeEvent);

    /// <summary>Asks for one line. Answered to <paramref name="replyTo"/> by <see cref="Typed"/>, <see cref="TypedLines"/>, <see cref="TakenBack"/> or <see cref="InputEnded"/>,
    /// from a thread of the console. One question is open at a time.</summary>
    void Ask(Prompt prompt, IActorRef replyTo);
}

/// <summary>A line from the user. It may be a password, so it never leaves the process.</summary>
/// <param name="Line">Without its line end.</param>
public sealed record Typed(string Line) : ILocalOnly
{
    /// <summary>Shows nothing of the line.</summary>
    public override string ToString() => nameof(Typed);
}

/// <summary>Lines from a program, at least one: those that arrived together.</summary>
/// <param name="Lines">Without their line ends.</param>
public sealed record TypedLines(IReadOnlyList<string> Lines) : ILocalOnly
{
    /// <summary>Shows nothing of the lines.</summary>
    public override string ToString() => nameof(TypedLines);
}

/// <summary>The user left the question unanswered, so what it was for is not done.</summary>
public sealed record TakenBack : IRemotable;

/// <summary>There is no more input.</summary>
public sealed record InputEnded : IRemotable;

/// <summary>What the next line is wanted for.</summary>
public abstract record Prompt
{
    /// <summary>A message, a command, or in a program's input one JSON object.</summary>
    /// <param name="To">Who gets a message without a recipient, in the user's words; null for nobody.</param>
    public sealed record Message(string? To) : Prompt;

    /// <summary>The next line of a message whose last line ended in a backslash.</summary>
    public sealed record Continuation : Prompt;

    /// <summary>Who gets the message.</summary>
    /// <param name="Contacts">The names to choose from, numbered from 1.</param>
    /// <param name="RecentFirst">The same names, those of the last conversations first.</param>
    /// <param name="LastWriter">Who wrote last; null for nobody.</param>
    public sealed record Recipients(IReadOnlyList<string> Contacts, IReadOnlyList<string> RecentFirst, string? LastWriter) : Prompt;

    /// <summary>The password for an address typed by hand, without echo.</summary>
    public sealed record Password(string Address) : Prompt;

    /// <summary>Our own name, when neither arguments, directory nor settings tell it.</summary>
    public sealed record OwnName : Prompt;
}

/// <summary>Something that happened in the node, for the user to see.</summary>
public abstract record NodeEvent
{
    /// <summary>The node accepts conversations.</summary>
    /// <param name="Name">Our own name.</param>
    /// <param name="Address">The address listened on.</param>
    /// <param name="Port">The actual port, even where 0 was asked for.</param>
    public sealed record Listening(string Name, string Address, int Port) : NodeEvent
    {
        /// <summary>One sentence for a person.</summary>
        public string InWords() => $"{Printable.Line(Name)} listens on port {Port} of {(Address == "any" ? "every address of this machine" : Address)}.";
    }

    /// <summary>A message arrived.</summary>
    /// <param name="From">The contact's name.</param>
    /// <param name="Text">The text as sent, not yet made safe to show.</param>
    /// <param name="Id">The sender's id for it.</param>
    /// <param name="At">When it arrived, local time.</param>
    /// <param name="Number">The number of its record in the secure log.</param>
    public sealed record MessageArrived(string From, string Text, Guid Id, DateTimeOffset At, long Number) : NodeEvent
    {
        /// <summary>When it was written, local time, by the sender's clock, which proves nothing; null where the sender does not say.</summary>
        public DateTimeOffset? WrittenAt { get; init; }

        /// <summary>Its number among the sender's messages to us, from 1; null where the sender does not count them.</summary>
        public long? Sequence { get; init; }

        /// <summary>How many messages before it did not come and have not been reported as missing yet.</summary>
        public long Missing { get; init; }

        /// <summary>Whether it was reported as missing before.</summary>
        public bool IsLate { get; init; }

        /// <summary>A received message as the secure log has it.</summary>
        /// <param name="entry">Its record.</param>
        /// <param name="zone">The user's time zone.</param>
        public static MessageArrived Of(LogEntry entry, TimeZoneInfo zone)
        {
            ArgumentNullException.ThrowIfNull(entry);
            var record = entry.Record;
            return new MessageArrived(
                record.PeerName, record.Text, record.MessageId.GetValueOrDefault(), TimeZoneInfo.ConvertTime(record.Time, zone), entry.Number)
            {
                WrittenAt = record.WrittenAt is { } written ? TimeZoneInfo.ConvertTime(written, zone) : null,
                Sequence = record.Sequence,
                Missing = record.Missing ?? 0,
                IsLate = record.IsLate,
            };
        }
    }

    /// <summary>From here on a program gets every message that came in after a record, each once and the oldest first.</summary>
    /// <param name="From">The number of that record in the secure log.</param>
    public sealed record FeedBegun(long From) : NodeEvent;

    /// <summary>The contacts that the user may choose from, at the start and whenever the directory has changed.</summary>
    public sealed record ContactsChanged(IReadOnlyList<string> Names) : NodeEvent;

    /// <summary>A message that the user sent is on its way, or waits for its recipient to be free. <see cref="MessageSent"/> follows.</summary>
    /// <param name="Id">The message's id.</param>
    /// <param name="To">The name or address that the user gave.</param>
    /// <param name="Text">The message.</param>
    public sealed record MessageStarted(Guid Id, string To, string Text) : NodeEvent;

    /// <summary>A message that the user sent has its outcome.</summary>
    /// <param name="To">The name or address that the user gave.</param>
    /// <param name="Reference">The program's own reference, if it gave one.</param>
    /// <param name="Id">The message's id.</param>
    /// <param name="Outcome">What became of it.</param>
    /// <param name="Failure">Why, unless it was delivered.</param>
    /// <param name="PeerName">The name that answered, where the user gave an address.</param>
    /// <param name="Took">The time from the user's word to the outcome.</param>
    /// <param name="HasWaited">Whether it waited for a recipient who was away.</param>
    public sealed record MessageSent(
        string To, string? Reference, Guid Id, Outcome Outcome, Failure? Failure, string? PeerName, TimeSpan Took = default, bool HasWaited = false) : NodeEvent;

    /// <summary>A message that the user sent waits for its recipient, or waited already when the node began. <see cref="MessageSent"/> follows, perhaps days later.</summary>
    /// <param name="Id">The message's id.</param>
    /// <param name="To">The contact's name.</param>
    /// <param name="Reference">The program's own reference; null also where it waited already.</param>
    /// <param name="Why">Why it did not get through; null where it waited already.</param>
    /// <param name="Until">When its time is over.</param>
    public sealed record MessageWaits(Guid Id, string To, string? Reference, Failure? Why, DateTimeOffset Until) : NodeEvent;

    /// <summary>The number of messages that wait has changed.</summary>
    public sealed record WaitingCount(int Count) : NodeEvent;

    /// <summary>The answer to a program that asked what waits is complete.</summary>
    public sealed record WaitingListed(int Count) : NodeEvent;

    /// <summary>A ping that the user asked for is over. <see cref="MessageStarted"/> came before it.</summary>
    /// <param name="Id">The id that it was begun with.</param>
    /// <param name="Failure">Why the contact was not reached or did not prove who it is; null where it is there and did.</param>
    /// <param name="Words">What was found, safe to show.</param>
    public sealed record PingEnded(Guid Id, Failure? Failure, string Words) : NodeEvent;

    /// <summary>The user wants to hear messages arrive, or no longer.</summary>
    public sealed record BellChanged(bool IsOn) : NodeEvent;

    /// <summary>Messages out of the secure log, in the order in which they are to be shown; at least one.</summary>
    public sealed record History(IReadOnlyList<LogRow> Rows) : NodeEvent;

    /// <summary>Passwords of the directory are going through Argon2id.</summary>
    /// <param name="Missing">How many are left; 0 when it is done.</param>
    public sealed record Preparing(int Missing) : NodeEvent;

    /// <summary>What was shown before comes from an earlier run, and what follows is new.</summary>
    public sealed record NewBegins : NodeEvent;

    /// <summary>A file with the lines that were typed in earlier runs, which also keeps those of this run. The console that takes it disposes it.</summary>
    public sealed record InputKept(InputFile File) : NodeEvent;

    /// <summary>What a command found, in rows of equally many cells; at least one row.</summary>
    public sealed record Table(IReadOnlyList<IReadOnlyList<string>> Rows) : NodeEvent;

    /// <summary>Something went wrong that the user should know.</summary>
    /// <param name="Message">One sentence with the remedy.</param>
    /// <param name="Reference">The program's own reference, if it gave one.</param>
    public sealed record Problem(string Message, string? Reference = null) : NodeEvent
    {
        /// <summary>Whether another process has the state folder: it may be free again soon.</summary>
        public bool IsInUse { get; init; }
    }

    /// <summary>Something the user should know although nothing went wrong.</summary>
    public sealed record Notice(string Message) : NodeEvent;
}
