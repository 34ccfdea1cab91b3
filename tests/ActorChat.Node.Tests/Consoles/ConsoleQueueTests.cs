// The queue between the actors and the console: its order, what it reports to whom, and that no actor waits for a console that hangs.

using System.Collections.Concurrent;
using ActorChat.Node.Consoles;
using Akka.Actor;

namespace ActorChat.Node.Tests.Consoles;

public sealed class ConsoleQueueTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SlowConsole _console = new();
    private readonly BlockingCollection<object> _told = [];
    private readonly ConsoleQueue _queue;

    public ConsoleQueueTests() => _queue = new ConsoleQueue(_console, _told.Add);

    public void Dispose()
    {
        _console.MayGoOn.Set();
        _queue.Dispose();
        _told.Dispose();
        _console.MayGoOn.Dispose();
    }

    [Fact]
    public void Everything_comes_in_order_and_a_question_behind_what_was_shown_before_it()
    {
        _queue.Show(new NodeEvent.Notice("one"));
        _queue.Ask(new Prompt.Message("bob"), ActorRefs.Nobody);
        _queue.Show(new NodeEvent.Notice("two"));
        Assert.False(_console.Seen.TryTake(out _));
        _console.MayGoOn.Set();
        Assert.Equal<object>([new NodeEvent.Notice("one"), new Prompt.Message("bob"), new NodeEvent.Notice("two")], Enumerable.Range(0, 3).Select(_ => Next(_console.Seen)));
    }

    [Fact]
    public void A_message_that_was_shown_is_told_when_nothing_more_waits()
    {
        for (var number = 1; number <= 3; number++)
        {
            _queue.Show(Arrived(number));
        }

        _console.MayGoOn.Set();
        Assert.Equal(new ConsoleQueue.Shown(3), Next(_told));
    }

    [Fact]
    public void What_the_console_does_not_want_is_left_out()
    {
        _queue.Show(new NodeEvent.MessageStarted(Guid.Empty, "bob", "hello"));
        _queue.Show(new NodeEvent.Notice("one"));
        _console.MayGoOn.Set();
        Assert.Equal(new NodeEvent.Notice("one"), Next(_console.Seen));
    }

    [Fact]
    public void There_is_no_room_while_a_thousand_wait_and_nobody_is_made_to_wait()
    {
        Assert.True(_queue.HasRoom);
        for (var number = 1; number <= 1010; number++)
        {
            _queue.Show(Arrived(number)); // returns although the console hangs
        }

        Assert.False(_queue.HasRoom);
        _console.MayGoOn.Set();
        Assert.Equal(new ConsoleQueue.Shown(1010), Next(_told));
        Assert.True(_queue.HasRoom);
    }

    [Fact]
    public void A_broken_output_is_told_once_and_what_could_not_be_shown_is_not_said_to_be()
    {
        _console.IsBroken = true;
        _queue.Show(Arrived(1));
        _queue.Show(Arrived(2));
        _queue.Show(new NodeEvent.Problem("the reason")); // is shown all the same
        _console.MayGoOn.Set();
        Assert.Equal(new NodeEvent.Problem("the reason"), Next(_console.Seen));
        Assert.False(_queue.HasRoom);
        _queue.Dispose();
        Assert.Equal([new ConsoleQueue.Broken("broken pipe")], _told);
    }

    [Fact]
    public void What_still_waits_is_shown_at_the_end_and_what_comes_later_is_dropped()
    {
        _queue.Show(new NodeEvent.Notice("last words"));
        _console.MayGoOn.Set();
        _queue.Dispose();
        Assert.Equal(new NodeEvent.Notice("last words"), Next(_console.Seen));
        _queue.Show(new NodeEvent.Notice("too late"));
        Assert.Empty(_console.Seen);
    }

    private static NodeEvent.MessageArrived Arrived(long number) => new("bob", "hello", Guid.Empty, default, number);

    private static object Next(BlockingCollection<object> from)
    {
        Assert.True(from.TryTake(out var next, Patience));
        return next;
    }

    // A console that hangs until MayGoOn is set. While it is broken it throws for everything but a Problem.
    private sealed class SlowConsole : IConsole
    {
        public ManualResetEventSlim MayGoOn { get; } = new();

        public BlockingCollection<object> Seen { get; } = [];

        public bool IsBroken { get; set; }

        public bool Wants(NodeEvent nodeEvent) => nodeEvent is not NodeEvent.MessageStarted;

        public void Show(NodeEvent nodeEvent)
        {
            MayGoOn.Wait();
            if (IsBroken && nodeEvent is not NodeEvent.Problem)
            {
                throw new IOException("broken pipe");
            }

            Seen.Add(nodeEvent);
        }

        public void Ask(Prompt prompt, IActorRef replyTo)
        {
            MayGoOn.Wait();
            Seen.Add(prompt);
        }
    }
}
