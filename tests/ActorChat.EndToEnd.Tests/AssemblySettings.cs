// Each test runs two or three processes and mostly waits. A few tests at once keep two cores busy; more would only miss deadlines.

[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace ActorChat.EndToEnd.Tests;

/// <summary>Tests that keep a whole machine busy. They run one by one after all others, so that they make no other test miss a deadline.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
