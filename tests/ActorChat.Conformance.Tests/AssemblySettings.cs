// A probe listens for what does not come: most of a test's time is waiting, so many run at once.

[assembly: CollectionBehavior(MaxParallelThreads = 8)]
