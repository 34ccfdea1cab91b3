// Tests that keep a whole machine busy run one by one after all others, so that they make no other test miss a deadline.

namespace ActorChat.Node.Tests.Faults;

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
