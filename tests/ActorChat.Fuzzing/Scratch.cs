// Folders for the targets' files: in memory, since a disk would allow only a hundred runs a second. A process that ends by itself removes them;
// afl-fuzz kills it, and then run.sh removes them.

namespace ActorChat.Fuzzing;

internal static class Scratch
{
    /// <summary>A new folder of this process, empty.</summary>
    public static string NewFolder()
    {
        var parent = Environment.GetEnvironmentVariable("ACTORCHAT_FUZZING_SCRATCH") ?? (Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath());
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"actorchat-fuzzing-{Guid.NewGuid():N}")).FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
