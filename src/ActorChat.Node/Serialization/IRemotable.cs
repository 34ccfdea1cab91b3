// Which messages may leave the process. Two marks, so that every message says which of the two it is.

using Akka.Actor;

namespace ActorChat.Node.Serialization;

/// <summary>A message between actors that may one day cross machines: immutable, without secrets, on the serializer's allow-list.</summary>
public interface IRemotable;

/// <summary>A message that never leaves the process, because it carries keys, passwords or a live resource. Akka does not try to serialize it either.</summary>
public interface ILocalOnly : INoSerializationVerificationNeeded;
