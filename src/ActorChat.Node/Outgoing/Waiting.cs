// The messages that were not delivered yet: which of them wait for another attempt, which end, and what the user can do about them.

using System.Globalization;
using ActorChat.Node.Consoles;
using ActorChat.Node.Limits;
using ActorChat.Storage.Contacts;
using Akka.Actor;

namespace ActorChat.Node.Outgoing;

/// <summary>Decides what waits.</summary>
/// <param name="services">The settings and the clock.</param>
/// <param name="console">Where the user is told.</param>
/// <param name="ownName">The name that we give to contacts whose entry has no other.</param>
/// <param name="outbox">The messages without an outcome.</param>
/// <param name="writer">Makes messages.</param>
/// <param name="endings">Ends messages.</param>
internal sealed class Waiting(NodeServices services, IConsole console, string ownName, Outbox outbox, MessageWriter writer, Endings endings)
{
    // How much of a text is shown to say which message is sent again.
    private const int MaxPreview = 60;

    private int _shown;

    /// <summary>The contacts.</summary>
    public ContactDirectory Directory { get; private set; } = ContactDirectory.Empty;

    /// <summary>Whether no conversation begins any more.</summary>
    public bool IsStopping { get; private set; }

    private TimeSpan Now => services.Clock.GetElapsedTime(0);

    private DateTimeOffset Today => services.Clock.GetUtcNow();

    /// <summary>Begins with what the log holds without an outcome. A program that reads this node's events hears of each message again.</summary>
    public void Resume(SentBefore log, ContactDirectory directory)
    {
        Directory = directory;
        foreach (var message in log.Waiting)
        {
            var recipient = log.Recipients.TryGetValue(message.Recipient, out var called) ? called
                : Directory.Find(message.Recipient) is { } contact ? Recipient.Of(contact, ownName)
                : Recipient.Gone(message.Recipient);
            var item = writer.FromLog(message, recipient);
            outbox.AddAway(item, Now);
            console.Show(new NodeEvent.MessageWaits(item.Id, recipient.Label, Reference: null, Why: null, message.Expires));
        }
    }

    /// <summary>Uses a new directory. What waits for a contact who is no longer in it ends. A contact with another address or password is tried again soon.</summary>
    public void Use(ContactDirectory directory)
    {
        var before = Directory;
        Directory = directory;
        foreach (var line in outbox.LinesOfContacts())
        {
            var name = line.Recipient.ContactName!;
            if (directory.Find(name) is not { } contact)
            {
                foreach (var item in Outbox.WaitingIn(line))
                {
                    endings.Finish(item.Id, Outcome.NotDelivered, NotInDirectory(line));
                }
            }
            else if (Recipient.Of(contact, ownName) is var recipient && (recipient != line.Recipient || contact.Password != before.Find(name)?.Password))
            {
                line.Recipient = recipient;
                outbox.Hasten(line, Now);
            }
        }
    }

    /// <summary>A conversation is over. If it failed, its messages wait for another attempt or fail too. Otherwise the rest goes in the next conversation at once,
    /// unless the other side rejected a text: it may be busy, so the rest waits where it may.</summary>
    public void EndConversation(Outbox.Line line, Failure? failure)
    {
        failure ??= line.WasRejected ? new Failure(FailureKind.Refused) : null;
        outbox.Close(line);
        var left = Outbox.WaitingIn(line).ToLookup(item => outbox.IsTakenBack(item.Id));
        foreach (var item in left[true])
        {
            endings.Finish(item.Id, Outcome.Cancelled);
        }

        if (failure is null || (line.WasRejected && left[false].Any(item => item.Expires is null)))
        {
            return;
        }

        var why = IsGone(line) ? NotInDirectory(line) : failure;
        foreach (var item in left[false])
        {
            WaitOrFinish(item, why);
        }

        if (!line.IsEmpty)
        {
            outbox.Rest(line, why, Now);
        }
    }

    /// <summary>The node stops. Messages that no conversation has wait until the node runs again, or end.</summary>
    public void Stop()
    {
        IsStopping = true;
        foreach (var item in outbox.AllWaiting())
        {
            var last = item.IsAwaited ? outbox.LineOf(item.Id).Failure : null; // whoever waits for the outcome wants the reason
            WaitOrFinish(item, last ?? new Failure(FailureKind.Stopping));
        }
    }

    /// <summary>Ends the messages whose time is over.</summary>
    public void Expire()
    {
        foreach (var item in outbox.Expired(Today))
        {
            endings.Finish(item.Id, Outcome.Expired, outbox.LineOf(item.Id).Failure);
        }
    }

    /// <summary>Tries what waits now, and sends the oldest message that failed again. It keeps its id, so that a receiver that has it already does not show it twice.</summary>
    /// <returns>The message to be sent again; null for none.</returns>
    public Outbox.Item? Retry()
    {
        var failed = endings.TakeFailed();
        if (outbox.CountAway > 0)
        {
            Notice($"{InWords("")}; trying now.");
            outbox.HastenAll(Now);
        }
        else if (failed is null)
        {
            Notice("Nothing waits, and no message has failed that was not sent again.");
        }

        return failed is null ? null : SendAgain(failed);
    }

    /// <summary>Cancels messages.</summary>
    /// <param name="what">A message's id, the name of a contact, or the number of a message that waits.</param>
    public void TakeBack(string what)
    {
        var ids = Guid.TryParse(what, out var id) ? [id]
            : outbox.LineOf(what) is { } line ? [.. line.HandedOver.Concat(line.Waiting).Select(item => item.Id)]
            : outbox.AllAway().Where(away => away.Number.ToString(CultureInfo.InvariantCulture) == what).Select(away => away.Item.Id).ToArray();
        Outbox.Item[] items = [.. ids.Select(outbox.Find).OfType<Outbox.Item>()];
        foreach (var item in items)
        {
            if (outbox.TakeBack(item.Id))
            {
                endings.Finish(item.Id, Outcome.Cancelled);
            }
            else
            {
                Notice($"The message to {Printable.Line(item.Recipient.Label)} is on its way just now; it is cancelled if it does not get there.");
            }
        }

        if (items.Length == 0)
        {
            console.Show(new NodeEvent.Problem($"nothing waits that is called {Printable.Line(what)}; /waiting shows what does"));
        }
    }

    /// <summary>Shows what waits for recipients who are away.</summary>
    /// <param name="asEvents">Whether for a program, or for a person.</param>
    public void Show(bool asEvents)
    {
        var waiting = outbox.AllAway();
        if (asEvents)
        {
            foreach (var (item, line) in waiting.Select(away => (away.Item, away.Line)))
            {
                console.Show(new NodeEvent.MessageWaits(item.Id, item.Recipient.Label, item.Reference, line.Failure, item.Expires!.Value));
            }

            console.Show(new NodeEvent.WaitingListed(waiting.Count));
        }
        else
        {
            console.Show(waiting.Count == 0
                ? new NodeEvent.Notice("Nothing waits.")
                : new NodeEvent.Table(WaitingRows.Of(waiting, Now, services.Clock.GetLocalNow())));
        }
    }

    /// <summary>Shows how many wait, where that has changed.</summary>
    public void ShowCount()
    {
        if (_shown != outbox.CountAway)
        {
            _shown = outbox.CountAway;
            console.Show(new NodeEvent.WaitingCount(_shown));
        }
    }

    /// <summary>Tells the user in one line what waits, where something does.</summary>
    /// <param name="since">More about it, after the number.</param>
    public void Sum(string since)
    {
        if (outbox.CountAway > 0)
        {
            Notice($"{InWords(since)}.");
        }
    }

    private void WaitOrFinish(Outbox.Item item, Failure why)
    {
        if (item.Expires is not { } expires || !Retries.IsWorthwhileAfter(why.Kind) || (item.IsAwaited && IsStopping))
        {
            endings.Finish(item.Id, Outcome.NotDelivered, why);
        }
        else if (expires <= Today)
        {
            endings.Finish(item.Id, Outcome.Expired, why);
        }
        else if (outbox.SetAway(item.Id))
        {
            var waits = new NodeEvent.MessageWaits(item.Id, item.Recipient.Label, item.Reference, why, expires);
            console.Show(waits);
            item.ToldTo?.Tell(new OutboxActor.Waits(waits));
            outbox.Replace(item with { ToldTo = null }); // from now on the user is told, not the sender
        }
    }

    // A message goes to its contact's current address: a move may be why it failed. While the name is not in the directory it is not sent: if the node
    // were killed then, the message would have no outcome.
    private Outbox.Item? SendAgain(Outbox.Item item)
    {
        var text = item.Text.Length > MaxPreview ? item.Text[..MaxPreview] + "…" : item.Text;
        var contact = item.Recipient.ContactName is { } name ? Directory.Find(name) : null;
        if (item.Recipient.ContactName is not null && contact is null)
        {
            endings.KeepFailed(item);
            Notice($"{item.Recipient.Label} is not in the directory, so this is not sent again now: \"{text}\"");
            return null;
        }

        Notice($"Sending again to {item.Recipient.Label}: \"{text}\"");
        return contact is null ? writer.Again(item, item.Recipient, TimeSpan.Zero) : writer.Again(item, Recipient.Of(contact, ownName), writer.KeepFor(contact));
    }

    private bool IsGone(Outbox.Line line) => line.Recipient is { ContactName: { } name, TypedPassword: null } && Directory.Find(name) is null;

    private static Failure NotInDirectory(Outbox.Line line) => new(FailureKind.NotInDirectory, Printable.Line(line.Recipient.Label));

    private string InWords(string since) => WaitingRows.InWords(outbox.AllAway(), since);

    private void Notice(string words) => console.Show(new NodeEvent.Notice(words));
}
