// Each test runs two or three processes, and waits most of the time: a few at once keep two cores busy, and more would only make deadlines pass.

[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace ActorChat.EndToEnd.Tests;

/// <summary>Tests that keep a whole machine busy. They run one by one when all others have ended, so that nobody's deadline passes because of them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
