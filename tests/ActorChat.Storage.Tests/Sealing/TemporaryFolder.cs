// A new folder for each test, removed afterwards. It is in memory where possible, because these tests write tens of thousands of files.

namespace ActorChat.Storage.Tests.Sealing;

internal sealed class TemporaryFolder : IDisposable
{
    private const string InMemory = "/dev/shm";

    public string Path { get; } = Directory.Exists(InMemory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(InMemory, $"actorchat-storage-{Guid.NewGuid():N}")).FullName
        : Directory.CreateTempSubdirectory("actorchat-storage-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
