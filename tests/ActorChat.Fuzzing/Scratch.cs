// Where targets put the files that they need: in memory, since a disk would do a hundred runs a second. A process that ends by itself takes them
// away; afl-fuzz ends it without asking, and there run.sh does.

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
