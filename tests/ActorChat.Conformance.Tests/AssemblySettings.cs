// A probe waits for answers that do not come. Most of a test's time is waiting, so many tests run at once.

[assembly: CollectionBehavior(MaxParallelThreads = 8)]
