// Which message may go when. The properties play random days of an outbox and look at what went out.

using ActorChat.Node.Consoles;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests.Consoles;

public sealed class OutboxTests
{
    /// <summary>What happens: a message to one of five recipients is added, one may start, one that is under way finishes, or the rest is cancelled.</summary>
    private static Gen<(int Action, int Which)> Events => Gen.Frequency(
        (5, Gen.Constant(0)), (5, Gen.Constant(1)), (3, Gen.Constant(2)), (1, Gen.Constant(3))).Zip(Gen.Choose(0, 4));

    [Fact]
    public void One_recipient_gets_one_message_at_a_time_in_the_order_they_were_typed()
    {
        var outbox = new Outbox(10);
        var items = Enumerable.Range(0, 3).Select(_ => AddTo(outbox, recipient: 1)).ToArray();
        foreach (var item in items)
        {
            Assert.Same(item, outbox.Next());
            Assert.Null(outbox.Next());
            Assert.Same(item, outbox.Finish(item.Id));
        }

        Assert.Equal(0, outbox.Count);
    }

    [Fact]
    public void Another_recipient_does_not_wait()
    {
        var outbox = new Outbox(10);
        var (first, second, other) = (AddTo(outbox, 1), AddTo(outbox, 1), AddTo(outbox, 2));
        Assert.Same(first, outbox.Next());
        Assert.Same(other, outbox.Next());
        Assert.Null(outbox.Next());
        outbox.Finish(first.Id);
        Assert.Same(second, outbox.Next());
    }

    [Fact]
    public void A_contact_and_the_same_address_typed_by_hand_are_one_recipient()
    {
        var outbox = new Outbox(10);
        outbox.Add(new Outbox.Item(Guid.NewGuid(), new Recipient("bob", "bob", "bob", "::1", 5002, null, "alice"), "", null));
        outbox.Add(new Outbox.Item(Guid.NewGuid(), Recipient.Of(new HostPort("::1", 5002), "q", "alice"), "", null));
        Assert.NotNull(outbox.Next());
        Assert.Null(outbox.Next());
    }

    [Fact]
    public void No_more_conversations_than_the_limit_are_under_way()
    {
        var outbox = new Outbox(2);
        var items = Enumerable.Range(0, 3).Select(recipient => AddTo(outbox, recipient)).ToArray();
        Assert.Same(items[0], outbox.Next());
        Assert.Same(items[1], outbox.Next());
        Assert.Null(outbox.Next());
        outbox.Finish(items[1].Id);
        Assert.Same(items[2], outbox.Next());
    }

    [Fact]
    public void A_cancel_takes_what_waits_and_leaves_what_is_under_way()
    {
        var outbox = new Outbox(10);
        var (begun, waiting, other) = (AddTo(outbox, 1), AddTo(outbox, 1), AddTo(outbox, 2));
        outbox.Next();
        Assert.Equal([waiting, other], outbox.Cancel());
        Assert.Equal(1, outbox.Count);
        Assert.Null(outbox.Next());
        Assert.Same(begun, outbox.Finish(begun.Id));
        Assert.Equal(0, outbox.Count);
    }

    [Fact]
    public void Only_what_is_under_way_can_finish_and_only_once()
    {
        var outbox = new Outbox(10);
        var item = AddTo(outbox, 1);
        Assert.Null(outbox.Finish(item.Id));
        outbox.Next();
        Assert.NotNull(outbox.Finish(item.Id));
        Assert.Null(outbox.Finish(item.Id));
        Assert.Null(outbox.Finish(Guid.NewGuid()));
    }

    [Property(MaxTest = 500)]
    public Property Nothing_is_lost_overtakes_or_crowds_whatever_happens()
    {
        var days = Gen.Choose(1, 4).Zip(Gen.ListOf(Events, 60));
        return Prop.ForAll(Arb.From(days), day =>
        {
            var (limit, events) = day;
            var outbox = new Outbox(limit);
            var waiting = new List<Outbox.Item>();
            var underWay = new List<Outbox.Item>();
            foreach (var (action, which) in events)
            {
                switch (action)
                {
                    case 0:
                        waiting.Add(AddTo(outbox, which));
                        break;
                    case 1:
                        var expected = underWay.Count < limit ? waiting.Find(item => !underWay.Exists(busy => busy.Recipient == item.Recipient)) : null;
                        Assert.Same(expected, outbox.Next());
                        if (expected is not null)
                        {
                            waiting.Remove(expected);
                            underWay.Add(expected);
                        }

                        break;
                    case 2 when underWay.Count > 0:
                        var finished = underWay[which % underWay.Count];
                        Assert.Same(finished, outbox.Finish(finished.Id));
                        underWay.Remove(finished);
                        break;
                    case 3:
                        Assert.Equal(waiting, outbox.Cancel());
                        waiting.Clear();
                        break;
                }

                Assert.Equal(waiting.Count + underWay.Count, outbox.Count);
                Assert.Equal(underWay.Count, underWay.DistinctBy(item => item.Recipient.Address).Count());
            }
        });
    }

    private static Outbox.Item AddTo(Outbox outbox, int recipient)
    {
        var item = new Outbox.Item(Guid.NewGuid(), Recipient.Of(new HostPort("127.0.0.1", 5000 + recipient), "p", "alice"), "hello", null);
        outbox.Add(item);
        return item;
    }
}
