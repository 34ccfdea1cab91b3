// What actors need of their node, in one immutable record.

using ActorChat.Protocol.Cryptography;
using Akka.Actor;

namespace ActorChat.Node;

/// <summary>The settings, actors and seams that sessions, listener, console input and outbox use.</summary>
/// <param name="Settings">The node's settings.</param>
/// <param name="Clock">The wall clock, for timestamps.</param>
/// <param name="Random">For challenges.</param>
/// <param name="Tcp">Akka.IO's TCP manager.</param>
/// <param name="Directory">The <see cref="DirectoryActor"/>.</param>
/// <param name="Keys">The <see cref="KeyActor"/>.</param>
/// <param name="Inbox">The <see cref="InboxActor"/>.</param>
/// <param name="SecureLog">The <see cref="SecureLogActor"/>.</param>
public sealed record NodeServices(
    NodeSettings Settings,
    TimeProvider Clock,
    IRandomSource Random,
    IActorRef Tcp,
    IActorRef Directory,
    IActorRef Keys,
    IActorRef Inbox,
    IActorRef SecureLog);
