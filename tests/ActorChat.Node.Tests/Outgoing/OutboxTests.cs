// Which message may go when. The property plays random days of an outbox beside a model of it, and compares what goes out.

using ActorChat.Node.Limits;
using ActorChat.Node.Outgoing;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Node.Tests.Outgoing;

public sealed class OutboxTests
{
    private static readonly TimeSpan Now = TimeSpan.FromHours(1);

    private enum Event
    {
        Add,
        Store,
        Open,
        HandOver,
        Finish,
        Close,
    }

    private static Gen<(Event Event, int Which)> Events => Gen.Frequency(
        (6, Gen.Constant(Event.Add)),
        (6, Gen.Constant(Event.Store)),
        (4, Gen.Constant(Event.Open)),
        (6, Gen.Constant(Event.HandOver)),
        (3, Gen.Constant(Event.Finish)),
        (2, Gen.Constant(Event.Close))).Zip(Gen.Choose(0, 1000));

    [Fact]
    public void A_line_opens_once_and_hands_over_what_is_stored_in_order()
    {
        var outbox = NewOutbox(10);
        var items = Enumerable.Range(0, 3).Select(_ => AddTo(outbox, recipient: 1)).ToArray();
        var line = outbox.Open(Now)!;
        Assert.Null(outbox.Open(Now));
        Assert.Same(line, outbox.Store(items[1].Id));
        Assert.Empty(outbox.HandOver(line));
        outbox.Store(items[0].Id);
        Assert.Equal(items[..2], outbox.HandOver(line));
        outbox.Store(items[2].Id);
        Assert.Equal(items[2..], outbox.HandOver(line));
    }

    [Fact]
    public void Another_recipient_does_not_wait_up_to_the_limit_on_conversations()
    {
        var outbox = NewOutbox(2);
        var items = Enumerable.Range(0, 3).Select(recipient => AddTo(outbox, recipient)).ToArray();
        var lines = new[] { outbox.Open(Now), outbox.Open(Now) };
        Assert.Equal(items[..2].Select(item => item.Recipient), lines.Select(line => line!.Recipient));
        Assert.Null(outbox.Open(Now));
        outbox.Finish(items[1].Id);
        Assert.Null(outbox.Open(Now)); // its conversation is not over yet
        outbox.Close(lines[1]!);
        Assert.Equal(items[2].Recipient, outbox.Open(Now)!.Recipient);
    }

    [Fact]
    public void A_contact_that_has_moved_is_one_recipient_and_another_password_another()
    {
        var outbox = NewOutbox(10);
        var bob = new Recipient("bob", "bob", "bob", "::1", 5002, null, "alice");
        Add(outbox, bob);
        Add(outbox, bob with { Port = 6002 });
        Add(outbox, Recipient.Of(new HostPort("::1", 5002), "one", "alice"));
        Add(outbox, Recipient.Of(new HostPort("::1", 5002), "two", "alice"));
        Assert.Equal([6002, 5002, 5002], [outbox.Open(Now)!.Recipient.Port, outbox.Open(Now)!.Recipient.Port, outbox.Open(Now)!.Recipient.Port]);
        Assert.Null(outbox.Open(Now));
    }

    [Fact]
    public void A_conversation_has_so_many_at_once_and_one_more_for_each_outcome()
    {
        var outbox = NewOutbox(1);
        var items = Enumerable.Range(0, Outbox.MaxHandedOver + 2).Select(_ => AddTo(outbox, 1)).ToArray();
        Array.ForEach(items, item => outbox.Store(item.Id));
        var line = outbox.Open(Now)!;
        Assert.Equal(items[..^2], outbox.HandOver(line));
        Assert.Empty(outbox.HandOver(line));
        outbox.Finish(items[0].Id);
        Assert.Equal([items[^2]], outbox.HandOver(line));
    }

    [Fact]
    public void What_is_finished_is_finished_once_and_not_stored_any_more()
    {
        var outbox = NewOutbox(10);
        var item = AddTo(outbox, 1);
        Assert.Same(item, outbox.Finish(item.Id)!.Item);
        Assert.Null(outbox.Finish(item.Id));
        Assert.Null(outbox.Store(item.Id));
        Assert.Null(outbox.Open(Now));
        Assert.Null(outbox.Finish(Guid.NewGuid()));
        Assert.Equal(0, outbox.Count);
    }

    [Fact]
    public void What_waits_is_what_no_conversation_has()
    {
        var outbox = NewOutbox(10);
        var (begun, waiting, other) = (AddTo(outbox, 1), AddTo(outbox, 1), AddTo(outbox, 2));
        outbox.Store(begun.Id);
        var line = outbox.Open(Now)!;
        Assert.Equal([begun], outbox.HandOver(line));
        Assert.Equal([waiting], Outbox.WaitingIn(line));
        Assert.Equal([waiting, other], outbox.AllWaiting());
    }

    [Property(MaxTest = 500)]
    public Property Nothing_is_lost_overtakes_or_crowds_whatever_happens() => Prop.ForAll(Arb.From(Gen.Choose(1, 3).Zip(Gen.ListOf(Events, 80))), day =>
    {
        var model = new Model(day.Item1);
        foreach (var (happens, which) in day.Item2)
        {
            model.Play(happens, which);
        }
    });

    private static Outbox NewOutbox(int limit) =>
        new(limit, new Retries(new RetryLimits(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5), PerSecond: 20), SystemRandomSource.Instance));

    private static Outbox.Item AddTo(Outbox outbox, int recipient) =>
        Add(outbox, Recipient.Of(new HostPort("127.0.0.1", 5000 + recipient), "p", "alice"));

    private static Outbox.Item Add(Outbox outbox, Recipient recipient)
    {
        var item = new Outbox.Item(Guid.NewGuid(), recipient, "hello", Reference: null, Since: 0, ToldTo: null);
        outbox.Add(item, Now);
        return item;
    }

    // A plain model of the outbox: for each recipient a list in the order of writing, and how many messages from its front are handed over.
    private sealed class Model(int limit)
    {
        private readonly Outbox _outbox = NewOutbox(limit);
        private readonly Dictionary<Recipient, List<Outbox.Item>> _items = [];
        private readonly Dictionary<Outbox.Line, int> _handedOver = []; // the open lines
        private readonly HashSet<Guid> _stored = [];
        private readonly HashSet<Guid> _finished = [];

        private List<Outbox.Item> All => [.. _items.Values.SelectMany(items => items)];

        public void Play(Event happens, int which)
        {
            switch (happens)
            {
                case Event.Add:
                    var item = AddTo(_outbox, which % 5);
                    (_items.TryGetValue(item.Recipient, out var items) ? items : _items[item.Recipient] = []).Add(item);
                    break;
                case Event.Store when All is { Count: > 0 } all:
                    _outbox.Store(all[which % all.Count].Id);
                    _stored.Add(all[which % all.Count].Id);
                    break;
                case Event.Open:
                    Open();
                    break;
                case Event.HandOver when _handedOver.Count > 0:
                    HandOver(_handedOver.Keys.ElementAt(which % _handedOver.Count));
                    break;
                case Event.Finish when All is { Count: > 0 } all:
                    Finish(all[which % all.Count]);
                    break;
                case Event.Close when _handedOver.Count > 0:
                    var line = _handedOver.Keys.ElementAt(which % _handedOver.Count);
                    _outbox.Close(line);
                    _handedOver.Remove(line);
                    Assert.Equal(Items(line), Outbox.WaitingIn(line)); // what was handed over is back at the front
                    break;
            }

            Assert.Equal(All.Count, _outbox.Count);
            Assert.Equal(
                _items.SelectMany(pair => pair.Value.Skip(HandedOver(pair.Key))).Select(waiting => waiting.Id).Order(),
                _outbox.AllWaiting().Select(waiting => waiting.Id).Order());
        }

        private void Open()
        {
            var isFree = _items.Any(pair => pair.Value.Count > 0 && !_handedOver.Keys.Any(open => open.Recipient == pair.Key));
            var line = _outbox.Open(Now);
            Assert.Equal(isFree && _handedOver.Count < limit, line is not null);
            if (line is not null)
            {
                Assert.DoesNotContain(_handedOver.Keys, open => open.Recipient == line.Recipient);
                Assert.NotEmpty(Items(line));
                _handedOver.Add(line, 0);
            }
        }

        private void HandOver(Outbox.Line line)
        {
            var expected = Items(line).Skip(_handedOver[line]).TakeWhile(item => _stored.Contains(item.Id)).ToArray();
            Assert.Equal(expected, _outbox.HandOver(line));
            _handedOver[line] += expected.Length;
        }

        private void Finish(Outbox.Item item)
        {
            Assert.True(_finished.Add(item.Id));
            var finished = _outbox.Finish(item.Id)!;
            Assert.Same(item, finished.Item);
            Assert.Null(_outbox.Finish(item.Id));
            if (_handedOver.TryGetValue(finished.Line, out var count) && Items(finished.Line).IndexOf(item) < count)
            {
                _handedOver[finished.Line]--;
            }

            _items[item.Recipient].Remove(item);
        }

        private List<Outbox.Item> Items(Outbox.Line line) => _items.GetValueOrDefault(line.Recipient, []);

        private int HandedOver(Recipient recipient) => _handedOver.Where(open => open.Key.Recipient == recipient).Select(open => open.Value).SingleOrDefault();
    }
}
