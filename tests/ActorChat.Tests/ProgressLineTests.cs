// The line that says how far a command on a large log has come: what follows it must not stand behind its remains.

using ActorChat.Screens;
using ActorChat.Storage.SecureLog;

namespace ActorChat.Tests;

public sealed class ProgressLineTests
{
    [Fact]
    public void Each_report_takes_the_place_of_the_one_before_and_the_end_leaves_nothing()
    {
        using var output = new StringWriter();
        using (var line = new ProgressLine("verified", output))
        {
            line.Report(new LogProgress(Records: 4096, Bytes: 7, TotalBytes: 100));
            line.Report(new LogProgress(Records: 8192, Bytes: 100, TotalBytes: 100));
            line.Clear();
            line.Clear(); // nothing more to take away
            line.Report(new LogProgress(Records: 0, Bytes: 0, TotalBytes: 0));
        }

        Assert.Equal("\r  7 % verified\r100 % verified\r              \r\r  0 % verified\r              \r", output.ToString());
    }
}
