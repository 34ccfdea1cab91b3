// Tests that keep a whole machine busy run one by one when all others have ended, so that nobody's deadline passes because of them.

namespace ActorChat.Node.Tests.Faults;

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
