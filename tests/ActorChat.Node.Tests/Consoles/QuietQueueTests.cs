// The queue before a thread that sleeps: nobody's wake-up may be lost between its look at the queue and its sleep.

using ActorChat.Node.Consoles;

namespace ActorChat.Node.Tests.Consoles;

public sealed class QuietQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly QuietQueue<object> _queue = new();

    [Fact]
    public async Task What_several_threads_add_is_all_taken_each_thread_s_in_its_order()
    {
        const int writers = 4, each = 20_000;
        var taking = Task.Factory.StartNew(TakeAll, TaskCreationOptions.LongRunning);

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                _queue.Add((writer, i));
            }
        }))).WaitAsync(Patience);
        _queue.Complete();

        var taken = (await taking.WaitAsync(Patience)).Cast<(int Writer, int Number)>().ToLookup(item => item.Writer, item => item.Number);
        Assert.All(Enumerable.Range(0, writers), writer => Assert.Equal(Enumerable.Range(0, each), taken[writer]));
    }

    [Fact]
    public async Task Each_item_wakes_a_thread_that_has_taken_the_one_before()
    {
        var answers = new QuietQueue<object>();
        var echoing = Task.Factory.StartNew(
            () =>
            {
                while (_queue.Take(out var item))
                {
                    answers.Add(item);
                }
            },
            TaskCreationOptions.LongRunning);

        await Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                _queue.Add(i);
                Assert.True(answers.Take(out var answer));
                Assert.Equal(i, answer);
            }
        }).WaitAsync(Patience);
        _queue.Complete();

        await echoing.WaitAsync(Patience);
    }

    [Fact]
    public void After_the_end_what_is_there_is_taken_and_nothing_is_added()
    {
        _queue.Add("before");
        _queue.Complete();
        _queue.Add("after");

        Assert.Equal(["before"], TakeAll());
    }

    private List<object> TakeAll()
    {
        var items = new List<object>();
        while (_queue.Take(out var item))
        {
            items.Add(item);
        }

        return items;
    }
}
