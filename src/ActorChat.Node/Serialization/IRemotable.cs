// Which messages may leave the process. There are two marks, and every message has one of them.

using Akka.Actor;

namespace ActorChat.Node.Serialization;

/// <summary>A message between actors that may one day cross machines: immutable, without secrets, on the serializer's allow-list.</summary>
public interface IRemotable;

/// <summary>A message that never leaves the process, because it carries keys, passwords, texts or a live resource. Akka does not try to serialize it.</summary>
public interface ILocalOnly : INoSerializationVerificationNeeded;
