// One of many senders: an actor that sends a record, waits for its receipt, and sends the next.

using ActorChat.Node.Consoles;
using ActorChat.Storage.SecureLog;
using Akka.Actor;

namespace ActorChat.Node.Benchmarks;

internal sealed class Counter
{
    public long Stored;
}

internal sealed class Sender : ReceiveActor
{
    public Sender(IActorRef log, Counter counter)
    {
        var record = new LogRecord(DateTimeOffset.UnixEpoch, LogDirection.Received, "alice", "192.0.2.1:4711", Guid.NewGuid(), null, new string('x', 200));
        Receive<SecureLogActor.Stored>(_ =>
        {
            counter.Stored++;
            log.Tell(new SecureLogActor.Append(Guid.NewGuid(), [record]));
        });
        log.Tell(new SecureLogActor.Append(Guid.NewGuid(), [record]));
    }
}

internal sealed class NobodysConsole : IConsole
{
    public void Show(NodeEvent nodeEvent)
    {
    }

    public void Ask(Prompt prompt, IActorRef replyTo)
    {
    }
}
