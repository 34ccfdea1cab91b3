// The throttle with Akka's scheduler standing still: who goes on at once, who waits for how long, and who is refused.

using System.Net;
using ActorChat.Node.Tests.Support;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace ActorChat.Node.Tests;

public sealed class ThrottleActorTests : NodeTestKit
{
    private static readonly IPAddress Home = IPAddress.Parse("198.51.100.7");

    private readonly IActorRef _throttle;

    public ThrottleActorTests()
        : base("actorchat.texts { per-minute = 60, max-wait = 2 s }\nactorchat.guesses.free = 2") =>
        _throttle = Sys.ActorOf(ThrottleActor.Props(Services.Settings, Clock));

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void The_first_guesses_go_on_at_once_and_the_next_when_its_time_has_come()
    {
        Guess();
        ExpectMsg<ThrottleActor.GoOn>();
        Guess();
        ExpectMsg<ThrottleActor.GoOn>();
        Guess();
        WaitUntilQuiet(_throttle);
        Scheduler.Advance(TimeSpan.FromMilliseconds(249));
        WaitUntilQuiet(_throttle);
        Scheduler.Advance(TimeSpan.FromMilliseconds(1));
        ExpectMsg<ThrottleActor.GoOn>();
    }

    [Fact]
    public void Who_proves_it_has_made_no_guess()
    {
        for (var i = 0; i < 10; i++)
        {
            Guess();
            ExpectMsg<ThrottleActor.GoOn>();
            _throttle.Tell(new ThrottleActor.HasProved("alice", Home));
        }
    }

    [Fact]
    public void A_minutes_texts_may_come_at_once_the_next_wait_their_turn_and_those_after_them_are_refused()
    {
        for (var i = 0; i < 60; i++)
        {
            Text("alice");
            ExpectMsg<ThrottleActor.GoOn>();
        }

        Text("alice"); // waits one second
        Text("alice"); // waits two
        Text("alice"); // would wait three
        ExpectMsg<ThrottleActor.TooMany>();
        Text("bob"); // has a minute of his own
        ExpectMsg<ThrottleActor.GoOn>();
        Scheduler.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg<ThrottleActor.GoOn>();
        WaitUntilQuiet(_throttle);
        Scheduler.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg<ThrottleActor.GoOn>();
    }

    [Fact]
    public void A_clock_that_somebody_sets_changes_nothing()
    {
        var clock = new SettableClock();
        var throttle = Sys.ActorOf(ThrottleActor.Props(Services.Settings, clock));
        for (var i = 0; i < 62; i++)
        {
            throttle.Tell(new ThrottleActor.MayStore("alice"), TestActor);
        }

        Assert.Equal(60, ReceiveN(60).OfType<ThrottleActor.GoOn>().Count());
        WaitUntilQuiet(throttle);
        clock.AheadBy = TimeSpan.FromHours(1);
        throttle.Tell(new ThrottleActor.MayStore("alice"), TestActor);
        ExpectMsg<ThrottleActor.TooMany>();
    }

    private void Guess() => _throttle.Tell(new ThrottleActor.MayAgree("alice", Home), TestActor);

    private void Text(string name) => _throttle.Tell(new ThrottleActor.MayStore(name), TestActor);

    // Its wall clock can be put forward; its monotonic time stands still.
    private sealed class SettableClock : FakeTimeProvider
    {
        public TimeSpan AheadBy { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + AheadBy;

        public override long GetTimestamp() => 0;
    }
}
