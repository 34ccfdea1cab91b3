// A running node refuses a directory file that others may write to, and says why.

using ActorChat.Node.Tests.Support;

namespace ActorChat.Node.Tests;

public sealed class DirectoryTrustTests : NodeTestKit
{
    [Fact]
    public void A_directory_that_others_may_write_is_not_loaded()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "[]");
            File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
            Sys.ActorOf(DirectoryActor.Props(Services.Settings)).Tell(new DirectoryActor.Load(file, Passphrase: null), TestActor);
            Assert.StartsWith($"{file} may be written by others (mode 666); ", ExpectMsg<DirectoryActor.NotLoaded>().Reason);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
