// Each test runs two or three processes, and waits most of the time: a few at once keep two cores busy, and more would only make deadlines pass.

[assembly: CollectionBehavior(MaxParallelThreads = 4)]
