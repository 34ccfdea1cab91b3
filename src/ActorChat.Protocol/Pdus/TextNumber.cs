// The number of a text among all that its sender wrote for this recipient (protocol page, section 7). With it a receiver shows each text once,
// however often and however late it comes, and can tell where one is missing.

namespace ActorChat.Protocol.Pdus;

/// <summary>A text's place in its sender's stream of texts for one recipient.</summary>
/// <param name="Stream">The 8 bytes of <c>stream</c>, big endian: chosen at random by the sender once for each recipient, and kept.</param>
/// <param name="Sequence"><c>seq</c>, from 1.</param>
public readonly record struct TextNumber(ulong Stream, long Sequence);
