// Reads a node's diagnostic log to learn which actors failed, and sessions in which state: a session logs each state that it enters, and its parent logs that
// it threw.

using System.Collections.Concurrent;
using ActorChat.Node.Sessions;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Tests.Faults;

internal sealed class FailedStates
{
    private readonly ConcurrentQueue<string> _states = new();

    /// <param name="system">Where the sessions are; its log level is debug.</param>
    public FailedStates(ActorSystem system)
    {
        var reader = system.ActorOf(Props.Create(() => new Reader(_states)));
        system.EventStream.Subscribe(reader, typeof(Debug));
        system.EventStream.Subscribe(reader, typeof(Error));
    }

    /// <summary>Waits until so many actors have failed.</summary>
    /// <returns>The states in which they failed, in order; for an actor that is no session, its path.</returns>
    public IReadOnlyList<string> Wait(int count)
    {
        Assert.True(SpinWait.SpinUntil(() => _states.Count >= count, TimeSpan.FromSeconds(10)), $"of {count} only {string.Join(", ", _states)}");
        return [.. _states];
    }

    private sealed class Reader : ReceiveActor
    {
        private readonly Dictionary<string, string> _entered = [];

        public Reader(ConcurrentQueue<string> states)
        {
            Receive<Debug>(
                entry => entry.LogClass.IsSubclassOf(typeof(Session)),
                entry => _entered[entry.LogSource] = $"{entry.Message}".Split(' ')[^1]);
            Receive<Error>(entry => entry.Cause is not null, entry => states.Enqueue(_entered.GetValueOrDefault(entry.LogSource, entry.LogSource)));
        }
    }
}
